// When growth started and stopped, and how a fill or an arrival ran, finer than the shared grids: the best late or stopped
// explanation is tried again with times in between, and so is what would explain the same curve harmlessly.

import {
  COLUMNS,
  CONST,
  DELAYED,
  FIRST_DELAYED,
  FIRST_LOAD,
  FIRST_SATURATING,
  FIRST_SIGMOID,
  HINGES,
  hingeColumn,
  LEVELLED,
  LINE,
  SATURATING,
  SIGMOIDS,
  WORK,
  workColumn,
  workSince,
} from "../series/basis.ts";
import { goesWithWork, type Candidate } from "./candidate.ts";
import { ALONE_PRIOR, benignLogWeight, growthOf, type Comparison } from "./compare.ts";
import { keepTrial, logMarginalLikelihood, makeTrial, withColumn, type Fit } from "./fit.ts";
import { logSumExp, normalTail } from "../series/numeric.ts";
import type { ShapeSet } from "./shape-set.ts";

/** Positions tried between two grid points. */
const FINE = 8;
/** log price of a place between the points of a grid in two directions. */
const FINE_PRICE = Math.log(FINE * FINE);
/**
 * Explanations this far (log) behind everything harmless are worth it: where there is hardly any noise, being half a grid
 * step off costs that much.
 */
const WORTH = -40;
const ROUNDS = 2;
/** Growth that stopped lasted so many sixteenths of the record at least. */
const SHORTEST = 2;

/** The comparison with finer starts and stops added to it, and with finer fills and arrivals where those would matter. */
export function refine(set: ShapeSet, comparison: Comparison): Comparison {
  const benign = benignLogWeight(comparison);
  let refined = comparison;
  const [growing] = comparison.kept.growing;
  if (growing !== undefined && growing.from > 0 && comparison.logWeights.growing - benign > WORTH)
    refined = withFiner(refined, refineOne(set, growing));
  const [stopped] = comparison.kept.stopped;
  if (stopped !== undefined && comparison.logWeights.stopped - benign > WORTH)
    refined = withFiner(refined, refineOne(set, stopped));
  const best = stopped === undefined || better(growing, stopped) ? growing : stopped;
  if (best === undefined || Math.max(refined.logWeights.growing, refined.logWeights.stopped) < benign) return refined;
  refined = withFiner(refined, refineHarmless(set, best, comparison.prior, FILL));
  return withFiner(refined, refineHarmless(set, best, comparison.prior, ARRIVAL));
}

function better(a: Candidate | undefined, b: Candidate): boolean {
  return a !== undefined && a.logWeight > b.logWeight;
}

function withFiner(comparison: Comparison, finer: Candidate | undefined): Comparison {
  if (finer === undefined) return comparison;
  const { kind, logWeight } = finer;
  const kept = [...comparison.kept[kind]];
  const at = kept.findIndex((c) => c.logWeight < logWeight);
  kept.splice(at < 0 ? kept.length : at, 0, finer);
  return {
    ...comparison,
    logWeights: { ...comparison.logWeights, [kind]: logSumExp([comparison.logWeights[kind], logWeight]) },
    kept: { ...comparison.kept, [kind]: kept },
  };
}

/** A curve with two parameters; undefined where they make none. */
type Curve = (a: number, b: number) => Float64Array | undefined;

interface Search {
  readonly set: ShapeSet;
  /** The columns that stand beside the curve. */
  readonly base: readonly number[];
  readonly noise: number;
  readonly curve: Curve;
}

interface Found {
  readonly a: number;
  readonly b: number;
  readonly fit: Fit;
  readonly column: Float64Array;
}

/** Searches both parameters in turn, the second one first; only curves that go up count. `moves` are the values tried around one. */
function search(at: Search, first: readonly [number, number], moves: Moves): Found | undefined {
  let found: Found | undefined;
  let [a, b] = first;
  const trial = makeTrial();
  const { prepared } = at.set;
  // Once without the curve, so that the products of what stands beside it are known to all that follow.
  logMarginalLikelihood(prepared, at.base, at.noise, trial);
  for (let round = 0; round < ROUNDS; round++) {
    for (const which of moves.order) {
      for (const value of which === "a" ? moves.a(a) : moves.b(b)) {
        const place = which === "a" ? ([value, b] as const) : ([a, value] as const);
        const column = at.curve(...place);
        if (column === undefined) continue;
        const p = withColumn(prepared, at.noise, column);
        const columns = [...at.base, COLUMNS + prepared.extra];
        const log = logMarginalLikelihood(p, columns, at.noise, trial);
        if (!(log > (found?.fit.logMarginalLikelihood ?? -Infinity)) || !((trial.beta[trial.size - 1] ?? 0) > 0))
          continue;
        found = { a: place[0], b: place[1], fit: keepTrial(trial, columns, at.noise), column };
      }
      if (found !== undefined) ({ a, b } = found);
    }
  }
  return found;
}

interface Moves {
  readonly order: readonly ("a" | "b")[];
  readonly a: (value: number) => readonly number[];
  readonly b: (value: number) => readonly number[];
}

const STEPS = Array.from({ length: 2 * FINE + 1 }, (_, i) => (i - FINE) / FINE);

