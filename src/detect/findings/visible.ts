// The smallest leak that could have been seen in a tag: a steady one is added to what the tag did, and the judge is asked whether it
// would call it. No formula stands between the figure and the verdict.

import { LINE } from "../series/basis.ts";
import type { TagSignals } from "../series/tag-signals.ts";
import { judgeTag, MIN_BLOCKS, OPEN } from "./judge.ts";

/** Halvings of the range of sizes (by their logarithm) until the answer is known. */
const HALVINGS = 7;
/** Nothing larger than so many times all that a tag holds is tried. */
const MOST_TIMES = 8;

export interface SmallestVisible {
  /** Over the whole judged record. */
  readonly blocks: number;
  readonly bytesPerHour: number;
}

/**
 * The smallest steady leak, over the whole record, that would be called with `bar` (log odds) to prove beyond the usual; undefined
 * where none of any size that makes sense would be.
 */
export function smallestVisible(signals: TagSignals, bar: number): SmallestVisible | undefined {
  const { counts, held, basis } = signals;
  const n = counts.length;
  const blocks = counts[n - 1] ?? 0;
  const each = blocks > 0 ? (held[n - 1] ?? 0) / blocks : 0;
  const peak = counts.reduce((a, b) => Math.max(a, b), 0);
  let low = Math.log(MIN_BLOCKS);
  let high = Math.log(Math.max(MIN_BLOCKS, peak) * MOST_TIMES);
  if (!(each > 0) || !isSeen(signals, Math.exp(high), each, bar)) return undefined;
  if (isSeen(signals, Math.exp(low), each, bar)) high = low;
  for (let i = 0; i < HALVINGS && high > low; i++) {
    const middle = (low + high) / 2;
    if (isSeen(signals, Math.exp(middle), each, bar)) high = middle;
    else low = middle;
  }
  const found = Math.max(MIN_BLOCKS, Math.exp(high));
  return { blocks: found, bytesPerHour: (found * each) / (basis.span / 3_600_000) };
}

/** Whether the judge would call a steady leak of so many blocks over the record, added to what the tag did. */
function isSeen(signals: TagSignals, blocks: number, bytesEach: number, bar: number): boolean {
  const { counts, held, allocs, basis } = signals;
  const leaked = (basis.columns[LINE] ?? basis.times).map((share) => Math.round(blocks * share));
  const more = counts.map((count, i) => count + (leaked[i] ?? 0));
  const bytes = held.map((b, i) => b + (leaked[i] ?? 0) * bytesEach);
  const j = judgeTag({
    ...signals,
    counts: more,
    held: bytes,
    sizes: bytes.map((b, i) => b / Math.max(1, more[i] ?? 1)),
    allocs: allocs.map((made, i) => made + (leaked[i] ?? 0)),
  });
  return j.kind === "growing" && j.excuse === undefined && j.logOdds >= OPEN + bar;
}
