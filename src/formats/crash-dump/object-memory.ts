// Kernel memory by plain numbers: many small reads at addresses that lie close together, as handles lead to objects.
// An address is its lower 48 bits (64-bit kernels, the upper ones are all set there) or its 32 bits.

import { PAGE } from "./physical.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

/** Lower bits of an address, exact as a number. */
export type PlainAddress = number;

const KEPT_PAGES = 2048;
const NO_PAGE = new Uint8Array(0);

export class ObjectMemory {
  readonly wide: boolean;
  readonly #space: VirtualMemory;
  readonly #pages = new Map<number, Uint8Array>();

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

  /** The page that an address lies on; empty where it cannot be read. */
  page(plain: PlainAddress): Uint8Array {
    const number = Math.floor(plain / PAGE);
    const known = this.#pages.get(number);
    if (known !== undefined) return known;
    const page = this.#space.readExact(this.toAddress(number * PAGE), PAGE) ?? NO_PAGE;
    if (this.#pages.size >= KEPT_PAGES) this.#pages.clear();
    this.#pages.set(number, page);
    return page;
  }
}
