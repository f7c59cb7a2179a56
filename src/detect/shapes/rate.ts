// How fast a signal grows, with its error, under the shape and noise that explain it best; and whether it speeds up.

import { CONST, COLUMNS, LINE, QUADRATIC, type Basis } from "../series/basis.ts";
import { growthOf } from "./compare.ts";
import { prepare, solve, type Fit, type Prepared } from "./fit.ts";
import type { Explanation } from "./signal.ts";

export interface Rate {
  /** Per hour, over the time of growth. */
  readonly value: number;
  readonly error: number;
  /** Per hour at the end of the record; differs where growth speeds up. */
  readonly now: number;
}

export const NO_RATE: Rate = { value: 0, error: 0, now: 0 };

const HOUR = 3_600_000;
/** A bend upwards is taken for real when its evidence is this much (log) better than a line's. */
const BEND_EVIDENCE = 6;
/** And when it makes up this share of the growth and stands this many errors above nothing. */
const BEND_SHARE = 0.2;
const BEND_Z = 6;

/** The rate of `values` (counts or bytes) under an explanation found for a signal of the same tag. */
export function rateOf(basis: Basis, values: Float64Array, explanation: Explanation | undefined): Rate {
  if (explanation === undefined) return NO_RATE;
  const { candidate, extras } = explanation;
  const first = values[0] ?? 0;
  const y = values.map((v) => v - first);
  const { noise } = candidate.fit;
  const fit = solve(prepare(basis, y, 1, extras, [noise]), candidate.fit.columns, noise);
  if (fit === undefined) return NO_RATE;
  const hours = basis.span / HOUR;
  // A line and a parabola, both from 0 to 1 over the record, rise by the sum of their coefficients.
  const bent = candidate.fit.columns[candidate.fit.columns.length - 1] === QUADRATIC;
  const rise = growthOf(fit) + (bent ? (fit.beta[fit.beta.length - 2] ?? 0) : 0);
  const plain: Rate = {
    value: rise / hours,
    error: fit.error / hours,
    now: (rise + (bent ? growthOf(fit) : 0)) / hours,
  };
  if (candidate.kind !== "growing" || candidate.from > 0) return plain;
  const own = extras.length - (explanation.season === undefined ? 0 : 2);
  return (
    accelerating(
      prepare(basis, y, 1, extras),
      Array.from({ length: own }, (_, i) => COLUMNS + i),
      hours,
    ) ?? plain
  );
}

/** Explanations this far (log) behind the best say nothing about the rate. */
const FAR = 4;

/**
 * The rate averaged over explanations by their weights, the best first: its error holds what each leaves open and how far
 * they lie apart.
 */
export function meanRateOf(basis: Basis, values: Float64Array, explanations: readonly Explanation[]): Rate {
  const [best] = explanations;
  const plain = rateOf(basis, values, best);
  if (best === undefined || plain === NO_RATE) return plain;
  let weights = 0;
  let sum = 0;
  let square = 0;
  for (const explanation of explanations) {
    const behind = explanation.candidate.logWeight - best.candidate.logWeight;
    if (behind < -FAR) continue;
    const rate = explanation === best ? plain : rateOf(basis, values, explanation);
    if (rate === NO_RATE) continue;
    const weight = Math.exp(Math.min(0, behind));
    weights += weight;
    sum += weight * rate.value;
    square += weight * (rate.value ** 2 + rate.error ** 2);
  }
  const value = sum / weights;
  return { value, error: Math.sqrt(Math.max(0, square / weights - value ** 2)), now: plain.now + value - plain.value };
}

/** Under the noise that suits a parabola best: its mean slope and its slope at the end, where the bend is beyond doubt. */
function accelerating(p: Prepared, steps: readonly number[], hours: number): Rate | undefined {
  const line = bestOf(p, [CONST, ...steps, LINE]);
  const bent = bestOf(p, [CONST, ...steps, LINE, QUADRATIC]);
  if (line === undefined || bent === undefined) return undefined;
  const curve = growthOf(bent);
  const slope = bent.beta[bent.beta.length - 2] ?? 0;
  const rise = slope + curve;
  const real =
    bent.logMarginalLikelihood > line.logMarginalLikelihood + BEND_EVIDENCE &&
    curve > BEND_SHARE * rise &&
    curve > BEND_Z * bent.error;
  return real ? { value: rise / hours, error: line.error / hours, now: (slope + 2 * curve) / hours } : undefined;
}

function bestOf(p: Prepared, columns: readonly number[]): Fit | undefined {
  let best: Fit | undefined;
  for (let noise = 0; noise < p.basis.whiteners.length; noise++) {
    const fit = solve(p, columns, noise);
    if (fit !== undefined && (best === undefined || fit.logMarginalLikelihood > best.logMarginalLikelihood)) best = fit;
  }
  return best;
}
