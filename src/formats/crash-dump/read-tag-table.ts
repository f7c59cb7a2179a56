// The pool's use by tag: the tables of all CPUs summed, with what could not be read.

import { ColumnsBuilder } from "../../model/columns-builder.ts";
import { NONPAGED, sumBytes, type PoolColumns } from "../../model/snapshot.ts";
import { bookedTag, formatTag, type Tag } from "../../model/tag.ts";
import { addExpansion } from "./expansion-table.ts";
import { findCpuTables, type CpuTable } from "./cpu-tables.ts";
import { u32 } from "./bytes.ts";
import { judgeKeys, TELLING_DENSITY, UNREADABLE, WRONG_KEY, type EmptyPage, type JudgedKeys } from "./judge-keys.ts";
import type { KernelData } from "./kernel-data.ts";
import type { TypeWitness } from "./object-types.ts";
import type { Recount } from "./recount.ts";
import { check, type TableCheck } from "./table-checks.ts";
import type { TagTable } from "./find-tag-table.ts";
import type { TagLayout } from "./tag-layouts.ts";
import { addCpuRow, addRow, emitRows, FIELDS, NO_TAG, type Sums } from "./tag-sums.ts";
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
  /** Keys and rows that were left out of the figures, since they cannot be the kernel's. */
  readonly setAside: number;
  /** The object manager's types and how their counts agree with the tags'; undefined where they were not found. */
  readonly witness: TypeWitness | undefined;
  /** How the rows fit the blocks in memory; only where these were counted. */
  readonly recount?: Recount | undefined;
  /** What the figures rest on; {@link certaintyOf} is their product. */
  readonly checks: readonly TableCheck[];
  /** What makes the figures incomplete, in sentences. */
  readonly problems: readonly string[];
}

/** What is known of the machine from elsewhere. */
export interface MachineFacts {
  readonly cpus: number | undefined;
  /** Bytes of RAM, or a bound above them. */
  readonly physicalBytes: number | undefined;
  /** Time since start, milliseconds; undefined where not told. */
  readonly uptime?: number | undefined;
}

/** Reads and sums the tables. */
export function readTagUses(
  space: VirtualMemory,
  data: KernelData,
  table: TagTable,
  { cpus, physicalBytes, uptime }: MachineFacts,
  largeBytes?: (tag: Tag) => number,
): TagUses {
  const { layout, slots, judged } = table;
  const rows = slots + 1;
  const length = rows * layout.stride;
  const problems: string[] = [];
  const first = space.read(table.address, length);
  let missing = first.missing;
  let total = length;
  const sums: Sums = { keys: new Uint32Array(rows), values: new Float64Array(rows * FIELDS) };
  for (let row = 0; row < rows; row++) {
    const key = u32(first.bytes, row * layout.stride);
    if (judged.setAside[row] === 1 || (key === NO_TAG && row < slots)) continue;
    sums.keys[row] = key;
    addRow(sums.values, row, first.bytes, row * layout.stride, layout);
  }
  if (first.missing > 0) problems.push(missingSentence("the tag table", first.missing, length));
  problems.push(...judgedProblems("the tag table", judged, first.bytes, layout.stride));
  if (table.sizeConfirmed === false) {
    problems.push(
      `its rows fit ${slots} slots, the kernel's own variables say ${table.slotsSaid}: tags may be missing`,
    );
  }

  const cpuTables = findCpuTables(space, data, table, cpus);
  let summed = 1;
  let lostPages = judged.foreignPages.length + judged.emptyPages.length;
  let keysAside = countSet(judged.setAside);
  for (const cpuTable of cpuTables) {
    if (cpuTable.state === "disagrees") continue;
    total += length;
    if (cpuTable.state === "not-in-dump") {
      missing += length;
      continue;
    }
    const { bytes, missing: lost } = space.read(cpuTable.address, length);
    missing += lost;
    const name = `the tag table of CPU ${cpuTable.cpu}`;
    if (lost > 0) problems.push(missingSentence(name, lost, length));
    summed += 1;
    const { aside, foreign, empty } = addCpuTable(sums, bytes, layout, slots);
    keysAside += aside.length;
    lostPages += foreign + empty.length;
    problems.push(...empty.map((page) => emptySentence(name, page)));
    if (aside.length > 0) problems.push(asideSentence(name, aside));
  }
  problems.push(...cpuProblems(cpuTables, summed, cpus));

  const isWhole = cpus !== undefined && summed === cpus && missing === 0 && lostPages === 0;
  const builder = new ColumnsBuilder(512);
  const emitted = emitRows(builder, sums, layout, {
    problems,
    isWhole,
    physicalBytes,
    largeBytes,
    uptime,
    unit: space.pointerSize === 8 ? 16 : 8,
  });
  const full = !sums.keys.subarray(0, slots).includes(NO_TAG);
  if (full) problems.push(...addExpansion(builder, space, data, table, sums.keys));
  const columns = builder.finish();
  const nonpaged = sumBytes(columns, NONPAGED);
  const ramShare = physicalBytes === undefined ? undefined : nonpaged <= physicalBytes ? 1 : physicalBytes / nonpaged;
  if (ramShare !== undefined && ramShare < 1) {
    problems.push(`nonpaged pool adds up to ${nonpaged} bytes, more than the machine's RAM: the table is damaged`);
  }
  const rowsLost = keysAside + emitted.setAside;
  const pagesLooked = judged.pages * summed;
  return {
    columns,
    counterBits: layout.counterBits,
    tags: emitted.tags,
    table,
    cpuTables,
    cpusSummed: summed,
    cpus,
    coverage: 1 - missing / total,
    setAside: keysAside + emitted.setAside,
    witness: undefined,
    checks: [
      check("hash", table.score),
      check("size", table.sizeConfirmed === undefined ? undefined : table.sizeConfirmed ? 1 : SIZE_CONTRADICTED),
      check("pages", lostPages > 0 ? 1 - lostPages / pagesLooked : judged.emptyWouldShow ? 1 : undefined),
      check("rows", 1 - (rowsLost + emitted.doubted) / Math.max(1, emitted.tags + rowsLost)),
      check("cpus", cpus === undefined ? undefined : summed / cpus),
      check("coverage", 1 - missing / total),
      check("ram", ramShare),
    ],
    problems,
  };
}

