// What several commands do alike: colours, the options every analysis has, reading a time line, saying what went wrong in it.

import type { Command } from "commander";
import { FormatError, UsageError } from "../model/errors.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { ansiPaint, plainPaint, visible, type Paint } from "../reports/terminal-text.ts";
import type { OpenOptions, Timeline } from "../sources/timeline.ts";
import type { ExitCode } from "./command.ts";
import { usesColor, type Io } from "./io.ts";
import { duration, time } from "./options.ts";
import { startProgress } from "./progress.ts";

export function paintFor(io: Io): Paint {
  return usesColor(io.stdout, io.env) ? ansiPaint : plainPaint;
}

/** Options of every command that reads a SOURCE. */
export interface SourceOptions {
  readonly from?: number;
  readonly to?: number;
  readonly interval?: number;
}

export function addSourceOptions(command: Command): Command {
  return command
    .option("--from <time>", "only what was measured at or after this time", time("--from"))
    .option("--to <time>", "only what was measured at or before this time", time("--to"))
    .option("--interval <duration>", "how far apart snapshots are where a file tells no times", duration("--interval"));
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

/** Opens sources with a progress bar on a terminal. */
export async function openWithProgress(
  paths: readonly string[],
  options: SourceOptions,
  io: Io,
  more: OpenOptions = {},
): Promise<OpenedSources> {
  // Loaded only here: a look-up that reads no source must not pay for all of their parsers.
  const { openSources } = await import("../sources/open.ts");
  const progress = startProgress(io, "reading");
  const timeline = await openSources(paths, {
    ...more,
    onProgress: (done, total) => progress.update(done, total),
    ...(options.from === undefined ? {} : { from: options.from }),
    ...(options.to === undefined ? {} : { to: options.to }),
    ...(options.interval === undefined ? {} : { assumedInterval: options.interval }),
  });
  async function* snapshots(): AsyncIterable<Snapshot> {
    try {
      yield* timeline.snapshots();
    } finally {
      progress.end();
    }
  }
  return {
    snapshots,
    gaps: timeline.gaps,
    problems: timeline.problems,
    mappedDrivers: timeline.mappedDrivers,
    finish: (code) => {
      for (const problem of timeline.problems) io.stderr.write(`poolscope: ${visible(problem.message)}\n`);
      return timeline.problems.length > 0 ? 2 : code;
    },
  };
}
