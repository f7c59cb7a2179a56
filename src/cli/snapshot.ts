// `poolscope snapshot [SOURCE...]`: one snapshot, of this machine or out of a source, in one of several formats.

import type { Command } from "commander";
import { UsageError } from "../model/errors.ts";
import type { Intake } from "../model/intake.ts";
import type { PoolKind, Snapshot } from "../model/snapshot.ts";
import { formatTime } from "../model/time.ts";
import { renderPoolmonText } from "../reports/poolmon-text.ts";
import { SORT_KEYS, type SortKey } from "../reports/rows.ts";
import {
  renderSnapshotCsv,
  renderSnapshotJson,
  renderSnapshotTable,
  type SnapshotReportOptions,
} from "../reports/snapshot-report.ts";
import { triageWithSteps } from "../reports/triage-report.ts";
import { isKdSource } from "../sources/kd/address.ts";
import type { Finish } from "./command.ts";
import { ownerFrom } from "./attribution-sources.ts";
import { driversOfIndex } from "./driver-look-up.ts";
import type { Io } from "./io.ts";
import { addKdOptions, mayStop, takeKd, type KdOptions } from "./kd-source.ts";
import { loadKnowledge } from "./knowledge.ts";
import { oneOf, pool, tagPattern, time, wholeNumber } from "./options.ts";
import {
  addSourceOptions,
  intakeHead,
  noSnapshot,
  openMachinesWithProgress,
  paintFor,
  type OpenedSources,
  type SourceOptions,
} from "./shared.ts";
import { triaged, type TriageLists } from "./triage.ts";

const FORMATS: Readonly<Record<string, (snapshot: Snapshot, options: SnapshotReportOptions) => string>> = {
  table: renderSnapshotTable,
  json: renderSnapshotJson,
  csv: renderSnapshotCsv,
  poolmon: (snapshot) => renderPoolmonText(snapshot),
};

/** Suspects told in full before the table. */
const FULL_SUSPECTS = 2;

interface Options extends SourceOptions, KdOptions {
  readonly format: string;
  readonly json?: true;
  readonly at?: number;
  readonly tag?: readonly string[];
  readonly pool?: PoolKind;
  readonly sort: SortKey;
  readonly top?: number;
  readonly pooltag?: string;
}

export function addCommand(program: Command, io: Io, finish: Finish): void {
  addKdOptions(
    addSourceOptions(
      program
        .command("snapshot")
        .description("one snapshot, of this Windows machine or out of a source, as table, json, csv or poolmon")
        .argument(
          "[source...]",
          "PoolMon logs, CSV, !poolused output, a recording, a dump, or folders of them; without one: this machine",
        ),
    ),
  )
    .option(
      "--format <format>",
      `one of ${Object.keys(FORMATS).join(", ")}`,
      oneOf("--format", Object.keys(FORMATS)),
      "table",
    )
    .option("--json", "the same as --format json")
    .option("--at <time>", "the snapshot nearest to this time instead of the last", time("--at"))
    .option("--tag <pattern>", "only these tags; * and ? as in PoolMon; may be repeated", tagPattern("--tag"))
    .option("--pool <kind>", "nonpaged or paged", pool("--pool"))
    .option("--sort <key>", `one of ${SORT_KEYS.join(", ")}`, oneOf("--sort", SORT_KEYS), "bytes")
    .option("--top <n>", "at most this many rows (a table shows 40 unless told)", wholeNumber("--top"))
    .option("--pooltag <file>", "your pooltag.txt; found by itself where the WDK or the Debugging Tools are installed")
    .addHelpText(
      "after",
      `
Examples:
  poolscope snapshot                            this machine, largest first (Windows)
  poolscope snapshot --format poolmon > a.txt   the same as \`poolmon -n a.txt\`
  poolscope snapshot log.txt --tag 'Nt??'       rows of one family of tags out of a log
  poolscope snapshot week.pool --at 2026-11-26T03:00 --json
  poolscope snapshot kd:tcp:127.0.0.1:4444      a live kernel over the debugger's wire; see poolscope kd`,
    )
    .action(async (paths: string[], options: Options) => {
      const { knowledge } = await loadKnowledge(options.pooltag, io);
      const near = { near: options.at ?? Infinity };
      const [target, ...others] = paths.filter((path) => isKdSource(path));
      if (target !== undefined && (others.length > 0 || paths.length > 1))
        throw new UsageError(`${target}: a live kernel is a source of its own; name it alone`);
      if (target !== undefined && !mayStop(target, options, io)) {
        finish(2);
        return;
      }
      const taken: Taken[] = [];
      if (target !== undefined)
        taken.push({
          snapshot: await takeKd(target, options, io),
          mappedDrivers: new Map(),
          finish: (code) => code,
        });
      else if (paths.length === 0) taken.push(await takeLive(io));
      else {
        for (const timeline of await openMachinesWithProgress(paths, options, io, near))
          taken.push(await takeFrom(timeline, options.at));
      }
      const format = options.json === true ? "json" : options.format;
      const render = FORMATS[format] ?? renderSnapshotTable;
      // A table of some rows is asked for those rows; the whole listing is asked what stands out in it.
      const asked = (options.tag ?? []).length > 0 || options.pool !== undefined;
      const top = options.top ?? (format === "table" && io.stdout.isTTY ? 40 : undefined);
      for (const [index, { snapshot, mappedDrivers, intake }] of taken.entries()) {
        if (format === "table") io.stdout.write(index > 0 ? "\n" : "");
        if (format === "table" && intake !== undefined) io.stdout.write(intakeHead({ intake }, io.stdout.columns));
        const suspects =
          format === "table" && !asked ? await suspectLines(snapshot, { knowledge, mappedDrivers }, io) : [];
        io.stdout.write(
          render(snapshot, {
            width: io.stdout.columns,
            paint: paintFor(io),
            ownerOf: ownerFrom({ knowledge, mappedDrivers }),
            suspects,
            sort: options.sort,
            tags: options.tag ?? [],
            ...(options.pool === undefined ? {} : { kind: options.pool }),
            ...(top === undefined ? {} : { top }),
            ...(intake === undefined ? {} : { intake: intake() }),
          }),
        );
      }
      finish(taken[0]?.finish(0) ?? 0);
    });
}

