// The stretch of history that verdicts are drawn from: one boot, its settling time left out, thinned to a few hundred
// points by averaging, with the host's load beside it. Bases of shapes are shared by all series that start alike.

import { awakeAxis, type Paced } from "./awake.ts";
import { makeBasis, type Basis } from "./basis.ts";
import type { History } from "./history.ts";
import { loadCurve, type LoadCurve } from "./load.ts";

/** More points than this do not change a verdict, they only cost time. */
const MAX_POINTS = 240;
/** Fewer points than this carry no verdict. */
export const MIN_POINTS = 12;
/** A group of fewer points has no floor that its mean has not. */
const MIN_COARSE = 4;
/** Share of the time since a boot in which caches fill and services start. */
const SETTLING_SHARE = 0.12;
const MAX_SETTLING = 2 * 3_600_000;

export interface Window {
  /** Index into the history of the first point used. */
  readonly start: number;
  /** History points per window point. */
  readonly group: number;
  readonly times: Float64Array;
  readonly load: LoadCurve;
  /** Time left out after a boot. */
  readonly settled: number;
  basis(from: number): Basis;
}

/** Undefined where there are too few points. `bootAtStart`: the history begins within minutes of a boot. */
export function makeWindow(history: History, bootAtStart: boolean): Window | undefined {
  const all = history.times;
  const first = all[0] ?? 0;
  const span = (all[all.length - 1] ?? 0) - first;
  const settled = bootAtStart ? Math.min(span * SETTLING_SHARE, MAX_SETTLING) : 0;
  let start = 0;
  while (start < all.length && (all[start] ?? 0) - first < settled) start += 1;
  return windowFrom(history, start, settled);
}

/** The last `share` of the time of a window, averaged less; undefined where it has too few points. */
export function nestedWindow(history: History, whole: Window, share: number): Window | undefined {
  const { times } = history;
  const end = times[times.length - 1] ?? 0;
  const from = end - share * (end - (times[whole.start] ?? 0));
  let start = whole.start;
  while (start < times.length && (times[start] ?? 0) < from) start += 1;
  return windowFrom(history, start, 0);
}

/** The same stretch as a window in `points` longer groups; undefined where they would be hardly longer than the window's own. */
export function coarseWindow(history: History, whole: Window, points: number): Window | undefined {
  const n = history.times.length - whole.start;
  const group = Math.ceil(n / points);
  return group < MIN_COARSE ? undefined : windowFrom(history, whole.start, whole.settled, group);
}

function windowFrom(
  history: History,
  start: number,
  settled: number,
  group = Math.ceil((history.times.length - start) / MAX_POINTS),
): Window | undefined {
  const all = history.times;
  const n = all.length - start;
  if (n < MIN_POINTS) return undefined;
  const times = means(all, start, group);
  const allocs: Float64Array[] = [];
  for (const key of history.keys()) {
    const columns = history.columns(key);
    if (columns !== undefined) allocs.push(lasts(columns.allocs, start, group));
  }
  const axis = awakeAxis(all.subarray(start), start, () => rowsOf(history));
  const pace = means(axis, 0, group);
  const load = loadCurve(lasts(axis, 0, group), allocs);
  const bases = new Map<number, Basis>();
  return {
    start,
    group,
    times,
    load,
    settled,
    basis(from) {
      let basis = bases.get(from);
      if (basis === undefined) {
        basis = makeBasis(pace.subarray(from), load.level.subarray(from), load.varies, times.subarray(from));
        bases.set(from, basis);
      }
      return basis;
    },
  };
}

function* rowsOf(history: History): Generator<Paced> {
  for (const key of history.keys()) {
    const columns = history.columns(key);
    if (columns !== undefined) yield columns;
  }
}

/** What growth must prove on top (log odds) while the host's load itself climbs through the record. */
const RAMP_BAR = 2.5;
/** Such a climb: load moves with time this closely, and by this share. */
const RAMP_CORRELATION = 0.8;
const RAMP_RISE = 0.3;

/** Whether the load ramps up: then every benign tag rises, and slow ones rise later, like a line. */
export function extraBar(window: Window): number {
  const { level, varies } = window.load;
  if (!varies) return 0;
  const n = level.length;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  let syy = 0;
  for (let i = 0; i < n; i++) {
    const x = i / n;
    const y = level[i] ?? 1;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
    syy += y * y;
  }
  const vx = sxx - (sx * sx) / n;
  const vy = syy - (sy * sy) / n;
  const covariance = sxy - (sx * sy) / n;
  const correlation = covariance / Math.sqrt(vx * vy || 1);
  return correlation > RAMP_CORRELATION && covariance / vx > RAMP_RISE ? RAMP_BAR : 0;
}

/** Means of whole groups from `start` on; the group at the end may be short. NaNs are left out of their group. */
export function means(values: Float64Array, start: number, group: number): Float64Array {
  const out = new Float64Array(Math.ceil((values.length - start) / group));
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    let count = 0;
    const end = Math.min(values.length, start + (i + 1) * group);
    for (let j = start + i * group; j < end; j++) {
      const v = values[j] as number;
      if (Number.isNaN(v)) continue;
      sum += v;
      count += 1;
    }
    out[i] = count > 0 ? sum / count : Number.NaN;
  }
  return out;
}

/** The least value of each group. */
export function leasts(values: Float64Array, start: number, group: number): Float64Array {
  const out = new Float64Array(Math.ceil((values.length - start) / group)).fill(Number.NaN);
  for (let i = start; i < values.length; i++) {
    const at = Math.floor((i - start) / group);
    const v = values[i] as number;
    if (!Number.isNaN(v) && !((out[at] as number) <= v)) out[at] = v;
  }
  return out;
}

/** The last value of each group. */
export function lasts(values: Float64Array, start: number, group: number): Float64Array {
  const out = new Float64Array(Math.ceil((values.length - start) / group));
  for (let i = 0; i < out.length; i++) {
    out[i] = values[Math.min(values.length, start + (i + 1) * group) - 1] as number;
  }
  return out;
}
