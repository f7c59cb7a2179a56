// Two screens of what stands beside the counters: loaded drivers with what changed among them, and programs in several orders.

import { newestChanges, type BesideTables, type ProgramRow } from "../model/beside.ts";
import { formatTime } from "../model/time.ts";
import { formatBytes, formatCount, formatDuration, plural } from "../model/units.ts";
import { visible } from "../reports/terminal-text.ts";
import { renderTable, type TableColumn } from "../reports/text-table.ts";
import { driverChangeLine, driverChangeWhen, NOT_MEASURED, QUOTA_WORDS } from "../words/beside.ts";
import { gainWords } from "../words/gains.ts";
import type { ProgramOrder, State } from "./state.ts";
import { Line, type Role } from "./style.ts";
import { wrap } from "./text.ts";

const ORDER_NAMES: Readonly<Record<ProgramOrder, string>> = {
  handles: "handles",
  gained: "handles gained",
  charged: "pool charged",
  io: "other I/O",
};

/** Changes above the list of drivers; all are in the report and on the page. */
const MOST_CHANGES = 10;

/** The title of a list's screen. */
export function listTitle({ screen, programOrder }: State): string {
  return screen === "drivers" ? "Drivers" : `Programs by ${ORDER_NAMES[programOrder]}`;
}

/** All lines of the screen for a width; the caller shows the part that fits. */
export function listLines(state: State, width: number): string[] {
  const tables = state.beside;
  if (tables === undefined) return paragraphs(state, width, ["Nothing was measured yet."]);
  return state.screen === "drivers" ? driverLines(state, tables, width) : programLines(state, tables, width);
}

function driverLines(state: State, { drivers, driverChanges }: BesideTables, width: number): string[] {
  if (drivers === undefined) return paragraphs(state, width, [NOT_MEASURED.drivers]);
  const times = newestChanges(driverChanges);
  const columns: TableColumn[] = [
    { title: "Driver", align: "left", priority: 0, cutTo: 14 },
    { title: "Version", align: "left", priority: 0, cutTo: 18 },
    { title: "Company", align: "left", priority: 2, cutTo: 12 },
    { title: "File of", align: "left", priority: 3 },
    { title: "Changed", align: "left", priority: 1 },
    { title: "In memory", align: "right", priority: 4 },
  ];
  const rows = drivers.rows
    .toSorted((a, b) => (a.file.toLowerCase() < b.file.toLowerCase() ? -1 : 1))
    .map(({ file, version, company, fileTime, imageBytes }) => {
      const changed = times.get(file.toLowerCase());
      return [
        visible(file),
        visible(version ?? ""),
        visible(company ?? ""),
        fileTime === undefined ? "" : formatTime(fileTime).slice(0, 10),
        changed === undefined ? "" : formatTime(changed),
        imageBytes === undefined ? "" : formatBytes(imageBytes),
      ];
    });
  const changes = driverChanges
    .slice(0, MOST_CHANGES)
    .map((change) => `${driverChangeLine(change)}, ${driverChangeWhen(change, formatTime)}`);
  return [
    ...paragraphs(state, width, [
      `${plural(drivers.rows.length, "driver")} loaded at ${formatTime(drivers.time)}.`,
      ...(changes.length === 0 ? ["None was loaded, unloaded or exchanged in the time that was watched."] : []),
    ]),
    ...paragraphs(state, width, changes, "warn"),
    ...(driverChanges.length > changes.length
      ? paragraphs(state, width, [`and ${plural(driverChanges.length - changes.length, "earlier change")}`], "dim")
      : []),
    "",
    ...tableLines(state, columns, rows, width),
  ];
}

function programLines(state: State, { programs, live }: BesideTables, width: number): string[] {
  if (programs === undefined) return paragraphs(state, width, [NOT_MEASURED.programs]);
  const { since, time, rows, listed } = programs;
  const hasSpan = since !== undefined;
  const columns: TableColumn[] = [
    { title: "Program", align: "left", priority: 0, cutTo: 14 },
    { title: "PID", align: "right", priority: 2 },
    { title: "Handles", align: "right", priority: 0 },
    ...(hasSpan ? [{ title: "Gained", align: "right", priority: 1 } as const] : []),
    { title: "Nonpaged", align: "right", priority: 1 },
    { title: "Paged", align: "right", priority: 3 },
    ...(hasSpan ? [{ title: "Other I/O /s", align: "right", priority: 2 } as const] : []),
    { title: "Threads", align: "right", priority: 4 },
    { title: "Private", align: "right", priority: 5 },
  ];
  const text = (value: number | undefined, words: (value: number) => string = formatCount): string =>
    value === undefined ? "" : words(value);
  const shown = ordered(rows, state.programOrder).map((row) => [
    visible(row.name),
    String(row.pid),
    text(row.handles),
    ...(hasSpan ? [gainWords(row.gainedHandles)] : []),
    text(row.nonpagedQuota, formatBytes),
    text(row.pagedQuota, formatBytes),
    ...(hasSpan ? [text(row.otherPerSecond && Math.round(row.otherPerSecond))] : []),
    text(row.threads),
    text(row.privateBytes, formatBytes),
  ]);
  const all =
    live === undefined
      ? ""
      : `, ${plural(live.processes, "process", "processes")} with ${plural(live.handles, "handle")}`;
  const notes = [
    ...(hasSpan ? [`Gained and per second over ${formatDuration(time - since)}, or since the program began.`] : []),
    ...(rows.length < listed ? [`${formatCount(rows.length)} of ${formatCount(listed)} listed are shown.`] : []),
    QUOTA_WORDS,
  ];
  return [
    ...paragraphs(state, width, [`At ${formatTime(time)}${all}.`]),
    "",
    ...tableLines(state, columns, shown, width),
    "",
    ...paragraphs(state, width, notes, "dim"),
  ];
}

function ordered(rows: readonly ProgramRow[], order: ProgramOrder): ProgramRow[] {
  const figure: Readonly<Record<ProgramOrder, (row: ProgramRow) => number>> = {
    handles: (row) => row.handles ?? 0,
    gained: (row) => row.gainedHandles ?? 0,
    charged: (row) => (row.nonpagedQuota ?? 0) + (row.pagedQuota ?? 0),
    io: (row) => row.otherPerSecond ?? 0,
  };
  return rows.toSorted((a, b) => figure[order](b) - figure[order](a) || a.pid - b.pid);
}

function paragraphs(state: State, width: number, texts: readonly string[], role: Role = "plain"): string[] {
  return texts.flatMap((text) =>
    wrap(text, Math.max(10, width - 2)).map((part) => new Line(width, state.look).put(" ").put(part, role).done()),
  );
}

function tableLines(
  state: State,
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const [heads = "", ...body] = renderTable(columns, rows, Math.max(20, width - 2)).split("\n");
  const line = (text: string, role: Role): string => new Line(width, state.look).put(" ").put(text, role).done();
  return [line(heads, "head"), ...body.map((text) => line(text, "plain"))];
}
