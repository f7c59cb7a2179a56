// Rows of tag tables summed over CPUs, and put out as rows of a snapshot; rows that contradict themselves are set aside.

import type { ColumnsBuilder } from "../../model/columns-builder.ts";
import { NONPAGED, outstandingOf, PAGED } from "../../model/snapshot.ts";
import { bookedTag, formatTag } from "../../model/tag.ts";
import { i64, u32 } from "./bytes.ts";
import type { PoolOffsets, TagLayout } from "./tag-layouts.ts";

export const NO_TAG = 0;
/** The kernel names the row for tags that found no room `Ovfl`. */
const OVERFLOW = 0x6c66764f;

export interface Sums {
  readonly keys: Uint32Array;
  /** allocs, frees, bytes of nonpaged, then of paged pool, per row. */
  readonly values: Float64Array;
}

export const FIELDS = 6;

function signed(bytes: Uint8Array, offset: number, bits: 32 | 64): number {
  return bits === 64 ? i64(bytes, offset) : u32(bytes, offset);
}

export function addRow(values: Float64Array, row: number, bytes: Uint8Array, at: number, layout: TagLayout): void {
  const add = (field: number, offsets: PoolOffsets): void => {
    const first = row * FIELDS + field;
    values[first] = (values[first] ?? 0) + signed(bytes, at + offsets.allocs, layout.counterBits);
    values[first + 1] = (values[first + 1] ?? 0) + signed(bytes, at + offsets.frees, layout.counterBits);
    values[first + 2] = (values[first + 2] ?? 0) + signed(bytes, at + offsets.bytes, layout.byteBits);
  };
  add(0, layout.nonpaged);
  add(3, layout.paged);
}

/** A key of CPU 0 that was missing (its page is not in the dump) is taken from the table that has it. */
export function addCpuRow(sums: Sums, row: number, bytes: Uint8Array, at: number, layout: TagLayout): void {
  const key = u32(bytes, at);
  if ((sums.keys[row] ?? 0) === NO_TAG) sums.keys[row] = key;
  addRow(sums.values, row, bytes, at, layout);
}

interface Emission {
  readonly problems: string[];
  /** All tables are there in full: then frees cannot exceed allocations. */
  readonly isWhole: boolean;
  readonly physicalBytes: number | undefined;
  /** Bytes of a tag's large allocations by the kernel's list of them; undefined where that list was not found whole. */
  readonly largeBytes?: ((tag: number) => number) | undefined;
  /** Time since start, milliseconds; undefined where not told. */
  readonly uptime?: number | undefined;
  /** Bytes of the smallest block, and what sizes of blocks are multiples of: 16 on 64-bit kernels, 8 on 32-bit ones. */
  readonly unit: 8 | 16;
}

/** Every row with a key or a figure, as rows of the snapshot, and how many contradict themselves and were left out. */
export function emitRows(
  builder: ColumnsBuilder,
  sums: Sums,
  layout: TagLayout,
  { problems, isWhole, physicalBytes, unit, largeBytes, uptime }: Emission,
): { tags: number; setAside: number; doubted: number } {
  const rows = sums.keys.length;
  let tags = 0;
  const below: string[] = [];
  const impossible: string[] = [];
  const thin: string[] = [];
  const odd: string[] = [];
  const large: string[] = [];
  const fast: string[] = [];
  for (let row = 0; row < rows; row++) {
    const overflow = row === rows - 1;
    const values = sums.values.subarray(row * FIELDS, (row + 1) * FIELDS);
    const used = values.some((value) => value !== 0);
    const key = sums.keys[row] ?? 0;
    if (key === NO_TAG && !(overflow && used)) continue;
    // Bit 31 marks a tag as protected; it is no part of the name.
    const tagOf = (): number => bookedTag(key);
    const pools = [poolOf(values.subarray(0, 3), layout), poolOf(values.subarray(3, 6), layout)] as const;
    if (pools.some((pool) => isImpossible(pool, isWhole, physicalBytes))) {
      impossible.push(formatTag(tagOf()));
      continue;
    }
    if (overflow && used && tagOf() !== OVERFLOW) {
      impossible.push(formatTag(tagOf()));
      continue;
    }
    if (overflow && used) {
      problems.push(`tags that found no room in the table are counted together as ${formatTag(key)}`);
    }
    tags += 1;
    if (isWhole && pools.some((pool) => pool.bytes < unit * pool.outstanding)) thin.push(formatTag(tagOf()));
    if (isWhole && exceedsList(pools, tagOf(), largeBytes)) large.push(formatTag(tagOf()));
    if (uptime !== undefined && pools.some((pool) => pool.allocs > MOST_PER_MS * uptime)) fast.push(formatTag(tagOf()));
    if (pools.some((pool) => pool.bytes % unit !== 0)) odd.push(formatTag(tagOf()));
    if (emitPool(builder, tagOf(), NONPAGED, pools[0])) below.push(formatTag(tagOf()));
    if (emitPool(builder, tagOf(), PAGED, pools[1])) below.push(formatTag(tagOf()));
  }
  if (below.length > 0) {
    problems.push(
      `shown as 0 where the sum is below it, since frees of it were counted elsewhere: ${below.slice(0, 8).join(" ")}`,
    );
  }
  if (impossible.length > 0) {
    problems.push(
      `${impossible.length} rows contradict themselves or the machine (more freed than allocated, bytes without blocks, ` +
        `more bytes than RAM) and are set aside: ${listText(impossible)}`,
    );
  }
  if (thin.length > 0) {
    problems.push(
      `${thin.length} rows have fewer bytes than their blocks need at the least (${unit} each) and are doubted: ${listText(thin)}`,
    );
  }
  // Only where the other rows keep the rule is a row that breaks it odd.
  const isRule = odd.length <= MOST_ODD * tags;
  const isBound = large.length <= MOST_ODD * tags;
  if (isBound && large.length > 0) {
    problems.push(
      `${large.length} rows have more bytes than the list of large allocations and their smaller blocks can make, and are doubted: ` +
        listText(large),
    );
  }
  if (fast.length > 0) {
    problems.push(
      `${fast.length} rows count more allocations than can be made in the time since start, and are doubted: ${listText(fast)}`,
    );
  }
  if (isRule && odd.length > 0) {
    problems.push(
      `the bytes of ${odd.length} rows are no multiple of ${unit}, those of the others are; they are doubted: ${listText(odd)}`,
    );
  }
  const doubted = new Set([...thin, ...fast, ...(isBound ? large : []), ...(isRule ? odd : [])]);
  return { tags, setAside: impossible.length, doubted: doubted.size };
}

