// A sawtooth (a cache that is trimmed, a queue that is flushed) says nothing by its rises. What tells is where it falls
// back to: a floor that stays is harmless, floors and peaks that rise together are memory that no trim gives back.

import { quantile } from "../series/numeric.ts";

export interface Sawtooth {
  /** log odds of rising floors and peaks against level ones. */
  readonly logOdds: number;
  /** Rise over the whole record, in units of the signal, and its standard error. */
  readonly rise: number;
  readonly error: number;
  readonly teeth: number;
}

/** A fall counts when it takes this share of the range, and stands out this much over usual changes. */
const FALL_SHARE = 0.25;
const FALL_FACTOR = 2.5;
/** Fewer falls than this are no rhythm of trims. */
const MIN_TEETH = 2;

/** Undefined where the signal is no sawtooth. `share` is time from 0 to 1. */
export function judgeSawtooth(share: Float64Array, values: Float64Array): Sawtooth | undefined {
  const falls = findFalls(values);
  if (falls.length < MIN_TEETH) return undefined;
  const points: { s: number; y: number; peak: number }[] = [];
  for (const { before, after } of falls) {
    points.push({ s: share[before] ?? 0, y: values[before] ?? 0, peak: 1 });
    points.push({ s: share[after] ?? 0, y: values[after] ?? 0, peak: 0 });
  }
  return fitTeeth(points, falls.length);
}

/** Peak and floor of each fall; falls that follow each other at once are one. */
function findFalls(values: Float64Array): { before: number; after: number }[] {
  const changes = new Float64Array(values.length - 1);
  for (let i = 1; i < values.length; i++) changes[i - 1] = Math.abs((values[i] ?? 0) - (values[i - 1] ?? 0));
  const range = quantile(values, 1) - quantile(values, 0);
  const least = Math.max(FALL_SHARE * range, FALL_FACTOR * quantile(changes, 0.8));
  const falls: { before: number; after: number }[] = [];
  // Teeth rise slowly and fall at once; what rises as suddenly as it falls is noise or a square wave.
  let leaps = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) - (values[i - 1] ?? 0) >= least) leaps += 1;
  for (let i = 1; i < values.length; i++) {
    // A fall may be caught half way by an averaged point, so two steps count as one.
    const one = (values[i - 1] ?? 0) - (values[i] ?? 0);
    const two = i + 1 < values.length ? (values[i - 1] ?? 0) - (values[i + 1] ?? 0) : one;
    if (one <= 0 || Math.max(one, two) < least) continue;
    const after = two > one ? i + 1 : i;
    falls.push({ before: i - 1, after });
    i = after;
  }
  return leaps * 2 > falls.length ? [] : falls;
}

/** Two parallel lines through peaks and floors, against two level ones. */
function fitTeeth(points: readonly { s: number; y: number; peak: number }[], teeth: number): Sawtooth {
  const n = points.length;
  let ss = 0;
  let sy = 0;
  let yy = 0;
  for (const peak of [0, 1]) {
    const own = points.filter((p) => p.peak === peak);
    const s = own.reduce((sum, p) => sum + p.s, 0) / own.length;
    const y = own.reduce((sum, p) => sum + p.y, 0) / own.length;
    for (const p of own) {
      ss += (p.s - s) ** 2;
      sy += (p.s - s) * (p.y - y);
      yy += (p.y - y) ** 2;
    }
  }
  const rise = ss > 0 ? sy / ss : 0;
  const left = Math.max(yy - rise * sy, yy * 1e-6, 1e-9);
  const freedom = n - 3;
  const error = freedom > 0 && ss > 0 ? Math.sqrt(left / freedom / ss) : Infinity;
  const logOdds = rise > 0 && freedom >= 3 ? -0.5 * freedom * Math.log(left / yy) - 0.5 * Math.log(n) : -Infinity;
  return { logOdds, rise, error, teeth };
}
