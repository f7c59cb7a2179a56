// Two snapshots compared: what each (tag, pool) gained between them.

import type { Intake } from "../model/intake.ts";
import {
  counterGrowth,
  indexRows,
  kindCodeOfKey,
  kindOf,
  tagOfKey,
  useAt,
  type PoolKind,
  type Snapshot,
  type TagUse,
} from "../model/snapshot.ts";
import { compileTagPattern, formatTag, type Tag } from "../model/tag.ts";
import { formatBytes, formatCount, formatDuration, formatRate, plural } from "../model/units.ts";
import type { Owner } from "../model/attribution.ts";
import { momentText, originJson, originLines, ownerText, tagJson, timeJson } from "./snapshot-report.ts";
import { visible, type Paint } from "./terminal-text.ts";
import { renderTable, type TableColumn } from "./text-table.ts";

/** Growth of one (tag, kind); a row that one side does not list counts as zero there. */
export interface Change {
  readonly tag: Tag;
  readonly kind: PoolKind;
  readonly before: TagUse | undefined;
  readonly after: TagUse | undefined;
  /** Undefined where a side does not know its counters, or the machine restarted between the two. */
  readonly allocs: number | undefined;
  readonly frees: number | undefined;
  readonly outstanding: number;
  readonly bytes: number;
}

export interface Comparison {
  readonly before: Snapshot;
  readonly after: Snapshot;
  /** The machine restarted in between: counters cannot be subtracted. */
  readonly restarted: boolean;
  readonly changes: readonly Change[];
}

/** Compares by (tag, kind), largest gain of bytes first. Rows without any difference are left out. */
export function compareSnapshots(
  before: Snapshot,
  after: Snapshot,
  restarted: boolean,
  patterns: readonly string[] = [],
): Comparison {
  const a = indexRows(before.columns);
  const b = indexRows(after.columns);
  const bits = Math.min(before.counterBits, after.counterBits) === 32 ? 32 : 64;
  const matchers = patterns.map((pattern) => compileTagPattern(pattern));
  const changes: Change[] = [];
  for (const key of new Set([...b.keys(), ...a.keys()])) {
    const tag = tagOfKey(key);
    if (matchers.length > 0 && !matchers.some((matches) => matches(tag))) continue;
    const rowA = a.get(key);
    const rowB = b.get(key);
    const was = rowA === undefined ? undefined : useAt(before.columns, rowA);
    const is = rowB === undefined ? undefined : useAt(after.columns, rowB);
    const grown = (field: "allocs" | "frees"): number | undefined => {
      const from = was === undefined ? 0 : was[field];
      const to = is === undefined ? undefined : is[field];
      return restarted || from === undefined || to === undefined ? undefined : counterGrowth(from, to, bits);
    };
    const change: Change = {
      tag,
      kind: kindOf(kindCodeOfKey(key)),
      before: was,
      after: is,
      allocs: grown("allocs"),
      frees: grown("frees"),
      outstanding: (is?.outstanding ?? 0) - (was?.outstanding ?? 0),
      bytes: (is?.bytes ?? 0) - (was?.bytes ?? 0),
    };
    if (change.bytes !== 0 || change.outstanding !== 0 || (change.allocs ?? 0) !== 0) changes.push(change);
  }
  changes.sort((x, y) => y.bytes - x.bytes || y.outstanding - x.outstanding || (y.allocs ?? 0) - (x.allocs ?? 0));
  return { before, after, restarted, changes };
}

const COLUMNS: readonly TableColumn[] = [
  { title: "Tag", align: "left", priority: 0 },
  { title: "Pool", align: "left", priority: 0 },
  { title: "Allocs", align: "right", priority: 4 },
  { title: "Frees", align: "right", priority: 4 },
  { title: "Blocks", align: "right", priority: 1 },
  { title: "Bytes", align: "right", priority: 0 },
  { title: "Rate", align: "right", priority: 2 },
  { title: "Now", align: "right", priority: 3 },
  { title: "Owner", align: "left", priority: 3, cutTo: 20 },
];

