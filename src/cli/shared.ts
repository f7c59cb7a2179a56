// What several commands do alike: colours, the options every analysis has, reading a time line, saying what went wrong in it.

import type { Command } from "commander";
import type { DateOrder } from "../formats/text-format.ts";
import { FormatError, UsageError } from "../model/errors.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { ansiPaint, plainPaint, visible, wrapText, type Paint } from "../reports/terminal-text.ts";
import type { OpenOptions, Timeline } from "../sources/timeline.ts";
import type { ExitCode } from "./command.ts";
import { usesColor, type Io } from "./io.ts";
import { intakeLines, unreadableText } from "../words/intake.ts";
import { addOldSpelling, duration, oneOf, size, time, timeZone, windows, type ToldWindows } from "./options.ts";
import { startProgress, type Progress } from "./progress.ts";

export function paintFor(io: Io): Paint {
  return usesColor(io.stdout, io.env) ? ansiPaint : plainPaint;
}

/** Options of every command that reads a SOURCE. */
export interface SourceOptions {
  readonly from?: number;
  readonly to?: number;
  readonly interval?: number;
  readonly dates?: DateOrder;
  readonly timezone?: string;
  readonly machine?: string;
  readonly ram?: number;
  readonly windows?: ToldWindows;
  readonly pagefile?: number;
}

/** Adds the options of a SOURCE. Where `--host` is free, it is the older spelling of `--machine`. */
export function addSourceOptions(command: Command, { isHostFree = true }: { isHostFree?: boolean } = {}): Command {
  command
    .option("--from <time>", "only what was measured at or after this time", time("--from"))
    .option("--to <time>", "only what was measured at or before this time", time("--to"))
    .option("--interval <duration>", "how far apart snapshots are where files tell no times", duration("--interval"))
    .option(
      "--dates <order>",
      "dmy, mdy or ymd: how dates such as 03/04/2026 are meant where nothing proves it",
      oneOf("--dates", ["dmy", "mdy", "ymd"]),
    )
    .option("--timezone <zone>", "zone of times that tell none: Europe/Berlin, CET, +01:00", timeZone("--timezone"))
    .option("--machine <name>", "only this machine, where the files are of several")
    .option("--ram <size>", "RAM of the machine where the files do not tell it: 32GiB", size("--ram"))
    .option("--windows <version>", "its Windows: 10, 11, server2019, build 19045", windows("--windows"))
    .option("--pagefile <size>", "its page file, for the limit of commit", size("--pagefile"));
  return isHostFree ? addOldSpelling(command, "--host", "--machine") : command;
}

export interface OpenedSources extends Timeline {
  /** Ends the progress bar and prints one line for each problem; answers 2 where there was one, else the code given. */
  finish(code: ExitCode): ExitCode;
}

/** The error where a time line held no snapshot: what went wrong in it, where something did, else that the time is too narrow. */
export function noSnapshot(source: string, { problems, gaps }: Pick<Timeline, "problems" | "gaps">): Error {
  const [problem] = problems;
  if (problem !== undefined) return problem;
  const gap = gaps.at(-1);
  if (gap !== undefined)
    return new FormatError("source", `no snapshot in that time could be read: ${gap.problem}`, { file: source });
  return new UsageError(`${source}: no snapshot in that time; widen --from and --to`);
}

/** Opens sources of one machine with a progress bar on a terminal. */
export async function openWithProgress(
  paths: readonly string[],
  options: SourceOptions,
  io: Io,
  more: OpenOptions = {},
): Promise<OpenedSources> {
  // Loaded only here: a look-up that reads no source must not pay for all of their parsers.
  const { openSources } = await import("../sources/open.ts");
  const progress = startProgress(io, "reading");
  return opened(await openSources(paths, withProgress(options, more, progress)), progress, io);
}

/** As {@link openWithProgress}, with a time line for each machine of the input. */
export async function openMachinesWithProgress(
  paths: readonly string[],
  options: SourceOptions,
  io: Io,
  more: OpenOptions = {},
): Promise<readonly OpenedSources[]> {
  const { openMachines } = await import("../sources/open.ts");
  const progress = startProgress(io, "reading");
  const machines = await openMachines(paths, withProgress(options, more, progress));
  return machines.map((timeline) => opened(timeline, progress, io));
}

function withProgress(options: SourceOptions, more: OpenOptions, progress: Progress): OpenOptions {
  return { ...openOptions(options), ...more, onProgress: (done, total) => progress.update(done, total) };
}

/** What the options of a SOURCE say to the opening of it. */
export function openOptions(options: SourceOptions): OpenOptions {
  const { from, to, interval, dates, timezone, machine, ram, windows: told, pagefile } = options;
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(interval === undefined ? {} : { assumedInterval: interval }),
    ...(dates === undefined ? {} : { dateOrder: dates }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(machine === undefined ? {} : { host: machine }),
    told: {
      ...(ram === undefined ? {} : { physicalBytes: ram }),
      ...(pagefile === undefined ? {} : { pagefileBytes: pagefile }),
      ...(told === undefined ? {} : { windowsBuild: told.build, windows: told.text }),
    },
  };
}

/** The first lines of an output: what was brought. */
export function intakeHead(timeline: Pick<OpenedSources, "intake">, width: number): string {
  return `${intakeLines(timeline.intake())
    .flatMap((line) => wrapText(visible(line), width))
    .join("\n")}\n\n`;
}

function opened(timeline: Timeline, progress: Progress, io: Io): OpenedSources {
  async function* snapshots(): AsyncIterable<Snapshot> {
    try {
      yield* timeline.snapshots();
    } finally {
      progress.end();
    }
    const refusal = unreadableText(timeline.intake());
    if (refusal !== undefined) throw new UsageError(refusal);
  }
  return {
    snapshots,
    gaps: timeline.gaps,
    problems: timeline.problems,
    mappedDrivers: timeline.mappedDrivers,
    intake: () => timeline.intake(),
    finish: (code) => {
      for (const problem of timeline.problems) io.stderr.write(`poolscope: ${visible(problem.message)}\n`);
      return timeline.problems.length > 0 ? 2 : code;
    },
  };
}
