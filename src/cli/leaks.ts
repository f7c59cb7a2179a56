// `poolscope leaks SOURCE...`: the diagnosis of a time line: which tag leaks, how fast, since when, until when, who owns it.

import type { Command } from "commander";
import { BesideRecord } from "../attribution/beside/record.ts";
import { withoutClock } from "../detect/findings/clockless.ts";
import { Detector } from "../detect/detector.ts";
import { isNewBoot } from "../detect/series/boots.ts";
import type { Knowledge } from "../knowledge/knowledge.ts";
import { UsageError } from "../model/errors.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { needsAction, type Diagnosis, type TagRef, type VisibleLeak } from "../model/verdict.ts";
import { diagnosisJson, renderDiagnosisJson } from "../reports/diagnosis-json.ts";
import { renderDiagnosisText } from "../reports/diagnosis-report.ts";
import { BESIDE_OPTION, withBeside } from "./beside-option.ts";
import { readTraces } from "./trace-evidence.ts";
import { attributed, tagsOfDiagnosis } from "./attribution-sources.ts";
import type { Finish } from "./command.ts";
import { driversOfIndex } from "./driver-look-up.ts";
import type { Io } from "./io.ts";
import { loadKnowledge } from "./knowledge.ts";
import { limitsOfSnapshot } from "./limits.ts";
import { collect } from "./options.ts";
import { LIMIT_OPTION, withLimits, type ToldLimits } from "./told-limits.ts";
import {
  addSourceOptions,
  intakeHead,
  noSnapshot,
  openMachinesWithProgress,
  openWithProgress,
  paintFor,
  type OpenedSources,
  type SourceOptions,
} from "./shared.ts";

/** A recording may hold hundreds of thousands of snapshots; evenly spaced ones tell the same. */
const MAX_SNAPSHOTS = 2_000;

export interface DiagnoseOptions extends SourceOptions {
  /** Limits of the machine as they were told. */
  readonly limit?: ToldLimits;
  /** The first snapshot was taken right after a boot. */
  readonly bootAtStart?: true;
  readonly pooltag?: string;
  /** Pool traces of the same machine. */
  readonly trace?: readonly string[];
  /** Texts of other tools, to be joined by their times. */
  readonly beside?: readonly string[];
}

export interface Diagnosed {
  readonly diagnosis: Diagnosis;
  readonly timeline: OpenedSources;
  readonly first: Snapshot;
  readonly last: Snapshot;
  /** What was measured beside the counters. */
  readonly beside: BesideRecord;
  /** Whether a row without a verdict was looked at. */
  readonly wasJudged: (ref: TagRef) => boolean;
  /** The smallest leaks that could have been seen in rows without a finding; see {@link Detector.smallestVisible}. */
  readonly smallestVisible: (refs: readonly TagRef[] | undefined, most?: number) => readonly VisibleLeak[];
}

async function detectTimeline(
  timeline: OpenedSources,
  paths: readonly string[],
  knowledge: Knowledge,
  { limit, bootAtStart }: Pick<DiagnoseOptions, "limit" | "bootAtStart">,
): Promise<Diagnosed> {
  const detector = new Detector({
    limitsOf: limitsOfSnapshot,
    triage: knowledge,
    ...(bootAtStart === undefined ? {} : { startsAtBoot: bootAtStart }),
  });
  const beside = new BesideRecord(isNewBoot);
  let first: Snapshot | undefined;
  for await (const each of timeline.snapshots()) {
    const snapshot = withLimits(each, limit);
    first ??= snapshot;
    detector.push(snapshot);
    beside.push(snapshot);
  }
  const { last } = detector;
  const diagnosis = detector.diagnose();
  if (first === undefined || last === undefined || diagnosis === undefined) {
    throw noSnapshot(paths.join(", "), timeline);
  }
  const wasJudged = (ref: TagRef): boolean => detector.wasJudged(ref);
  const smallestVisible: Diagnosed["smallestVisible"] = (refs, most) => detector.smallestVisible(refs, most);
  const intake = timeline.intake();
  const known = intake.times.spacing === "unknown" ? withoutClock(diagnosis) : diagnosis;
  return { first, last, diagnosis: { ...known, intake }, timeline, beside, wasJudged, smallestVisible };
}

/** Reads sources and diagnoses each machine in them, with owners, known leaks and drivers. Throws UsageError on no snapshot. */
export async function diagnoseSources(
  paths: readonly string[],
  options: DiagnoseOptions,
  io: Io,
): Promise<readonly Diagnosed[]> {
  const { knowledge } = await loadKnowledge(options.pooltag, io);
  const diagnosed: Diagnosed[] = [];
  const opened = await openMachinesWithProgress(paths, options, io, { maxSnapshots: MAX_SNAPSHOTS });
  const timelines = options.beside === undefined ? opened : [await withBeside(opened, options.beside, options)];
  if (options.trace !== undefined && timelines.length > 1) {
    throw new UsageError(
      `--trace: the input is of ${timelines.length} machines, and a trace does not say which it is of; name the files of one`,
    );
  }
  for (const timeline of timelines) {
    diagnosed.push(await diagnoseTimeline(timeline, paths, { ...options, knowledge }, io));
  }
  return diagnosed;
}

