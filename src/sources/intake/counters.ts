// Compares the counters of two snapshots: whether they can be of one machine in this order, and how far apart they are.

import { indexRows, type Snapshot } from "../../model/snapshot.ts";

export interface Comparison {
  /** Rows that both list with counters. */
  readonly common: number;
  /** Share of these whose allocs fell, 0 to 1. */
  readonly fallen: number;
  /** Median of |ln| of the ratio of allocs (of blocks where no counters are known). */
  readonly distance: number;
}

/** Counters below this say nothing. */
const MIN_COUNT = 16;
/** A fall from near 2^32 is a wrap as likely as anything. */
const NEAR_WRAP = 3 * 2 ** 30;
/** So many rows are enough for a median. */
const MOST_ROWS = 512;

export function compareCounters(before: Pick<Snapshot, "columns">, after: Pick<Snapshot, "columns">): Comparison {
  const index = indexRows(before.columns);
  const logs: number[] = [];
  let fallen = 0;
  let counted = 0;
  for (const [key, row] of indexRows(after.columns)) {
    const old = index.get(key);
    if (old === undefined) continue;
    const hasCounters = !Number.isNaN(after.columns.allocs[row]) && !Number.isNaN(before.columns.allocs[old]);
    const column = hasCounters ? "allocs" : "outstanding";
    const was = before.columns[column][old] ?? 0;
    const is = after.columns[column][row] ?? 0;
    if (was < MIN_COUNT && is < MIN_COUNT) continue;
    if (was >= NEAR_WRAP && was < 2 ** 32 && is < 2 ** 30) continue;
    if (hasCounters) {
      counted += 1;
      if (is < was) fallen += 1;
    }
    logs.push(Math.abs(Math.log((is + 1) / (was + 1))));
    if (logs.length >= MOST_ROWS) break;
  }
  logs.sort((a, b) => a - b);
  return {
    common: logs.length,
    fallen: counted === 0 ? 0 : fallen / counted,
    distance: logs[logs.length >> 1] ?? 0,
  };
}
