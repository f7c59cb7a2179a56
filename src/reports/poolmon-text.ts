// A snapshot as PoolMon writes it with -n, in the wide layout of 64-bit Windows, column for column, so that scripts that
// parse such files go on working. Columns count from 0 and ends are exclusive:
//
//   blank 0  tag 1-5  type 6-11  allocs ->30  frees ->49  diff ->67  bytes ->82  per alloc ->99  mapped driver 107->
//
// PoolMon has no time, host or build in these files; neither has this.

import { PAGED, type PoolColumns, type Snapshot, type SystemTotals } from "../model/snapshot.ts";
import { formatTagFixed, type Tag } from "../model/tag.ts";

/** What PoolMon can sort by; ties, and everything where nothing is said, in the order of tags. */
export type PoolmonSort = "tag" | "allocs" | "frees" | "diff" | "bytes" | "per-alloc";

export interface PoolmonTextOptions {
  readonly sort?: PoolmonSort;
  /** Only rows for which this answers true. */
  readonly include?: (tag: Tag, kind: number) => boolean;
  /** Text of the Mapped_Driver column, e.g. `[ntfs.sys  -  Create.c]`; the column is left out where not given. */
  readonly mappedDriver?: (tag: Tag) => string;
  /** Adds PoolMon's /e line of totals at the bottom. */
  readonly totals?: boolean;
}

const HEADING = " Tag  Type     Allocs            Frees               Diff            Bytes                 Per Alloc";
/** Where the texts of {@link PoolmonTextOptions.mappedDriver} begin. */
const MAPPED_COLUMN = 107;
const MAPPED_HEADING = `${HEADING.padEnd(MAPPED_COLUMN)}Mapped_Driver`;

/** The text, with `\n` line ends: two lines of totals, a heading, one line per row. Figures not known are 0. */
export function renderPoolmonText(snapshot: Snapshot, options: PoolmonTextOptions = {}): string {
  const { columns } = snapshot;
  const rows = sortRows(columns, selectRows(columns, options.include), options.sort ?? "tag");
  const lines = [
    ...poolmonHeader(snapshot.totals),
    "",
    options.mappedDriver === undefined ? HEADING : MAPPED_HEADING,
    "",
  ];
  for (const row of rows) {
    const line = poolmonRow(fieldsAt(columns, row));
    const mapped = options.mappedDriver?.(columns.tag[row] ?? 0);
    lines.push(mapped === undefined ? line : `${line.padEnd(MAPPED_COLUMN)}${printable(mapped)}`);
  }
  if (options.totals === true) {
    // One character longer than a tag, so that what follows keeps its columns without the leading blank.
    for (const total of totalsOf(columns, rows)) lines.push(poolmonRow(total).slice(1));
  }
  return `${lines.join("\n")}\n`;
}

/** PoolMon's two lines of system totals, in KB. `pageFaults` replaces the count since boot, as its screen does. */
export function poolmonHeader(totals: SystemTotals, pageFaults = totals.pageFaults ?? 0): [string, string] {
  return [
    ` Memory:${kib(totals.physicalBytes, 8)}K Avail:${kib(totals.availableBytes, 8)}K` +
      `  PageFlts:${whole(pageFaults, 6)}   InRam Krnl:${kib(totals.residentKernelBytes, 5)}K` +
      ` P:${kib(totals.residentPagedBytes, 5)}K`,
    ` Commit:${kib(totals.commitBytes, 7)}K Limit:${kib(totals.commitLimitBytes, 7)}K` +
      ` Peak:${kib(totals.commitPeakBytes, 7)}K            Pool N:${kib(totals.nonpagedBytes, 5)}K` +
      ` P:${kib(totals.pagedBytes, 5)}K`,
  ];
}

/** What a row shows, before it is laid out. */
export interface PoolmonFields {
  readonly tag: string;
  /** `Paged` or `Nonp`. */
  readonly type: string;
  readonly allocs: number;
  readonly frees: number;
  readonly outstanding: number;
  readonly bytes: number;
}

