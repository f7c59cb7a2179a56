// One tag: judges its outstanding blocks and its bytes per block, and says which of them grows, since when, how fast.

import type { Evidence } from "../../model/evidence.ts";
import type { VerdictState } from "../../model/verdict.ts";
import { LINE, QUADRATIC, type Basis } from "../series/basis.ts";
import { growthOf } from "../shapes/compare.ts";
import { judgeLumps } from "../shapes/lumps.ts";
import { meanRateOf, NO_RATE, rateOf, type Rate } from "../shapes/rate.ts";
import { findReloads, withoutFalls } from "../shapes/reloads.ts";
import { judgeSawtooth, type Sawtooth } from "../shapes/sawtooth.ts";
import { judgeSignal, type Explanation, type SignalJudgement } from "../shapes/signal.ts";
import { logSumExp, quantile } from "../series/numeric.ts";
import type { TagSignals } from "../series/tag-signals.ts";

/** Odds (natural log) at which growth is called a leak. */
export const OPEN = 6;
/** Growth that stopped competes with more accidents, so it needs this much more. */
const STOPPED_EXTRA = 1;
/** Growth must stand this many standard errors above nothing in the best explanation. */
const MIN_Z = 5;
/** Growth must carry this share of the signal's range; less is a wobble on something bigger. */
const MIN_SHARE = 0.33;
/** Below these odds nobody asks for a rate. */
const WORTH_RATE = 0;
/** Nor below these for what other explanations make of it. */
const WORTH_AVERAGE = 3;
/** Fewer different values than this are a few blocks come and gone, not a trend. */
const MIN_VALUES = 10;
/** Growth by fewer blocks than this is a handful of events, whatever their size. */
export const MIN_BLOCKS = 16;

/** Why growth that a model proves is no leak all the same. */
export interface Excuse {
  readonly state: VerdictState;
  readonly reason: Evidence;
}

/** The row key of the tag whose growth this one repeats, and blocks per block of it. */
export interface Follows {
  readonly key: number;
  readonly ratio: number;
}

export interface TagJudgement {
  readonly key: number;
  /** What grows: the number of blocks, the bytes per block, or nothing. */
  readonly factor: "count" | "size" | "nothing";
  readonly kind: "growing" | "stopped" | "benign";
  /** log odds of that against everything benign. */
  readonly logOdds: number;
  readonly explanation: Explanation | undefined;
  readonly benign: Explanation | undefined;
  readonly signal: SignalJudgement | undefined;
  /** What was found of the count, whichever factor won. */
  readonly countSignal: SignalJudgement | undefined;
  readonly bytes: Rate;
  readonly blocks: Rate;
  /** Falls of a sawtooth; 0 where it is none. */
  readonly teeth: number;
  /** Lumps that all of the growth came in. */
  readonly lumps?: number;
  /** Times that the growth was cleared and came back. */
  readonly cleared?: number;
  /** The same growth was there before the last boot. */
  readonly returned?: true;
  /** Seen in a window that is only the last part of the record. */
  readonly fresh?: true;
  /** Seen in what the tag never falls below, not in its levels. */
  readonly floor?: true;
  /** Below the bar by itself; in because it moves as predicted with one that is not. */
  readonly companion?: true;
  /** What it follows, by regression. */
  readonly follows?: Follows;
  /** What makes it harmless although it grows; from the rest of the machine or from allocations after the stop. */
  readonly excuse?: Excuse;
  readonly basis: Basis;
  readonly times: Float64Array;
  readonly counts: Float64Array;
  readonly held: Float64Array;
  /** Cumulative allocations at `times`. */
  readonly allocs: Float64Array;
}

/** Whether the source of a judgement counts allocations. */
export function hasCounters({ allocs }: Pick<TagJudgement, "allocs">): boolean {
  return !Number.isNaN(allocs[allocs.length - 1] ?? Number.NaN);
}

