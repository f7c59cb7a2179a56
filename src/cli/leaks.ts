// `poolscope leaks SOURCE...`: the diagnosis of a time line: which tag leaks, how fast, since when, until when, who owns it.

import type { Command } from "commander";
import { Detector } from "../detect/detector.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { needsAction, type Diagnosis, type TagRef } from "../model/verdict.ts";
import { renderDiagnosisJson } from "../reports/diagnosis-json.ts";
import { renderDiagnosisText } from "../reports/diagnosis-report.ts";
import { attributed, tagsOfDiagnosis } from "./attribution-sources.ts";
import type { Finish } from "./command.ts";
import { driversOfIndex } from "./driver-look-up.ts";
import type { Io } from "./io.ts";
import { loadKnowledge } from "./knowledge.ts";
import { limitsOfSnapshot } from "./limits.ts";
import {
  addSourceOptions,
  noSnapshot,
  openWithProgress,
  paintFor,
  type OpenedSources,
  type SourceOptions,
} from "./shared.ts";

/** A recording may hold hundreds of thousands of snapshots; evenly spaced ones tell the same. */
const MAX_SNAPSHOTS = 2_000;

export interface DiagnoseOptions extends SourceOptions {
  readonly pooltag?: string;
}

export interface Diagnosed {
  readonly diagnosis: Diagnosis;
  readonly timeline: OpenedSources;
  readonly first: Snapshot;
  readonly last: Snapshot;
  /** Whether a row without a verdict was looked at. */
  readonly wasJudged: (ref: TagRef) => boolean;
}

/** Reads sources and says what the counters alone show. Throws UsageError on no snapshot. */
export async function detectSources(paths: readonly string[], options: SourceOptions, io: Io): Promise<Diagnosed> {
  const timeline = await openWithProgress(paths, options, io, { maxSnapshots: MAX_SNAPSHOTS });
  const detector = new Detector({ limitsOf: limitsOfSnapshot });
  let first: Snapshot | undefined;
  for await (const snapshot of timeline.snapshots()) {
    first ??= snapshot;
    detector.push(snapshot);
  }
  const { last } = detector;
  const diagnosis = detector.diagnose();
  if (first === undefined || last === undefined || diagnosis === undefined) {
    throw noSnapshot(paths.join(", "), timeline);
  }
  return { first, last, diagnosis, timeline, wasJudged: (ref) => detector.wasJudged(ref) };
}

/** Reads sources and diagnoses them, with owners, known leaks and drivers filled in. Throws UsageError on no snapshot. */
export async function diagnoseSources(paths: readonly string[], options: DiagnoseOptions, io: Io): Promise<Diagnosed> {
  const { knowledge } = await loadKnowledge(options.pooltag, io);
  const detected = await detectSources(paths, options, io);
  const { diagnosis: found, last, timeline } = detected;
  const enriched = attributed(
    found,
    {
      knowledge,
      mappedDrivers: timeline.mappedDrivers,
      driversOf: await driversOfIndex(io, tagsOfDiagnosis(found), found.origin),
    },
    last,
  );
  return { ...detected, diagnosis: { ...enriched, gaps: [...timeline.gaps, ...enriched.gaps] } };
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
      .argument("<source...>", "recordings, PoolMon logs, CSV, or folders of them, all of one machine"),
  )
    .option("--all", "list also what grew for a harmless reason")
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
  poolscope leaks week.pool --json --fail-on-leak`,
    )
    .action(async (paths: string[], options: Options) => {
      const { diagnosis, timeline } = await diagnoseSources(paths, options, io);
      io.stdout.write(
        options.json === true
          ? renderDiagnosisJson(diagnosis)
          : renderDiagnosisText(diagnosis, {
              width: io.stdout.columns,
              paint: paintFor(io),
              all: options.all === true,
            }),
      );
      finish(
        timeline.finish(
          options.failOnLeak === true && diagnosis.verdicts.some(({ state }) => needsAction(state)) ? 1 : 0,
        ),
      );
    });
}
