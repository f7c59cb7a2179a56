// Tags that grew but are no finding: why, in the words of one state each. What an administrator sees as bigger at the
// end than at the start deserves an answer too.

import type { Snapshot } from "../../model/snapshot.ts";
import { formatBytes, formatDuration, formatRate } from "../../model/units.ts";
import type { Verdict, VerdictState } from "../../model/verdict.ts";
import { CONST, FIRST_LOAD, FIRST_SATURATING, HINGES, QUADRATIC, type Basis } from "../series/basis.ts";
import { prepare, solve } from "../shapes/fit.ts";
import { OPEN, type TagJudgement } from "./judge.ts";
import { findJumps } from "../shapes/jumps.ts";
import { quantile } from "../series/numeric.ts";
import { growthTimes, refOf } from "./evidence.ts";

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
export function harmlessOf(j: TagJudgement, last: Snapshot, basis: Basis): Verdict | undefined {
  const { held, counts } = j;
  const n = held.length;
  const third = Math.max(1, Math.floor(n / 3));
  const before = quantile(held.subarray(0, third), 0.5);
  const after = quantile(held.subarray(n - third), 0.5);
  const peak = quantile(held, 0.98);
  const grown = after - before;
  const least = Math.max(MIN_GROWTH, MIN_GROWTH_SHARE * before);
  const hours = basis.span / 3_600_000;
  const found =
    j.logOdds >= MENTION && grown > 0 ? early(j, basis) : classify(j, basis, { before, after, peak, least });
  if (found === undefined) return undefined;
  const rate = j.logOdds >= MENTION ? j.bytes.value : (grown / hours) * 1.5;
  return {
    ...refOf(j),
    state: found.state,
    bytesPerHour: { value: rate, low: rate - 2 * j.bytes.error, high: rate + 2 * j.bytes.error },
    blocksPerHour: j.blocks.value,
    grows: "nothing",
    heldBytes: held[n - 1] ?? 0,
    outstanding: counts[n - 1] ?? 0,
    grownBytes: grown,
    confidence: found.state === "too-early" ? 1 / (1 + Math.exp(5 - j.logOdds)) : 0.5,
    evidence: [{ kind: found.state === "too-early" ? "doubt" : "shape", text: found.text }],
    group: [],
    drivers: [],
    knownLeaks: [],
    next:
      found.state === "too-early" ? [`Look again after ${formatDuration(last.time - (j.times[0] ?? 0))} more.`] : [],
  };
}

interface Reason {
  readonly state: VerdictState;
  readonly text: string;
}

function early(j: TagJudgement, basis: Basis): Reason {
  const rate = formatRate(j.bytes.value);
  const { from, until } = growthTimes(j);
  if (from > (j.times[0] ?? 0) && j.logOdds > OPEN) {
    return {
      state: "too-early",
      text: `Has grown by ${rate} for ${formatDuration(until - from)}, which may still be a burst that ends as it came.`,
    };
  }
  return {
    state: "too-early",
    text: `Seems to grow by ${rate}, but ${formatDuration(basis.span)} do not tell it from drift: ${basis.n < EARLY_POINTS ? "too few snapshots" : "too small against its own ups and downs"}.`,
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
      text: `Rose by ${formatBytes(peak - before)} and gave ${formatBytes(-fall)} back at once.`,
    };
  }
  const grown = after - before;
  if (grown < least) return undefined;
  const up = heights.reduce((sum, h) => sum + Math.max(0, h), 0);
  if (up > 0.6 * grown) {
    return {
      state: "step",
      text: `${formatBytes(up)} came in ${jumps.length === 1 ? "one step" : "a few steps"}; level before and after.`,
    };
  }
  const columns = j.benign?.candidate.fit.columns ?? [];
  if ((j.benign?.candidate.until ?? HINGES) < HINGES) {
    return { state: "step", text: `${formatBytes(grown)} came within a short time; level before and after.` };
  }
  if (columns.some((c) => c >= FIRST_SATURATING && c < QUADRATIC)) {
    return {
      state: "cache",
      text: `Grew by ${formatBytes(grown)}, ever more slowly, like a cache or a start-up that fills.`,
    };
  }
  const share = loadShare(basis, j.held);
  if (share > 0.5) {
    return {
      state: "load-driven",
      text: `Follows the machine's load, which explains ${Math.round(share * 100)} % of its ups and downs.`,
    };
  }
  return undefined;
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
