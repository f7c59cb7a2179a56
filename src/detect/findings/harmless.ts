// Tags that grew but are no finding: why, in one state each. What an administrator sees as bigger at the
// end than at the start deserves an answer too.

import type { Snapshot } from "../../model/snapshot.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { Verdict, VerdictState } from "../../model/verdict.ts";
import { CONST, FIRST_LOAD, FIRST_SATURATING, type Basis } from "../series/basis.ts";
import { prepare, solve } from "../shapes/fit.ts";
import { OPEN, type TagJudgement } from "./judge.ts";
import { findJumps } from "../shapes/jumps.ts";
import { quantile } from "../series/numeric.ts";
import { growthTimes, refOf } from "./evidence.ts";
import { totalOf } from "./totals.ts";
import { keptShare } from "./groups.ts";

/** Less than this is not worth a line. */
const MIN_GROWTH = 64 * 1024;
const MIN_GROWTH_SHARE = 0.1;
/** Odds above which unproven growth is mentioned. */
const MENTION = 3;
/** Memory is given back at once where a fall stands out this much over nearly all other changes. */
const ISOLATED = 4;
/** A record longer than this that still does not prove growth will not be helped by waiting a little. */
const EARLY_POINTS = 40;

/** Undefined where nothing grew that is worth a line. */
export function harmlessOf(j: TagJudgement, last: Snapshot): Verdict | undefined {
  const { held, counts, basis } = j;
  const n = held.length;
  const third = Math.max(1, Math.floor(n / 3));
  const before = quantile(held.subarray(0, third), 0.5);
  const after = quantile(held.subarray(n - third), 0.5);
  const peak = quantile(held, 0.98);
  const grown = after - before;
  const least = Math.max(MIN_GROWTH, MIN_GROWTH_SHARE * before);
  const hours = basis.span / 3_600_000;
  const found =
    j.excuse ??
    (j.logOdds >= MENTION && grown > 0 ? early(j, basis) : classify(j, basis, { before, after, peak, least }));
  if (found === undefined) return undefined;
  const rate = j.logOdds >= MENTION ? j.bytes.value : (grown / hours) * 1.5;
  const bytesPerHour = { value: rate, low: rate - 2 * j.bytes.error, high: rate + 2 * j.bytes.error };
  const ref = refOf(j);
  const own = { heldBytes: held[n - 1] ?? 0, outstanding: counts[n - 1] ?? 0, grownBytes: grown };
  const kept = keptShare(j);
  return {
    ...ref,
    state: found.state,
    bytesPerHour,
    blocksPerHour: j.blocks.value,
    grows: "nothing",
    ...own,
    confidence: found.state === "too-early" ? 1 / (1 + Math.exp(5 - j.logOdds)) : 0.5,
    evidence: [found.reason],
    group: [],
    total: totalOf({ ...ref, ...own, bytesPerHour }, []),
    ...(kept === undefined ? {} : { keptShare: kept }),
    ...(found.state === "too-early" ? { lookAgainAfterMs: last.time - (j.times[0] ?? 0) } : {}),
  };
}

interface Reason {
  readonly state: VerdictState;
  readonly reason: Evidence;
}

function early(j: TagJudgement, basis: Basis): Reason {
  const bytesPerHour = j.bytes.value;
  const { from, until } = growthTimes(j);
  if (from > (j.times[0] ?? 0) && j.logOdds > OPEN) {
    return {
      state: "too-early",
      reason: { kind: "maybe-burst", bytesPerHour, forMs: until - from },
    };
  }
  return {
    state: "too-early",
    reason: { kind: "within-noise", bytesPerHour, spanMs: basis.span, fewSnapshots: basis.n < EARLY_POINTS },
  };
}

interface Levels {
  readonly before: number;
  readonly after: number;
  readonly peak: number;
  readonly least: number;
}

