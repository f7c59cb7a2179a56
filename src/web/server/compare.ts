// All tags at two times, as far as the kept history remembers them.

import { kindCodeOfKey, tagOfKey, type Milliseconds } from "../../model/snapshot.ts";
import type { ChartHistory } from "./chart-history.ts";
import type { Comparison } from "../contract.ts";

/** Index of the time nearest to `time` in rising `times`; -1 where there is none. */
export function nearestIndex(times: ArrayLike<number>, time: Milliseconds): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  if (low > 0 && time - (times[low - 1] ?? 0) < (times[low] ?? 0) - time) return low - 1;
  return times.length === 0 ? -1 : low;
}

/** Compares; a tag that was not listed at a time held nothing then. Undefined before the first snapshot. */
export function compareTimes(history: ChartHistory, from: Milliseconds, to: Milliseconds): Comparison | undefined {
  const { times } = history;
  const a = nearestIndex(times, Math.min(from, to));
  const b = nearestIndex(times, Math.max(from, to));
  const [start, end] = [times[a], times[b]];
  if (start === undefined || end === undefined) return undefined;
  const keys = history.keys();
  const at = (index: number, what: "bytes" | "blocks"): number[] =>
    keys.map((key) => history.series(key)?.[what][index] || 0);
  return {
    from: start,
    to: end,
    tag: keys.map(tagOfKey),
    kind: keys.map(kindCodeOfKey),
    bytesFrom: at(a, "bytes"),
    bytesTo: at(b, "bytes"),
    blocksFrom: at(a, "blocks"),
    blocksTo: at(b, "blocks"),
  };
}
