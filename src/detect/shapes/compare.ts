// Weighs what a signal may be (flat, following load, levelling off, logarithmic, one step; and growth on top of these,
// from the start or later, still going on or stopped) by marginal likelihood, averaged over noise models.

import {
  CONST,
  FIRST_LOAD,
  FIRST_LOG,
  FIRST_ROOT,
  FIRST_SATURATING,
  HINGES,
  hingeColumn,
  LINE,
  LOAD_LAGS,
  LOGS,
  QUADRATIC,
  ROOTS,
  SATURATING,
  WORK,
} from "../series/basis.ts";
import { evidence, keepTrial, trial, type Fit, type Prepared } from "./fit.ts";
import { normalTail } from "../series/numeric.ts";

/** A candidate explanation. Growth, where there is any, is the last of `fit.columns` (for stopped growth the hinge that ends it comes just before). */
export interface Candidate {
  readonly fit: Fit;
  readonly kind: "benign" | "growing" | "stopped";
  readonly logWeight: number;
  /** Hinge indices of start and stop. */
  readonly from: number;
  readonly until: number;
  /** Columns of this explanation alone, after those of its set. */
  readonly columns?: readonly Float64Array[];
}

export interface Comparison {
  /** log marginal weight of each kind of explanation. */
  readonly benignWeight: number;
  readonly growingWeight: number;
  readonly stoppedWeight: number;
  /** A plain rise is preferred to one beside a warm-up that explains hardly better. */
  readonly bestGrowing: Candidate | undefined;
  readonly bestStopped: Candidate | undefined;
  readonly bestBenign: Candidate | undefined;
}

export interface CompareOptions {
  /** Columns that every explanation gets, such as a rhythm. */
  readonly always: readonly number[];
  /** What the signal held at its first point, which the fitted values are counted from. */
  readonly level: number;
  /** log prior of this set of explanations. */
  readonly price: number;
}

/** Follows load at most this strongly: blocks in use grow at most somewhat more than in proportion to the work, counted from
 * what is held at the usual load. */
const MAX_ELASTICITY = 1.25;
/** Growth within this many sixteenths of the record, then flat: a step (a service that starts, a buffer taken once). */
const STEP_WIDTH = 3;
/** Growth that stopped must have lasted this many sixteenths to be more than a step. */
const STOPPED_WIDTH = 5;
/** After a stop at most this share of the rise may be gained or lost until the end. */
const FLAT = 0.2;
/** Explanations this many log units behind the best carry no weight and are not pursued. */
const PRUNE = 8;

/** A warm-up beside growth must explain this much better (log) to be believed. */
const PREFER_PLAIN = 3;

/** Warm-ups that level off. */
const LEVELLING = [...SATURATING.map((_, i) => FIRST_SATURATING + i), ...LOGS.map((_, i) => FIRST_LOG + i)];
/** A root never levels off and under noise is nearly a line: it has to pay (log) for what it could excuse. */
const ROOT_PRICE = 2;
/** What may stand beside growth or alone, -1 for nothing, with its log prior. */
const SHAPES: readonly (readonly [number, number])[] = [
  ...[-1, ...LEVELLING].map((shape) => [shape, -Math.log(LEVELLING.length + 1)] as const),
  ...ROOTS.map((_, i) => [FIRST_ROOT + i, -Math.log(LEVELLING.length + 1) - ROOT_PRICE] as const),
];
/** Starts and stops that decide whether a late or stopped growth is worth a closer look. */
const QUICK_STARTS = [6, 10, 13];
const QUICK_STOPS = [
  [0, 8],
  [2, 10],
  [5, 13],
] as const;
/** Growth less likely than flat by this much (log) in a quick look is not looked at closely. */
const WORTH = 1.5;

interface Setting {
  readonly noise: number;
  /** -1 for none. */
  readonly load: number;
  readonly base: readonly number[];
  readonly flat: number;
  readonly line: number;
  readonly bent: number;
}

/** Sums up the weight of one kind of explanation and keeps the best. */
class Tally {
  readonly kind: Candidate["kind"];
  best: Candidate | undefined;
  #max = -Infinity;
  #sum = 0;

  constructor(kind: Candidate["kind"]) {
    this.kind = kind;
  }

  /** Counts the last trial. */
  add(logWeight: number, columns: readonly number[], noise: number, from: number, until: number): void {
    if (logWeight > this.#max) {
      this.#sum = this.#sum * Math.exp(this.#max - logWeight) + 1;
      this.#max = logWeight;
      this.best = { fit: keepTrial(columns, noise), kind: this.kind, logWeight, from, until };
    } else this.#sum += Math.exp(logWeight - this.#max);
  }

  get weight(): number {
    return this.#max + Math.log(this.#sum);
  }
}

