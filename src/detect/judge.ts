// One tag: judges its outstanding blocks and its bytes per block, and says which of them grows, since when, how fast.

import { FIRST_LOAD, FIRST_SATURATING, HINGES, LINE, QUADRATIC, WORK } from "./basis.ts";
import { growthOf, type Candidate } from "./compare.ts";
import { prepare, solve, type Fit, type Prepared } from "./fit.ts";
import type { History } from "./history.ts";
import { judgeSignal, type SignalJudgement } from "./signal.ts";
import { judgeable, lasts, means, MIN_POINTS, type Window } from "./window.ts";

/** Odds (natural log) at which growth is called a leak; once open it stays so down to CLOSE. */
export const OPEN = 6.5;
export const CLOSE = 4;
/** Growth that stopped competes with more accidents, so it needs more. */
export const OPEN_STOPPED = 9;
/** Growth must stand this many standard errors above nothing in the best explanation. */
const MIN_Z = 5;
/** Growth must carry this share of the signal's range; less is a wobble on something bigger. */
const MIN_SHARE = 0.33;
/** Fewer different values than this are a few blocks come and gone, not a trend. */
const MIN_VALUES = 8;
/** Odds above which growth is mentioned as too early to tell. */
export const MENTION = 3;

export interface Rate {
  /** Per hour, over the time of growth. */
  readonly value: number;
  readonly error: number;
  /** Per hour at the end of the record; differs where growth speeds up. */
  readonly now: number;
}

export interface TagJudgement {
  readonly key: number;
  /** "count" or "size" grows, or neither can be said to. */
  readonly factor: "count" | "size" | "nothing";
  readonly kind: "growing" | "stopped" | "benign";
  /** log odds of that against everything benign. */
  readonly odds: number;
  readonly candidate: Candidate | undefined;
  readonly benign: Candidate | undefined;
  readonly signal: SignalJudgement | undefined;
  readonly bytes: Rate;
  readonly blocks: Rate;
  /** Index into the window of the first point of this tag. */
  readonly start: number;
  readonly counts: Float64Array;
  readonly held: Float64Array;
  /** Cumulative allocations at the window's points. */
  readonly allocs: Float64Array;
}

/** Judges one series; undefined where it is constant or too short. */
export function judgeTag(window: Window, history: History, key: number): TagJudgement | undefined {
  const columns = history.columns(key);
  if (columns === undefined) return undefined;
  if (isConstant(columns.outstanding, window.start) && isConstant(columns.bytes, window.start)) return undefined;
  const count = judgeable(means(columns.outstanding, window.start, window.group));
  const bytes = judgeable(means(columns.bytes, window.start, window.group));
  if (count === undefined || bytes === undefined || count.from !== bytes.from) return undefined;
  const basis = window.basis(count.from);
  if (basis.n < MIN_POINTS) return undefined;
  const counts = judgeSignal(basis, count.values);
  const sizes = judgeSignal(
    basis,
    bytes.values.map((b, i) => b / Math.max(1, count.values[i] ?? 1)),
  );
  const best = [decide(counts, count.values, "count"), decide(sizes, bytes.values, "size")].reduce((a, b) =>
    b.odds > a.odds ? b : a,
  );
  const season = best.kind === "stopped" ? best.signal?.stopSeason : best.signal?.growthSeason;
  const extras = season?.columns ?? [];
  const held = best.signal && prepareValues(best.signal, bytes.values, extras);
  const blocks = best.signal && prepareValues(best.signal, count.values, extras);
  return {
    key,
    ...best,
    bytes: rateOf(held, best.candidate),
    blocks: rateOf(blocks, best.candidate),
    start: count.from,
    counts: count.values,
    held: bytes.values,
    allocs: lasts(columns.allocs, window.start, window.group).subarray(count.from),
  };
}

function isConstant(values: Float64Array, start: number): boolean {
  const first = values[start];
  for (let i = start + 1; i < values.length; i++) if (values[i] !== first) return false;
  return true;
}

type Decision = Pick<TagJudgement, "factor" | "kind" | "odds" | "candidate" | "benign" | "signal">;