/** Nobody allocates from pool more often than 20 million times a second: ten of the fastest processors at once. */
const MOST_PER_MS = 20_000;
/** The tag of the tables themselves: they were made before there was a list of large allocations (seen on real memory). */
const TABLES_OWN = 0x6c6f6f50;
/** A block that is not in the list of large allocations has at most a page. */
const MOST_SMALL = 4096;

/** Whether a pool of a tag has more bytes than its large allocations and a page for each of its blocks. */
function exceedsList(pools: readonly PoolSum[], tag: number, largeBytes: Emission["largeBytes"]): boolean {
  if (largeBytes === undefined || tag === TABLES_OWN) return false;
  return pools.some((pool) => pool.bytes > largeBytes(tag) + MOST_SMALL * pool.outstanding);
}

/** A rule that one row in twenty breaks is none. */
const MOST_ODD = 1 / 20;

function listText(tags: readonly string[]): string {
  return `${tags.slice(0, 8).join(" ")}${tags.length > 8 ? " ..." : ""}`;
}

interface PoolSum {
  readonly allocs: number;
  readonly frees: number;
  readonly outstanding: number;
  readonly bytes: number;
}

function poolOf(values: Float64Array, layout: TagLayout): PoolSum {
  let [allocs = 0, frees = 0, bytes = 0] = values;
  const wrap = (value: number): number => value - Math.floor(value / 2 ** 32) * 2 ** 32;
  if (layout.counterBits === 32) {
    allocs = wrap(allocs);
    frees = wrap(frees);
  }
  if (layout.byteBits === 32) bytes = wrap(bytes);
  return { allocs, frees, bytes, outstanding: outstandingOf(allocs, frees, layout.counterBits) };
}

/** A difference modulo 2^32 of more than this is a negative one. */
const HALF_OF_32_BITS = 2 ** 31;

function isImpossible({ outstanding, bytes }: PoolSum, isWhole: boolean, physicalBytes: number | undefined): boolean {
  // Paged pool may exceed RAM, though not by this much; no table is believed beyond.
  if (physicalBytes !== undefined && bytes > MOST_BYTES_PER_RAM * physicalBytes) return true;
  if (!isWhole) return false;
  return outstanding < 0 || outstanding > HALF_OF_32_BITS || bytes < 0 || (outstanding === 0 && bytes > 0);
}

/** Page files are seldom larger than three times RAM. */
const MOST_BYTES_PER_RAM = 4;

/** Adds one pool of a tag unless it never used it. Returns whether something had to be shown as 0. */
function emitPool(builder: ColumnsBuilder, tag: number, code: number, sum: PoolSum): boolean {
  const { allocs, frees, outstanding, bytes } = sum;
  if (allocs === 0 && frees === 0 && bytes === 0) return false;
  builder.add(tag, code, Math.max(0, allocs), Math.max(0, frees), Math.max(0, outstanding), Math.max(0, bytes));
  return allocs < 0 || frees < 0 || outstanding < 0 || bytes < 0;
}