/** Undefined where a quick look finds nothing that grows. */
export function compare(p: Prepared, options: CompareOptions): Comparison | undefined {
  const loads = p.basis.loadVaries ? [-1, ...LOAD_LAGS.map((_, i) => FIRST_LOAD + i)] : [-1];
  const prior = options.price - Math.log(loads.length);
  const settings = likelySettings(p, options, loads);
  if (settings === undefined) return undefined;
  const benign = new Tally("benign");
  const growing = new Tally("growing");
  const stopped = new Tally("stopped");
  const plain = new Tally("growing");
  /** `upward` is the index of a coefficient that must not be negative. */
  const add = (
    tally: Tally,
    columns: readonly number[],
    at: Setting,
    logPrior: number,
    from = 0,
    upward?: number,
  ): void => {
    const log = evidence(p, columns, at.noise);
    if (upward !== undefined && (trial.beta[upward] ?? 0) < 0) return;
    if (log === -Infinity || !plausibleLoad(columns, at.load, p.unit, options.level)) return;
    const rises = tally === benign ? 0 : logProbabilityPositive(trialGrowth() / (trial.error || 1e-12));
    tally.add(log + prior + logPrior + rises, columns, at.noise, from, HINGES);
    if (tally === growing && upward === undefined && columns[columns.length - 1] !== QUADRATIC)
      plain.add(log + prior + logPrior + rises, columns, at.noise, from, HINGES);
  };
  for (const at of settings) {
    const { base } = at;
    for (const [shape, logPrior] of SHAPES) {
      const columns = shape < 0 ? base : [...base, shape];
      add(benign, columns, at, logPrior);
      // A curve that bends up is not a warm-up: its own candidates below speak for it.
      const warmUp = shape < 0 ? undefined : columns.length - 1;
      add(growing, [...columns, LINE], at, logPrior - Math.log(2), 0, warmUp);
      if (shape < 0) add(growing, [...columns, LINE, QUADRATIC], at, logPrior - Math.log(4));
      if (at.load >= 0 && shape < 0) add(growing, [...columns, WORK], at, logPrior - Math.log(4));
    }
    for (let from = 1; from <= HINGES - 3; from++) {
      add(growing, [...base, hingeColumn(from)], at, -Math.log(4 * HINGES), from);
    }
    for (let from = 0; from <= HINGES - 3; from++) {
      for (let until = from + 1; until <= HINGES - 2; until++) {
        const step = until - from <= STEP_WIDTH;
        if (!step && (until - from < STOPPED_WIDTH || from > HINGES / 2)) continue;
        const columns = [...base, hingeColumn(until), hingeColumn(from)];
        const log = tryStop(p, columns, at, options.level, step, (HINGES - until) / (until - from));
        if (log === -Infinity) continue;
        (step ? benign : stopped).add(log + prior - Math.log(90), columns, at.noise, from, until);
      }
    }
  }
  return {
    benignWeight: benign.weight,
    growingWeight: growing.weight,
    stoppedWeight: stopped.weight,
    bestGrowing:
      (plain.best?.logWeight ?? -Infinity) > (growing.best?.logWeight ?? 0) - PREFER_PLAIN ? plain.best : growing.best,
    bestStopped: stopped.best,
    bestBenign: benign.best,
  };
}

/**
 * Noise models and load lags that carry nearly all weight under a flat, a straight or a bent shape; undefined where flat
 * beats every kind of growth.
 */
function likelySettings(p: Prepared, options: CompareOptions, loads: readonly number[]): Setting[] | undefined {
  const all: Setting[] = [];
  const best = { flat: -Infinity, line: -Infinity, bent: -Infinity };
  const weigh = (columns: readonly number[], noise: number, load: number): number => {
    const log = evidence(p, columns, noise);
    return log === -Infinity || !plausibleLoad(columns, load, p.unit, options.level) ? -Infinity : log;
  };
  for (let noise = 0; noise < p.basis.whiteners.length; noise++) {
    for (const load of loads) {
      const base = load < 0 ? [CONST, ...options.always] : [CONST, ...options.always, load];
      const line = weigh([...base, LINE], noise, load);
      const rises = trialGrowth() > 0 ? line : -Infinity;
      const at = {
        noise,
        load,
        base,
        flat: weigh(base, noise, load),
        line: rises,
        bent: weigh([...base, FIRST_SATURATING + 2, LINE], noise, load),
      };
      for (const key of ["flat", "line", "bent"] as const) if (at[key] > best[key]) best[key] = at[key];
      all.push(at);
    }
  }
  const likely = all.filter(
    (s) => s.flat > best.flat - PRUNE || s.line > best.line - PRUNE || s.bent > best.bent - PRUNE,
  );
  const needed = best.flat - WORTH;
  if (best.line > needed || best.bent > needed) return likely;
  for (const at of likely) {
    for (const from of QUICK_STARTS) {
      if (weigh([...at.base, hingeColumn(from)], at.noise, at.load) > needed && trialGrowth() > 0) return likely;
    }
    for (const [from, until] of QUICK_STOPS) {
      if (weigh([...at.base, hingeColumn(until), hingeColumn(from)], at.noise, at.load) > needed && trialGrowth() > 0)
        return likely;
    }
  }
  return undefined;
}

/** Growth between two hinges and none after, or a step of either sign; -Infinity where the trial is neither. */
function tryStop(
  p: Prepared,
  columns: readonly number[],
  at: Setting,
  level: number,
  step: boolean,
  tail: number,
): number {
  const log = evidence(p, columns, at.noise);
  if (log === -Infinity) return log;
  const up = trialGrowth();
  const after = up + (trial.beta[trial.size - 2] as number);
  if ((up <= 0 && !step) || Math.abs(after) * tail > FLAT * Math.abs(up)) return -Infinity;
  return plausibleLoad(columns, at.load, p.unit, level) ? log : -Infinity;
}

/** Whether the trial's load coefficient is one that benign use can have. The constant is what is held at the usual load. */
function plausibleLoad(columns: readonly number[], load: number, unit: number, level: number): boolean {
  if (load < 0) return true;
  const strength = (trial.beta[columns.indexOf(load)] as number) * unit;
  const usual = Math.max(level, level + (trial.beta[0] as number) * unit);
  return strength >= 0 && strength <= MAX_ELASTICITY * usual;
}

function trialGrowth(): number {
  return trial.beta[trial.size - 1] as number;
}

/** The coefficient of the growth column. */
export function growthOf(fit: Fit): number {
  return fit.beta[fit.beta.length - 1] ?? 0;
}

function logProbabilityPositive(z: number): number {
  return Math.log(Math.max(1e-12, 1 - normalTail(z))) + Math.LN2;
}