/** The fields of one row; counters that are not known are 0. */
export function fieldsAt(columns: PoolColumns, row: number): PoolmonFields {
  return {
    tag: formatTagFixed(columns.tag[row] ?? 0),
    type: typeOf(columns.kind[row] ?? 0),
    allocs: known(columns.allocs[row] ?? 0),
    frees: known(columns.frees[row] ?? 0),
    outstanding: columns.outstanding[row] ?? 0,
    bytes: columns.bytes[row] ?? 0,
  };
}

/** PoolMon's /e: sums over rows, one for each pool that has any, under the tag `TOTAL`. */
export function totalsOf(columns: PoolColumns, rows: readonly number[]): PoolmonFields[] {
  return ["Nonp", "Paged"].flatMap((type) => {
    const own = rows.map((row) => fieldsAt(columns, row)).filter((fields) => fields.type === type);
    if (own.length === 0) return [];
    const sum = (of: (fields: PoolmonFields) => number): number => own.reduce((total, fields) => total + of(fields), 0);
    return [
      {
        tag: "TOTAL",
        type,
        allocs: sum((fields) => fields.allocs),
        frees: sum((fields) => fields.frees),
        outstanding: sum((fields) => fields.outstanding),
        bytes: sum((fields) => fields.bytes),
      },
    ];
  });
}

/** `Paged` or `Nonp`. */
export function typeOf(kind: number): string {
  return kind === PAGED ? "Paged" : "Nonp";
}

/** Bytes per block as PoolMon shows it: whole, rounded down, 0 where nothing is held. */
export function perAlloc(bytes: number, outstanding: number): number {
  return outstanding > 0 ? Math.floor(bytes / outstanding) : 0;
}

/** Rows that pass a filter, in the order of the snapshot. */
export function selectRows(columns: PoolColumns, include: PoolmonTextOptions["include"]): number[] {
  const rows: number[] = [];
  for (let row = 0; row < columns.length; row++) {
    if (include === undefined || include(columns.tag[row] ?? 0, columns.kind[row] ?? 0)) rows.push(row);
  }
  return rows;
}

/** Rows in PoolMon's order: tags rising (bytewise, as the four characters read), all else falling. */
export function sortRows(columns: PoolColumns, rows: number[], sort: PoolmonSort): number[] {
  const key = new Float64Array(columns.length);
  for (const row of rows) key[row] = valueOf(columns, row, sort);
  const text = new Float64Array(columns.length);
  for (const row of rows) text[row] = bigEndian(columns.tag[row] ?? 0) * 2 + (columns.kind[row] ?? 0);
  return rows.sort((a, b) => (key[b] ?? 0) - (key[a] ?? 0) || (text[a] ?? 0) - (text[b] ?? 0));
}

function valueOf(columns: PoolColumns, row: number, sort: PoolmonSort): number {
  switch (sort) {
    case "tag":
      return 0;
    case "allocs":
      return known(columns.allocs[row] ?? 0);
    case "frees":
      return known(columns.frees[row] ?? 0);
    case "diff":
      return columns.outstanding[row] ?? 0;
    case "bytes":
      return columns.bytes[row] ?? 0;
    default:
      return perAlloc(columns.bytes[row] ?? 0, columns.outstanding[row] ?? 0);
  }
}

/** The tag with its first character as the most significant byte, so that numbers sort as the text does. */
function bigEndian(tag: Tag): number {
  return ((tag & 0xff) * 2 ** 24 + ((tag & 0xff00) << 8) + ((tag >>> 8) & 0xff00) + (tag >>> 24)) >>> 0;
}

function poolmonRow({ tag, type, allocs, frees, outstanding, bytes }: PoolmonFields): string {
  return (
    ` ${tag} ${type.padEnd(5)}${whole(allocs, 19)}${whole(frees, 19)}${whole(outstanding, 18)}${whole(bytes, 15)}` +
    whole(perAlloc(bytes, outstanding), 17)
  );
}

function known(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

function whole(value: number, width: number): string {
  return value.toFixed(0).padStart(width);
}

function kib(bytes: number | undefined, width: number): string {
  return whole(Math.round((bytes ?? 0) / 1024), width);
}

/** Text from a file the user gave, on one line and without control characters. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, ".");
}
