// One snapshot as table, JSON and CSV. PoolMon's own layout is in poolmon-text.ts.

import type { Owner } from "../model/attribution.ts";
import type { Intake } from "../model/intake.ts";
import {
  NONPAGED,
  PAGED,
  sumBytes,
  type Gap,
  type Origin,
  type Snapshot,
  type SystemTotals,
  type TagUse,
} from "../model/snapshot.ts";
import { formatTag, formatTagHex, type Tag } from "../model/tag.ts";
import { formatIso, formatTime } from "../model/time.ts";
import { formatBytes, formatCount, plural } from "../model/units.ts";
import { bytesPerBlock, selectRows, type RowSelection } from "./rows.ts";
import { visible, wrapText, type Paint } from "./terminal-text.ts";
import { renderTable, type TableColumn } from "./text-table.ts";

export interface SnapshotReportOptions extends RowSelection {
  readonly width: number;
  readonly paint: Paint;
  readonly ownerOf: (tag: Tag) => Owner | undefined;
  /** What was brought; absent for a live source. */
  readonly intake?: Intake;
  /** Lines that come before the table: the suspects. */
  readonly suspects?: readonly string[];
}

const COLUMNS: readonly TableColumn[] = [
  { title: "Tag", align: "left", priority: 0 },
  { title: "Pool", align: "left", priority: 0 },
  { title: "Allocs", align: "right", priority: 4 },
  { title: "Frees", align: "right", priority: 4 },
  { title: "Blocks", align: "right", priority: 1 },
  { title: "Bytes", align: "right", priority: 0 },
  { title: "Per block", align: "right", priority: 3 },
  { title: "Owner", align: "left", priority: 2, cutTo: 24 },
];

/** The snapshot for people: where it is from, totals, rows. */
export function renderSnapshotTable(snapshot: Snapshot, options: SnapshotReportOptions): string {
  const rows = selectRows(snapshot.columns, options);
  const cells = rows.map((use) => [
    formatTag(use.tag),
    use.kind === "paged" ? "Paged" : "Nonp",
    use.allocs === undefined ? "-" : formatCount(use.allocs),
    use.frees === undefined ? "-" : formatCount(use.frees),
    formatCount(use.outstanding),
    formatBytes(use.bytes),
    use.outstanding > 0 ? formatBytes(bytesPerBlock(use)) : "-",
    visible(ownerText(options.ownerOf(use.tag))),
  ]);
  const matching = selectRows(snapshot.columns, { ...options, top: snapshot.columns.length }).length;
  const more = matching - rows.length;
  return [
    ...originLines(snapshot.origin, options.width).map(visible),
    ...[
      `${momentText(snapshot)}, ${plural(snapshot.columns.length, "row")} of tag and pool`,
      ...totalsLines(snapshot.totals),
      ...leastLine(snapshot),
    ].flatMap((line) => wrapText(line, options.width)),
    "",
    ...(options.suspects ?? []),
    renderTable(COLUMNS, cells, options.width, options.paint.bold),
    ...(more > 0 ? ["", options.paint.dim(`${plural(more, "more row")} not shown; --top ${matching} shows all`)] : []),
    ...(matching === 0 && snapshot.columns.length > 0 ? ["", "No row matches."] : []),
    ...gapLines(snapshot.gaps, options),
    "",
  ].join("\n");
}

/** Component and description of an owner in one cell. */
export function ownerText(owner: Owner | undefined): string {
  if (owner === undefined) return "";
  if (owner.component === "") return owner.description;
  return owner.description === "" ? owner.component : `${owner.component}: ${owner.description}`;
}

/** Where the data is from, in one line and a notice that must be shown with it. */
export function originLines(origin: Origin, width: number): string[] {
  const machine = [
    origin.host,
    origin.windowsBuild === undefined ? undefined : `build ${origin.windowsBuild}`,
    origin.architecture,
  ].filter((part) => part !== undefined);
  const where = origin.file ?? SOURCE_WORDS[origin.source];
  const session = origin.session === undefined ? "" : `, session ${origin.session} pool`;
  return [
    `${where}${machine.length > 0 ? `  (${machine.join(", ")})` : ""}${session}`,
    ...(origin.notice === undefined ? [] : wrapText(origin.notice, width)),
  ];
}

const SOURCE_WORDS: Readonly<Record<Origin["source"], string>> = {
  "windows-live": "live counters of Windows",
  poolmon: "PoolMon text",
  poolused: "!poolused output",
  csv: "CSV",
  class22: "raw pool-tag answer",
  collector: "collector log",
  recording: "recording",
  jsonl: "JSON lines",
  "crash-dump": "kernel dump",
  kd: "live kernel over the debugger's wire",
  totals: "totals of performance counters",
  blocks: "a list of blocks",
};

/** How the time is known, where it was not measured with the counters. */
export function basisNote(origin: Origin): string {
  if (origin.timeBasis === "marker") return " (time from a marker in the file)";
  if (origin.timeBasis === "file-name") return " (time from the file's name)";
  if (origin.timeBasis === "file-modified") return " (time from the file's modification date)";
  return origin.timeBasis === "none" ? " (the file tells no time)" : "";
}

/** When a snapshot was taken and how that is known, as far as it is. */
export function momentText({ time, origin }: Pick<Snapshot, "time" | "origin">): string {
  return origin.timeBasis === "none" ? "time unknown" : `${formatTime(time)}${basisNote(origin)}`;
}

