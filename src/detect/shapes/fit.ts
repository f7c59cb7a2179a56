// One tag's signal against the shared shapes: least squares under each noise model from products alone, and the log
// marginal likelihood that weighs shapes and noise models against each other.

import { COLUMNS, dot, product, whitenedColumn, type Basis } from "../series/basis.ts";
import { cholesky, choleskySolve } from "../series/numeric.ts";
import { whiten, type Whitener } from "../series/noise.ts";

/** A signal prepared for fitting: whitened under each noise model, with its products with all columns. */
export interface Prepared {
  readonly basis: Basis;
  /** Columns of this signal alone (steps, seasons); addressed as COLUMNS + i. */
  readonly extra: number;
  /** gram[noise]: products of this signal's own columns with all, a row each, NaN until one is asked for; the rest is the basis's. */
  readonly gram: readonly Float64Array[];
  /** products[noise][column] with the signal, NaN until one is asked for: most noise models are soon out of question. */
  readonly products: readonly Float64Array[];
  /** own[noise]: this signal's own columns whitened under a noise model; filled when they are asked for. */
  readonly own: Float64Array[][];
  readonly extras: readonly Float64Array[];
  /** The signal whitened under each noise model. */
  readonly signals: readonly Float64Array[];
  readonly power: Float64Array;
  /** The signal was divided by this. */
  readonly unit: number;
}

export interface Fit {
  readonly columns: readonly number[];
  readonly noise: number;
  readonly beta: Float64Array;
  /** Standard error of the last coefficient. */
  readonly error: number;
  readonly sigma: number;
  readonly logMarginalLikelihood: number;
}

/** Prior spread of coefficients in units of the signal's own spread; wide, so that it only sets the price of a column. */
const LOG_PRICE = Math.log(2);

export function prepare(
  basis: Basis,
  values: Float64Array,
  unit: number,
  extras: readonly Float64Array[],
  only?: readonly number[],
): Prepared {
  const n = basis.n;
  const scaled = values.map((v) => v / unit);
  const size = COLUMNS + extras.length;
  const gram: Float64Array[] = [];
  const products: Float64Array[] = [];
  const own: Float64Array[][] = [];
  const signals: Float64Array[] = [];
  const power = new Float64Array(basis.whiteners.length);
  for (let j = 0; j < basis.whiteners.length; j++) {
    const w = basis.whiteners[j];
    own.push([]);
    if (w === undefined) continue;
    if (only !== undefined && !only.includes(j)) {
      gram.push(power);
      products.push(power);
      signals.push(power);
      continue;
    }
    const y = new Float64Array(n);
    whiten(w, scaled, y);
    signals.push(y);
    power[j] = dot(y, y);
    products.push(new Float64Array(size).fill(Number.NaN));
    gram.push(new Float64Array(extras.length * size).fill(Number.NaN));
  }
  return { basis, extra: extras.length, gram, products, own, extras, signals, power, unit };
}

/** The same signal with one more column of its own, for fits under one noise model; all that is known of the others is kept. */
export function withColumn(p: Prepared, noise: number, column: Float64Array): Prepared {
  const extra = p.extra + 1;
  const was = COLUMNS + p.extra;
  const size = COLUMNS + extra;
  const gram = new Float64Array(extra * size).fill(Number.NaN);
  for (let i = 0; i < p.extra; i++)
    gram.set((p.gram[noise] as Float64Array).subarray(i * was, (i + 1) * was), i * size);
  const products = new Float64Array(size).fill(Number.NaN);
  products.set(p.products[noise] as Float64Array);
  const under = <T>(value: T): T[] => p.basis.whiteners.map(() => value);
  return {
    ...p,
    extra,
    extras: [...p.extras, column],
    gram: under(gram),
    products: under(products),
    own: under([...(p.own[noise] ?? [])]),
  };
}

const MAX_SIZE = 12;

/** Room for one solution, overwritten by each use: thousands of shapes are tried for a tag, few are kept. */
export interface Trial {
  /** Coefficients in use of `beta`. */
  size: number;
  /** Standard error of the last coefficient. */
  error: number;
  sigma: number;
  logMarginalLikelihood: number;
  readonly beta: Float64Array;
  readonly factor: Float64Array;
}

