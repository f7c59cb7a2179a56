// Which snapshots of a long recording may go: the older, the fewer. Pure; doing it is thin.ts's work.

import type { Milliseconds } from "../model/snapshot.ts";
import type { Listed } from "./choose.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** From this age on one snapshot is kept for each span of `every`: the last one in it. */
export interface Rung {
  readonly olderThan: Milliseconds;
  readonly every: Milliseconds;
}

/**
 * Two hours whole, to see what happens now; a day by minutes, to find the hour in which something began; a week by ten
 * minutes; then hours, 168 of which make a week of a slow leak. Each `every` divides the next, so that what one rung keeps
 * the next one can keep too.
 */
export const LADDER: readonly Rung[] = [
  { olderThan: 2 * HOUR, every: MINUTE },
  { olderThan: DAY, every: 10 * MINUTE },
  { olderThan: 7 * DAY, every: HOUR },
];

/** Full detail never gets shorter than this, however small the file has to be. */
const LEAST_DETAIL = 10 * MINUTE;

/** The ladder, `squeeze` times as coarse and as early; beyond `keep` only what every boot keeps anyway. */
export function ladderFor(squeeze: number, keep: Milliseconds | undefined): readonly Rung[] {
  const rungs = LADDER.map(({ olderThan, every }) => ({
    olderThan: Math.max(LEAST_DETAIL, olderThan / squeeze),
    every: every * squeeze,
  }));
  return keep === undefined ? rungs : [...rungs, { olderThan: keep, every: Number.POSITIVE_INFINITY }];
}

/**
 * The ids that stay by their age: all that are young, the last of each span of older ones, and always the first and the
 * last of a boot. A span is thinned only once all of it is old enough, so that its last snapshot is known.
 */
export function keptByAge(listed: readonly Listed[], now: Milliseconds, ladder: readonly Rung[]): Set<number> {
  const kept = new Set<number>();
  const lastOfSpan = new Map<string, number>();
  for (const [i, { id, time, boot }] of listed.entries()) {
    if (listed[i - 1]?.boot !== boot || listed[i + 1]?.boot !== boot) kept.add(id);
    const rung = ladder.findLast(({ olderThan, every }) => endOfSpan(time, every) <= now - olderThan);
    if (rung === undefined) kept.add(id);
    else if (Number.isFinite(rung.every)) lastOfSpan.set(`${boot} ${rung.every} ${Math.floor(time / rung.every)}`, id);
  }
  for (const id of lastOfSpan.values()) kept.add(id);
  return kept;
}

function endOfSpan(time: Milliseconds, every: Milliseconds): Milliseconds {
  return Number.isFinite(every) ? (Math.floor(time / every) + 1) * every : time;
}