function decide(signal: SignalJudgement | undefined, values: Float64Array, factor: "count" | "size"): Decision {
  if (signal === undefined) {
    return { factor: "nothing", kind: "benign", odds: -Infinity, candidate: undefined, benign: undefined, signal };
  }
  const { growth, stop, benign } = signal;
  const enough = new Set(values).size >= MIN_VALUES;
  const growing = growth !== undefined && enough && isSolid(signal, growth) ? signal.growing : -Infinity;
  const stopped = stop !== undefined && enough ? signal.stopped - (OPEN_STOPPED - OPEN) : -Infinity;
  if (growing >= stopped && growing > -Infinity) {
    return { factor, kind: "growing", odds: growing, candidate: growth, benign, signal };
  }
  if (stopped > -Infinity) return { factor, kind: "stopped", odds: stopped, candidate: stop, benign, signal };
  return { factor: "nothing", kind: "benign", odds: -Infinity, candidate: undefined, benign, signal };
}

/** Whether the best growing explanation stands on its own: clear of its error, and a fair part of what happened. */
function isSolid(signal: SignalJudgement, candidate: Candidate): boolean {
  const { fit } = candidate;
  if (growthOf(fit) < MIN_Z * fit.error) return false;
  const column = signal.basis.columns[fit.columns[fit.columns.length - 1] ?? LINE];
  if (column === undefined) return false;
  const rise = growthOf(fit) * signal.unit * ((column[column.length - 1] ?? 0) - (column[0] ?? 0));
  return rise >= MIN_SHARE * signal.range;
}

function prepareValues(signal: SignalJudgement, values: Float64Array, extras: readonly Float64Array[]): Prepared {
  const first = values[0] ?? 0;
  return prepare(
    signal.basis,
    values.map((v) => v - first),
    1,
    extras,
  );
}

const NO_RATE: Rate = { value: 0, error: 0, now: 0 };
const HOUR = 3_600_000;
/** A bend upwards is taken for real when its evidence is this much (log) better than a line's. */
const ACCELERATING = 6;

/** The rate of a signal under a candidate's shape and noise. */
function rateOf(p: Prepared | undefined, candidate: Candidate | undefined): Rate {
  if (p === undefined || candidate === undefined) return NO_RATE;
  const { noise, columns } = candidate.fit;
  const fit = solve(p, columns, noise);
  if (fit === undefined) return NO_RATE;
  const hours = p.basis.span / HOUR;
  const plain: Rate = { value: growthOf(fit) / hours, error: fit.error / hours, now: growthOf(fit) / hours };
  return candidate.kind === "growing" && candidate.from === 0 ? (accelerating(p, fit, hours) ?? plain) : plain;
}

function accelerating(p: Prepared, fit: Fit, hours: number): Rate | undefined {
  let line: Fit | undefined;
  let bent: Fit | undefined;
  for (let noise = 0; noise < p.basis.whiteners.length; noise++) {
    const a = solve(p, [0, LINE], noise);
    const b = solve(p, [0, LINE, QUADRATIC], noise);
    if (a !== undefined && (line === undefined || a.logEvidence > line.logEvidence)) line = a;
    if (b !== undefined && (bent === undefined || b.logEvidence > bent.logEvidence)) bent = b;
  }
  if (line === undefined || bent === undefined) return undefined;
  const slope = bent.beta[1] ?? 0;
  const curve = bent.beta[2] ?? 0;
  const rise = slope + curve;
  if (bent.logEvidence < line.logEvidence + ACCELERATING || curve < 0.2 * rise || curve < 6 * bent.error)
    return undefined;
  return { value: rise / hours, error: fit.error / hours, now: (slope + 2 * curve) / hours };
}

/** What the best benign explanation is made of. */
export function benignShape(judgement: TagJudgement): "cache" | "step" | "load" | "flat" {
  const columns = judgement.benign?.fit.columns ?? [];
  if (judgement.benign !== undefined && judgement.benign.until < HINGES) return "step";
  if (columns.some((c) => c >= FIRST_SATURATING && c < QUADRATIC)) return "cache";
  if (columns.some((c) => c >= FIRST_LOAD && c < FIRST_SATURATING)) return "load";
  return "flat";
}

/** Whether growth follows the work done rather than time. */
export function followsWork(judgement: TagJudgement): boolean {
  return judgement.candidate?.fit.columns.includes(WORK) ?? false;
}
