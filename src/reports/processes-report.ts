// Processes as a table or JSON: handles, what they gained, the pool charged to them, and their other I/O.

import type { Milliseconds, Snapshot } from "../model/snapshot.ts";
import type { Program } from "../model/surroundings.ts";
import { formatIso, formatTime } from "../model/time.ts";
import { formatBytes, formatCount, formatDuration, plural } from "../model/units.ts";
import { gainWords } from "../words/gains.ts";
import { renderTable, type TableColumn } from "./text-table.ts";
import { visible, type Paint } from "./terminal-text.ts";

export const PROCESS_SORT_KEYS = ["handles", "gained", "quota", "io", "threads", "name"] as const;
export type ProcessSortKey = (typeof PROCESS_SORT_KEYS)[number];

/** Programs at one time, and at an earlier one of the same boot where there is one. */
export interface ProcessesSpan {
  readonly first?: Snapshot;
  readonly last: Snapshot;
}

export interface ProcessesReportOptions {
  readonly sort: ProcessSortKey;
  readonly top?: number;
  readonly width: number;
  readonly paint: Paint;
}

interface Row extends Program {
  readonly gainedHandles?: number;
  readonly otherPerSecond?: number;
}

export function renderProcessesTable(span: ProcessesSpan, options: ProcessesReportOptions): string {
  const list = span.last.surroundings?.programs;
  const ms = spanMs(span);
  const rows = sorted(rowsOf(span), options);
  const columns: TableColumn[] = [
    { title: "Process", align: "left", priority: 0, cutTo: 14 },
    { title: "PID", align: "right", priority: 0 },
    { title: "Handles", align: "right", priority: 0 },
    ...(ms === undefined ? [] : [{ title: "Gained", align: "right", priority: 1 } as const]),
    { title: "Nonpaged", align: "right", priority: 2 },
    { title: "Paged", align: "right", priority: 2 },
    ...(ms === undefined ? [] : [{ title: "Other I/O per s", align: "right", priority: 1 } as const]),
    { title: "Threads", align: "right", priority: 3 },
    { title: "Started", align: "left", priority: 4 },
  ];
  const table = renderTable(
    columns,
    rows.map((row) => [
      visible(row.name),
      String(row.pid),
      countText(row.handles),
      ...(ms === undefined ? [] : [gainWords(row.gainedHandles)]),
      row.nonpagedQuota === undefined ? "" : formatBytes(row.nonpagedQuota),
      row.pagedQuota === undefined ? "" : formatBytes(row.pagedQuota),
      ...(ms === undefined ? [] : [countText(row.otherPerSecond && Math.round(row.otherPerSecond))]),
      countText(row.threads),
      row.started === undefined ? "" : formatTime(row.started),
    ]),
    options.width,
    options.paint.bold,
  );
  const live = span.last.surroundings?.live;
  const all = live === undefined ? "" : ` of ${formatCount(live.processes)} with ${plural(live.handles, "handle")}`;
  const since = ms === undefined ? "" : `; gained in ${formatDuration(ms)}`;
  const kept = list?.isWhole === false ? "; a recording keeps those that stand out" : "";
  return [
    `${plural(rows.length, "process", "processes")}${all} at ${formatTime(list?.time ?? span.last.time)}${since}${kept}`,
    "Nonpaged and paged: pool charged to the process for its objects. What drivers allocate is charged to none.",
    "",
    `${table}\n`,
  ].join("\n");
}

export function renderProcessesJson(span: ProcessesSpan, options: ProcessesReportOptions): string {
  const list = span.last.surroundings?.programs;
  return `${JSON.stringify(
    {
      time: formatIso(list?.time ?? span.last.time),
      ...(span.first !== undefined && { since: formatIso(span.first.surroundings?.programs?.time ?? span.first.time) }),
      host: span.last.origin.host ?? null,
      isWhole: list?.isWhole ?? false,
      ...(span.last.surroundings?.live !== undefined && { live: span.last.surroundings.live }),
      processes: sorted(rowsOf(span), options).map(({ started, ...row }) => ({
        ...row,
        ...(started !== undefined && { started: formatIso(started) }),
      })),
      gaps: span.last.gaps,
    },
    undefined,
    1,
  )}\n`;
}

function spanMs({ first, last }: ProcessesSpan): Milliseconds | undefined {
  const from = first?.surroundings?.programs?.time;
  const to = last.surroundings?.programs?.time;
  return from === undefined || to === undefined || to <= from ? undefined : to - from;
}

function rowsOf(span: ProcessesSpan): Row[] {
  const ms = spanMs(span);
  const before = new Map((span.first?.surroundings?.programs?.programs ?? []).map((one) => [keyOf(one), one]));
  return (span.last.surroundings?.programs?.programs ?? []).map((program) => {
    const was = ms === undefined ? undefined : before.get(keyOf(program));
    const { handles, otherOperations } = program;
    return {
      ...program,
      ...(was?.handles !== undefined && handles !== undefined && { gainedHandles: handles - was.handles }),
      ...(ms !== undefined &&
        was?.otherOperations !== undefined &&
        otherOperations !== undefined && {
          otherPerSecond: (otherOperations - was.otherOperations) / (ms / 1000),
        }),
    };
  });
}

function sorted(rows: readonly Row[], { sort, top }: ProcessesReportOptions): readonly Row[] {
  const figure: Readonly<Record<Exclude<ProcessSortKey, "name">, (row: Row) => number>> = {
    handles: (row) => row.handles ?? 0,
    gained: (row) => row.gainedHandles ?? 0,
    quota: (row) => (row.nonpagedQuota ?? 0) + (row.pagedQuota ?? 0),
    io: (row) => row.otherPerSecond ?? row.otherOperations ?? 0,
    threads: (row) => row.threads ?? 0,
  };
  const byName = (a: Row, b: Row): number => (a.name === b.name ? a.pid - b.pid : a.name < b.name ? -1 : 1);
  const by = sort === "name" ? byName : (a: Row, b: Row): number => figure[sort](b) - figure[sort](a) || byName(a, b);
  return [...rows].sort(by).slice(0, top);
}

function countText(value: number | undefined): string {
  return value === undefined ? "" : formatCount(value);
}

function keyOf({ pid, name, started }: Program): string {
  return `${pid} ${started ?? ""} ${name}`;
}