function classify(j: TagJudgement, basis: Basis, { before, after, peak, least }: Levels): Reason | undefined {
  const jumps = findJumps(j.held);
  const heights = jumps.map((at) => (j.held[at] ?? 0) - (j.held[at - 1] ?? 0));
  const fall = deepestFall(j.held);
  const isolated = -fall > ISOLATED * quantile(changesOf(j.held), 0.95);
  if (isolated && peak - before > least && -fall > 0.5 * (peak - before) && after - before < 0.4 * (peak - before)) {
    return {
      state: "given-back",
      reason: { kind: "fell-back", roseBytes: peak - before, fellBytes: -fall },
    };
  }
  const grown = after - before;
  if (grown < least) return undefined;
  const up = heights.reduce((sum, h) => sum + Math.max(0, h), 0);
  if (up > 0.6 * grown) {
    return {
      state: "step",
      reason: { kind: "stepped", bytes: up, steps: jumps.length },
    };
  }
  return byModel(j, grown) ?? byLoad(basis, j.held);
}

/** An explanation must beat the next by this much (log) to be named. */
const MARGIN = 3;

/** The explanation that beats every other by a margin; where growth is within the margin, neither is named. */
function byModel(j: TagJudgement, grown: number): Reason | undefined {
  const signal = j.countSignal ?? j.signal;
  if (signal === undefined) return undefined;
  const { logWeights } = signal;
  const flat = Math.max(logWeights.flat, logWeights.rhythm);
  const harmless = (
    [
      ["cache", logWeights.cache],
      ["step", logWeights.step],
      ["load-driven", logWeights.load],
      ["steady", flat],
    ] as const
  ).toSorted((a, b) => b[1] - a[1]);
  const [best, next] = harmless;
  if (best === undefined || next === undefined) return undefined;
  const growth = Math.max(logWeights.growing, logWeights.stopped);
  // Aimless drift needs no margin: it is no statement about the tag.
  if (growth > best[1] - (best[0] === "steady" ? 0 : MARGIN)) {
    const goesOn = logWeights.growing >= logWeights.stopped;
    const reason = { kind: "contenders", goesOn, harmless: best[0], logOdds: growth - best[1], bytes: grown } as const;
    return { state: "undecided", reason };
  }
  if (best[0] === "steady") return undefined;
  if (best[0] === "load-driven")
    return { state: "load-driven", reason: { kind: "follows-load", share: loadShare(j.basis, j.held) } };
  const either = next[1] > best[1] - MARGIN && next[0] !== "steady" ? next[0] : undefined;
  if (either !== undefined)
    return { state: best[0], reason: { kind: "either-way", first: best[0], second: either, bytes: grown } };
  return best[0] === "cache"
    ? { state: "cache", reason: { kind: "saturating", bytes: grown } }
    : { state: "step", reason: { kind: "short-rise", bytes: grown } };
}

/** For tags that no model of growth was worth trying on. */
function byLoad(basis: Basis, held: Float64Array): Reason | undefined {
  const share = loadShare(basis, held);
  return share > 0.5 ? { state: "load-driven", reason: { kind: "follows-load", share } } : undefined;
}

/** Absolute changes from point to point. */
function changesOf(values: Float64Array): Float64Array {
  return Float64Array.from({ length: Math.max(0, values.length - 1) }, (_, i) =>
    Math.abs((values[i + 1] ?? 0) - (values[i] ?? 0)),
  );
}

/** The largest fall within two points. */
function deepestFall(values: Float64Array): number {
  let fall = 0;
  for (let i = 1; i < values.length; i++) {
    fall = Math.min(
      fall,
      (values[i] ?? 0) - (values[i - 1] ?? 0),
      (values[i] ?? 0) - (values[i - 2] ?? values[i - 1] ?? 0),
    );
  }
  return fall;
}

/** Share of the variance that load explains, at the best lag. */
function loadShare(basis: Basis, values: Float64Array): number {
  if (!basis.loadVaries) return 0;
  const p = prepare(
    basis,
    values.map((v) => v - (values[0] ?? 0)),
    1,
    [],
    [0],
  );
  const flat = solve(p, [CONST], 0);
  if (flat === undefined) return 0;
  let best = 0;
  for (let c = FIRST_LOAD; c < FIRST_SATURATING; c++) {
    const fit = solve(p, [CONST, c], 0);
    if (fit !== undefined && (fit.beta[1] ?? 0) > 0) best = Math.max(best, 1 - (fit.sigma / flat.sigma) ** 2);
  }
  return best;
}
