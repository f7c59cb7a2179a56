// The table of large allocations: found among the arrays that the kernel's data points to, by the form of its rows and by
// the hash that places them; layout and meaning are chosen by vote, never by build number alone.

import type { PoolKind } from "../../model/snapshot.ts";
import { bookedTag, printableBytes, type Tag } from "../../model/tag.ts";
import {
  BIG_PAGE_HASHES,
  BIG_PAGE_LAYOUTS,
  poolKindOf,
  type BigPageLayout,
  type PoolTypeMeaning,
} from "./big-page-layouts.ts";
import { hex, pointer, u32, u64 } from "./bytes.ts";
import { kernelPointers, wordIn, type KernelData } from "./kernel-data.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

export interface BigAllocation {
  readonly address: bigint;
  readonly tag: Tag;
  readonly bytes: number;
  /** Undefined where the kernel's rows do not tell. */
  readonly kind: PoolKind | undefined;
}

export interface BigPages {
  readonly address: bigint;
  readonly layout: BigPageLayout;
  /** Rows of the table, a power of two. */
  readonly rows: number;
  readonly hash: string;
  /** Share of the used rows that lie where the hash puts them. */
  readonly score: number;
  /** What the number of rows rests on: a word near the table's variable, the table's row for itself, or the hash alone. */
  readonly sizeConfirmedBy: "word" | "own-row" | "hash";
  readonly allocations: readonly BigAllocation[];
  /** Rows of allocations that have been freed. */
  readonly freed: number;
  readonly coverage: number;
  readonly problems: readonly string[];
}

const SMALLEST_ROWS = 64;
const LARGEST_ROWS = 2 ** 22;
const ENOUGH = 0.9;
const PROBES = 64;
/** How many arrays are looked at closely, nearest to the tag table's variable first. */
const MOST_CANDIDATES = 20_000;
const LARGEST_ALLOCATION = 2 ** 40;
const CHUNK_ROWS = 512;
/** How far from the variable its size is looked for. */
const NEAR = 0x100n;
const PAGE_BYTES = 4096;

