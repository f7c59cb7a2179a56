// Kernel memory by plain numbers: many small reads at addresses that lie close together, as handles lead to objects.
// An address is its lower 48 bits (64-bit kernels, the upper ones are all set there) or its 32 bits.

import { PAGE } from "./physical.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

/** Lower bits of an address, exact as a number. */
export type PlainAddress = number;

const KEPT_PAGES = 2048;
const NO_PAGE = new Uint8Array(0);
const NO_SLOT = -1;
/** Levels of a handle table at most. */
export const HANDLE_LEVELS = 3;

export class ObjectMemory {
  readonly wide: boolean;
  /** For one walk at a time: the pages of a handle table on the way down, while pages of objects come and go. */
  readonly levelPages: readonly Uint8Array[] = Array.from({ length: HANDLE_LEVELS }, () => new Uint8Array(PAGE));
  readonly #space: VirtualMemory;
  /** Page number -> slot of `#slab`, or NO_SLOT where it cannot be read; the oldest is overwritten. Buffers of single pages would wait for collection. */
  readonly #slots = new Map<number, number>();
  readonly #slab = new Uint8Array(KEPT_PAGES * PAGE);
  readonly #views: Uint8Array[] = [];
  /** Page number in each slot. */
  readonly #in = new Float64Array(KEPT_PAGES).fill(NO_SLOT);
  #next = 0;

  constructor(space: VirtualMemory) {
    this.#space = space;
    this.wide = space.pointerSize === 8;
  }

  toAddress(plain: PlainAddress): bigint {
    return this.wide ? 0xffff000000000000n | BigInt(plain) : BigInt(plain);
  }

  toPlain(address: bigint): PlainAddress {
    return Number(address & 0xffffffffffffn);
  }

  /** Whether it lies in the kernel's half. */
  isKernel(plain: PlainAddress): boolean {
    return plain >= (this.wide ? 2 ** 47 : 2 ** 31) && plain < (this.wide ? 2 ** 48 : 2 ** 32);
  }

  /** The page that an address lies on, until other pages are asked for; empty where it cannot be read. */
  page(plain: PlainAddress): Uint8Array {
    const number = Math.floor(plain / PAGE);
    const known = this.#slots.get(number);
    if (known !== undefined) return this.#views[known] ?? NO_PAGE;
    const slot = this.#next;
    const view = (this.#views[slot] ??= this.#slab.subarray(slot * PAGE, (slot + 1) * PAGE));
    const before = this.#in[slot] ?? NO_SLOT;
    if (before !== NO_SLOT) this.#slots.delete(before);
    this.#in[slot] = NO_SLOT;
    if (!this.#fill(this.toAddress(number * PAGE), view)) {
      if (this.#slots.size >= 2 * KEPT_PAGES) this.#forget();
      this.#slots.set(number, NO_SLOT);
      return NO_PAGE;
    }
    this.#in[slot] = number;
    this.#slots.set(number, slot);
    this.#next = (slot + 1) % KEPT_PAGES;
    return view;
  }

  /** Whatever was in the slot is gone, also where nothing came. */
  #fill(address: bigint, view: Uint8Array): boolean {
    const space = this.#space;
    if (space.readPageInto !== undefined) return space.readPageInto(address, view);
    const bytes = space.readExact(address, PAGE);
    if (bytes !== undefined) view.set(bytes);
    return bytes !== undefined;
  }

  #forget(): void {
    this.#slots.clear();
    this.#in.fill(NO_SLOT);
  }
}
