// The time that a machine was awake: across a hole in the record in which its counters went on as in an ordinary wait it slept, or its
// clock was set forward. Growth is judged along that time, else each night is a step.

import { median } from "./numeric.ts";

/** A wait this many times the usual one is a hole. */
const HOLE = 4;
/** Waits on each side of a hole that tell how fast a counter runs there. */
const NEAR = 8;
/** Fewer tell no pace. */
const MIN_NEAR = 6;
/** A counter has a pace where its mean change stands this many errors above nothing. */
const STEADY = 6;
/** Counters of allocations that must agree; of levels one with a pace is enough, since few have one. */
const MIN_COUNTERS = 3;
/** A machine that did this share of its work through a hole was awake, and nobody wrote it down. */
const AWAKE = 0.5;

/** One row as it is asked about: cumulative allocations, NaN where unknown, and blocks outstanding. */
export interface Paced {
  readonly allocs: Float64Array;
  readonly outstanding: Float64Array;
}

/**
 * `times` (ms) with holes cut down to the time that the machine worked through them; the same array where it slept through none.
 * Columns begin at `start` with the first of the times.
 */
export function awakeAxis(times: Float64Array, start: number, rows: () => Iterable<Paced>): Float64Array {
  const n = times.length;
  const waits = Float64Array.from({ length: Math.max(0, n - 1) }, (_, i) => (times[i + 1] ?? 0) - (times[i] ?? 0));
  const usual = n < 2 ? 0 : median(waits);
  const holes = [...waits.keys()].filter((i) => (waits[i] ?? 0) > HOLE * usual);
  if (holes.length === 0) return times;
  const awake = waits.slice();
  const isHole = new Set(holes);
  const near = new Map(holes.map((hole) => [hole, nearOf(hole, waits.length, isHole)]));
  const told = new Map<number, { counters: number[]; levels: number[] }>();
  for (const hole of holes) told.set(hole, { counters: [], levels: [] });
  for (const { allocs, outstanding } of rows()) {
    const counted = !Number.isNaN(allocs[start]);
    const column = counted ? allocs : outstanding;
    for (const hole of holes) {
      const worked = workedThrough(column, start, hole, near.get(hole) ?? [], waits);
      if (worked !== undefined) told.get(hole)?.[counted ? "counters" : "levels"].push(worked);
    }
  }
  let slept = false;
  for (const hole of holes) {
    const { counters, levels } = told.get(hole) ?? { counters: [], levels: [] };
    const votes = counters.length >= MIN_COUNTERS ? counters : levels;
    const worked = votes.length === 0 ? Infinity : median(Float64Array.from(votes));
    const wait = waits[hole] ?? 0;
    if (!(worked < AWAKE * wait)) continue;
    awake[hole] = Math.max(worked, usual / 2);
    slept = true;
  }
  if (!slept) return times;
  const axis = times.slice();
  for (let i = 1; i < n; i++) axis[i] = (axis[i - 1] ?? 0) + (awake[i - 1] ?? 0);
  return axis;
}

/** Ordinary waits on both sides of a hole. */
function nearOf(hole: number, count: number, isHole: ReadonlySet<number>): readonly number[] {
  const near: number[] = [];
  for (let i = hole - 1; i >= 0 && near.length < NEAR; i--) if (!isHole.has(i)) near.push(i);
  const before = near.length;
  for (let i = hole + 1; i < count && near.length < before + NEAR; i++) if (!isHole.has(i)) near.push(i);
  return near;
}

/** The time (ms) that a counter takes, at its pace around a hole, for what it did through the hole; undefined where it has no pace. */
function workedThrough(
  column: Float64Array,
  start: number,
  hole: number,
  near: readonly number[],
  waits: Float64Array,
): number | undefined {
  if (near.length < MIN_NEAR) return undefined;
  const change = (i: number): number => (column[start + i + 1] ?? Number.NaN) - (column[start + i] ?? Number.NaN);
  let sum = 0;
  let square = 0;
  let time = 0;
  for (const i of near) {
    const d = change(i);
    sum += d;
    square += d * d;
    time += waits[i] ?? 0;
  }
  const count = near.length;
  const variance = Math.max(0, square - (sum * sum) / count) / (count - 1);
  const through = change(hole);
  if (!(Math.abs(sum / count) > STEADY * Math.sqrt(variance / count)) || Number.isNaN(through)) return undefined;
  return Math.max(0, (through * time) / sum);
}
