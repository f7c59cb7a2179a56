// One tag: judges its outstanding blocks and its bytes per block, and says which of them grows, since when, how fast.

import { LINE } from "./basis.ts";
import { growthOf } from "./compare.ts";
import type { History } from "./history.ts";
import { NO_RATE, rateOf, type Rate } from "./rate.ts";
import { judgeSignal, type Explanation, type SignalJudgement } from "./signal.ts";
import { judgeable, lasts, means, type Window } from "./window.ts";

/** Odds (natural log) at which growth is called a leak; once open it stays so down to CLOSE. */
export const OPEN = 6.5;
export const CLOSE = 4;
/** Growth that stopped competes with more accidents, so it needs this much more. */
const STOPPED_EXTRA = 2.5;
/** Growth must stand this many standard errors above nothing in the best explanation. */
const MIN_Z = 5;
/** Growth must carry this share of the signal's range; less is a wobble on something bigger. */
const MIN_SHARE = 0.33;
/** Fewer different values than this are a few blocks come and gone, not a trend. */
const MIN_VALUES = 10;
/** Growth by fewer blocks than this is a handful of events, whatever their size. */
const MIN_BLOCKS = 16;

export interface TagJudgement {
  readonly key: number;
  /** What grows: the number of blocks, the bytes per block, or nothing. */
  readonly factor: "count" | "size" | "nothing";
  readonly kind: "growing" | "stopped" | "benign";
  /** log odds of that against everything benign. */
  readonly odds: number;
  readonly explanation: Explanation | undefined;
  readonly benign: Explanation | undefined;
  readonly signal: SignalJudgement | undefined;
  readonly bytes: Rate;
  readonly blocks: Rate;
  readonly times: Float64Array;
  readonly counts: Float64Array;
  readonly held: Float64Array;
  /** Cumulative allocations at `times`. */
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
  const sizes = bytes.values.map((b, i) => b / Math.max(1, count.values[i] ?? 1));
  const byCount = decide(judgeSignal(basis, count.values), count.values, "count");
  const bySize = decide(judgeSignal(basis, sizes), bytes.values, "size");
  const best = bySize.odds > byCount.odds ? bySize : byCount;
  return {
    key,
    ...best,
    bytes: rateOf(basis, bytes.values, best.explanation),
    blocks: best.factor === "count" ? rateOf(basis, count.values, best.explanation) : NO_RATE,
    times: basis.times,
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

type Decision = Pick<TagJudgement, "factor" | "kind" | "odds" | "explanation" | "benign" | "signal">;

function decide(signal: SignalJudgement | undefined, values: Float64Array, factor: "count" | "size"): Decision {
  const nothing: Decision = {
    factor: "nothing",
    kind: "benign",
    odds: -Infinity,
    explanation: undefined,
    benign: signal?.benign,
    signal,
  };
  if (signal === undefined || new Set(values).size < MIN_VALUES) return nothing;
  const { growth, stop, benign } = signal;
  const growing = growth !== undefined && isSolid(signal, growth, factor) ? signal.growing : -Infinity;
  const stopped = stop === undefined ? -Infinity : signal.stopped - STOPPED_EXTRA;
  if (growing === -Infinity && stopped === -Infinity) return nothing;
  return growing >= stopped
    ? { factor, kind: "growing", odds: growing, explanation: growth, benign, signal }
    : { factor, kind: "stopped", odds: stopped, explanation: stop, benign, signal };
}

/** Whether the best growing explanation stands on its own: clear of its error, and a fair part of what happened. */
function isSolid(signal: SignalJudgement, { candidate, extras }: Explanation, factor: "count" | "size"): boolean {
  const { fit } = candidate;
  if (growthOf(fit) < MIN_Z * fit.error) return false;
  const last = fit.columns[fit.columns.length - 1] ?? LINE;
  const column = signal.basis.columns[last] ?? extras[last - signal.basis.columns.length];
  if (column === undefined) return false;
  const rise = growthOf(fit) * signal.unit * ((column[column.length - 1] ?? 0) - (column[0] ?? 0));
  return rise >= MIN_SHARE * signal.range && (factor === "size" || rise >= MIN_BLOCKS);
}
