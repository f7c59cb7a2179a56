// Weighs what a signal may be (flat, following load, levelling off, logarithmic, one step; and growth on top of these,
// from the start or later, still going on or stopped) by marginal likelihood, averaged over noise models.

import {
  DELAYED,
  FIRST_DELAYED,
  FIRST_LOG,
  FIRST_ROOT,
  FIRST_SATURATING,
  FIRST_SIGMOID,
  HINGES,
  hingeColumn,
  LINE,
  LOGS,
  QUADRATIC,
  ROOTS,
  SATURATING,
  SIGMOIDS,
  workColumn,
  WORK,
} from "../series/basis.ts";
import { logSumExp, normalTail } from "../series/numeric.ts";
import { BENIGN_KINDS, Tally, type Candidate, type ShapeKind } from "./candidate.ts";
import { logMarginalLikelihood, makeTrial, type Fit, type Prepared, type Trial } from "./fit.ts";
import { growthIn, isPlausibleLoad, likelySettings, loadsOf, type CompareOptions, type Setting } from "./settings.ts";

export interface Comparison {
  /** log marginal weight of each kind of explanation. */
  readonly logWeights: Readonly<Record<ShapeKind, number>>;
  /** The best explanations of each kind, the best first. */
  readonly kept: Readonly<Record<ShapeKind, readonly Candidate[]>>;
  /** log prior that all of them share. */
  readonly prior: number;
}

/** Growth within this many sixteenths of the record, then flat: a step (a service that starts, a buffer taken once). */
const STEP_WIDTH = 3;
/** Growth that stopped must have lasted this many sixteenths to be more than a step. */
const STOPPED_WIDTH = 5;
/** After a stop at most this share of the rise may be gained or lost until the end. */
const FLAT = 0.2;

/** A warm-up beside growth must explain this much better (log) to be believed. */
const PREFER_PLAIN = 3;
/** Pairs of start and stop that growth with an end is spread over. */
const STOPS = 90;

/** Warm-ups that level off. */
const LEVELLING = [...SATURATING.map((_, i) => FIRST_SATURATING + i), ...LOGS.map((_, i) => FIRST_LOG + i)];
/** The slowest is nearly a line. */
const SLOWEST = FIRST_SATURATING + SATURATING.length - 1;
/** A root never levels off and under noise is nearly a line: it has to pay (log) for what it could excuse. */
const ROOT_PRICE = 4;
/** What may stand beside growth or alone, -1 for nothing, with its log prior. */
const SHAPES: readonly (readonly [number, number])[] = [
  ...[-1, ...LEVELLING].map(
    (shape) => [shape, -Math.log(LEVELLING.length + 1) - (shape === SLOWEST ? ROOT_PRICE : 0)] as const,
  ),
  ...ROOTS.map((_, i) => [FIRST_ROOT + i, -Math.log(LEVELLING.length + 1) - ROOT_PRICE] as const),
];

/** Fills and arrivals that begin within the record stand for themselves only: beside growth they could be anything. */
const ALONE = [
  ...DELAYED.map((_, i) => ["cache", FIRST_DELAYED + i] as const),
  ...SIGMOIDS.map((_, i) => ["step", FIRST_SIGMOID + i] as const),
];
/** log price of all of them together. */
const ALONE_PRICE = 4;
/** log prior of each of them. */
export const ALONE_PRIOR = -ALONE_PRICE - Math.log(ALONE.length);
/** Two stores that fill side by side, a quick and a slow one: [quick, slow]; a logarithm ends where all is in the store. */
const PAIRS = [...[0, 1, 2].map((quick) => FIRST_SATURATING + quick), ...LOGS.map((_, i) => FIRST_LOG + i)].flatMap(
  (quick) => [4, 5].map((slow) => [quick, FIRST_SATURATING + slow] as const),
);

