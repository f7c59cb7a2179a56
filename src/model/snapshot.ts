// What is measured: pool kinds, the columns of a snapshot, its origin, system totals and gaps.
// Columnar inside (2,000 to 5,000 rows a snapshot), plain values at the edges through `usesOf`.

import type { Milliseconds } from "./milliseconds.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Tag } from "./tag.ts";

export type { Milliseconds } from "./milliseconds.ts";

/** Which pool a row belongs to. Session pool is paged pool of one session; `Origin.session` says so. */
export type PoolKind = "nonpaged" | "paged";

/** Column encoding of {@link PoolKind}. */
export const NONPAGED = 0;
export const PAGED = 1;

/** The kind of a column code. */
export function kindOf(code: number): PoolKind {
  return code === PAGED ? "paged" : "nonpaged";
}

/** The column code of a kind. */
export function kindCode(kind: PoolKind): number {
  return kind === "paged" ? PAGED : NONPAGED;
}

/** One number for a (tag, kind) pair, usable as a Map key: tag * 2 + kind code. */
export function rowKey(tag: Tag, code: number): number {
  return tag * 2 + code;
}

export function tagOfKey(key: number): Tag {
  return Math.floor(key / 2);
}

export function kindCodeOfKey(key: number): number {
  return key % 2;
}

/**
 * The rows of a snapshot as columns of equal length, one row per (tag, kind) that the source listed.
 * `allocs` and `frees` are cumulative since boot and NaN where the source does not know them (a debugger's `!poolused`
 * lists outstanding blocks only). `outstanding` counts blocks, `bytes` is what they hold. Numbers are exact integers below 2^53.
 */
export interface PoolColumns {
  readonly length: number;
  readonly tag: Uint32Array;
  readonly kind: Uint8Array;
  readonly allocs: Float64Array;
  readonly frees: Float64Array;
  readonly outstanding: Float64Array;
  readonly bytes: Float64Array;
}

/** What one (tag, kind) holds at one instant: the plain-value form of a row of {@link PoolColumns}. */
export interface TagUse {
  readonly tag: Tag;
  readonly kind: PoolKind;
  /** Cumulative since boot; undefined where the source does not know it. Wraps at 2^32 where `Snapshot.counterBits` is 32. */
  readonly allocs: number | undefined;
  readonly frees: number | undefined;
  readonly outstanding: number;
  readonly bytes: number;
}

export type SourceId =
  | "windows-live"
  | "poolmon"
  | "poolused"
  | "csv"
  | "class22"
  | "collector"
  | "recording"
  | "jsonl"
  | "crash-dump"
  | "kd"
  | "totals"
  | "blocks";

/** How the time of a snapshot was learned, from most to least trustworthy. */
export type TimeBasis = "measured" | "marker" | "file-name" | "file-modified" | "none";

/** Where a snapshot comes from. */
export interface Origin {
  readonly source: SourceId;
  readonly file?: string;
  readonly host?: string;
  /** Windows build number, e.g. 19045. */
  readonly windowsBuild?: number;
  /** Update build revision (UBR), which every monthly update raises: 4651 of 19045.4651. */
  readonly windowsRevision?: number;
  /** `EditionID` of the registry, e.g. `Professional`, `ServerDatacenter`. */
  readonly windowsEdition?: string;
  readonly architecture?: "x64" | "x86" | "arm64";
  /** Start of this boot. */
  readonly bootTime?: Milliseconds;
  readonly timeBasis: TimeBasis;
  /** Set where the rows are session pool instead of system pool: a session id, or "all". */
  readonly session?: number | "all";
  /**
   * `partial`: a part of the pool's rows (the top of a table, one tag), so a sum over them is a least value and a row that
   * is missing is not zero. `blocks`: sums over single blocks that were listed, not counters.
   */
  readonly listing?: "partial" | "blocks";
  /** Bytes are known only to a multiple of this. */
  readonly bytesRoundedTo?: number;
  /** A sentence that must be shown with every result from this data, e.g. what a sample really is. */
  readonly notice?: string;
}

