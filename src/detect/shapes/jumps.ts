// Single jumps up in a signal: a service that starts, a buffer taken once. They are fitted as steps of their own, so that
// neither a trend nor a noise model has to explain them. Falls are left in: a rise that is given back is no growth.

import { quantile } from "../series/numeric.ts";

/** A jump stands out by this factor over nearly all other changes, and by this share of the range. */
const FACTOR = 8;
const SHARE = 0.1;
/** More of them are not jumps but the way this tag grows. */
const MAX_JUMPS = 3;

/** Indices of the first point after each jump; none where there are too many. */
export function findJumps(values: Float64Array): number[] {
  const n = values.length;
  const changes = new Float64Array(n - 1);
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < n; i++) {
    const v = values[i] ?? 0;
    if (v < low) low = v;
    if (v > high) high = v;
    if (i > 0) changes[i - 1] = v - (values[i - 1] ?? 0);
  }
  const usual = quantile(changes.map(Math.abs), 0.9);
  const least = Math.max(FACTOR * usual, SHARE * (high - low));
  const found: number[] = [];
  for (let i = 0; i < changes.length; i++) if ((changes[i] ?? 0) > least) found.push(i + 1);
  return found.length <= MAX_JUMPS ? found : [];
}

/** A step of height 1 at each jump. */
export function jumpColumns(length: number, jumps: readonly number[]): Float64Array[] {
  return jumps.map((at) => new Float64Array(length).fill(1, at));
}

/** The values with each jump taken out by its own height. */
export function withoutJumps(values: Float64Array, jumps: readonly number[]): Float64Array {
  const out = values.slice();
  for (const at of jumps) {
    const height = (values[at] ?? 0) - (values[at - 1] ?? 0);
    for (let i = at; i < out.length; i++) out[i] = (out[i] ?? 0) - height;
  }
  return out;
}