/** Finds and reads the table; undefined where no array passes. `near`: address of the tag table's variable, where known. */
export function readBigPages(space: VirtualMemory, data: KernelData, near: bigint | undefined): BigPages | undefined {
  const distance = (at: bigint): bigint => (near === undefined ? 0n : at > near ? at - near : near - at);
  // The address of an array may stand in several places: the one nearest to the tag table's is its variable.
  const candidates = new Map<bigint, bigint>();
  for (const { at, value } of kernelPointers(space, data)) {
    if ((value & 0xfffn) !== 0n) continue;
    const known = candidates.get(value);
    if (known === undefined || distance(at) < distance(known)) candidates.set(value, at);
  }
  const ordered = [...candidates].sort(([, a], [, b]) => Number(distance(a) - distance(b)));
  for (const [address, variable] of ordered.slice(0, MOST_CANDIDATES)) {
    const found = judge(space, data, address, variable);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Row {
  readonly index: number;
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

function judge(space: VirtualMemory, data: KernelData, address: bigint, variable: bigint): BigPages | undefined {
  const first = space.readExact(address, PAGE_BYTES);
  if (first === undefined) return undefined;
  let best: { layout: BigPageLayout; rows: Rows; size: TableSize; rank: number } | undefined;
  const byStride = new Map<number, Rows>();
  for (const layout of BIG_PAGE_LAYOUTS) {
    if (layout.pointerSize !== space.pointerSize || !rowsPass(space, first, layout)) continue;
    const rows = byStride.get(layout.stride) ?? readRows(space, address, layout);
    byStride.set(layout.stride, rows);
    const size = tableSize(space, data, address, variable, layout, rows);
    if (size === undefined) continue;
    // Layouts share stride and key: of the right one the sizes make sense in the most rows.
    const live = rows.live.filter((row) => row.index < size.rows);
    const sensible = live.filter((row) => isSensible(row, layout)).length;
    const named = live.filter((row) => isTagText(u32(row.bytes, layout.key))).length;
    const rank = sensible / live.length;
    if (live.length < 4 || rank < ENOUGH || named < ENOUGH * live.length) continue;
    if (best === undefined || rank > best.rank + 0.01) best = { layout, rows, size, rank };
  }
  return best === undefined ? undefined : finish(address, best.layout, best.rows, best.size);
}

/** A row is empty (address 1), freed (bit 0 set) or names a page of the kernel. */
function rowPasses(space: VirtualMemory, bytes: Uint8Array, at: number): boolean {
  const address = pointer(bytes, at, space.pointerSize);
  return address === 1n || ((address & 0xffen) === 0n && space.isKernelAddress(address));
}

function rowsPass(space: VirtualMemory, bytes: Uint8Array, layout: BigPageLayout): boolean {
  for (let at = 0; at + layout.stride <= bytes.length; at += layout.stride) {
    if (!rowPasses(space, bytes, at)) return false;
  }
  return true;
}

/** Three of four bytes printable. A few tags are no text at all, so not every row has to pass. */
function isTagText(tag: number): boolean {
  return printableBytes(bookedTag(tag)) >= 3;
}

interface Rows {
  /** Rows from the start that pass; pages missing in the dump pass as well. */
  readonly count: number;
  readonly live: readonly Row[];
  readonly freedAt: readonly number[];
  readonly missing: number;
}

function readRows(space: VirtualMemory, address: bigint, layout: BigPageLayout): Rows {
  const live: Row[] = [];
  const freedAt: number[] = [];
  let missing = 0;
  let count = 0;
  while (count < LARGEST_ROWS) {
    const read = space.read(address + BigInt(count * layout.stride), CHUNK_ROWS * layout.stride);
    if (read.missing === read.bytes.length) break;
    for (let at = 0; at < read.bytes.length; at += layout.stride, count++) {
      const va = pointer(read.bytes, at, space.pointerSize);
      if (va === 0n && read.missing > 0) continue;
      if (!rowPasses(space, read.bytes, at)) return { count, live, freedAt, missing };
      if (va === 1n) continue;
      if ((va & 1n) === 1n) freedAt.push(count);
      else live.push({ index: count, address: va, bytes: read.bytes.subarray(at, at + layout.stride) });
    }
    missing += read.missing;
  }
  return { count, live, freedAt, missing };
}

interface TableSize {
  readonly rows: number;
  readonly confirmedBy: BigPages["sizeConfirmedBy"];
  readonly hash: string;
  readonly score: number;
}

/**
 * The number of rows: the largest power of two for which the kernel's own words near the table's variable, the row for the
 * table itself, or the hash of its rows speak. A table that has grown keeps its old rows where they came to lie, so the hash
 * alone does not decide (seen on a real NT 5.2-compatible kernel: 50 of 117 rows in place).
 */
function tableSize(
  space: VirtualMemory,
  data: KernelData,
  address: bigint,
  variable: bigint,
  layout: BigPageLayout,
  rows: Rows,
): TableSize | undefined {
  const own = rows.live.find((row) => row.address === address);
  for (let size = 2 ** Math.floor(Math.log2(rows.count + 0.5)); size >= SMALLEST_ROWS; size /= 2) {
    const live = rows.live.filter((row) => row.index < size);
    const vote = bestHash(live, size);
    const isOwn =
      own !== undefined &&
      bytesOf(own, layout) >= size * layout.stride &&
      bytesOf(own, layout) < 2 * size * layout.stride;
    const by = sizeNear(data, variable, size, space.pointerSize)
      ? "word"
      : isOwn
        ? "own-row"
        : size > 4 * PROBES && vote.score >= ENOUGH
          ? "hash"
          : undefined;
    if (by !== undefined) return { rows: size, confirmedBy: by, ...vote };
  }
  return undefined;
}

function bytesOf(row: Row, layout: BigPageLayout): number {
  if (layout.unit === "pages") return u32(row.bytes, layout.size) * PAGE_BYTES;
  return layout.pointerSize === 8 ? u64(row.bytes, layout.size) : u32(row.bytes, layout.size);
}

/** The largest POOL_TYPE with its flags: 0x200 no-execute, 0x20 session, 0x10 quota and the kinds below it. */
const LARGEST_POOL_TYPE = 0x3ff;

/**
 * Whether a row makes sense in a layout. Large allocations are those of a page and more; nobody has ever made one of a
 * terabyte. A pool type that stands alone in its word is small; packed with other fields it makes a large number.
 */
function isSensible(row: Row, layout: BigPageLayout): boolean {
  const bytes = bytesOf(row, layout);
  const plain = layout.poolType?.shift !== 0 || (poolTypeOf(row, layout) ?? 0) <= LARGEST_POOL_TYPE;
  return plain && bytes >= PAGE_BYTES / 2 && bytes < LARGEST_ALLOCATION;
}

/** The hash under which most rows lie at or shortly behind their slot. */
function bestHash(rows: readonly Row[], size: number): { hash: string; score: number } {
  let best = { hash: "", score: 0 };
  for (const variant of BIG_PAGE_HASHES) {
    let inPlace = 0;
    for (const row of rows) {
      const home = variant.hash(row.address >> 12n) & (size - 1);
      if ((row.index - home + size) % size <= PROBES) inPlace += 1;
    }
    const score = rows.length === 0 ? 0 : inPlace / rows.length;
    if (score > best.score) best = { hash: variant.id, score };
  }
  return best;
}

function sizeNear(data: KernelData, variable: bigint, rows: number, pointerSize: 4 | 8): boolean {
  for (let distance = -NEAR; distance <= NEAR; distance += 4n) {
    const at = variable + distance;
    if (wordIn(data, at, 4) !== BigInt(rows)) continue;
    if (pointerSize === 4 || (at & 7n) !== 0n || wordIn(data, at, 8) === BigInt(rows)) return true;
  }
  return false;
}

function finish(address: bigint, layout: BigPageLayout, rows: Rows, size: TableSize): BigPages {
  const problems: string[] = [];
  const live = rows.live.filter((row) => row.index < size.rows);
  const own = live.find((row) => row.address === address);
  if (layout.poolType === undefined) problems.push("this kernel's rows do not tell paged from nonpaged pool");
  else if (own === undefined)
    problems.push("the table has no row for itself: the meaning of pool types is guessed from all rows");
  if (rows.missing > 0) problems.push(`${rows.missing} bytes of the table at ${hex(address)} are not in the dump`);
  const meaning = own === undefined ? guessMeaning(live, layout) : meaningOf(poolTypeOf(own, layout) ?? 0);
  return {
    address,
    layout,
    rows: size.rows,
    hash: size.hash,
    score: size.score,
    sizeConfirmedBy: size.confirmedBy,
    allocations: live.map((row) => {
      const value = poolTypeOf(row, layout);
      return {
        address: row.address,
        tag: bookedTag(u32(row.bytes, layout.key)),
        bytes: bytesOf(row, layout),
        kind: value === undefined ? undefined : poolKindOf(value, meaning),
      };
    }),
    freed: rows.freedAt.filter((index) => index < size.rows).length,
    coverage: Math.max(0, 1 - rows.missing / (size.rows * layout.stride)),
    problems,
  };
}

function poolTypeOf(row: Row, layout: BigPageLayout): number | undefined {
  const type = layout.poolType;
  return type === undefined ? undefined : ((u32(row.bytes, type.offset) >>> type.shift) & type.mask) >>> 0;
}

/** The table lies in nonpaged pool: 40 or 80 in its own row are flags, 0 or 200 a type. */
function meaningOf(ownPoolType: number): PoolTypeMeaning {
  return (ownPoolType & 0xc0) !== 0 && (ownPoolType & 0x200) === 0 ? "flags" : "type";
}

/** Flags always name a pool (40, 80 or 100); types do not use those bits for large allocations. */
function guessMeaning(rows: readonly Row[], layout: BigPageLayout): PoolTypeMeaning {
  const flags = rows.filter((row) => ((poolTypeOf(row, layout) ?? 0) & 0x1c0) !== 0).length;
  return flags > rows.length / 2 ? "flags" : "type";
}
