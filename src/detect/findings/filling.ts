// A tag that frees nothing and asks ever more seldom: a cache whose misses fall while it fills. A leak that keeps all it
// allocates goes on allocating as the work goes on.

import { LINE, WORK } from "../series/basis.ts";
import { wanesByAny } from "../shapes/slowing.ts";
import { keptShare } from "./groups.ts";
import type { TagJudgement } from "./judge.ts";

/** Below this share of allocations kept, those that are freed again hide how often the kept ones are made. */
const KEEPS = 0.8;
/** Stretches of work that allocations are counted in. */
const BINS = 16;
/** Fewer allocations tell no rate. */
const MIN_MADE = 60;
/** All of them together tell a rate no better than so many independent ones: no work is quite even. */
const MOST_WORTH = 400;
/** Log odds of waning from which on it is a cache. */
const CACHE = 1;

/** Whether a tag's allocations, counters known, are the misses of a cache. */
export function fillsLikeCache(j: TagJudgement): boolean {
  if (j.factor !== "count" || j.kind !== "growing" || !((keptShare(j) ?? 0) >= KEEPS)) return false;
  const { basis, allocs } = j;
  const columns = [LINE, ...(basis.loadVaries ? [WORK] : [])].map((column) => basis.columns[column] ?? basis.times);
  const pace = columns[columns.length - 1] ?? basis.times;
  const paces = columns.map(() => ({ middles: [] as number[], widths: [] as number[] }));
  const made: number[] = [];
  let before = 0;
  for (let bin = 1; bin <= BINS; bin++) {
    let to = before;
    while (to < allocs.length - 1 && (pace[to] ?? 0) < bin / BINS) to += 1;
    if (to === before) continue;
    columns.forEach((column, k) => {
      const [start, end] = [column[before] ?? 0, column[to] ?? 0];
      paces[k]?.middles.push((start + end) / 2);
      paces[k]?.widths.push(end - start);
    });
    made.push((allocs[to] ?? 0) - (allocs[before] ?? 0));
    before = to;
  }
  const total = made.reduce((a, b) => a + b, 0);
  if (!(total >= MIN_MADE) || made.length < BINS / 2) return false;
  return wanesByAny(paces, made, Math.min(1 / dispersion(made), MOST_WORTH / total)) > CACHE;
}

/** How much more neighbouring counts differ than independent events would, at least 1. */
function dispersion(counts: readonly number[]): number {
  let sum = 0;
  for (let i = 1; i < counts.length; i++) {
    const a = counts[i - 1] ?? 0;
    const b = counts[i] ?? 0;
    if (a + b > 0) sum += (a - b) ** 2 / (a + b);
  }
  return Math.max(1, sum / (counts.length - 1));
}
