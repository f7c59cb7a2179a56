// Whether the whole machine rises: after a boot, or while its load climbs, most tags grow, and each by itself looks like a
// leak. Then only what stands out of the tide can be told from it.

import { followOf } from "../shapes/companion.ts";
import { quantile } from "../series/numeric.ts";
import type { TagJudgement } from "./judge.ts";

/** Growth above these log odds counts as rising. */
const RISING = 2.5;
/** So many that rise in ways of their own, and this share of all that move, are a tide; leaks are rarer. */
const MIN_TIDE = 8;
const TIDE_SHARE = 0.08;
/** Tags that follow each other this closely are one leak with many tags, and count once. */
const SAME = 0.99;
/** No leak has more tags than this, nor a larger share of all that move: what so many follow is the machine's load. */
const MOST_IN_ONE = 16;
/** Nor so many that only its lead gives away. */
export const MOST_FOLLOWERS = 8;
const ONE_SHARE = 0.08;
/** Out of a tide stands what beats this quantile of it. */
const STANDS_OUT = 0.9;
const MAX_COMPARED = 60;

/** What growth must prove on top (log odds) while everything rises; 0 where it does not. */
export function tideBar(judged: readonly TagJudgement[]): number {
  const rising = judged.filter((j) => j.kind === "growing" && j.excuse === undefined && j.logOdds > RISING);
  const least = Math.max(MIN_TIDE, TIDE_SHARE * judged.length);
  if (rising.length <= least) return 0;
  const standsOut = (list: readonly TagJudgement[]): number =>
    quantile(
      list.map((j) => j.logOdds),
      STANDS_OUT,
    );
  if (rising.length > Math.max(MOST_IN_ONE, ONE_SHARE * judged.length)) return standsOut(rising);
  const ways: TagJudgement[] = [];
  for (const j of rising.toSorted((a, b) => b.logOdds - a.logOdds).slice(0, MAX_COMPARED)) {
    if (!ways.some((way) => follows(way, j))) ways.push(j);
  }
  return ways.length <= least ? 0 : standsOut(ways);
}

function follows(lead: TagJudgement, j: TagJudgement): boolean {
  if (lead.counts.length !== j.counts.length) return false;
  return (followOf(lead.counts, j.counts)?.explained ?? 0) > SAME;
}
