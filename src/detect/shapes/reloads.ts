// Growth that something cleared and that came back: a driver that is loaded anew gives back all it leaked and starts over.
// The same curve is drawn by a cache that is trimmed; only falls at no regular time tell them apart.

import { quantile } from "../series/numeric.ts";

export interface Reloads {
  /** Indices of the first point after each fall. */
  readonly falls: readonly number[];
  /** The signal with each fall added back: what would be held had nothing been cleared. */
  readonly uncleared: Float64Array;
  /** Whether the falls come at times that no period and no limit explains, or the only one took everything. */
  readonly irregular: boolean;
}

/** A fall gives back at least this share of what stood above the floor, and ends this near (share of the range) to it. */
const FALL = 0.5;
const NEAR_FLOOR = 0.2;
/** What is loaded anew starts from the same floor each time: floors lie this close together (share of the largest fall). */
const SAME_FLOOR = 0.05;
/** Or within so much of a usual change, since a point tells where the growth was a part of a step later. */
const FLOOR_NOISE = 1;
/** Floors of fewer falls may be alike by chance: then the record must have begun there as well, or every fall took everything. */
const TELLING_FALLS = 3;
/** A smaller fall (share of the range) is no fall. */
const LEAST = 0.1;
/** And stands out over the usual changes by this factor. */
const FACTOR = 6;
const MAX_FALLS = 4;
/** One wait this much longer than another is no period and no limit. */
const UNLIKE = 1.5;
/** Shorter stretches (points) say nothing of a rate; longer ones must keep this share of it. */
const LEAST_STRETCH = 8;
const FAIR_RATE = 0.3;
/** Less than this share of the peak is nothing, and so is what the record began with where that is little of the peak. */
const NOTHING = 0.05;
const LITTLE = 0.2;
/** The growth since the last fall has outlived every wait before by this factor. */
const OUTLIVED = 1.3;

/** Undefined where there is no such fall, or so many that they are the tag's way. */
export function findReloads(values: Float64Array): Reloads | undefined {
  const n = values.length;
  const low = quantile(values, 0.02);
  const range = quantile(values, 1) - low;
  if (!(range > 0)) return undefined;
  const changes = Float64Array.from({ length: n - 1 }, (_, i) => Math.abs((values[i + 1] ?? 0) - (values[i] ?? 0)));
  const usual = quantile(changes, 0.9);
  const falls: number[] = [];
  const uncleared = values.slice();
  let lowest = Infinity;
  let highest = -Infinity;
  let largest = 0;
  for (let i = 1; i < n; i++) {
    const before = values[i - 1] ?? 0;
    if (!((values[i] ?? 0) < before)) continue;
    // An averaged point may catch a fall half way.
    const after = Math.min(values[i] ?? 0, values[i + 1] ?? Infinity);
    const fall = before - after;
    if (fall < FACTOR * usual || fall < LEAST * range) continue;
    // Whatever is loaded anew starts from nothing: one fall that ends elsewhere is a trim, and so may be the others.
    if (fall < FALL * (before - low) || after - low > NEAR_FLOOR * range) return undefined;
    const end = (values[i] ?? 0) > after ? i + 1 : i;
    if (end > i) uncleared[i] = uncleared[i - 1] ?? 0;
    for (let k = end; k < n; k++) uncleared[k] = (uncleared[k] ?? 0) + fall;
    falls.push(end);
    lowest = Math.min(lowest, after);
    highest = Math.max(highest, after);
    largest = Math.max(largest, fall);
    i = end;
  }
  if (falls.length === 0 || falls.length > MAX_FALLS) return undefined;
  const alike = Math.max(SAME_FLOOR * largest, FLOOR_NOISE * usual);
  if (highest - lowest > alike) return undefined;
  if (!growsThroughout(uncleared, falls)) return undefined;
  const toNothing = falls.every((at) => fellToNothing(values, at));
  const toStart = Math.max(highest, values[0] ?? 0) - Math.min(lowest, values[0] ?? 0) <= alike;
  if (falls.length > 1 && falls.length < TELLING_FALLS && !toNothing && !toStart) return undefined;
  const irregular = falls.length === 1 ? toNothing : isIrregular(falls, n);
  return { falls, uncleared, irregular };
}

/** Each stretch between falls grows in both of its halves at a fair part of the common rate; bursts stand still between. */
function growsThroughout(uncleared: Float64Array, falls: readonly number[]): boolean {
  const n = uncleared.length;
  const rate = ((uncleared[n - 1] ?? 0) - (uncleared[0] ?? 0)) / (n - 1);
  const cuts = [0, ...falls, n];
  return cuts.slice(1).every((end, i) => {
    const start = cuts[i] ?? 0;
    if (end - start < LEAST_STRETCH) return true;
    const middle = Math.floor((start + end) / 2);
    const slope = (a: number, b: number): number => ((uncleared[b] ?? 0) - (uncleared[a] ?? 0)) / (b - a);
    return slope(start, middle) > FAIR_RATE * rate && slope(middle, end - 1) > FAIR_RATE * rate;
  });
}

/** A period or a limit may have begun before the record, so the first wait says nothing by being short. */
function isIrregular(falls: readonly number[], n: number): boolean {
  const waits = falls.map((at, i) => at - (falls[i - 1] ?? 0));
  const whole = waits.slice(1);
  const [first = 0] = waits;
  const longest = Math.max(...whole);
  return (
    longest > UNLIKE * Math.min(...whole) ||
    first > UNLIKE * longest ||
    n - (falls[falls.length - 1] ?? 0) > OUTLIVED * Math.max(first, longest)
  );
}

/** One fall has no period. What a driver that goes takes along is everything; a trim leaves what is in use. */
function fellToNothing(values: Float64Array, at: number): boolean {
  const peak = Math.max(values[at - 1] ?? 0, values[at - 2] ?? 0);
  const left = Math.min(values[at] ?? 0, values[at + 1] ?? Infinity);
  const first = values[0] ?? 0;
  return left <= NOTHING * peak || (first <= LITTLE * peak && left - first <= NOTHING * (peak - first));
}

/** Another signal of the same tag with what it lost at the same falls added back. */
export function withoutFalls(values: Float64Array, falls: readonly number[]): Float64Array {
  const out = values.slice();
  for (const at of falls) {
    // The point before may have been caught half way.
    const before = Math.max(out[at - 1] ?? 0, out[at - 2] ?? 0);
    const fall = before - (out[at] ?? 0);
    if (!(fall > 0)) continue;
    out[at - 1] = before;
    for (let k = at; k < out.length; k++) out[k] = (out[k] ?? 0) + fall;
  }
  return out;
}
