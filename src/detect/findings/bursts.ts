// Bursts of work: several tags that rise between the same two times, each in its own way (a backup, an update), and keep
// what they hold as caches. What one cause leaks rises in one ratio instead, and counts as one.

import type { Evidence } from "../../model/evidence.ts";
import { median } from "../series/numeric.ts";
import { followOf, quantumOf } from "../shapes/companion.ts";
import { growthTimes } from "./evidence.ts";
import { hasCounters, type Excuse, type TagJudgement } from "./judge.ts";

/** Judgements below this (log odds) need no excuse. */
const WORTH = 2;
/** Starts and stops this close (share of the record) are the same. */
const SAME_TIME = 0.08;
/** Or this share of the time that the rise lasted, where that is less. */
const SAME_OF_RISE = 0.3;
/** What rises from the first point on began at an unknown time: no date that others could share. */
const FIRST_START = 1 / 32;
/** Blocks, and share of all that it moved, that make a tag part of it. */
const MIN_RISE = 16;
const NEARLY_ALL = 0.7;
/** Where in a rise its times are compared: noise blurs its very start and end. */
const TAIL = 0.25;
/** So many tags that move each in its own way are a burst of work; fewer may be chance. */
const MIN_BURST = 3;
/** And so many of them stopped by their own evidence: one tag that leaked has neighbours that moved by chance. */
const MIN_PROVEN = 2;
/** Tags whose counts keep a ratio this closely (share of the rise) may be parts of one thing and count once. */
const SAME_THING = 0.03;
/** Unless their increments scatter by this share of what chance makes of independent ones, and this much more than before and after. */
const OWN_WAY = 0.4;
const OWN_TIMES = 1.5;
const MIN_INCREMENTS = 6;

interface Span {
  readonly from: number;
  readonly until: number;
}

/** The burst that each tag which stopped is part of. */
export function burstsOf(all: readonly TagJudgement[]): ReadonlyMap<TagJudgement, Excuse> {
  const out = new Map<TagJudgement, Excuse>();
  for (const lead of all) {
    if (lead.kind !== "stopped" || !(lead.logOdds > WORTH)) continue;
    const span = growthTimes(lead);
    const first = lead.times[0] ?? 0;
    const whole = (lead.times[lead.times.length - 1] ?? 0) - first;
    if (span.from - first < FIRST_START * whole) continue;
    const slack = Math.min(SAME_TIME * whole, SAME_OF_RISE * (span.until - span.from));
    const own = riseTimes(lead, span, slack) ?? span;
    const same = all.filter((j) => j === lead || risesWith(j, span, own, slack));
    const kinds = kindsOf(same, span, "shown");
    const proven = kinds.filter((j) => j.kind === "stopped" && j.logOdds > WORTH).length;
    if (kinds.length < MIN_BURST || proven < MIN_PROVEN) continue;
    const bytes = same.reduce((sum, j) => sum + riseIn(j, span.from, span.until), 0);
    const reason: Evidence = { kind: "burst-of-work", ...span, tags: same.length, bytes };
    out.set(lead, { state: "cache", reason });
  }
  return out;
}

/** Rises that have lasted for less than this share of the record may be a burst that goes on. */
const YOUNG = 0.5;

/**
 * Tags that began to rise together and rise yet, each in its own way: work that is going on. Whether it leaves leaks behind is
 * seen when it has ended, or when one of them outlives the others. Without counters nothing is said: there blocks are counted by
 * the slab, and parts of one thing go their own ways too.
 */
export function burstsGoingOn(all: readonly TagJudgement[]): ReadonlyMap<TagJudgement, Excuse> {
  const out = new Map<TagJudgement, Excuse>();
  const rising = all.filter((j) => j.kind === "growing" && j.excuse === undefined && j.logOdds > WORTH && isYoung(j));
  for (const lead of rising) {
    const span = growthTimes(lead);
    const whole = span.until - (lead.times[0] ?? 0);
    const slack = Math.min(SAME_TIME * whole, SAME_OF_RISE * (span.until - span.from));
    const same = rising.filter((j) => Math.abs(growthTimes(j).from - span.from) < slack);
    if (kindsOf(same, span, "assumed").length < MIN_BURST) continue;
    const bytes = same.reduce((sum, j) => sum + riseIn(j, span.from, span.until), 0);
    out.set(lead, {
      state: "too-early",
      reason: { kind: "burst-going-on", from: span.from, tags: same.length, bytes },
    });
  }
  return out;
}

function isYoung(j: TagJudgement): boolean {
  const { from, until } = growthTimes(j);
  const first = j.times[0] ?? 0;
  return hasCounters(j) && from - first > FIRST_START * (until - first) && until - from < YOUNG * (until - first);
}

/** What a common cause is taken for where unrest hides whether there is one. */
type CommonCause = "assumed" | "shown";

