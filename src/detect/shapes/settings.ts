// Which noise models and load lags are worth trying for a signal: those that carry nearly all weight under a flat, a
// straight or a bent shape.

import { CONST, FIRST_LOAD, FIRST_SATURATING, hingeColumn, LINE, LOAD_LAGS } from "../series/basis.ts";
import { logMarginalLikelihood, type Prepared, type Trial } from "./fit.ts";

export interface CompareOptions {
  /** Columns that every explanation gets, such as a rhythm. */
  readonly always: readonly number[];
  /** What the signal held at its first point, which the fitted values are counted from. */
  readonly level: number;
  /** log prior of this set of explanations. */
  readonly price: number;
}

/** A noise model with what every explanation under it starts from. */
export interface Setting {
  readonly noise: number;
  /** Column of the load it follows; -1 for none. */
  readonly load: number;
  readonly base: readonly number[];
}

interface Weighed extends Setting {
  readonly flat: number;
  readonly line: number;
  readonly bent: number;
}

/** Follows load at most this strongly: blocks in use grow at most somewhat more than in proportion to the work, counted from
 * what is held at the usual load. */
const MAX_ELASTICITY = 1.25;
/** Explanations this many log units behind the best carry no weight and are not pursued. */
const PRUNE = 5;
/** Starts and stops that decide whether a late or stopped growth is worth a closer look. */
const QUICK_STARTS = [6, 10, 13];
const QUICK_STOPS = [
  [0, 8],
  [2, 10],
  [5, 13],
] as const;
/** Growth less likely than flat by this much (log) in a quick look is not looked at closely. */
const WORTH = 1.5;

/** Columns of load to try, -1 for none. */
export function loadsOf(p: Prepared): readonly number[] {
  return p.basis.loadVaries ? [-1, ...LOAD_LAGS.map((_, i) => FIRST_LOAD + i)] : [-1];
}

/** Undefined where flat beats every kind of growth. */
export function likelySettings(
  p: Prepared,
  options: CompareOptions,
  loads: readonly number[],
  trial: Trial,
): readonly Setting[] | undefined {
  const all: Weighed[] = [];
  const best = { flat: -Infinity, line: -Infinity, bent: -Infinity };
  const weigh = (columns: readonly number[], noise: number, load: number): number => {
    const log = logMarginalLikelihood(p, columns, noise, trial);
    return log === -Infinity || !isPlausibleLoad(trial, columns, load, p.unit, options.level) ? -Infinity : log;
  };
  for (let noise = 0; noise < p.basis.whiteners.length; noise++) {
    for (const load of loads) {
      const base = load < 0 ? [CONST, ...options.always] : [CONST, ...options.always, load];
      const line = weigh([...base, LINE], noise, load);
      const rises = growthIn(trial) > 0 ? line : -Infinity;
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
      if (weigh([...at.base, hingeColumn(from)], at.noise, at.load) > needed && growthIn(trial) > 0) return likely;
    }
    for (const [from, until] of QUICK_STOPS) {
      if (weigh([...at.base, hingeColumn(until), hingeColumn(from)], at.noise, at.load) > needed && growthIn(trial) > 0)
        return likely;
    }
  }
  return undefined;
}

/** Whether the trial's load coefficient is one that benign use can have. The constant is what is held at the usual load. */
export function isPlausibleLoad(
  trial: Trial,
  columns: readonly number[],
  load: number,
  unit: number,
  level: number,
): boolean {
  if (load < 0) return true;
  const strength = (trial.beta[columns.indexOf(load)] as number) * unit;
  const usual = Math.max(level, level + (trial.beta[0] as number) * unit);
  return strength >= 0 && strength <= MAX_ELASTICITY * usual;
}

/** The coefficient of the last column. */
export function growthIn(trial: Trial): number {
  return trial.beta[trial.size - 1] as number;
}