/** Two witnesses of the size contradict each other: one of them is right. */
const SIZE_CONTRADICTED = 0.5;

function countSet(flags: Uint8Array): number {
  let count = 0;
  for (const flag of flags) count += flag;
  return count;
}

/** What was found wrong with the keys of a table. */
function judgedProblems(what: string, judged: JudgedKeys, bytes: Uint8Array, stride: number): string[] {
  const problems: string[] = [];
  if (judged.foreignPages.length > 0) {
    problems.push(
      `page ${judged.foreignPages.join(", ")} of ${what} holds other memory: tags that stood there are missing`,
    );
  }
  problems.push(...judged.emptyPages.map((page) => emptySentence(what, page)));
  const aside = [...judged.setAside.keys()].filter(
    (slot) => judged.setAside[slot] === 1 && !judged.foreignPages.includes(Math.floor((slot * stride) / 4096)),
  );
  if (aside.length > 0) {
    problems.push(
      asideSentence(
        what,
        aside.map((slot) => u32(bytes, slot * stride)),
      ),
    );
  }
  return problems;
}

function emptySentence(what: string, { page, expected }: EmptyPage): string {
  const chance = Math.round(Math.exp(Math.min(expected, 20)));
  return (
    `page ${page} of ${what} is empty where the others hold ${Math.round(expected)} tags each ` +
    `(by chance once in ${chance} or less): its tags are missing or too low`
  );
}

function asideSentence(what: string, keys: readonly number[]): string {
  const names = keys.slice(0, 8).map((key) => formatTag(bookedTag(key)));
  return (
    `${keys.length} rows of ${what} are set aside, since their tags are not where the kernel puts them: ` +
    `${names.join(" ")}${keys.length > 8 ? " ..." : ""}`
  );
}

/** Adds another CPU's table: a row counts where its key is CPU 0's, or lies in place where CPU 0's row is lost. */
function addCpuTable(
  sums: Sums,
  bytes: Uint8Array,
  layout: TagLayout,
  slots: number,
): { aside: readonly number[]; foreign: number; empty: readonly EmptyPage[] } {
  const { stride } = layout;
  const keys = new Uint32Array(slots);
  for (let slot = 0; slot < slots; slot++) keys[slot] = readableKey(u32(bytes, slot * stride));
  const judged = judgeKeys(keys, stride);
  const pages = Array.from({ length: judged.pages }, (_, page) => ({
    page,
    ...keysOnPage(sums.keys, keys, stride, page),
  }));
  const sum = (of: "known" | "same"): number => pages.reduce((total, page) => total + page[of], 0);
  const share = sum("same") / Math.max(1, sum("known"));
  const foreign = pages.filter(({ same, differ }) => differ > same);
  const empty = pages
    .map(({ page, known, same, differ }) => ({ page, expected: known * share, keys: same + differ }))
    .filter((each) => each.keys === 0 && each.expected >= TELLING_DENSITY);
  const lost = new Set([...foreign, ...empty].map(({ page }) => page));
  const aside: number[] = [];
  for (let row = 0; row <= slots; row++) {
    const key = u32(bytes, row * stride);
    if (key === NO_TAG && row < slots) continue;
    const own = sums.keys[row] ?? 0;
    const isOther = key !== own && (own !== NO_TAG || judged.setAside[row] === 1);
    const isLost = lost.has(Math.floor((row * stride) / 4096)) || lost.has(Math.floor(((row + 1) * stride - 1) / 4096));
    if (row < slots && (isOther || isLost)) aside.push(key);
    else addCpuRow(sums, row, bytes, row * stride, layout);
  }
  return { aside, foreign: foreign.length, empty };
}

/** The value that stands for a missing key is a wrong one where it is really there. */
function readableKey(key: number): number {
  return key === UNREADABLE ? WRONG_KEY : key;
}

/** How many keys CPU 0 has on a page, and how many of another CPU's are the same there or differ. */
function keysOnPage(
  own: Uint32Array,
  keys: Uint32Array,
  stride: number,
  page: number,
): { known: number; same: number; differ: number } {
  const count = { known: 0, same: 0, differ: 0 };
  for (let slot = Math.ceil((page * 4096) / stride); slot < keys.length && slot * stride < (page + 1) * 4096; slot++) {
    if (own[slot] !== NO_TAG) count.known += 1;
    if (keys[slot] === NO_TAG) continue;
    if (keys[slot] === own[slot]) count.same += 1;
    else count.differ += 1;
  }
  return count;
}

function missingSentence(what: string, missing: number, length: number): string {
  return `${missing} of the ${length} bytes of ${what} are not in the dump: tags in them are missing or too low`;
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