const byStep =
  (step: number) =>
  (value: number): readonly number[] =>
    STEPS.map((s) => value + s * step);
const byFactor =
  (factor: number) =>
  (value: number): readonly number[] =>
    STEPS.map((s) => value * factor ** s);

/** Searches start and stop in turn within one grid step; the growth column becomes one of the candidate's own. */
function refineOne(set: ShapeSet, candidate: Candidate): Candidate | undefined {
  const share = set.prepared.basis.columns[LINE] ?? new Float64Array(0);
  const stopped = candidate.kind === "stopped";
  const work = goesWithWork(candidate) ? set.prepared.basis.columns[WORK] : undefined;
  const since = (from: number): Float64Array =>
    work === undefined ? share.map((s) => Math.max(0, s - from / HINGES)) : workSince(share, work, from / HINGES);
  const ramp: Curve = (from, until) => {
    if (from < 0 || from > HINGES - 1 || until > HINGES - (stopped ? 1 : 0) || until - from < SHORTEST)
      return undefined;
    return stopped ? difference(since(from), since(until)) : since(from);
  };
  const at = { set, base: baseOf(candidate), noise: candidate.fit.noise, curve: ramp };
  const moves = { order: stopped ? (["b", "a"] as const) : (["a"] as const), a: byStep(1), b: byStep(1) };
  const found = search(at, [candidate.from, stopped ? candidate.until : HINGES], moves);
  if (found === undefined || growthOf(found.fit) <= 0) return undefined;
  const logPrior = candidate.logWeight - candidate.fit.logMarginalLikelihood - (stopped ? FINE_PRICE : Math.log(FINE));
  return {
    ...candidate,
    fit: found.fit,
    logWeight: found.fit.logMarginalLikelihood + logPrior,
    from: found.a,
    until: stopped ? found.b : candidate.until,
    columns: [found.column],
    ...(work === undefined ? {} : { byWork: true as const }),
  };
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - (b[i] ?? 0));
}

/** What an explanation by growth stands on: its columns without those of the growth. */
function baseOf(candidate: Candidate): readonly number[] {
  const { kind, from, until, fit } = candidate;
  const growth = goesWithWork(candidate) ? workColumn(from) : hingeColumn(from);
  return fit.columns.filter((c) => c !== growth && !(kind === "stopped" && c === hingeColumn(until)));
}

/** A harmless curve of two parameters, and the points of the shared grid to begin from: [column, a, b]. */
interface Harmless {
  readonly kind: "cache" | "step";
  readonly grid: readonly (readonly [number, number, number])[];
  readonly moves: Moves;
  readonly curve: (share: Float64Array) => Curve;
}

/** A fill that begins at `a` and has the time constant `b`. */
const FILL: Harmless = {
  kind: "cache",
  grid: [
    ...DELAYED.map(([start, tau], i) => [FIRST_DELAYED + i, start, tau] as const),
    ...SATURATING.map((tau, i) => [FIRST_SATURATING + i, 0, tau] as const),
  ],
  moves: { order: ["b", "a"], a: byStep(0.12), b: byFactor(2.4) },
  curve: (share) => (start, tau) =>
    start < 0 || start + LEVELLED * tau > 1 ? undefined : share.map((s) => 1 - Math.exp(-Math.max(0, s - start) / tau)),
};

/** Many that come around the time `a`, `b` wide. */
const ARRIVAL: Harmless = {
  kind: "step",
  grid: SIGMOIDS.map(([centre, width], i) => [FIRST_SIGMOID + i, centre, width] as const),
  moves: { order: ["a", "b"], a: byStep(0.15), b: byFactor(2) },
  curve: (share) => (centre, width) =>
    centre + LEVELLED * width > 0.9 ? undefined : share.map((s) => 1 - normalTail((s - centre) / width)),
};

/** Level, load, and what the signal has of its own; beside lines, work done and fills a curve would be harmless in name only. */
function isNoGrowth(column: number): boolean {
  return column === CONST || (column >= FIRST_LOAD && column < FIRST_SATURATING) || column >= COLUMNS;
}

/** The best harmless curve of a kind under the noise and beside the columns of an explanation by growth. */
function refineHarmless(
  set: ShapeSet,
  rival: Candidate,
  prior: number,
  { kind, grid, moves, curve }: Harmless,
): Candidate | undefined {
  const { basis } = set.prepared;
  const { noise } = rival.fit;
  const base = rival.fit.columns.filter(isNoGrowth);
  const trial = makeTrial();
  let best = -Infinity;
  let first: readonly [number, number] | undefined;
  for (const [column, a, b] of grid) {
    const log = logMarginalLikelihood(set.prepared, [...base, column], noise, trial);
    if (!(log > best) || !((trial.beta[trial.size - 1] ?? 0) > 0)) continue;
    best = log;
    first = [a, b];
  }
  const share = basis.columns[LINE] ?? new Float64Array(0);
  const found = first === undefined ? undefined : search({ set, base, noise, curve: curve(share) }, first, moves);
  if (found === undefined) return undefined;
  return {
    fit: found.fit,
    kind,
    logWeight: found.fit.logMarginalLikelihood + prior + ALONE_PRIOR - FINE_PRICE,
    from: 0,
    until: HINGES,
    columns: [found.column],
  };
}
