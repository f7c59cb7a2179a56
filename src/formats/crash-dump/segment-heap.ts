// The segment heap (the pool since Windows 10 1903, 64-bit): which blocks are in use, by chains of variable-size chunks and by
// bitmaps of the low-fragmentation heap. Both are kept under a key in the kernel's data, which is found by the one word under which
// chains come out even. Made-up memory only: never seen on a real Windows dump. Layouts: docs/sources/crash-dump.md.

import { bookedTag, isPrintableTag } from "../../model/tag.ts";
import type { AddressSpace } from "./address-space.ts";
import { u16, u32 } from "./bytes.ts";
import type { KernelData } from "./kernel-data.ts";
import { scannedPages, type ScanRange } from "./scan-tag.ts";

/*
 | subsegment of chunks | 20 bytes / 16 (u16), 22 that xor 2BED in 15 bits; chunks from 30 |
 | chunk (16 bytes)     | u64 xor its address xor key: bits 16 to 31 length / 16, 32 to 47 that of the one before, 48 to 55 in use |
 | subsegment of blocks | 20 free, 22 blocks (u16), 28 u32 xor its page number xor second key: block bytes, first block (u16); bitmap at 30 or 40, two bits a block, the first: in use |
*/
const SIGNATURE = 0x2bed;
const SIGNATURE_BITS = 0x7fff;
const FIRST_CHUNK = 0x30;
const UNIT = 16;
const BITMAPS = [0x30, 0x40] as const;
const LARGEST_BLOCK = 0x4000;
const LARGEST_SUBSEGMENT = 2 ** 20;
/** Subsegments that the key is tried on, and pages looked through for them. */
const MOST_CANDIDATES = 16;
const MOST_PAGES = 2 ** 19;
/** Of these, those whose first chunks are held against every word of the kernel's data, and words that are tried on all. */
const MOST_LEADS = 4;
const MOST_KEYS = 64;
/** A key is taken where this many chunks form whole chains: each holds by chance once in 2^16. */
const ENOUGH_CHUNKS = 6;
/** Of the blocks in use that a bitmap tells, this share must have a header with a tag. */
const ENOUGH_TAGGED = 0.8;

interface Key {
  readonly low: number;
  readonly high: number;
  /** Lower half of the second key, that of the bitmaps. */
  readonly second: number;
}

/** A range whose blocks are decided: those in use by the address of their header, all others are free. */
export interface Subsegment {
  readonly kind: "chunks" | "blocks";
  readonly end: bigint;
  readonly inUse: ReadonlySet<bigint>;
}

export class SegmentHeap {
  readonly #space: AddressSpace;
  readonly #key: Key;

  constructor(space: AddressSpace, key: Key) {
    this.#space = space;
    this.#key = key;
  }

