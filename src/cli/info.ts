// `poolscope info FILE`: what a recording tells of itself.

import type { Command } from "commander";
import { formatIso, formatTime } from "../model/time.ts";
import { formatBytes, formatCount, formatDuration, plural } from "../model/units.ts";
import { gapLines } from "../reports/snapshot-report.ts";
import { visible, wrapText, type Paint } from "../reports/terminal-text.ts";
import { renderTable, type TableColumn } from "../reports/text-table.ts";
import { driverChangeJson } from "../reports/attribution-json.ts";
import { changesBetween, type DriverList } from "../attribution/beside/drivers.ts";
import type { DriverChangeAt } from "../model/beside.ts";
import { driverChangeLine } from "../words/beside.ts";
import type { ProgramName } from "../store/beside-names.ts";
import type { Dictionary } from "../store/dictionary.ts";
import type { BootInfo, RecordingInfo } from "../store/info.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { paintFor } from "./shared.ts";

export function addCommand(program: Command, io: Io, _finish: Finish): void {
  program
    .command("info")
    .description("what a recording holds: machines, boots, span, interval, pauses, size, tags")
    .argument("<file>", "a recording")
    .option("--json", "for programs")
    .addHelpText(
      "after",
      `
Reads the whole file once, so that damage shows.

Examples:
  poolscope info week.pool
  poolscope info week.pool --json`,
    )
    .action(async (file: string, options: { readonly json?: true }) => {
      const { RecordingReader } = await import("../store/reader.ts");
      const { readInfo } = await import("../store/info.ts");
      const reader = RecordingReader.open(file);
      try {
        const info = { ...readInfo(reader), beside: besideOf(reader.dictionary) };
        io.stdout.write(
          options.json === true ? infoJson(file, info) : infoText(file, info, io.stdout.columns, paintFor(io)),
        );
      } finally {
        reader.close();
      }
    });
}

interface Info extends RecordingInfo {
  readonly beside: {
    readonly objectTypes: readonly string[];
    readonly programs: readonly ProgramName[];
    readonly driverChanges: readonly DriverChangeAt[];
  };
}

/** What was recorded beside the counters; the first list of drivers is no change. */
function besideOf({ drivers, names }: Pick<Dictionary, "drivers" | "names">): Info["beside"] {
  const driverChanges: DriverChangeAt[] = [];
  let last: DriverList | undefined;
  for (const next of drivers.lists()) {
    if (last !== undefined) driverChanges.push(...changesBetween(last, next));
    last = next;
  }
  return { objectTypes: names.types, programs: names.programs, driverChanges };
}

/** One line on what was measured, and one for each change of a driver. */
function besideLines({ objectTypes, programs, driverChanges }: Info["beside"]): string[] {
  if (objectTypes.length + programs.length + driverChanges.length === 0) return [];
  return [
    `beside the counters: ${plural(objectTypes.length, "object type")}, ${plural(programs.length, "program")}, ${plural(driverChanges.length, "change")} of drivers`,
    ...driverChanges.slice(-MOST).map((change) => `  ${formatTime(change.time)}  ${visible(driverChangeLine(change))}`),
  ];
}

const COLUMNS: readonly TableColumn[] = [
  { title: "Machine", align: "left", priority: 0, cutTo: 16 },
  { title: "Build", align: "right", priority: 2 },
  { title: "Boot", align: "left", priority: 1 },
  { title: "First snapshot", align: "left", priority: 0 },
  { title: "Last snapshot", align: "left", priority: 0 },
  { title: "Snapshots", align: "right", priority: 1 },
];

/** Boots and pauses listed at most; JSON lists all. */
const MOST = 20;

function infoText(file: string, info: Info, width: number, paint: Paint): string {
  const span = spanOf(info.boots);
  const lines = [
    `${visible(file)}: ${plural(info.snapshots, "snapshot")}, ${plural(info.boots.length, "boot")}, ${formatBytes(info.bytes)}`,
    span === undefined
      ? "no snapshot yet"
      : `${formatTime(span.from)} to ${formatTime(span.to)} (${formatDuration(span.to - span.from)})` +
        (info.interval === undefined ? "" : `, mostly every ${formatDuration(info.interval)}`),
    `${plural(info.tags, "tag")} in ${plural(info.rows, "row")} of tag and pool; from ${visible(info.sources.join(", ")) || "nothing"}`,
    ...info.notices.flatMap((notice) => wrapText(visible(notice), width)),
    ...lastSession(info),
    ...besideLines(info.beside),
  ];
  if (info.boots.length > 0)
    lines.push("", renderTable(COLUMNS, info.boots.slice(0, MOST).map(bootRow), width, paint.bold));
  if (info.boots.length > MOST) lines.push(`and ${plural(info.boots.length - MOST, "more boot")}; --json lists all`);
  if (info.pauses.length > 0) {
    lines.push("", paint.caution(`Pauses (${info.pauses.length}):`));
    for (const { from, to } of info.pauses.slice(0, MOST))
      lines.push(`  ${formatTime(from)} to ${formatTime(to)}: ${formatDuration(to - from)}`);
  }
  return `${[...lines, ...gapLines(info.gaps, { width, paint })].join("\n")}\n`;
}

function spanOf(boots: readonly BootInfo[]): { readonly from: number; readonly to: number } | undefined {
  if (boots.length === 0) return undefined;
  return { from: Math.min(...boots.map(({ from }) => from)), to: Math.max(...boots.map(({ to }) => to)) };
}

function bootRow({ host, bootTime, from, to, snapshots }: BootInfo): string[] {
  return [
    visible(host.name ?? "-"),
    host.windowsBuild === undefined ? "-" : String(host.windowsBuild),
    bootTime === undefined ? "-" : formatTime(bootTime),
    formatTime(from),
    formatTime(to),
    formatCount(snapshots),
  ];
}

function lastSession({ sessions }: RecordingInfo): string[] {
  const last = sessions.at(-1);
  if (last === undefined) return [];
  const cadence = last.every === undefined ? "" : `, every ${formatDuration(last.every)}`;
  const end =
    last.ended === undefined ? "going on, or killed" : `${visible(last.outcome ?? "ended")} ${formatTime(last.ended)}`;
  return [
    `written in ${plural(sessions.length, "session")}; the last one by ${visible(last.program ?? "an unnamed program")}${cadence}, ` +
      `started ${formatTime(last.started)}, ${end}`,
  ];
}

function infoJson(file: string, info: Info): string {
  const { boots, pauses, sessions, gaps, interval, beside, ...rest } = info;
  const out = {
    file,
    ...rest,
    ...(interval !== undefined && { intervalMs: interval }),
    boots: boots.map(({ bootTime, from, to, ...boot }) => ({
      ...boot,
      ...(bootTime !== undefined && { bootTime: formatIso(bootTime) }),
      from: formatIso(from),
      to: formatIso(to),
    })),
    pauses: pauses.map(({ from, to }) => ({ from: formatIso(from), to: formatIso(to) })),
    sessions: sessions.map(({ started, ended, every, ...session }) => ({
      started: formatIso(started),
      ...(ended !== undefined && { ended: formatIso(ended) }),
      ...(every !== undefined && { everyMs: every }),
      ...session,
    })),
    beside: {
      objectTypes: beside.objectTypes,
      programs: beside.programs.map(({ started, ...program }) => ({
        ...program,
        ...(started !== undefined && { started: formatIso(started) }),
      })),
      driverChanges: beside.driverChanges.map(driverChangeJson),
    },
    gaps,
  };
  return `${JSON.stringify(out, null, 1)}\n`;
}