export function makeTrial(): Trial {
  return {
    size: 0,
    error: 0,
    sigma: 0,
    logMarginalLikelihood: -Infinity,
    beta: new Float64Array(MAX_SIZE),
    factor: new Float64Array(MAX_SIZE * MAX_SIZE),
  };
}

/**
 * Least squares of the prepared signal on some columns under one noise model. Leaves the solution in `trial` and
 * returns its log marginal likelihood, -Infinity where the columns are not independent.
 */
export function logMarginalLikelihood(p: Prepared, columns: readonly number[], noise: number, trial: Trial): number {
  const { factor, beta: solution } = trial;
  const k = columns.length;
  const gram = p.basis.gram[noise] as Float64Array;
  const products = p.products[noise] as Float64Array;
  for (let i = 0; i < k; i++) {
    const c = columns[i] as number;
    for (let j = 0; j <= i; j++) {
      const d = columns[j] as number;
      if (c < COLUMNS && d < COLUMNS) {
        const known = (c > d ? gram[c * COLUMNS + d] : gram[d * COLUMNS + c]) as number;
        factor[i * k + j] = Number.isNaN(known) ? product(p.basis, noise, c, d) : known;
      } else factor[i * k + j] = ownProduct(p, noise, Math.max(c, d), Math.min(c, d));
    }
    let withSignal = products[c] as number;
    if (Number.isNaN(withSignal)) {
      withSignal = dot(columnOf(p, noise, c), p.signals[noise] as Float64Array);
      products[c] = withSignal;
    }
    solution[i] = withSignal;
  }
  trial.logMarginalLikelihood = -Infinity;
  const logDet = cholesky(factor, k);
  const freedom = p.basis.n - k;
  if (Number.isNaN(logDet) || freedom < 3) return -Infinity;
  choleskySolve(factor, k, solution);
  let explained = 0;
  for (let i = 0; i < k; i++) explained += (solution[i] as number) * (products[columns[i] as number] as number);
  const total = p.power[noise] as number;
  // Counters are whole numbers: a residual below a thousandth of the spread is a rounding of the same truth.
  const rss = Math.max(total - explained, total * 1e-10, 1e-9 * p.basis.n);
  const whitener = p.basis.whiteners[noise] as Whitener;
  trial.size = k;
  trial.sigma = Math.sqrt(rss / freedom);
  trial.error = trial.sigma / (factor[k * k - 1] as number);
  trial.logMarginalLikelihood =
    -0.5 * whitener.logDet -
    0.5 * logDet -
    0.5 * freedom * Math.log(rss / 2) +
    (p.basis.logGammas[k] as number) -
    k * LOG_PRICE +
    whitener.model.logPrior;
  return trial.logMarginalLikelihood;
}

/** The product of one of the signal's own columns with another. */
function ownProduct(p: Prepared, noise: number, own: number, other: number): number {
  const gram = p.gram[noise] as Float64Array;
  const at = (own - COLUMNS) * (COLUMNS + p.extra) + other;
  const known = gram[at] as number;
  if (!Number.isNaN(known)) return known;
  return (gram[at] = dot(columnOf(p, noise, own), columnOf(p, noise, other)));
}

/** A column, shared or the signal's own, under a noise model. */
function columnOf(p: Prepared, noise: number, column: number): Float64Array {
  if (column < COLUMNS) return whitenedColumn(p.basis, noise, column);
  const own = p.own[noise] as Float64Array[];
  let white = own[column - COLUMNS];
  if (white === undefined) {
    white = new Float64Array(p.basis.n);
    whiten(p.basis.whiteners[noise] as Whitener, p.extras[column - COLUMNS] as Float64Array, white);
    own[column - COLUMNS] = white;
  }
  return white;
}

/** The solution on some columns as a value of its own; undefined where they are not independent. */
export function solve(p: Prepared, columns: readonly number[], noise: number): Fit | undefined {
  const trial = makeTrial();
  return logMarginalLikelihood(p, columns, noise, trial) === -Infinity ? undefined : keepTrial(trial, columns, noise);
}

/** A copy of the solution in `trial`. */
export function keepTrial(trial: Trial, columns: readonly number[], noise: number): Fit {
  const { size, error, sigma, logMarginalLikelihood, beta } = trial;
  return { columns: [...columns], noise, beta: beta.slice(0, size), error, sigma, logMarginalLikelihood };
}