/** Undefined where a quick look finds nothing that grows. */
export function compare(p: Prepared, options: CompareOptions): Comparison | undefined {
  const trial = makeTrial();
  const loads = loadsOf(p);
  const prior = options.price - Math.log(loads.length);
  const settings = likelySettings(p, options, loads, trial);
  if (settings === undefined) return undefined;
  const tallies = {
    flat: new Tally("flat"),
    load: new Tally("load"),
    cache: new Tally("cache"),
    step: new Tally("step"),
    growing: new Tally("growing"),
    stopped: new Tally("stopped"),
  };
  /** Growth that no warm-up stands beside. */
  const plain = new Tally("growing");
  /** `upward` is the index of a coefficient that must not be negative. */
  const add = (
    kind: ShapeKind,
    columns: readonly number[],
    at: Setting,
    logPrior: number,
    from = 0,
    upward?: number,
  ): void => {
    const log = logMarginalLikelihood(p, columns, at.noise, trial);
    if (upward !== undefined && (trial.beta[upward] ?? 0) < 0) return;
    if (log === -Infinity || !isPlausibleLoad(trial, columns, at.load, p.unit, options.level)) return;
    const rises = kind === "growing" ? logProbabilityPositive(growthIn(trial) / (trial.error || 1e-12)) : 0;
    const weight = log + prior + logPrior + rises;
    tallies[kind].add(trial, weight, columns, at.noise, [from, HINGES]);
    if (kind === "growing" && upward === undefined && columns[columns.length - 1] !== QUADRATIC)
      plain.add(trial, weight, columns, at.noise, [from, HINGES]);
  };
  for (const at of settings) {
    const { base } = at;
    for (const [shape, logPrior] of SHAPES) {
      const columns = shape < 0 ? base : [...base, shape];
      add(shape >= 0 ? "cache" : at.load >= 0 ? "load" : "flat", columns, at, logPrior);
      // A curve that bends up is not a warm-up: its own candidates below speak for it.
      const warmUp = shape < 0 ? undefined : columns.length - 1;
      add("growing", [...columns, LINE], at, logPrior - Math.log(2), 0, warmUp);
      if (shape < 0) add("growing", [...columns, LINE, QUADRATIC], at, logPrior - Math.log(4));
      if (at.load >= 0 && shape < 0) add("growing", [...columns, WORK], at, logPrior - Math.log(4));
    }
    for (const [kind, column] of ALONE) {
      add(kind, [...base, column], at, ALONE_PRIOR, 0, base.length);
    }
    for (const [quick, slow] of PAIRS) {
      const columns = [...base, quick, slow];
      add("cache", columns, at, -Math.log(4 * PAIRS.length), 0, base.length);
    }
    for (let from = 1; from <= HINGES - 3; from++) {
      add("growing", [...base, hingeColumn(from)], at, -Math.log(4 * HINGES), from);
      if (p.basis.loadVaries) add("growing", [...base, workColumn(from)], at, -Math.log(8 * HINGES), from);
    }
    for (let from = 0; from <= HINGES - 3; from++) {
      for (let until = from + 1; until <= HINGES - 2; until++) {
        const step = until - from <= STEP_WIDTH;
        if (!step && (until - from < STOPPED_WIDTH || from > HINGES / 2)) continue;
        const columns = [...base, hingeColumn(until), hingeColumn(from)];
        const log = tryStop(trial, p, columns, at, options.level, step, (HINGES - until) / (until - from));
        if (log === -Infinity) continue;
        tallies[step ? "step" : "stopped"].add(trial, log + prior - Math.log(STOPS), columns, at.noise, [from, until]);
      }
    }
  }
  const first = plain.best;
  const { growing } = tallies;
  const preferred =
    first !== undefined && growing.best !== undefined && first.logWeight > growing.best.logWeight - PREFER_PLAIN;
  return {
    logWeights: mapKinds((kind) => tallies[kind].logWeight),
    prior,
    kept: { ...mapKinds((kind) => tallies[kind].kept), growing: preferred ? plain.kept : growing.kept },
  };
}

function mapKinds<T>(of: (kind: ShapeKind) => T): Record<ShapeKind, T> {
  return {
    flat: of("flat"),
    load: of("load"),
    cache: of("cache"),
    step: of("step"),
    growing: of("growing"),
    stopped: of("stopped"),
  };
}

/** Log weight of all explanations that are no leak. */
export function benignLogWeight({ logWeights }: Comparison): number {
  return logSumExp(BENIGN_KINDS.map((kind) => logWeights[kind]));
}

/** Growth between two hinges and none after, or a step of either sign; -Infinity where the trial is neither. */
function tryStop(
  trial: Trial,
  p: Prepared,
  columns: readonly number[],
  at: Setting,
  level: number,
  step: boolean,
  tail: number,
): number {
  const log = logMarginalLikelihood(p, columns, at.noise, trial);
  if (log === -Infinity) return log;
  const up = growthIn(trial);
  const after = up + (trial.beta[trial.size - 2] as number);
  if ((up <= 0 && !step) || Math.abs(after) * tail > FLAT * Math.abs(up)) return -Infinity;
  return isPlausibleLoad(trial, columns, at.load, p.unit, level) ? log : -Infinity;
}

/** The coefficient of the growth column. */
export function growthOf(fit: Fit): number {
  return fit.beta[fit.beta.length - 1] ?? 0;
}

function logProbabilityPositive(z: number): number {
  return Math.log(Math.max(1e-12, 1 - normalTail(z))) + Math.LN2;
}
