// What the rest of the machine says of a tag's growth: it moved over from another tag, it came in one burst of work
// together with others, or what made it goes on and lives off what it has.

import { kindCodeOfKey, tagOfKey } from "../../model/snapshot.ts";
import { burstsGoingOn, burstsOf, riseIn } from "./bursts.ts";
import { growthTimes } from "./evidence.ts";
import { fillsLikeCache } from "./filling.ts";
import type { Excuse, TagJudgement } from "./judge.ts";
import { reuseAfter } from "./reuse.ts";

/** Judgements below this (log odds) need no excuse. */
const WORTH = 2;
/** A cause that stopped speaks for a leak by at most this much: a burst of work stops as well. */
const MOST_FOR = 2;
/** Below these odds a cause that goes on explains the stop. */
const REUSED = -1.5;
/** Growth from the first point of a record on that ended within this share of it belongs to the start of what was started. */
const START_UP = 1 / 3;

/** `afterBoot`: the judged stretch begins right after a boot. */
export function withSurroundings(judged: readonly TagJudgement[], afterBoot: boolean): readonly TagJudgement[] {
  const weighed = withoutCommonFalls(judged).map((j) => withReuse(j, afterBoot));
  const bursts = burstsOf(weighed);
  const going = burstsGoingOn(weighed);
  return weighed.map((j) => {
    if (j.excuse !== undefined || j.logOdds < WORTH) return j;
    const excuse = movedFrom(j, weighed) ?? bursts.get(j) ?? going.get(j) ?? filling(j);
    return excuse === undefined ? j : { ...j, excuse };
  });
}

function filling(j: TagJudgement): Excuse | undefined {
  if (!fillsLikeCache(j)) return undefined;
  const bytes = riseIn(j, j.times[0] ?? 0, j.times[j.times.length - 1] ?? 0);
  return { state: "cache", reason: { kind: "saturating", bytes } };
}

/** More tags than one driver has were cleared: the load of the machine fell and came back. */
const MOST_CLEARED = 8;

function withoutCommonFalls(judged: readonly TagJudgement[]): readonly TagJudgement[] {
  const cleared = judged.filter((j) => j.cleared !== undefined).length;
  if (cleared <= MOST_CLEARED) return judged;
  return judged.map((j) =>
    j.cleared === undefined
      ? j
      : { ...j, kind: "benign", factor: "nothing", logOdds: -Infinity, excuse: FELL_WITH_ALL },
  );
}

const FELL_WITH_ALL: Excuse = { state: "load-driven", reason: { kind: "fell-with-all" } };

function withReuse(j: TagJudgement, afterBoot: boolean): TagJudgement {
  if (j.kind !== "stopped" || j.factor !== "count" || j.logOdds < WORTH) return j;
  const { from, until } = growthTimes(j);
  const first = j.times[0] ?? 0;
  const span = (j.times[j.times.length - 1] ?? 0) - first;
  const bytes = riseIn(j, from, until);
  if (afterBoot && from - first < span / 16 && until - first < START_UP * span)
    return { ...j, excuse: { state: "cache", reason: { kind: "start-up", bytes, untilMs: until - first } } };
  const reuse = reuseAfter(j, from, until);
  if (reuse === undefined) return j;
  if (reuse.logOdds < REUSED)
    return {
      ...j,
      excuse: { state: "cache", reason: { kind: "reused", bytes, goesOn: Math.min(1, 1 - reuse.ceased) } },
    };
  return { ...j, logOdds: j.logOdds + Math.min(MOST_FOR, reuse.logOdds) };
}

/** Both tags together move at most by this share of what each moves. */
const MOVE_REST = 0.12;

/** Another tag of the same pool that lost what this one gained, at the same time. */
function movedFrom(j: TagJudgement, all: readonly TagJudgement[]): Excuse | undefined {
  const own = deviationOf(j.held);
  const rise = (j.held[j.held.length - 1] ?? 0) - (j.held[0] ?? 0);
  if (!(rise > 0)) return undefined;
  for (const other of all) {
    if (other.key === j.key || kindCodeOfKey(other.key) !== kindCodeOfKey(j.key)) continue;
    if (other.held.length !== j.held.length) continue;
    const fall = (other.held[0] ?? 0) - (other.held[other.held.length - 1] ?? 0);
    if (fall < 0.7 * rise || fall > 1.4 * rise) continue;
    if (deviationOf(j.held.map((v, i) => v + (other.held[i] ?? 0))) > MOVE_REST * own) continue;
    return { state: "moved", reason: { kind: "moved-from", tag: tagOfKey(other.key), bytes: fall } };
  }
  return undefined;
}

function deviationOf(values: Float64Array): number {
  let sum = 0;
  for (const v of values) sum += v;
  const mean = sum / values.length;
  let square = 0;
  for (const v of values) square += (v - mean) ** 2;
  return Math.sqrt(square / values.length);
}
