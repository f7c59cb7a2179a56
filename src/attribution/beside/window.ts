// The stretch of a finding: from its onset to its end, in the points of a record.

import type { Milliseconds } from "../../model/snapshot.ts";
import type { Verdict } from "../../model/verdict.ts";
import type { Course } from "./growth.ts";
import type { BesideRecord, ObjectPoint, ProgramPoint } from "./record.ts";

export interface Window {
  readonly verdict: Verdict;
  readonly record: BesideRecord;
  readonly from: Milliseconds;
  readonly to: Milliseconds;
  readonly objects: readonly ObjectPoint[];
  readonly programs: readonly ProgramPoint[];
}

/** The points in which a finding grew. */
export function windowOf(verdict: Verdict, record: BesideRecord): Window {
  const from = verdict.since ?? Number.NEGATIVE_INFINITY;
  const to = verdict.until ?? Number.POSITIVE_INFINITY;
  const inside = ({ time }: { readonly time: Milliseconds }): boolean => time >= from && time <= to;
  return {
    verdict,
    record,
    from,
    to,
    objects: record.objects.filter(inside),
    programs: record.programs.filter(inside),
  };
}

/** Objects or handles of a type over the window. */
export function courseOfType(window: Window, type: string, count: "objects" | "handles"): Course {
  const times: Milliseconds[] = [];
  const values: number[] = [];
  for (const { time, types } of window.objects) {
    const found = types.get(type);
    const value = found?.[count];
    if (value === undefined) continue;
    times.push(time);
    values.push(value);
  }
  return { times, values };
}

/** Blocks that a tag of the finding gained over the window, from its rate; the finding's own group included. */
export function blocksGained(window: Window, ratio: number): number {
  const first = window.objects[0]?.time;
  const last = window.objects.at(-1)?.time;
  if (first === undefined || last === undefined) return 0;
  return (window.verdict.blocksPerHour * ratio * (last - first)) / 3_600_000;
}
