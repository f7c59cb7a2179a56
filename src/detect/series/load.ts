// The host's load as the tags themselves show it: the median, over busy tags, of each tag's allocation rate relative to
// its own usual rate. It is what benign pools follow, with a lag of how long blocks live.

import { median } from "./numeric.ts";

export interface LoadCurve {
  /** Load at each snapshot, 1 = usual; for the interval that ends there. */
  readonly level: Float64Array;
  /** Tags it was learned from; below {@link MIN_TAGS} the curve is flat. */
  readonly tags: number;
  /** Whether it varies enough to explain anything. */
  readonly varies: boolean;
}

/** With fewer busy tags one tag's own history would pass for the host's. */
const MIN_TAGS = 8;
/** Busy: at least this many allocations in the usual interval, so that counting noise stays below 20 %. */
const MIN_ALLOCS = 25;
const MAX_TAGS = 160;

/** `allocs` are unwrapped cumulative counts of each series at `times`; NaN where unknown. */
export function loadCurve(times: Float64Array, allocs: readonly Float64Array[]): LoadCurve {
  const n = times.length;
  const flat: LoadCurve = { level: new Float64Array(n).fill(1), tags: 0, varies: false };
  if (n < 4) return flat;
  const busy: { rates: Float64Array; usual: number; count: number }[] = [];
  for (const series of allocs) {
    const total = (series[n - 1] ?? Number.NaN) - (series[0] ?? Number.NaN);
    if (!(total / (n - 1) >= MIN_ALLOCS)) continue;
    const rates = new Float64Array(n - 1);
    const counts = new Float64Array(n - 1);
    let whole = true;
    for (let i = 1; i < n && whole; i++) {
      const made = (series[i] as number) - (series[i - 1] as number);
      if (!(made >= 0)) whole = false;
      counts[i - 1] = made;
      rates[i - 1] = made / ((times[i] as number) - (times[i - 1] as number));
    }
    if (!whole || median(counts) < MIN_ALLOCS) continue;
    busy.push({ rates, usual: median(rates), count: total });
  }
  if (busy.length < MIN_TAGS) return flat;
  busy.sort((a, b) => b.count - a.count);
  const used = busy.slice(0, MAX_TAGS);
  const level = new Float64Array(n);
  const column = new Float64Array(used.length);
  for (let i = 1; i < n; i++) {
    for (let k = 0; k < used.length; k++) {
      const tag = used[k];
      column[k] = tag === undefined ? 1 : (tag.rates[i - 1] as number) / tag.usual;
    }
    level[i] = median(column);
  }
  level[0] = level[1] ?? 1;
  const usual = median(level);
  if (!(usual > 0)) return flat;
  let spread = 0;
  for (let i = 0; i < n; i++) {
    level[i] = (level[i] as number) / usual;
    spread = Math.max(spread, Math.abs((level[i] as number) - 1));
  }
  return { level, tags: used.length, varies: spread > 0.02 };
}

/** The load as blocks that live for `lifetime` on average would show it: an exponential mean over real time. */
export function lagged(times: Float64Array, level: Float64Array, lifetime: number): Float64Array {
  const out = new Float64Array(level.length);
  // What the load was before the record starts is unknown: its first stretch stands for it.
  let state = 0;
  let weight = 0;
  for (let i = 0; i < level.length; i++) {
    if ((times[i] as number) - (times[0] as number) > lifetime) break;
    state += level[i] as number;
    weight += 1;
  }
  state = weight > 0 ? state / weight : (level[0] ?? 1);
  out[0] = lifetime > 0 ? state : (level[0] ?? 1);
  for (let i = 1; i < level.length; i++) {
    const keep = lifetime > 0 ? Math.exp(-((times[i] as number) - (times[i - 1] as number)) / lifetime) : 0;
    state = keep * state + (1 - keep) * (level[i] as number);
    out[i] = state;
  }
  return out;
}
