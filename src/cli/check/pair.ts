// Two files as the two ends of a test. The order of the arguments is the order of time, unless the files' own times say
// otherwise: then nothing is turned round in silence.

import { stat } from "node:fs/promises";
import { Detector } from "../../detect/detector.ts";
import { UsageError } from "../../model/errors.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { formatTime } from "../../model/time.ts";
import type { Io } from "../io.ts";
import { limitsOfSnapshot } from "../limits.ts";
import { openWithProgress, type OpenedSources, type SourceOptions } from "../shared.ts";
import type { Checked } from "./checked.ts";

/** Modification times closer than this are those of unpacking or copying, not of measuring, in milliseconds. */
const COPIED_TOGETHER = 60_000;

/** The two ends where exactly two files with one snapshot each were named; undefined where the sources are a time line. */
export async function readPair(paths: readonly string[], options: SourceOptions, io: Io): Promise<Checked | undefined> {
  const [a, b] = paths;
  if (a === undefined || b === undefined || paths.length !== 2) return undefined;
  if (!(await isFile(a)) || !(await isFile(b))) return undefined;
  const one = await readSingle(a, options, io);
  const two = one === undefined ? undefined : await readSingle(b, options, io);
  if (one === undefined || two === undefined) return undefined;
  const placed = placeInTime(one.snapshot, two.snapshot, options.interval);
  const detector = new Detector({ limitsOf: limitsOfSnapshot });
  detector.push(placed.before);
  detector.push(placed.after);
  const diagnosis = detector.diagnose();
  if (diagnosis === undefined) return undefined;
  return {
    first: placed.before,
    last: placed.after,
    diagnosis,
    timed: placed.timed,
    timesNote: placed.note,
    wasJudged: (ref) => detector.wasJudged(ref),
    finish: (code) => {
      const codes = [one.timeline.finish(code), two.timeline.finish(code)];
      return codes.includes(2) ? 2 : code;
    },
  };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** The only snapshot of a file; undefined where it holds another number of them. */
async function readSingle(
  path: string,
  options: SourceOptions,
  io: Io,
): Promise<{ readonly snapshot: Snapshot; readonly timeline: OpenedSources } | undefined> {
  const timeline = await openWithProgress([path], options, io, { maxSnapshots: 2 });
  let only: Snapshot | undefined;
  for await (const snapshot of timeline.snapshots()) {
    if (only !== undefined) return undefined;
    only = snapshot;
  }
  return only === undefined ? undefined : { snapshot: only, timeline };
}

export interface PlacedPair {
  readonly before: Snapshot;
  readonly after: Snapshot;
  /** Whether the time between them is known well enough for a rate. */
  readonly timed: boolean;
  /** How the times are known, where they are not the files' own. */
  readonly note: string | undefined;
}

/**
 * Two snapshots in the order of the arguments. Throws UsageError where the times that the files themselves tell say that
 * the second is the older one. Modification times, and no times, contradict nothing.
 */
export function placeInTime(before: Snapshot, after: Snapshot, interval: number | undefined): PlacedPair {
  const own = tellsItsTime(before) && tellsItsTime(after);
  const apart = after.time - before.time;
  if (own && apart < 0) {
    throw new UsageError(
      `the second file (${formatTime(after.time)}) is older than the first (${formatTime(before.time)}); name them in the order of time`,
    );
  }
  if (own && apart > 0) return { before, after, timed: true, note: undefined };
  if (interval !== undefined) {
    return { before, after: { ...after, time: before.time + interval }, timed: true, note: "apart as --interval says" };
  }
  const modified = before.origin.timeBasis === "file-modified" && after.origin.timeBasis === "file-modified";
  if (modified && apart >= COPIED_TOGETHER) {
    return { before, after, timed: true, note: "times are those of the files' modification" };
  }
  const why =
    modified && apart < 0
      ? "the modification times say otherwise and were not used"
      : "the files tell no times of their own; no rates";
  return {
    before,
    after: { ...after, time: Math.max(before.time + 1, after.time) },
    timed: false,
    note: `in the order of the arguments: ${why}`,
  };
}

function tellsItsTime({ origin: { timeBasis } }: Snapshot): boolean {
  return timeBasis === "measured" || timeBasis === "marker" || timeBasis === "file-name";
}
