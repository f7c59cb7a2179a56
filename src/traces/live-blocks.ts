// Blocks that are allocated now, by address: what is left here at the end was not freed. Typed arrays only, since there may
// be millions; a freed slot is used again.

import { hashWords } from "./key-table.ts";

/** A slot takes 50 bytes with its place in the index: 200 MB. Blocks beyond are counted, not followed. */
const MOST_BLOCKS = 4_000_000;
const FIRST_SLOTS = 4096;

export const NO_BLOCK = -1;

export class LiveBlocks {
  addressLow = new Uint32Array(FIRST_SLOTS);
  addressHigh = new Uint32Array(FIRST_SLOTS);
  session = new Uint32Array(FIRST_SLOTS);
  bytes = new Float64Array(FIRST_SLOTS);
  ticks = new Float64Array(FIRST_SLOTS);
  /** What the owner of the table wants to keep: tag number, image epoch, site, process. */
  tag = new Uint32Array(FIRST_SLOTS);
  epoch = new Uint32Array(FIRST_SLOTS);
  site = new Int32Array(FIRST_SLOTS);
  process = new Uint32Array(FIRST_SLOTS);
  /** Index of open addressing: slot + 1, 0 free. */
  #index = new Uint32Array(FIRST_SLOTS * 2);
  #indexed = 0;
  readonly #free: number[] = [];
  #top = 0;

  /** Slots in use, waiting ones included. */
  get size(): number {
    return this.#top - this.#free.length;
  }

  get isFull(): boolean {
    return this.size >= MOST_BLOCKS;
  }

  /** The slot of a live block, {@link NO_BLOCK} where there is none at that address. */
  find(low: number, high: number, session: number): number {
    const mask = this.#index.length - 1;
    for (let at = hashWords(low, high, session) & mask; ; at = (at + 1) & mask) {
      const slot = (this.#index[at] ?? 0) - 1;
      if (slot < 0) return NO_BLOCK;
      if (this.#is(slot, low, high, session)) return slot;
    }
  }

  /** A new slot for a block that is not yet in the table. */
  insert(low: number, high: number, session: number): number {
    let slot = this.#free.pop();
    if (slot === undefined) {
      slot = this.#top++;
      if (slot === this.addressLow.length) this.#growSlots();
    }
    this.addressLow[slot] = low;
    this.addressHigh[slot] = high;
    this.session[slot] = session;
    if ((this.#indexed + 1) * 2 > this.#index.length) this.#growIndex();
    this.#place(slot);
    this.#indexed += 1;
    return slot;
  }

  /** Takes a block out of the index: its address may be used again. The slot stays until {@link release}. */
  forget(slot: number): void {
    const mask = this.#index.length - 1;
    let at = this.#hash(slot) & mask;
    while ((this.#index[at] ?? 0) !== slot + 1) {
      if (this.#index[at] === 0) return;
      at = (at + 1) & mask;
    }
    this.#indexed -= 1;
    // Later entries of the same run move up, so that no search ends too early.
    let hole = at;
    for (let next = (at + 1) & mask; this.#index[next] !== 0; next = (next + 1) & mask) {
      const home = this.#hash((this.#index[next] ?? 0) - 1) & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        this.#index[hole] = this.#index[next] ?? 0;
        hole = next;
      }
    }
    this.#index[hole] = 0;
  }

  /** Gives a slot back that was forgotten. */
  release(slot: number): void {
    this.#free.push(slot);
  }

  /** Every block that is still in the index. */
  forEach(visit: (slot: number) => void): void {
    for (const entry of this.#index) if (entry !== 0) visit(entry - 1);
  }

  #is(slot: number, low: number, high: number, session: number): boolean {
    return this.addressLow[slot] === low && this.addressHigh[slot] === high && this.session[slot] === session;
  }

  #hash(slot: number): number {
    return hashWords(this.addressLow[slot] ?? 0, this.addressHigh[slot] ?? 0, this.session[slot] ?? 0);
  }

  #place(slot: number): void {
    const mask = this.#index.length - 1;
    let at = this.#hash(slot) & mask;
    while (this.#index[at] !== 0) at = (at + 1) & mask;
    this.#index[at] = slot + 1;
  }

  #growIndex(): void {
    const before = this.#index;
    this.#index = new Uint32Array(before.length * 2);
    for (const entry of before) if (entry !== 0) this.#place(entry - 1);
  }

  #growSlots(): void {
    const size = this.addressLow.length * 2;
    const words = (from: Uint32Array): Uint32Array<ArrayBuffer> => {
      const to = new Uint32Array(size);
      to.set(from);
      return to;
    };
    const numbers = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(size);
      to.set(from);
      return to;
    };
    this.addressLow = words(this.addressLow);
    this.addressHigh = words(this.addressHigh);
    this.session = words(this.session);
    this.bytes = numbers(this.bytes);
    this.ticks = numbers(this.ticks);
    this.tag = words(this.tag);
    this.epoch = words(this.epoch);
    this.process = words(this.process);
    const site = new Int32Array(size);
    site.set(this.site);
    this.site = site;
  }
}
