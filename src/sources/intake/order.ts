// The order of files that tell no times: by their arguments, by names that count up, by modification dates that are no copy's.
// Where only an order is known, one step stands for the distance, and no time of a calendar is given.

import { FormatError, UsageError } from "../../model/errors.ts";
import { STEP } from "../../model/intake.ts";
import type { Gap, Milliseconds, Snapshot } from "../../model/snapshot.ts";
import { formatTime } from "../../model/time.ts";
import type { OpenOptions } from "../timeline.ts";
import { countingOrder } from "./file-names.ts";

/** A file as the order sees it. */
export interface OrderedPart {
  readonly path: string;
  /** Which of the named paths it came from. */
  readonly argument: number;
  readonly first: Snapshot;
  /** All its snapshots, where they were read ahead. */
  snapshots?: readonly Snapshot[];
}

/** Modification dates closer than this are those of a copy, not of the measurement. */
const COPIED_WITHIN: Milliseconds = 2_000;

/** Whether a snapshot has a time of its own, not one of its file. */
function isTimed({ origin }: Snapshot): boolean {
  return origin.timeBasis !== "file-modified" && origin.timeBasis !== "none";
}

export interface Ordered<Part> {
  /** In time order. */
  readonly parts: readonly Part[];
  readonly gaps: readonly Gap[];
}

/** Puts parts in time order. Throws UsageError where the order of arguments is to hold and the files' own times contradict it. */
export function orderParts<Part extends OrderedPart>(parts: readonly Part[], options: OpenOptions): Ordered<Part> {
  const timed = parts.filter((part) => isTimed(part.first));
  const untimed = parts.filter((part) => !isTimed(part.first));
  if (options.argumentOrder === true) refuseContradiction(timed);
  if (untimed.length === 0) return { parts: byTime(timed), gaps: [] };
  if (timed.length > 0) return beside(timed, untimed);
  if (untimed.length === 1) return { parts: untimed, gaps: [] };
  return withoutTimes(untimed, options);
}

function byTime<Part extends OrderedPart>(parts: readonly Part[]): Part[] {
  return parts.toSorted((a, b) => a.first.time - b.first.time);
}

function refuseContradiction(timed: readonly OrderedPart[]): void {
  let latest: OrderedPart | undefined;
  for (const part of timed) {
    if (latest !== undefined && latest.argument < part.argument && part.first.time < latest.first.time) {
      throw new UsageError(
        `the times in the files contradict the order of the arguments: ${latest.path} (${formatTime(latest.first.time)}) is named before ${part.path} (${formatTime(part.first.time)}); name them in time order`,
      );
    }
    if (latest === undefined || part.first.time > latest.first.time) latest = part;
  }
}

/** A modification date is believed only where it fits the times that the other files tell. */
function beside<Part extends OrderedPart>(timed: readonly Part[], untimed: readonly Part[]): Ordered<Part> {
  const times = timed.map((part) => part.first.time);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const span = to - from;
  const fits = (part: Part): boolean =>
    part.first.origin.timeBasis === "file-modified" && part.first.time >= from - span && part.first.time <= to + span;
  const gaps = untimed
    .filter((part) => !fits(part))
    .map((part) => ({ where: part.path, problem: "tells no time while the other files do; left out" }));
  return { parts: byTime([...timed, ...untimed.filter(fits)]), gaps };
}

function withoutTimes<Part extends OrderedPart>(parts: readonly Part[], options: OpenOptions): Ordered<Part> {
  const { assumedInterval: told, argumentOrder } = options;
  const dated = parts.every(({ first }) => first.origin.timeBasis === "file-modified");
  const byDate = byTime(parts);
  const copied = byDate.some((part, i) => i > 0 && part.first.time - (byDate[i - 1]?.first.time ?? 0) < COPIED_WITHIN);
  const named = parts.some((part) => part.argument !== parts[0]?.argument);
  if (dated && !copied && told === undefined) {
    const agrees = byDate.every((part, i) => i === 0 || part.argument >= (byDate[i - 1]?.argument ?? 0));
    if (argumentOrder !== true || agrees) return { parts: byDate, gaps: [] };
    const where = `${parts[0]?.path} and ${parts.length - 1} more`;
    const problem =
      "the modification dates run against the order of the arguments; the order of the arguments was taken and the spacing is unknown";
    return { parts: inSteps(parts, told), gaps: [{ where, problem }] };
  }
  const counting = argumentOrder === true && named ? undefined : countingOrder(parts.map((part) => part.path));
  const order =
    counting === undefined
      ? parts
      : parts
          .map((part, i) => ({ part, number: counting[i] ?? 0 }))
          .sort((a, b) => a.number - b.number)
          .map(({ part }) => part);
  return { parts: inSteps(order, told), gaps: [] };
}

/** One step between snapshots, from 0 on. */
function inSteps<Part extends OrderedPart>(parts: readonly Part[], told: Milliseconds | undefined): Part[] {
  let step = 0;
  return parts.map((part) => {
    if (part.snapshots === undefined)
      throw new FormatError("source", "files without times are too large to be put in order", { file: part.path });
    const snapshots = part.snapshots.map((snapshot): Snapshot => ({
      ...snapshot,
      time: step++ * (told ?? STEP),
      origin: { ...snapshot.origin, timeBasis: "none" },
    }));
    return { ...part, snapshots, first: snapshots[0] ?? part.first };
  });
}
