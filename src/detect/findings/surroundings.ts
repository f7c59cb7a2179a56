// What the rest of the machine says of a tag's growth: it moved over from another tag, it came in one burst of work
// together with others, or what made it goes on and lives off what it has.

import { kindCodeOfKey, tagOfKey } from "../../model/snapshot.ts";
import type { Evidence } from "../../model/evidence.ts";
import { growthTimes } from "./evidence.ts";
import type { Excuse, TagJudgement } from "./judge.ts";
import { quantumOf } from "../shapes/companion.ts";
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
  return weighed.map((j) => {
    if (j.excuse !== undefined || j.logOdds < WORTH) return j;
    const excuse = movedFrom(j, weighed) ?? bursts.get(j);
    return excuse === undefined ? j : { ...j, excuse };
  });
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
const MOVE_REST = 0.3;

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

/** Starts and stops this close (share of the record) are the same. */
const SAME_TIME = 0.08;
/** Blocks, and share of all that it moved, that make a tag part of it. */
const MIN_RISE = 16;
const NEARLY_ALL = 0.85;
/** So many tags that move each in its own way are a burst of work; fewer may be chance. */
const MIN_BURST = 3;
/** And so many of them stopped by their own evidence: one tag that leaked has neighbours that moved by chance. */
const MIN_PROVEN = 2;
/** Tags whose counts keep a ratio this closely (share of the rise) are parts of one thing and count once. */
const SAME_THING = 0.03;

function burstsOf(all: readonly TagJudgement[]): ReadonlyMap<TagJudgement, Excuse> {
  const out = new Map<TagJudgement, Excuse>();
  for (const lead of all) {
    if (lead.kind !== "stopped" || !(lead.logOdds > WORTH)) continue;
    const a = growthTimes(lead);
    const slack = SAME_TIME * ((lead.times[lead.times.length - 1] ?? 0) - (lead.times[0] ?? 0));
    const same = all.filter((j) => j === lead || roseWithin(j, a.from - slack, a.until + slack));
    const kinds: TagJudgement[] = [];
    for (const j of same) if (!kinds.some((k) => keepRatio(k, j, a))) kinds.push(j);
    const proven = kinds.filter((j) => j.kind === "stopped" && j.logOdds > WORTH).length;
    if (kinds.length < MIN_BURST || proven < MIN_PROVEN) continue;
    const bytes = same.reduce((sum, j) => sum + riseIn(j, a.from, a.until), 0);
    const reason: Evidence = { kind: "burst-of-work", from: a.from, until: a.until, tags: same.length, bytes };
    out.set(lead, { state: "cache", reason });
  }
  return out;
}

/** Whether nearly all that a tag ever moved is one rise between two times. */
function roseWithin({ times, counts }: TagJudgement, from: number, until: number): boolean {
  let low = Infinity;
  let high = -Infinity;
  let before = Number.NaN;
  let after = Number.NaN;
  counts.forEach((v, i) => {
    if (v < low) low = v;
    if (v > high) high = v;
    const time = times[i] ?? 0;
    if (time <= from) before = v;
    if (time <= until) after = v;
  });
  return (
    high - low >= MIN_RISE && after - (Number.isNaN(before) ? (counts[0] ?? 0) : before) > NEARLY_ALL * (high - low)
  );
}

/** Whether two counts rise in one ratio all the way. */
function keepRatio(a: TagJudgement, b: TagJudgement, { from, until }: { from: number; until: number }): boolean {
  const n = Math.min(a.counts.length, b.counts.length);
  const x: number[] = [];
  const y: number[] = [];
  for (let i = 1; i <= n; i++) {
    const time = a.times[a.times.length - i] ?? 0;
    if (time < from || time > until) continue;
    x.push(a.counts[a.counts.length - i] ?? 0);
    y.push(b.counts[b.counts.length - i] ?? 0);
  }
  if (x.length < 4) return false;
  const mx = x.reduce((s, v) => s + v, 0) / x.length;
  const my = y.reduce((s, v) => s + v, 0) / y.length;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  x.forEach((v, i) => {
    const w = y[i] ?? 0;
    xx += (v - mx) ** 2;
    xy += (v - mx) * (w - my);
    yy += (w - my) ** 2;
  });
  if (!(xx > 0) || !(yy > 0)) return false;
  const left = Math.sqrt(Math.max(0, yy - (xy * xy) / xx) / y.length);
  const rise = Math.abs((y[0] ?? 0) - (y[y.length - 1] ?? 0));
  return left < Math.max(SAME_THING * rise + 1, quantumOf(b.counts));
}

function riseIn(j: TagJudgement, from: number, until: number): number {
  const at = (time: number): number => {
    let i = 0;
    while (i < j.times.length - 1 && (j.times[i] ?? 0) < time) i += 1;
    return j.held[i] ?? 0;
  };
  return Math.max(0, at(until) - at(from));
}