/** What the counters of one machine alone show: the detector's answer, before anybody is named. */
export async function detectOne(paths: readonly string[], options: DiagnoseOptions, io: Io): Promise<Diagnosed> {
  const { knowledge } = await loadKnowledge(options.pooltag, io);
  const opened = await openWithProgress(paths, options, io, { maxSnapshots: MAX_SNAPSHOTS });
  return await detectTimeline(opened, paths, knowledge, options);
}

/** As {@link diagnoseSources} for an input of one machine; with `argumentOrder` files without times are in that of the paths. */
export async function diagnoseOne(
  paths: readonly string[],
  options: DiagnoseOptions,
  io: Io,
  more: { readonly argumentOrder?: boolean } = {},
): Promise<Diagnosed> {
  const { knowledge } = await loadKnowledge(options.pooltag, io);
  const opened = await openWithProgress(paths, options, io, { ...more, maxSnapshots: MAX_SNAPSHOTS });
  const timeline = options.beside === undefined ? opened : await withBeside([opened], options.beside, options);
  return await diagnoseTimeline(timeline, paths, { ...options, knowledge }, io);
}

async function diagnoseTimeline(
  opened: OpenedSources,
  paths: readonly string[],
  { knowledge, trace, ...told }: Omit<DiagnoseOptions, "pooltag"> & { readonly knowledge: Knowledge },
  io: Io,
): Promise<Diagnosed> {
  const detected = await detectTimeline(opened, paths, knowledge, told);
  const { diagnosis: found, last, timeline } = detected;
  const joined = trace === undefined ? undefined : await readTraces(trace, found, io);
  const enriched = attributed(
    found,
    {
      knowledge,
      mappedDrivers: timeline.mappedDrivers,
      driversOf: await driversOfIndex(io, tagsOfDiagnosis(found), found.origin),
      ...(joined === undefined ? {} : { traces: joined.traces }),
    },
    last,
    detected.beside,
  );
  return {
    ...detected,
    diagnosis: { ...enriched, gaps: [...timeline.gaps, ...enriched.gaps, ...(joined?.gaps ?? [])] },
  };
}

interface Options extends DiagnoseOptions {
  readonly json?: true;
  readonly all?: true;
  readonly failOnLeak?: true;
}

export function addCommand(program: Command, io: Io, finish: Finish): void {
  addSourceOptions(
    program
      .command("leaks")
      .description("diagnose: which tag leaks, how fast, since when, until when, and who owns it")
      .argument("<source...>", "recordings, PoolMon logs, CSV, or folders of them"),
  )
    .option(
      "--trace <etl>",
      "a pool trace of the same machine: its stacks name who allocates; may be repeated",
      collect,
    )
    .option(...BESIDE_OPTION)
    .option(...LIMIT_OPTION)
    .option(
      "--boot-at-start",
      "the first snapshot was taken right after a boot: what starts and fills then is left out",
    )
    .option("--all", "list also what grew for a harmless reason, and the smallest leak visible in the largest tags")
    .option("--json", "for programs")
    .option("--fail-on-leak", "exit code 1 where a leak is found")
    .option("--pooltag <file>", "your pooltag.txt")
    .addHelpText(
      "after",
      `
Examples:
  poolscope leaks logs/                    a folder of poolmon -n files, ordered by their dates
  poolscope leaks week.pool --from 2026-11-20
  poolscope leaks screen.txt --interval 30min   snapshots without times, taken every half hour
  poolscope leaks week.pool --trace pool.etl    who allocates what grows, from the call stacks
  poolscope leaks logs/ --beside tools/         handles, processes and drivers as other tools told them
  poolscope leaks week.pool --json --fail-on-leak`,
    )
    .action(async (paths: string[], options: Options) => {
      const found = await diagnoseSources(paths, options, io);
      const machines = options.all === true ? found.map(withVisible) : found;
      io.stdout.write(options.json === true ? jsonOf(machines) : textOf(machines, options, io));
      const leaks = machines.some(({ diagnosis }) => diagnosis.verdicts.some(({ state }) => needsAction(state)));
      const code = options.failOnLeak === true && leaks ? 1 : 0;
      // Problems are of the input, not of one machine in it.
      finish(machines[0]?.timeline.finish(code) ?? code);
    });
}

/** Tags whose smallest visible leak is told. */
const MOST_VISIBLE = 8;

function withVisible(diagnosed: Diagnosed): Diagnosed {
  const visible = diagnosed.smallestVisible(undefined, MOST_VISIBLE);
  return { ...diagnosed, diagnosis: { ...diagnosed.diagnosis, visible } };
}

/** One machine as its diagnosis, several as `{"machines":[...]}`. */
function jsonOf(machines: readonly Diagnosed[]): string {
  const [one, another] = machines;
  if (one !== undefined && another === undefined) return renderDiagnosisJson(one.diagnosis);
  return `${JSON.stringify({ machines: machines.map(({ diagnosis }) => diagnosisJson(diagnosis)) }, null, 1)}\n`;
}

function textOf(machines: readonly Diagnosed[], options: Options, io: Io): string {
  const { columns: width } = io.stdout;
  const report = { width, paint: paintFor(io), all: options.all === true };
  return machines
    .map(({ diagnosis, timeline }) => intakeHead(timeline, width) + renderDiagnosisText(diagnosis, report))
    .join("\n\n");
}