/** System-wide figures in bytes, each absent where the source does not tell it. */
export interface SystemTotals {
  readonly nonpagedBytes?: number;
  readonly pagedBytes?: number;
  readonly nonpagedLimitBytes?: number;
  readonly pagedLimitBytes?: number;
  readonly physicalBytes?: number;
  readonly availableBytes?: number;
  readonly commitBytes?: number;
  readonly commitLimitBytes?: number;
  readonly commitPeakBytes?: number;
  /** Page faults since boot, a count that wraps at 2^32; PoolMon's `PageFlts`. */
  readonly pageFaults?: number;
  /** Kernel and driver code in RAM, and paged pool in RAM; PoolMon's `InRam Krnl` and `P`. */
  readonly residentKernelBytes?: number;
  readonly residentPagedBytes?: number;
  /** Milliseconds that a machine read over the debugger's wire stood for this snapshot. */
  readonly haltedMilliseconds?: number;
  /** Milliseconds that the machine has slept since its boot; rises with every sleep. */
  readonly sleptMilliseconds?: number;
}

/** What could not be read, and why. Carried along and shown, never dropped. */
export interface Gap {
  /** Place: a file, a file and line, a driver, a time span in words. */
  readonly where: string;
  readonly problem: string;
  /** For a missing span of time. */
  readonly from?: Milliseconds;
  readonly to?: Milliseconds;
}

/** All TagUses at one instant. */
export interface Snapshot {
  readonly time: Milliseconds;
  readonly origin: Origin;
  readonly totals: SystemTotals;
  readonly columns: PoolColumns;
  /** Width of the cumulative counters at the source: they wrap at 2^32 or, for practical purposes, never. */
  readonly counterBits: 32 | 64;
  readonly gaps: readonly Gap[];
  /** What was measured beside the counters at the same time; absent where the source tells nothing of it. */
  readonly surroundings?: Surroundings;
}

const TWO_32 = 2 ** 32;

/** Outstanding blocks from cumulative counters: (allocs - frees) mod 2^32 for 32-bit counters, the difference otherwise. */
export function outstandingOf(allocs: number, frees: number, counterBits: 32 | 64): number {
  const difference = allocs - frees;
  if (counterBits === 64) return difference;
  return difference - Math.floor(difference / TWO_32) * TWO_32;
}

/** Growth of a cumulative counter between two readings of one boot: mod 2^32 for 32-bit counters. */
export function counterGrowth(before: number, after: number, counterBits: 32 | 64): number {
  return outstandingOf(after, before, counterBits);
}

/**
 * A counter's total carried on from one reading of a boot to the next, past the wrap of 32-bit counters. A counter that
 * ran backwards adds nothing: with 32 bits that shows as growth of more than half the range, with 64 as a fall. NaN where
 * this reading is unknown; a first reading starts at itself.
 */
export function carryCounterOn(total: number, before: number, after: number, counterBits: 32 | 64): number {
  if (Number.isNaN(total) || Number.isNaN(before)) return after;
  const growth = counterGrowth(before, after, counterBits);
  return growth < 0 || (counterBits === 32 && growth > TWO_32 / 2) ? total : total + growth;
}

/** One row as plain values. */
export function useAt(columns: PoolColumns, row: number): TagUse {
  const allocs = columns.allocs[row] ?? Number.NaN;
  const frees = columns.frees[row] ?? Number.NaN;
  return {
    tag: columns.tag[row] ?? 0,
    kind: kindOf(columns.kind[row] ?? NONPAGED),
    allocs: Number.isNaN(allocs) ? undefined : allocs,
    frees: Number.isNaN(frees) ? undefined : frees,
    outstanding: columns.outstanding[row] ?? 0,
    bytes: columns.bytes[row] ?? 0,
  };
}

/** All rows as plain values. */
export function usesOf(columns: PoolColumns): TagUse[] {
  return Array.from({ length: columns.length }, (_, row) => useAt(columns, row));
}

/** Index of rows by {@link rowKey}. Where a (tag, kind) is listed twice the last row wins; {@link ColumnsBuilder} sums them. */
export function indexRows(columns: PoolColumns): Map<number, number> {
  const index = new Map<number, number>();
  for (let row = 0; row < columns.length; row++) {
    index.set(rowKey(columns.tag[row] ?? 0, columns.kind[row] ?? 0), row);
  }
  return index;
}

/** Sum of `bytes` over the rows of one kind. */
export function sumBytes(columns: PoolColumns, code: number): number {
  let sum = 0;
  for (let row = 0; row < columns.length; row++) if (columns.kind[row] === code) sum += columns.bytes[row] ?? 0;
  return sum;
}