/** Tags that move each in its own way: of parts of one thing the first. */
function kindsOf(tags: readonly TagJudgement[], span: Span, cause: CommonCause): readonly TagJudgement[] {
  const kinds: TagJudgement[] = [];
  for (const j of tags) if (!kinds.some((k) => areOneThing(k, j, span, cause))) kinds.push(j);
  return kinds;
}

function risesWith(j: TagJudgement, span: Span, lead: Span, slack: number): boolean {
  const own = riseTimes(j, span, slack);
  return own !== undefined && Math.abs(own.from - lead.from) < slack && Math.abs(own.until - lead.until) < slack;
}

/** When the one rise that a tag made between two times was a quarter and three quarters done; undefined where it moved otherwise too. */
function riseTimes({ times, counts }: TagJudgement, span: Span, slack: number): Span | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const v of counts) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (high - low < MIN_RISE) return undefined;
  const before = middleOf(counts.filter((_, i) => (times[i] ?? 0) < span.from));
  const after = middleOf(counts.filter((_, i) => (times[i] ?? 0) > span.until));
  const rise = after - before;
  if (!(rise >= MIN_RISE) || rise < NEARLY_ALL * (high - low)) return undefined;
  let from = span.from - slack;
  let until = Number.NaN;
  counts.forEach((v, i) => {
    const time = times[i] ?? 0;
    if (time < span.from - slack || time > span.until + slack) return;
    if (v <= before + TAIL * rise) from = time;
    if (Number.isNaN(until) && v >= after - TAIL * rise) until = time;
  });
  return Number.isNaN(until) ? undefined : { from, until };
}

function middleOf(values: Float64Array): number {
  return values.length === 0 ? Number.NaN : median(values);
}

/**
 * Whether two counts rise in one ratio all the way. Two straight rises between the same times keep one as well: there the
 * increments tell, which what has one cause shares, and which scatter where each has its own.
 */
function areOneThing(a: TagJudgement, b: TagJudgement, { from, until }: Span, commonCause: CommonCause): boolean {
  const n = Math.min(a.counts.length, b.counts.length);
  const x: number[] = [];
  const y: number[] = [];
  const inside: [number, number][] = [];
  const outside: [number, number][] = [];
  const at = (j: TagJudgement, back: number): number => j.counts[j.counts.length - back] ?? 0;
  for (let i = 1; i <= n; i++) {
    const time = a.times[a.times.length - i] ?? 0;
    const within = time >= from && time <= until;
    if (within) {
      x.push(at(a, i));
      y.push(at(b, i));
    }
    if (i < n)
      (within && (a.times[a.times.length - i - 1] ?? 0) >= from ? inside : outside).push([
        at(a, i) - at(a, i + 1),
        at(b, i) - at(b, i + 1),
      ]);
  }
  if (x.length < 4) return false;
  const line = followOf(Float64Array.from(x), Float64Array.from(y));
  if (line === undefined) return false;
  const rise = Math.abs((y[0] ?? 0) - (y[y.length - 1] ?? 0));
  if (line.left >= Math.max(SAME_THING * rise + 1, quantumOf(b.counts))) return false;
  const ways = waysOf(inside, outside, line.ratio);
  return ways === "one" || (ways === "unknown" && (commonCause === "assumed" || !hasCounters(a) || !hasCounters(b)));
}

/**
 * Whether increments, one scaled to the other, scatter more while both rise than before and after; unknown where they scatter as much
 * before and after that the rise would not show.
 */
function waysOf(
  inside: readonly (readonly [number, number])[],
  outside: readonly (readonly [number, number])[],
  ratio: number,
): "own" | "one" | "unknown" {
  if (inside.length < MIN_INCREMENTS || outside.length < MIN_INCREMENTS || !(ratio > 0)) return "unknown";
  const scatter = (list: readonly (readonly [number, number])[]): number => {
    const rest = list.map(([dx, dy]) => dy - ratio * dx);
    const mean = rest.reduce((s, v) => s + v, 0) / rest.length;
    return rest.reduce((s, v) => s + (v - mean) ** 2, 0) / (rest.length - 1);
  };
  const within = scatter(inside);
  const without = scatter(outside);
  const mean = (k: 0 | 1): number => Math.abs(inside.reduce((s, pair) => s + pair[k], 0) / inside.length);
  // Blocks that arrive by chance scatter by their number.
  const byChance = mean(1) + ratio ** 2 * mean(0);
  if (within - without > OWN_WAY * byChance && within > OWN_TIMES * without) return "own";
  return without > OWN_WAY * byChance ? "unknown" : "one";
}

/** Bytes gained between two times. */
export function riseIn(j: TagJudgement, from: number, until: number): number {
  const at = (time: number): number => {
    let i = 0;
    while (i < j.times.length - 1 && (j.times[i] ?? 0) < time) i += 1;
    return j.held[i] ?? 0;
  };
  return Math.max(0, at(until) - at(from));
}
