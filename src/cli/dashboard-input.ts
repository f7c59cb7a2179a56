// Fills a dashboard for `serve` and `report`: sources or this machine, with what is known of tags and drivers.

import { setImmediate as nextTurn } from "node:timers/promises";
import { besideTables } from "../attribution/beside/tables.ts";
import { BesideRecord } from "../attribution/beside/record.ts";
import { Detector } from "../detect/detector.ts";
import { isNewBoot } from "../detect/series/boots.ts";
import { isKnownError } from "../model/errors.ts";
import { baseName } from "../model/file-path.ts";
import type { Intake } from "../model/intake.ts";
import type { Gap, Milliseconds, Origin, Snapshot } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";
import type { Diagnosis } from "../model/verdict.ts";
import type { Timeline } from "../sources/timeline.ts";
import { Dashboard } from "../web/server/dashboard.ts";
import { driversOfIndex } from "./driver-look-up.ts";
import { attributed, ownerFrom, tagsOfDiagnosis } from "./attribution-sources.ts";
import type { Io } from "./io.ts";
import { loadKnowledge } from "./knowledge.ts";
import { limitsOfSnapshot } from "./limits.ts";
import { VERSION } from "./version.ts";

/** More than a chart has points; a longer history is skipped through evenly. */
export const MAX_SNAPSHOTS = 2_000;
/** The server answers in between after this long. */
const TURN_MS = 25;

export interface DashboardInput {
  readonly dashboard: Dashboard;
  /** Takes one snapshot. */
  readonly push: (snapshot: Snapshot) => void;
  /** Takes every snapshot of a time line, gaps and problems included; answers how many there were. */
  readonly take: (timeline: Timeline) => Promise<number>;
}

export interface DashboardInputOptions {
  readonly pooltag?: string;
  /** Zone of the machine's own clock: of this process where it is measured here, else as --timezone told. */
  readonly machineZone?: string;
  /** Interval of a live source. */
  readonly everyMs?: Milliseconds;
}

/** A dashboard that knows owners, leaks and drivers. `source` names the source for people. */
export async function createDashboard(source: string, options: DashboardInputOptions, io: Io): Promise<DashboardInput> {
  const { knowledge } = await loadKnowledge(options.pooltag, io);
  const mappedDrivers = new Map<Tag, string>();
  let gaps: readonly Gap[] | undefined;
  let intake: Intake | undefined;
  const beside = new BesideRecord(isNewBoot);
  const push = (snapshot: Snapshot): void => {
    dashboard.push(snapshot);
    beside.push(snapshot);
  };
  const ownerOf = ownerFrom({ knowledge, mappedDrivers });
  let origin: Origin | undefined;
  // An index that cannot be read costs the drivers, not the page.
  let trouble: Gap | undefined;
  const driversFor = async (tags: readonly Tag[]): ReturnType<typeof driversOfIndex> => {
    try {
      return await driversOfIndex(io, tags, origin);
    } catch (error) {
      if (!isKnownError(error)) throw error;
      trouble = { where: "the index of drivers", problem: error.message };
      return () => [];
    }
  };
  const enrich = async (found: Diagnosis): Promise<Diagnosis> => {
    origin = found.origin;
    const driversOf = await driversFor(tagsOfDiagnosis(found));
    const enriched = attributed(found, { knowledge, mappedDrivers, driversOf }, undefined, beside);
    return {
      ...enriched,
      ...(intake === undefined ? {} : { intake }),
      gaps: [...(gaps ?? []), ...enriched.gaps, ...(trouble === undefined ? [] : [trouble])],
    };
  };
  const dashboard = new Dashboard({
    detector: new Detector({ limitsOf: limitsOfSnapshot, triage: knowledge }),
    version: VERSION,
    source,
    enrich,
    ownerOf,
    factsOf: async (tag) => ({
      drivers: (await driversFor([tag]))(tag),
      knownLeaks: knowledge.knownLeaksOf(tag),
    }),
    beside: () => besideTables(beside),
    ...(options.machineZone === undefined ? {} : { machineZone: options.machineZone }),
    now: () => io.now(),
    ...(options.everyMs === undefined ? {} : { everyMs: options.everyMs }),
  });
  const take = async (timeline: Timeline): Promise<number> => {
    let count = 0;
    let turn = performance.now();
    for await (const snapshot of timeline.snapshots()) {
      push(snapshot);
      count += 1;
      if (performance.now() - turn < TURN_MS) continue;
      await nextTurn();
      turn = performance.now();
    }
    for (const [tag, driver] of timeline.mappedDrivers) mappedDrivers.set(tag, driver);
    intake ??= timeline.intake();
    // Only the first reading tells gaps: one that looks for news reports every old file as holding nothing.
    gaps ??= [...timeline.gaps, ...timeline.problems.map(({ message }): Gap => ({ where: source, problem: message }))];
    return count;
  };
  return { dashboard, push, take };
}

/** Sources for a title: one by its name, several by their number. */
export function nameOf(paths: readonly string[]): string {
  const [first, ...more] = paths;
  const name = first === undefined ? "this machine" : baseName(first);
  return more.length === 0 ? name : `${name} and ${more.length} more`;
}
