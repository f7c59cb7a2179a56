// The pool's use by tag: the tables of all CPUs summed, with what could not be read.

import { ColumnsBuilder } from "../../model/columns-builder.ts";
import { NONPAGED, outstandingOf, PAGED, type PoolColumns } from "../../model/snapshot.ts";
import { bookedTag, formatTag } from "../../model/tag.ts";
import { findCpuTables, type CpuTable } from "./cpu-tables.ts";
import { hex, i64, u32 } from "./bytes.ts";
import { wordIn, type KernelData } from "./kernel-data.ts";
import type { TagTable } from "./find-tag-table.ts";
import type { PoolOffsets, TagLayout } from "./tag-layouts.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

export interface TagUses {
  readonly columns: PoolColumns;
  readonly counterBits: 32 | 64;
  /** Tags (keys) in the table of CPU 0. */
  readonly tags: number;
  readonly table: TagTable;
  readonly cpuTables: readonly CpuTable[];
  /** CPUs whose tables are in the sums, and CPUs of the machine where known. */
  readonly cpusSummed: number;
  readonly cpus: number | undefined;
  /** Share of the bytes of all tables found that the dump holds. */
  readonly coverage: number;
  /** What makes the figures incomplete, in sentences. */
  readonly problems: readonly string[];
}

const EXPANSION_ROWS = 65_536;
const NO_TAG = 0;
/** The kernel names the row for tags that found no room `Ovfl`. */
const OVERFLOW = 0x6c66764f;

interface Sums {
  readonly keys: Uint32Array;
  /** allocs, frees, bytes of nonpaged, then of paged pool, per row. */
  readonly values: Float64Array;
}

const FIELDS = 6;

function signed(bytes: Uint8Array, offset: number, bits: 32 | 64): number {
  return bits === 64 ? i64(bytes, offset) : u32(bytes, offset);
}

function addRow(values: Float64Array, row: number, bytes: Uint8Array, at: number, layout: TagLayout): void {
  const add = (field: number, offsets: PoolOffsets): void => {
    const first = row * FIELDS + field;
    values[first] = (values[first] ?? 0) + signed(bytes, at + offsets.allocs, layout.counterBits);
    values[first + 1] = (values[first + 1] ?? 0) + signed(bytes, at + offsets.frees, layout.counterBits);
    values[first + 2] = (values[first + 2] ?? 0) + signed(bytes, at + offsets.bytes, layout.byteBits);
  };
  add(0, layout.nonpaged);
  add(3, layout.paged);
}

/** Reads and sums the tables. `cpus`: processors of the machine, where known. */
export function readTagUses(
  space: VirtualMemory,
  data: KernelData,
  table: TagTable,
  cpus: number | undefined,
): TagUses {
  const { layout, slots } = table;
  const rows = slots + 1;
  const length = rows * layout.stride;
  const problems: string[] = [];
  const first = space.read(table.address, length);
  let missing = first.missing;
  let total = length;
  const sums: Sums = { keys: new Uint32Array(rows), values: new Float64Array(rows * FIELDS) };
  for (let row = 0; row < rows; row++) {
    sums.keys[row] = u32(first.bytes, row * layout.stride);
    addRow(sums.values, row, first.bytes, row * layout.stride, layout);
  }
  if (first.missing > 0) problems.push(missingSentence("the tag table", first.missing, length));

  const cpuTables = findCpuTables(space, data, table, cpus);
  let summed = 1;
  for (const cpuTable of cpuTables) {
    if (cpuTable.state === "disagrees") continue;
    total += length;
    if (cpuTable.state === "not-in-dump") {
      missing += length;
      continue;
    }
    const { bytes, missing: lost } = space.read(cpuTable.address, length);
    missing += lost;
    if (lost > 0) problems.push(missingSentence(`the tag table of CPU ${cpuTable.cpu}`, lost, length));
    summed += 1;
    for (let row = 0; row < rows; row++) addCpuRow(sums, row, bytes, row * layout.stride, layout);
  }
  problems.push(...cpuProblems(cpuTables, summed, cpus));

  const builder = new ColumnsBuilder(512);
  const tags = emitRows(builder, sums, layout, problems);
  const full = !sums.keys.subarray(0, slots).includes(NO_TAG);
  if (full) problems.push(...addExpansion(builder, space, data, table, sums.keys));
  return {
    columns: builder.finish(),
    counterBits: layout.counterBits,
    tags,
    table,
    cpuTables,
    cpusSummed: summed,
    cpus,
    coverage: 1 - missing / total,
    problems,
  };
}

function missingSentence(what: string, missing: number, length: number): string {
  return `${missing} of the ${length} bytes of ${what} are not in the dump: tags in them are missing or too low`;
}

/** A key of CPU 0 that was missing (its page is not in the dump) is taken from the table that has it. */
function addCpuRow(sums: Sums, row: number, bytes: Uint8Array, at: number, layout: TagLayout): void {
  const key = u32(bytes, at);
  if ((sums.keys[row] ?? 0) === NO_TAG) sums.keys[row] = key;
  addRow(sums.values, row, bytes, at, layout);
}