export interface ComparisonReportOptions {
  readonly width: number;
  readonly top: number;
  readonly paint: Paint;
  readonly ownerOf: (tag: Tag) => Owner | undefined;
  /** Lines that come before the table: the suspects. */
  readonly suspects?: readonly string[];
}

/** Whether the time between two snapshots is known: not where one of them has none. */
function spacingOf(before: Snapshot, after: Snapshot): "known" | "unknown" {
  const bases = [before.origin.timeBasis, after.origin.timeBasis];
  return bases.includes("none") || (bases.includes("file-modified") && after.time <= before.time) ? "unknown" : "known";
}

export function renderComparisonText(comparison: Comparison, options: ComparisonReportOptions): string {
  const { before, after, changes } = comparison;
  const spacing = spacingOf(before, after);
  const hours = spacing === "unknown" ? 0 : (after.time - before.time) / 3_600_000;
  const signed = (value: number | undefined): string =>
    value === undefined ? "-" : `${value > 0 ? "+" : ""}${formatCount(value)}`;
  const shown = changes.slice(0, options.top);
  const rows = shown.map((change) => [
    formatTag(change.tag),
    change.kind === "paged" ? "Paged" : "Nonp",
    signed(change.allocs),
    signed(change.frees),
    signed(change.outstanding),
    `${change.bytes > 0 ? "+" : ""}${formatBytes(change.bytes)}`,
    hours > 0 ? formatRate(change.bytes / hours) : "-",
    formatBytes(change.after?.bytes ?? 0),
    visible(ownerText(options.ownerOf(change.tag))),
  ]);
  const rest = changes.length - shown.length;
  return `${[
    ...[
      `before  ${momentText(before)}  ${originLines(before.origin, options.width).join("  ")}`,
      `after   ${momentText(after)}  ${originLines(after.origin, options.width).join("  ")}`,
    ].map(visible),
    `${hours > 0 ? `${formatDuration(after.time - before.time)} apart, ` : spacing === "unknown" ? "how far apart is not known, " : ""}${plural(changes.length, "row")} changed`,
    ...(comparison.restarted
      ? [
          options.paint.caution(
            "The machine restarted in between: allocs and frees cannot be compared, blocks and bytes are those of two boots.",
          ),
        ]
      : []),
    "",
    ...(options.suspects ?? []),
    ...(rows.length > 0 ? [renderTable(COLUMNS, rows, options.width)] : ["Nothing changed."]),
    ...(rest > 0
      ? ["", options.paint.dim(`${plural(rest, "more row")} not shown; --top ${changes.length} shows all`)]
      : []),
  ].join("\n")}\n`;
}

/**
 * The comparison for programs.
 * @param intakes what was brought, of one source or of both.
 * @param triage what the two say of suspects.
 */
export function renderComparisonJson(
  { before, after, restarted, changes }: Comparison,
  intakes: readonly Intake[] = [],
  triage?: Record<string, unknown>,
): string {
  const side = (snapshot: Snapshot): Record<string, unknown> => ({
    time: timeJson(snapshot),
    origin: originJson(snapshot.origin),
    totals: snapshot.totals,
  });
  return `${JSON.stringify(
    {
      ...(intakes.length === 0 ? {} : { intake: intakes.length === 1 ? intakes[0] : intakes }),
      spacing: spacingOf(before, after),
      before: side(before),
      after: side(after),
      restarted,
      ...(triage === undefined ? {} : { triage }),
      changes: changes.map((change) => ({
        ...tagJson(change.tag),
        pool: change.kind,
        allocs: change.allocs ?? null,
        frees: change.frees ?? null,
        outstanding: change.outstanding,
        bytes: change.bytes,
        bytesBefore: change.before?.bytes ?? 0,
        bytesAfter: change.after?.bytes ?? 0,
      })),
    },
    null,
    1,
  )}\n`;
}