  /** The subsegment that begins with a page; undefined where none does, or where it does not prove itself. */
  at(address: bigint, page: Uint8Array): Subsegment | undefined {
    if (isChunkPage(page)) {
      const walk = walkChunks(this.#space, address, page, this.#key);
      if (walk !== undefined) return { kind: "chunks", ...walk };
    }
    return blocksAt(this.#space, address, page, this.#key);
  }
}

/** Looks for the key. Undefined where no subsegment proves one: other kernels, or memory that is not in the dump. */
export function findSegmentHeap(
  space: AddressSpace,
  data: KernelData,
  skip: readonly ScanRange[],
): SegmentHeap | undefined {
  if (space.pointerSize !== 8) return undefined;
  const candidates: { address: bigint; page: Uint8Array }[] = [];
  const progress = { pages: 0, notInDump: 0, exhausted: false };
  for (const { address, page } of scannedPages(space, skip, progress)) {
    if (isChunkPage(page)) candidates.push({ address, page: page.slice() });
    if (candidates.length >= MOST_CANDIDATES || progress.pages >= MOST_PAGES) break;
  }
  let tried = 0;
  for (const lead of candidates.slice(0, MOST_LEADS)) {
    for (const key of keysFor(data, lead)) {
      tried += 1;
      if (tried > MOST_KEYS) return undefined;
      let chunks = 0;
      for (const { address, page } of candidates) chunks += walkChunks(space, address, page, key)?.chunks ?? 0;
      if (chunks >= ENOUGH_CHUNKS) return new SegmentHeap(space, key);
    }
  }
  return undefined;
}

function isChunkPage(page: Uint8Array): boolean {
  const size = u16(page, 0x20);
  return size !== 0 && ((u16(page, 0x22) ^ size ^ SIGNATURE) & SIGNATURE_BITS) === 0;
}

/** Words of the kernel's data under which the first two chunks of a subsegment know each other. */
function* keysFor(data: KernelData, { address, page }: { address: bigint; page: Uint8Array }): Generator<Key> {
  const at = halves(address + BigInt(FIRST_CHUNK));
  const low = u32(page, FIRST_CHUNK) ^ at.low;
  const total = u16(page, 0x20);
  for (const { bytes } of data.blocks) {
    for (let offset = 0; offset + 16 <= bytes.length; offset += 8) {
      const key = { low: u32(bytes, offset), high: u32(bytes, offset + 4), second: u32(bytes, offset + 8) };
      const units = (low ^ key.low) >>> 16;
      const next = FIRST_CHUNK + units * UNIT;
      if (units === 0 || units > total || next + 8 > page.length) continue;
      const there = halves(address + BigInt(next));
      if (((u32(page, next + 4) ^ there.high ^ key.high) & 0xffff) === units) yield key;
    }
  }
}

function halves(address: bigint): { low: number; high: number } {
  return { low: Number(address & 0xffffffffn), high: Number((address >> 32n) & 0xffffffffn) };
}

/** Chunks from the first to the subsegment's end, each with the length of the one before; undefined where they do not come out even. */
function walkChunks(
  space: AddressSpace,
  address: bigint,
  page: Uint8Array,
  key: Key,
): { readonly end: bigint; readonly inUse: ReadonlySet<bigint>; readonly chunks: number } | undefined {
  const total = u16(page, 0x20) * UNIT;
  const inUse = new Set<bigint>();
  let before: number | undefined;
  let chunks = 0;
  let at = FIRST_CHUNK;
  // The length may or may not count the subsegment's own header.
  while (at !== total && at !== total + FIRST_CHUNK) {
    if (at > total) return undefined;
    const where = address + BigInt(at);
    const header = space.readExact(where, 8);
    if (header === undefined) return undefined;
    const { low, high } = halves(where);
    const units = (u32(header, 0) ^ low ^ key.low) >>> 16;
    const rest = u32(header, 4) ^ high ^ key.high;
    if (units === 0 || (before !== undefined && (rest & 0xffff) !== before)) return undefined;
    if (((rest >>> 16) & 0xff) !== 0) inUse.add(where + BigInt(UNIT));
    before = units;
    chunks += 1;
    at += units * UNIT;
  }
  return { end: address + BigInt(at), inUse, chunks };
}

/** A subsegment of blocks of one size: its bitmap must have as many free blocks as it counts, and those in use have tags. */
function blocksAt(space: AddressSpace, address: bigint, page: Uint8Array, key: Key): Subsegment | undefined {
  const offsets = (u32(page, 0x28) ^ Number((address >> 12n) & 0xffffffffn) ^ key.second) >>> 0;
  const size = offsets & 0xffff;
  const first = offsets >>> 16;
  const free = u16(page, 0x20);
  const count = u16(page, 0x22);
  if (size === 0 || size % UNIT !== 0 || size > LARGEST_BLOCK || first % UNIT !== 0 || free > count) return undefined;
  if (count === 0 || first + count * size > LARGEST_SUBSEGMENT) return undefined;
  for (const bitmap of BITMAPS) {
    if (first < bitmap + Math.ceil(count / 32) * 8) continue;
    const inUse = new Set<bigint>();
    for (let block = 0; block < count; block++) {
      const byte = page[bitmap + (block >>> 2)] ?? 0;
      if (((byte >>> (2 * (block & 3))) & 1) === 1) inUse.add(address + BigInt(first + block * size));
    }
    if (count - inUse.size === free && haveTags(space, inUse, size)) {
      return { kind: "blocks", end: address + BigInt(first + count * size), inUse };
    }
  }
  return undefined;
}

function haveTags(space: AddressSpace, headers: ReadonlySet<bigint>, size: number): boolean {
  let read = 0;
  let tagged = 0;
  for (const address of headers) {
    const header = space.readExact(address, 8);
    if (header === undefined) continue;
    read += 1;
    if (isPrintableTag(bookedTag(u32(header, 4))) && (header[2] ?? 0) * UNIT <= size) tagged += 1;
  }
  return read > 0 && tagged >= ENOUGH_TAGGED * read;
}
