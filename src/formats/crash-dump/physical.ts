// Physical memory as a dump holds it: which pages are present, and where in the file each of them lies.

import type { ByteSource, PageRun } from "./source.ts";

export const PAGE = 4096;

/** Where the pages of a dump lie. */
export interface PageMap {
  /** Pages present. */
  readonly pages: number;
  /** One more than the highest page present. */
  readonly endPage: number;
  /** File offset of a page, undefined where the dump does not hold it. */
  locate(page: number): number | undefined;
}

/** Pages in runs: full dumps, range dumps, ELF cores, raw images. Runs that overlap earlier ones are not reached. */
export class RunMap implements PageMap {
  readonly pages: number;
  readonly endPage: number;
  readonly #runs: readonly PageRun[];

  constructor(runs: readonly PageRun[]) {
    this.#runs = runs.filter((run) => run.pages > 0).sort((a, b) => a.firstPage - b.firstPage);
    this.pages = this.#runs.reduce((sum, run) => sum + run.pages, 0);
    this.endPage = this.#runs.reduce((end, run) => Math.max(end, run.firstPage + run.pages), 0);
  }

  locate(page: number): number | undefined {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#runs[middle]?.firstPage ?? 0) <= page) low = middle + 1;
      else high = middle;
    }
    const run = this.#runs[low - 1];
    if (run === undefined || page >= run.firstPage + run.pages) return undefined;
    return run.fileOffset + (page - run.firstPage) * PAGE;
  }
}

const WORDS_PER_GROUP = 16;

/** Pages by bitmap, stored in ascending order: found by the number of bits set before, cumulated per 512 bits. */
export class BitmapMap implements PageMap {
  readonly pages: number;
  readonly endPage: number;
  readonly #bits: Uint8Array;
  readonly #before: Float64Array;
  readonly #firstOffset: number;

  /** `bits`: LSB first, bit i is page i; `firstOffset`: where the first present page lies in the file. */
  constructor(bits: Uint8Array, firstOffset: number) {
    this.#bits = bits;
    this.#firstOffset = firstOffset;
    const groupBytes = WORDS_PER_GROUP * 4;
    const groups = Math.ceil(bits.length / groupBytes);
    this.#before = new Float64Array(groups);
    let total = 0;
    let highest = -1;
    for (let group = 0; group < groups; group++) {
      this.#before[group] = total;
      const before = total;
      total += popcount(bits, group * groupBytes, Math.min(bits.length, (group + 1) * groupBytes));
      if (total > before) highest = group;
    }
    this.pages = total;
    this.endPage = highest < 0 ? 0 : (highest + 1) * groupBytes * 8;
  }

  locate(page: number): number | undefined {
    const byte = Math.floor(page / 8);
    const value = this.#bits[byte];
    if (value === undefined || (value & (1 << (page % 8))) === 0) return undefined;
    const group = Math.floor(page / (WORDS_PER_GROUP * 32));
    const inByte = popcountByte(value & ((1 << (page % 8)) - 1));
    const index = (this.#before[group] ?? 0) + popcount(this.#bits, group * WORDS_PER_GROUP * 4, byte) + inByte;
    return this.#firstOffset + index * PAGE;
  }
}

function popcountByte(value: number): number {
  let bits = value;
  bits -= (bits >>> 1) & 0x55;
  bits = (bits & 0x33) + ((bits >>> 2) & 0x33);
  return (bits + (bits >>> 4)) & 0x0f;
}

/** Bits set in the bytes from `start` up to `end`. */
export function popcount(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte !== 0) count += byte === 0xff ? 8 : popcountByte(byte);
  }
  return count;
}

/** Reads physical memory through a page map. */
export class PhysicalMemory {
  readonly map: PageMap;
  readonly #source: ByteSource;

  constructor(source: ByteSource, map: PageMap) {
    this.#source = source;
    this.map = map;
  }

  /** Bytes at a physical address that do not leave its page; undefined where the dump does not hold the whole of them. */
  read(physical: number, length: number): Uint8Array | undefined {
    const page = Math.floor(physical / PAGE);
    const offset = this.map.locate(page);
    if (offset === undefined) return undefined;
    const bytes = this.#source.read(offset + (physical - page * PAGE), length);
    return bytes.length === length ? bytes : undefined;
  }

  /** Fills `target` with the page that begins at a physical address; whether the dump holds all of it. */
  readPageInto(physical: number, target: Uint8Array): boolean {
    const offset = this.map.locate(Math.floor(physical / PAGE));
    if (offset === undefined) return false;
    if (this.#source.readInto !== undefined) return this.#source.readInto(offset, target) === PAGE;
    const bytes = this.#source.read(offset, PAGE);
    target.set(bytes);
    return bytes.length === PAGE;
  }

  /** Whether the dump holds the page of an address. */
  holds(physical: number): boolean {
    return this.map.locate(Math.floor(physical / PAGE)) !== undefined;
  }
}
