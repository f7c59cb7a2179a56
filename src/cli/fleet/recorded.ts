// The machines of recordings that were sent in, one after the other in bounded memory.

import { asOf, mergeHosts, readHost, type JudgeAnew, type RecordedHost } from "../../fleet/recordings.ts";
import { mayBeAtFault } from "../../fleet/series/machine-metrics.ts";
import { natureOf } from "../../knowledge/inbox-drivers.ts";
import { isKnownError, UsageError } from "../../model/errors.ts";
import type { FleetHost } from "../../model/fleet.ts";
import type { Gap, Milliseconds } from "../../model/snapshot.ts";
import { plural } from "../../model/units.ts";
import { walk } from "../../sources/walk.ts";
import type { Io } from "../io.ts";
import { loadKnowledge } from "../knowledge.ts";
import { startProgress } from "../progress.ts";
import { SelfJudge } from "../unattended/self-judge.ts";

/** A week at five minutes; a longer record is judged by evenly spaced snapshots. */
const MOST_SNAPSHOTS = 2_016;

export interface RecordedFleet {
  readonly hosts: readonly FleetHost[];
  readonly gaps: readonly Gap[];
  /** Time of the newest snapshot of all; 0 where there is none. */
  readonly newest: Milliseconds;
}

/** Reads all recordings; one that cannot be read is a gap. Throws UsageError where none can. */
export async function readRecordedFleet(paths: readonly string[], always: boolean, io: Io): Promise<RecordedFleet> {
  const gaps: Gap[] = [];
  const files: string[] = [];
  for (const path of paths) files.push(...(await walk(path, gaps)));
  const { knowledge } = await loadKnowledge(undefined, io);
  const judgeAnew: JudgeAnew = (reader) => {
    const judge = new SelfJudge({ knowledge, mappedDrivers: reader.mappedDrivers(), driversOf: () => [] }, Infinity);
    for (const snapshot of reader.snapshots({ maxSnapshots: MOST_SNAPSHOTS })) judge.push(snapshot);
    return judge.judge();
  };
  const options = {
    judgeAnew,
    always,
    mayBeAtFault: (file: string, company: string | undefined) => mayBeAtFault(natureOf(file, company)),
  };
  const recorded: RecordedHost[] = [];
  const progress = startProgress(io, "reading", "recordings");
  for (const [i, file] of files.entries()) {
    progress.update(i, files.length);
    try {
      const host = readHost(file, options);
      if (host === undefined) gaps.push({ where: file, problem: "holds no snapshot" });
      else {
        recorded.push(host);
        gaps.push(...host.gaps);
      }
    } catch (error) {
      if (!isKnownError(error)) throw error;
      gaps.push({ where: file, problem: error.message });
    }
  }
  progress.end();
  if (recorded.length === 0)
    throw new UsageError(
      `fleet: none of ${plural(files.length, "file")} is a recording of poolscope${gaps[0] === undefined ? "" : `; ${gaps[0].problem}`}`,
    );
  const merged = mergeHosts(recorded);
  const newest = recorded.reduce((latest, { host }) => Math.max(latest, host.seen ?? 0), 0);
  return { hosts: asOf(merged.hosts, newest), gaps: [...gaps, ...merged.gaps], newest };
}
