// How a count moved over a stretch of time, and whether two movements go together. Small and exact; no model is fitted here.

import type { Milliseconds } from "../../model/snapshot.ts";

/** One count over time. */
export interface Course {
  readonly times: readonly Milliseconds[];
  readonly values: readonly number[];
}

/** The ends of a course are means over this share of its points, so that a wobble at either end does not count as growth. */
const END_SHARE = 0.1;

/** What a course gained from its first tenth to its last; 0 for fewer than two points. */
export function gained({ values }: Course): number {
  if (values.length < 2) return 0;
  const span = Math.max(1, Math.floor(values.length * END_SHARE));
  return mean(values.slice(-span)) - mean(values.slice(0, span));
}

/** Pearson's correlation of two lists of one length; undefined for fewer than `least` pairs, or where either side never varies. */
export function correlation(a: readonly number[], b: readonly number[], least: number): number | undefined {
  const n = a.length;
  if (n < least) return undefined;
  const meanA = mean(a);
  const meanB = mean(b);
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < n; i++) {
    const x = (a[i] ?? 0) - meanA;
    const y = (b[i] ?? 0) - meanB;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? undefined : ab / Math.sqrt(aa * bb);
}

/** Standard deviation over mean: how uneven a series of increments is. */
export function unevenness(values: readonly number[]): number {
  const middle = mean(values);
  if (middle === 0) return 0;
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2))) / Math.abs(middle);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