function cpuProblems(tables: readonly CpuTable[], summed: number, cpus: number | undefined): string[] {
  const problems: string[] = [];
  const gone = tables.filter((table) => table.state !== "summed").map((table) => table.cpu);
  if (gone.length > 0) problems.push(`the tag tables of CPU ${gone.join(", ")} are not in the dump or not readable`);
  if (cpus !== undefined && summed < cpus) {
    problems.push(
      summed === 1
        ? `CPU 0 only, lower bound: no tables of the other ${cpus - 1} CPUs were found`
        : `${summed} of ${cpus} CPUs only: figures may be too low or too high`,
    );
  }
  if (cpus === undefined) problems.push("the number of CPUs is not known: figures may be of some CPUs only");
  return problems;
}

/** Every row with a key or a figure, as rows of the snapshot. Returns how many keys there are. */
function emitRows(builder: ColumnsBuilder, sums: Sums, layout: TagLayout, problems: string[]): number {
  const rows = sums.keys.length;
  let tags = 0;
  const negative: string[] = [];
  for (let row = 0; row < rows; row++) {
    const overflow = row === rows - 1;
    const values = sums.values.subarray(row * FIELDS, (row + 1) * FIELDS);
    const used = values.some((value) => value !== 0);
    let key = sums.keys[row] ?? 0;
    if (key === NO_TAG && !(overflow && used)) continue;
    if (overflow && used) {
      key = key === NO_TAG ? OVERFLOW : key;
      problems.push(`tags that found no room in the table are counted together as ${formatTag(key)}`);
    }
    tags += 1;
    // Bit 31 marks a tag as protected; it is no part of the name.
    const tag = bookedTag(key);
    if (emitPool(builder, tag, NONPAGED, values.subarray(0, 3), layout)) negative.push(formatTag(tag));
    if (emitPool(builder, tag, PAGED, values.subarray(3, 6), layout)) negative.push(formatTag(tag));
  }
  if (negative.length > 0) {
    problems.push(
      `shown as 0 where the sum is below it, since frees of it were counted elsewhere: ${negative.slice(0, 8).join(" ")}`,
    );
  }
  return tags;
}

/** Adds one pool of a tag unless it never used it. Returns whether something had to be shown as 0. */
function emitPool(
  builder: ColumnsBuilder,
  tag: number,
  code: number,
  values: Float64Array,
  layout: TagLayout,
): boolean {
  let [allocs = 0, frees = 0, bytes = 0] = values;
  if (allocs === 0 && frees === 0 && bytes === 0) return false;
  const wrap = (value: number): number => value - Math.floor(value / 2 ** 32) * 2 ** 32;
  if (layout.counterBits === 32) {
    allocs = wrap(allocs);
    frees = wrap(frees);
  }
  if (layout.byteBits === 32) bytes = wrap(bytes);
  const outstanding = outstandingOf(allocs, frees, layout.counterBits);
  builder.add(tag, code, Math.max(0, allocs), Math.max(0, frees), Math.max(0, outstanding), Math.max(0, bytes));
  return allocs < 0 || frees < 0 || outstanding < 0 || bytes < 0;
}

/**
 * A full table overflows into a plain array of the same rows. Its variable lies near the table's; it is told by rows whose
 * keys are tags that the table does not have.
 */
function addExpansion(
  builder: ColumnsBuilder,
  space: VirtualMemory,
  data: KernelData,
  table: TagTable,
  keys: Uint32Array,
): string[] {
  const { layout } = table;
  const known = new Set(keys);
  const near = 0x400n;
  for (let distance = -near; table.variable !== undefined && distance <= near; distance += BigInt(space.pointerSize)) {
    const address = wordIn(data, table.variable + distance, space.pointerSize);
    if (address === undefined || address === table.address || (address & 0xfffn) !== 0n) continue;
    if (!space.isKernelAddress(address)) continue;
    const rows = expansionRows(space, address, layout.stride, known);
    if (rows < 4) continue;
    const { bytes } = space.read(address, rows * layout.stride);
    const sums: Sums = { keys: new Uint32Array(rows + 1), values: new Float64Array((rows + 1) * FIELDS) };
    for (let row = 0; row < rows; row++) addCpuRow(sums, row, bytes, row * layout.stride, layout);
    const problems = [
      `the table is full; ${rows} more tags come from its expansion at ${hex(address)}, told by its rows alone`,
    ];
    emitRows(builder, sums, layout, problems);
    return problems;
  }
  return ["the table is full and its expansion was not found: tags that came later are missing"];
}

function expansionRows(space: VirtualMemory, address: bigint, stride: number, known: ReadonlySet<number>): number {
  const seen = new Set<number>();
  for (let row = 0; row < EXPANSION_ROWS; row++) {
    const key = space.readU32(address + BigInt(row * stride));
    if (key === undefined || key === 0) return row;
    if (known.has(key) || seen.has(key) || !isPlainTag(key)) return 0;
    seen.add(key);
  }
  return EXPANSION_ROWS;
}

function isPlainTag(key: number): boolean {
  for (let shift = 0; shift < 32; shift += 8) {
    const byte = (key >>> shift) & (shift === 24 ? 0x7f : 0xff);
    if (byte !== 0 && (byte < 0x20 || byte > 0x7e)) return false;
  }
  return true;
}
