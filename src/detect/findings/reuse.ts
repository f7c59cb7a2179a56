// What happened after growth stopped: whether its cause stopped too, or went on and lives off what it has (a ring, a cache).

import type { TagJudgement } from "./judge.ts";
import { median } from "../series/numeric.ts";

export interface Reuse {
  /**
   * How much less is allocated since the growth stopped, as a share of the growth: 1 where its cause stopped and nothing
   * is used again, 0 where allocations go on as before and now find room.
   */
  readonly ceased: number;
  readonly error: number;
  /** log odds of a cause that stopped against one that goes on. */
  readonly logOdds: number;
}

/** Blocks of a stretch that its rate's error is taken from. */
const BLOCKS = 8;
const MIN_POINTS = 4;
/** Around the stop so many points belong to neither side. */
const MARGIN = 1;
/** No rate of allocations is steadier than this share of the growth. */
const LEAST_ERROR = 0.08;
/** A cause that goes on makes between this much more and this much less than before. */
const GOES_ON_FROM = -0.6;
const GOES_ON_TO = 0.75;

/** Undefined where the source has no counts of allocations or a side is too short. `from` and `until` as times. */
export function reuseAfter(j: TagJudgement, from: number, until: number): Reuse | undefined {
  const { times, allocs, counts } = j;
  const start = indexOf(times, from);
  const stop = indexOf(times, until);
  const last = times.length - 1;
  const during = rates(times, allocs, start, stop - MARGIN);
  const after = rates(times, allocs, stop + MARGIN, last);
  if (during === undefined || after === undefined) return undefined;
  const hours = (times[stop] ?? 0) - (times[start] ?? 0);
  const growth = ((counts[stop] ?? 0) - (counts[start] ?? 0)) / hours;
  if (!(growth > 0)) return undefined;
  const ceased = (during.rate - after.rate) / growth;
  const error = Math.max(LEAST_ERROR, Math.hypot(during.error, after.error) / growth);
  const stopped = Math.exp(-0.5 * ((ceased - 1) / error) ** 2) / error;
  let goesOn = 0;
  const steps = 24;
  for (let i = 0; i <= steps; i++) {
    const at = GOES_ON_FROM + ((GOES_ON_TO - GOES_ON_FROM) * i) / steps;
    goesOn += Math.exp(-0.5 * ((ceased - at) / error) ** 2) / error / (steps + 1);
  }
  const log = (x: number): number => Math.log(Math.max(x, 1e-12));
  return { ceased, error, logOdds: log(stopped) - log(goesOn) };
}

function rates(
  times: Float64Array,
  allocs: Float64Array,
  from: number,
  to: number,
): { rate: number; error: number } | undefined {
  if (to - from < MIN_POINTS) return undefined;
  const rate = (a: number, b: number): number =>
    ((allocs[b] ?? Number.NaN) - (allocs[a] ?? Number.NaN)) / ((times[b] ?? 0) - (times[a] ?? 0));
  const whole = rate(from, to);
  if (!(whole >= 0)) return undefined;
  const blocks = Math.min(BLOCKS, to - from);
  const parts = Float64Array.from({ length: blocks }, (_, k) =>
    rate(from + Math.floor((k * (to - from)) / blocks), from + Math.floor(((k + 1) * (to - from)) / blocks)),
  );
  const centre = median(parts);
  const spread = 1.48 * median(parts.map((p) => Math.abs(p - centre)));
  return { rate: whole, error: spread / Math.sqrt(blocks) };
}

function indexOf(times: Float64Array, time: number): number {
  let at = 0;
  while (at < times.length - 1 && (times[at] ?? 0) < time) at += 1;
  return at;
}