/** The suspects of one listing, with a blank line behind them; none where nothing stands out. */
async function suspectLines(
  snapshot: Snapshot,
  lists: Pick<TriageLists, "knowledge" | "mappedDrivers">,
  io: Io,
): Promise<readonly string[]> {
  const driversOf: TriageLists["driversOf"] = (tags) => driversOfIndex(io, tags, snapshot.origin);
  const triage = await triaged([snapshot], { ...lists, driversOf });
  const layout = { width: io.stdout.columns, paint: paintFor(io), full: FULL_SUSPECTS };
  const lines = triage === undefined ? [] : triageWithSteps(triage, layout);
  return lines.length === 0 ? [] : [...lines, ""];
}

interface Taken extends Pick<OpenedSources, "mappedDrivers" | "finish"> {
  readonly snapshot: Snapshot;
  /** What was brought; absent for this machine. */
  readonly intake?: () => Intake;
}

/** Live counters of this machine. */
export async function takeLive(io: Io): Promise<Taken> {
  const { createLiveSampler } = await import("../sources/windows-live/sampler.ts");
  const sampler = await createLiveSampler({ env: io.env, now: () => io.now() });
  try {
    return { snapshot: sampler.sample(), mappedDrivers: new Map(), finish: (code) => code };
  } finally {
    sampler.close();
  }
}

/** The last snapshot of sources, or the one nearest to a time, with the gaps of its sources. */
export async function takeFrom(timeline: OpenedSources, at: number | undefined): Promise<Taken> {
  let best: Snapshot | undefined;
  for await (const snapshot of timeline.snapshots()) {
    const closer = best === undefined || at === undefined || Math.abs(snapshot.time - at) < Math.abs(best.time - at);
    if (closer) best = snapshot;
    else if (snapshot.time > (at ?? 0)) break;
  }
  if (best === undefined) {
    throw noSnapshot("the source", timeline);
  }
  return {
    snapshot: { ...best, gaps: [...best.gaps, ...timeline.gaps] },
    mappedDrivers: timeline.mappedDrivers,
    intake: () => timeline.intake(),
    finish: (code) => timeline.finish(code),
  };
}

/** Refuses a comparison of snapshots in the wrong order. */
export function inOrder(before: Snapshot, after: Snapshot): void {
  // Modification dates are those of a copy as often as those of the measurement.
  if ([before, after].some((snapshot) => snapshot.origin.timeBasis === "file-modified")) return;
  if (after.time < before.time) {
    throw new UsageError(
      `the second snapshot (${formatTime(after.time)}) is older than the first (${formatTime(before.time)}); name them in time order`,
    );
  }
}