/** Judges one tag over one window. */
export function judgeTag(signals: TagSignals): TagJudgement {
  const { key, basis, counts, held, sizes, allocs } = signals;
  const common = { key, basis, times: basis.clock, counts, held, allocs };
  const cleared = judgeCleared(signals);
  if (cleared !== undefined) return { ...common, ...cleared };
  const lumps = judgeLumps(basis.columns[LINE] ?? basis.times, counts);
  if (lumps !== undefined && lumps.logOdds > 0) {
    const bytes = judgeLumps(basis.columns[LINE] ?? basis.times, held);
    return { ...common, ...byEvents({ ...lumps, teeth: 0 }, basis, bytes), lumps: lumps.count };
  }
  const teeth = judgeSawtooth(basis.columns[LINE] ?? basis.times, counts);
  if (teeth !== undefined && teeth.logOdds > 0) {
    return { ...common, ...byEvents(teeth, basis, judgeSawtooth(basis.columns[LINE] ?? basis.times, held)) };
  }
  const countSignal = teeth === undefined ? judgeSignal(basis, counts) : undefined;
  const byCount = decide(countSignal, counts, "count");
  const bySize = decide(judgeSignal(basis, sizes), held, "size");
  const best = bySize.logOdds > byCount.logOdds ? bySize : byCount;
  const worthRate = best.logOdds > WORTH_RATE;
  return {
    ...common,
    ...best,
    countSignal,
    bytes: worthRate ? meanRateOf(basis, held, explanationsOf(best)) : NO_RATE,
    teeth: 0,
    blocks: worthRate && best.factor === "count" ? meanRateOf(basis, counts, explanationsOf(best)) : NO_RATE,
  };
}

/**
 * Slope of the count with its error under the best growing explanation, whether or not that is called a leak: for tags
 * that are expected to move with one that leaks.
 */
export function countSlope(j: TagJudgement): Rate {
  if (j.factor === "count" && j.kind === "growing") return j.blocks;
  const growth = j.countSignal?.growth;
  return growth === undefined || j.countSignal === undefined ? NO_RATE : rateOf(j.countSignal.basis, j.counts, growth);
}

/** Bytes per hour under the same explanation as {@link countSlope}. */
export function byteSlope(j: TagJudgement): Rate {
  if (j.factor === "count" && j.kind === "growing") return j.bytes;
  const growth = j.countSignal?.growth;
  return growth === undefined || j.countSignal === undefined ? NO_RATE : rateOf(j.countSignal.basis, j.held, growth);
}

/** All explanations that a decision rests on, the best first. */
function explanationsOf({ kind, explanation, signal, logOdds }: Decision): readonly Explanation[] {
  if (explanation === undefined) return [];
  return kind === "growing" && signal !== undefined && logOdds > WORTH_AVERAGE ? signal.growths : [explanation];
}

/** A growth that was cleared must prove itself by this much more (log): its falls could be trims. */
const CLEARED_EXTRA = 2;

/** Growth that was cleared and came back: judged as if nothing had been cleared. */
function judgeCleared({ basis, counts, held }: TagSignals): Judged | undefined {
  const reloads = findReloads(counts);
  if (reloads === undefined || (!reloads.irregular && reloads.falls.length > 1)) return undefined;
  const signal = judgeSignal(basis, reloads.uncleared);
  const found = decide(signal, reloads.uncleared, "count");
  if (found.kind !== "growing" || found.logOdds - CLEARED_EXTRA < OPEN) return undefined;
  const bytes = rateOf(basis, withoutFalls(held, reloads.falls), found.explanation);
  const falls = reloads.falls.length;
  return {
    ...found,
    logOdds: found.logOdds - CLEARED_EXTRA,
    countSignal: signal,
    bytes,
    blocks: rateOf(basis, reloads.uncleared, found.explanation),
    teeth: 0,
    cleared: falls,
    ...(reloads.irregular
      ? {}
      : { excuse: { state: "undecided", reason: { kind: "cleared-once", bytesPerHour: bytes.value } } }),
  };
}

/** What is judged of signals, without the signals. */
type Judged = Omit<TagJudgement, "key" | "basis" | "times" | "counts" | "held" | "allocs">;

/** The judgement of a sawtooth rests on its floors and peaks alone, that of lumps on the lumps. */
function byEvents(
  teeth: Pick<Sawtooth, "logOdds" | "rise" | "error" | "teeth">,
  basis: Basis,
  bytes: Pick<Sawtooth, "rise" | "error"> | undefined,
): Judged {
  const hours = basis.span / 3_600_000;
  const rate = (t: Pick<Sawtooth, "rise" | "error">): Rate => ({
    value: t.rise / hours,
    error: t.error / hours,
    now: t.rise / hours,
  });
  const grows = teeth.logOdds > 0 && teeth.rise >= MIN_BLOCKS;
  return {
    factor: grows ? "count" : "nothing",
    kind: grows ? "growing" : "benign",
    logOdds: grows ? teeth.logOdds : -Infinity,
    explanation: undefined,
    benign: undefined,
    signal: undefined,
    countSignal: undefined,
    bytes: bytes === undefined ? NO_RATE : rate(bytes),
    blocks: rate(teeth),
    teeth: teeth.teeth,
  };
}

type Decision = Pick<TagJudgement, "factor" | "kind" | "logOdds" | "explanation" | "benign" | "signal">;