function leastLine(snapshot: Snapshot): string[] {
  const { atLeast } = leastTotals(snapshot);
  if (atLeast === undefined) return [];
  const { nonpagedBytes = 0, pagedBytes = 0 } = atLeast;
  return [`nonpaged pool at least ${formatBytes(nonpagedBytes)}, paged pool at least ${formatBytes(pagedBytes)}`];
}

/** RAM, commit and pool totals as far as they are known. */
export function totalsLines(totals: SystemTotals): string[] {
  const pool = (name: string, bytes?: number, limit?: number): string | undefined =>
    bytes === undefined
      ? undefined
      : `${name} ${formatBytes(bytes)}${limit === undefined ? "" : ` of ${formatBytes(limit)}`}`;
  const line = [
    pool("nonpaged pool", totals.nonpagedBytes, totals.nonpagedLimitBytes),
    pool("paged pool", totals.pagedBytes, totals.pagedLimitBytes),
    pool("commit", totals.commitBytes, totals.commitLimitBytes),
    totals.physicalBytes === undefined ? undefined : `RAM ${formatBytes(totals.physicalBytes)}`,
    totals.availableBytes === undefined ? undefined : `${formatBytes(totals.availableBytes)} available`,
  ].filter((part) => part !== undefined);
  return line.length > 0 ? [line.join(", ")] : [];
}

/** Places that could not be read which are told; --json lists all. */
const MOST_GAPS = 10;

/** What could not be read, in lines. */
export function gapLines(gaps: readonly Gap[], { width, paint }: { width: number; paint: Paint }): string[] {
  if (gaps.length === 0) return [];
  const told = gaps.slice(0, MOST_GAPS);
  const shown = told.flatMap(({ where, problem }) =>
    wrapText(visible(`${where}: ${problem}`), Math.max(20, width - 4)).map(
      (line, at) => (at === 0 ? "  " : "    ") + line,
    ),
  );
  const rest = gaps.length - told.length;
  return [
    "",
    paint.caution(`Not read, or not sure (${gaps.length}):`),
    ...shown,
    ...(rest > 0 ? [`  and ${rest} more; --json lists all`] : []),
  ];
}

/** A (tag, kind) for JSON: the displayed form, the raw value, and the pool. */
export function tagJson(tag: Tag): { tag: string; raw: string } {
  return { tag: formatTag(tag), raw: formatTagHex(tag) };
}

/** The snapshot for programs; docs/json-output.md describes it. */
export function renderSnapshotJson(snapshot: Snapshot, options: SnapshotReportOptions): string {
  const uses = selectRows(snapshot.columns, options).map((use) => useJson(use, options.ownerOf(use.tag)));
  return `${JSON.stringify(
    {
      ...(options.intake === undefined ? {} : { intake: options.intake }),
      time: timeJson(snapshot),
      origin: originJson(snapshot.origin),
      counterBits: snapshot.counterBits,
      totals: snapshot.totals,
      ...leastTotals(snapshot),
      rows: snapshot.columns.length,
      uses,
      gaps: snapshot.gaps,
    },
    null,
    1,
  )}\n`;
}

/** The time as text; null where the source tells none. */
export function timeJson({ time, origin }: Pick<Snapshot, "time" | "origin">): string | null {
  return origin.timeBasis === "none" ? null : formatIso(time);
}

/** What the rows of a partial listing add up to: the least that the pools can hold. */
function leastTotals({ columns, origin }: Snapshot): { atLeast?: Pick<SystemTotals, "nonpagedBytes" | "pagedBytes"> } {
  if (origin.listing === undefined) return {};
  return { atLeast: { nonpagedBytes: sumBytes(columns, NONPAGED), pagedBytes: sumBytes(columns, PAGED) } };
}

/** An origin with its times as text. */
export function originJson(origin: Origin): Record<string, unknown> {
  return { ...origin, ...(origin.bootTime === undefined ? {} : { bootTime: formatIso(origin.bootTime) }) };
}

function useJson(use: TagUse, owner: Owner | undefined): Record<string, unknown> {
  return {
    ...tagJson(use.tag),
    pool: use.kind,
    allocs: use.allocs ?? null,
    frees: use.frees ?? null,
    outstanding: use.outstanding,
    bytes: use.bytes,
    ...(owner === undefined ? {} : { owner }),
  };
}

/**
 * CSV as the CSV source reads it back: Unix seconds, the tag in its displayed form, quoted only where it must be. With
 * `forSpreadsheet` a tag that a spreadsheet would take for a formula has an apostrophe in front, and does not read back.
 */
export function renderSnapshotCsv(snapshot: Snapshot, options: RowSelection, forSpreadsheet = false): string {
  const time = snapshot.time / 1000;
  const lines = selectRows(snapshot.columns, options).map((use) =>
    [
      time,
      csvCell(forSpreadsheet ? noFormula(formatTag(use.tag)) : formatTag(use.tag)),
      use.kind === "paged" ? "Paged" : "Nonp",
      use.allocs ?? "",
      use.frees ?? "",
      use.outstanding,
      use.bytes,
    ].join(","),
  );
  return `time,tag,type,allocs,frees,outstanding,bytes\n${lines.join("\n")}\n`;
}

/** Spreadsheets run cells that begin with these. */
function noFormula(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
