// Growth in rare lumps: a count that stands still, jumps up now and then by about as much, and never comes down again. A
// line under noise says little about a dozen of events; their number, sizes and times say more.

import { median } from "../series/numeric.ts";
import { wanes } from "./slowing.ts";

export interface Lumps {
  readonly count: number;
  /** log odds of a cause that goes on against a start-up in several steps. */
  readonly logOdds: number;
  /** Rise over the whole record, in units of the signal, and its standard error. */
  readonly rise: number;
  readonly error: number;
}

/** A lump stands out this much over the usual change, and by this share of the range. */
const FACTOR = 6;
const SHARE = 0.03;
/** Fewer are the parts of something that starts. */
const MIN_LUMPS = 6;
/** More are a line to the models of noise. */
const MAX_LUMPS = 60;
/** Share of the range that all lumps together must be. */
const MOST_OF_RANGE = 0.85;
/** What falls between the lumps, as a share of all lumps: a pool that is drained and refilled falls by as much. */
const MOST_LOST = 0.15;
/** Times as even as chance would have them: the largest distance from an even spread, times the root of their number. */
const MAX_DISTANCE = 1.2;
/** No wait at the end longer than so many usual ones: then it has stopped. */
const MAX_WAIT = 3;
/** What a lump tells that none fell again (log odds). */
const PER_LUMP = Math.LN2;
/** Sizes this alike (deviation by mean) speak for one cause, each the more. */
const ALIKE = 0.5;
const SEARCHED = 1;

/** Undefined where the signal is no series of lumps. `share` is time from 0 to 1. */
export function judgeLumps(share: Float64Array, values: Float64Array): Lumps | undefined {
  const n = values.length;
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  const changes = Float64Array.from({ length: n - 1 }, (_, i) => (values[i + 1] ?? 0) - (values[i] ?? 0));
  const least = Math.max(FACTOR * 1.48 * median(changes.map(Math.abs)), SHARE * (high - low), 1);
  const sizes: number[] = [];
  const times: number[] = [];
  for (let i = 0; i < changes.length; i++) {
    const change = changes[i] ?? 0;
    if (change <= -least) return undefined;
    if (change < least) continue;
    // An averaged point may catch a lump half way: two steps in a row are one.
    const next = changes[i + 1] ?? 0;
    const joined = next >= least ? change + next : change;
    sizes.push(joined);
    times.push(share[i + 1] ?? 0);
    if (next >= least) i += 1;
  }
  const count = sizes.length;
  const rise = sizes.reduce((a, b) => a + b, 0);
  const lost = changes.reduce((sum, change) => sum - Math.min(0, change), 0);
  if (lost > MOST_LOST * rise) return undefined;
  if (count < MIN_LUMPS || count > MAX_LUMPS || rise < MOST_OF_RANGE * (high - low)) return undefined;
  let distance = 0;
  times.forEach((t, i) => (distance = Math.max(distance, Math.abs((i + 0.5) / count - t))));
  const wait = 1 - (times[count - 1] ?? 0);
  if (distance * Math.sqrt(count) > MAX_DISTANCE || wait > MAX_WAIT / count) return undefined;
  const mean = rise / count;
  const spread = Math.sqrt(sizes.reduce((s, v) => s + (v - mean) ** 2, 0) / count) / mean;
  const alike = Math.max(0, Math.log(ALIKE / (spread + 0.1)));
  // Lumps that come ever more seldom are the parts of something that starts or fills.
  const usual = median(Float64Array.from(sizes));
  const waning = Math.max(
    0,
    wanes(
      times,
      sizes.map((size) => size / usual),
    ),
  );
  return {
    count,
    logOdds: count * PER_LUMP + (count - 1) * alike - SEARCHED - waning,
    rise,
    error: rise / Math.sqrt(count),
  };
}