function decide(signal: SignalJudgement | undefined, values: Float64Array, factor: "count" | "size"): Decision {
  const nothing: Decision = {
    factor: "nothing",
    kind: "benign",
    logOdds: -Infinity,
    explanation: undefined,
    benign: signal?.benign,
    signal,
  };
  if (signal === undefined || new Set(values).size < MIN_VALUES) return nothing;
  const { growth, stop, benign } = signal;
  const stairs = factor === "count" && signal.growingLogOdds > 1 ? stairsOdds(values) : 0;
  const growing = growth !== undefined && isSolid(signal, growth, factor) ? signal.growingLogOdds + stairs : -Infinity;
  const stopped = stop === undefined || !isHeld(values) ? -Infinity : signal.stoppedLogOdds - STOPPED_EXTRA;
  if (growing === -Infinity && stopped === -Infinity) return nothing;
  // Either way memory is kept: what speaks for both speaks against everything harmless.
  const goesOn = growing >= stopped;
  const more = factor === "count" ? multiplied(values) * (goesOn ? 1 : STOPPED_SHARE) : 0;
  const logOdds = logSumExp([growing, stopped]) + more;
  return goesOn
    ? { factor, kind: "growing", logOdds, explanation: growth, benign, signal }
    : { factor, kind: "stopped", logOdds, explanation: stop, benign, signal };
}

/** What has stopped is held if this share of its highest level is still there. */
const HELD = 0.75;

/** Whether what was gained is there at the end: what is being given back is no memory kept. */
function isHeld(values: Float64Array): boolean {
  const first = firstOf(values);
  return lastOf(values) - first >= HELD * (quantile(values, 0.98) - first);
}

/** Growth to many times of what was there earns this at most (log odds), and less than a third of it earns nothing. */
const MAX_MULTIPLIED = 2;
const MULTIPLIED_FROM = 1 / Math.E;
/** What arrives and stays multiplies too: that earns this share of it. */
const STOPPED_SHARE = 0.5;

/** What it adds that a count multiplies: harmless use goes up and down with what there is. */
function multiplied(values: Float64Array): number {
  const level = Math.max(1, firstOf(values));
  return Math.max(0, Math.min(MAX_MULTIPLIED, Math.log((lastOf(values) - level) / level / MULTIPLIED_FROM) || 0));
}

/** The share of a record that tells what was there at first and at last. */
const END = 1 / 16;

function firstOf(values: Float64Array): number {
  return meanOf(values.subarray(0, Math.max(1, Math.floor(values.length * END))));
}

function lastOf(values: Float64Array): number {
  return meanOf(values.subarray(-Math.max(1, Math.floor(values.length * END))));
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** A staircase earns this at most (log odds). */
const MAX_STAIRS = 6;

/**
 * What it adds that a count only ever rises: aimless drift falls as often as it rises. Counted only for staircases that
 * go on into the last third and are not one burst, so that a start-up does not pass.
 */
function stairsOdds(values: Float64Array): number {
  const n = values.length;
  const third = Math.floor(n / 3);
  let ups = 0;
  let downs = 0;
  for (let i = 1; i < n; i++) {
    const change = (values[i] ?? 0) - (values[i - 1] ?? 0);
    if (change > 0) ups += 1;
    else if (change < 0) downs += 1;
  }
  const first = values[0] ?? 0;
  const grown = (values[n - 1] ?? 0) - first;
  const early = (values[third] ?? 0) - first;
  const late = (values[n - 1] ?? 0) - (values[n - 1 - third] ?? 0);
  if (ups < 5 || downs > ups / 20 || early < 0.15 * grown || late < 0.15 * grown) return 0;
  return Math.min(MAX_STAIRS, ups * Math.LN2);
}

/** Whether the best growing explanation stands on its own: clear of its error, and a fair part of what happened. */
function isSolid(signal: SignalJudgement, { candidate, extras }: Explanation, factor: "count" | "size"): boolean {
  const { fit } = candidate;
  if (growthOf(fit) < MIN_Z * fit.error) return false;
  const last = fit.columns[fit.columns.length - 1] ?? LINE;
  const column = signal.basis.columns[last] ?? extras[last - signal.basis.columns.length];
  if (column === undefined) return false;
  // Growth that speeds up is a line and a parabola together; both run from 0 to 1.
  const line = last === QUADRATIC ? (fit.beta[fit.beta.length - 2] ?? 0) : 0;
  const rise = (growthOf(fit) * ((column[column.length - 1] ?? 0) - (column[0] ?? 0)) + line) * signal.unit;
  return rise >= MIN_SHARE * signal.range && (factor === "size" || rise >= MIN_BLOCKS);
}
