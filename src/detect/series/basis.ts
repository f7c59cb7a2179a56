// The shapes a counter may follow, as columns over one span of time, whitened once under every noise model and shared by
// all tags of the record: constant, line, later onsets, load with several lags, load summed up, saturating, logarithmic.

import { lagged } from "./load.ts";
import { makeRhythms, type Rhythms } from "./season.ts";
import { logGamma, normalTail } from "./numeric.ts";
import { makeWhitener, NOISE_MODELS, whiten, type Whitener } from "./noise.ts";

export const CONST = 0;
export const LINE = 1;
/** Hinges at k / HINGES of the span, k = 1 .. HINGES - 1, from column FIRST_HINGE on. */
export const HINGES = 16;
export const FIRST_HINGE = 2;
/** Growth in step with work done: the integral of the load. */
export const WORK = FIRST_HINGE + HINGES - 1;
export const FIRST_LOAD = WORK + 1;
/** Lifetimes of blocks as shares of the span. Longer ones turn load into a line, which would excuse leaks. */
export const LOAD_LAGS = [0, 0.015, 0.05, 0.12, 0.3];
export const FIRST_SATURATING = FIRST_LOAD + LOAD_LAGS.length;
export const SATURATING = [0.02, 0.05, 0.1, 0.2, 0.35, 0.6];
export const FIRST_LOG = FIRST_SATURATING + SATURATING.length;
export const LOGS = [0.001, 0.004, 0.015, 0.06];
export const FIRST_ROOT = FIRST_LOG + LOGS.length;
/** Powers of the time: caches that fill ever more slowly and never quite level off. */
export const ROOTS = [0.3, 0.5];
/** A fill that the record does not show for so many time constants is as good as a line. */
export const LEVELLED = 2;
/** Fills that begin within the record, as [start, time constant]. */
export const DELAYED: readonly (readonly [number, number])[] = [0.1, 0.22, 0.34, 0.46, 0.58]
  .flatMap((start) => [0.06, 0.15, 0.35].map((tau) => [start, tau] as const))
  .filter(([start, tau]) => start + LEVELLED * tau <= 1);
export const FIRST_DELAYED = FIRST_ROOT + ROOTS.length;
/** Many that come one after the other, most of them around a time: [centre, width]. */
export const SIGMOIDS: readonly (readonly [number, number])[] = [0.15, 0.3, 0.45, 0.6, 0.75]
  .flatMap((centre) => [0.05, 0.1].map((width) => [centre, width] as const))
  .filter(([centre, width]) => centre + LEVELLED * width < 0.9);
export const FIRST_SIGMOID = FIRST_DELAYED + DELAYED.length;
export const QUADRATIC = FIRST_SIGMOID + SIGMOIDS.length;
/** Work done since k / HINGES of the span, k = 1 .. HINGES - 1; scaled so that a coefficient is growth per span, as that of a hinge. */
export const FIRST_WORK_HINGE = QUADRATIC + 1;
export const COLUMNS = FIRST_WORK_HINGE + HINGES - 1;

/** Columns and their whitened forms and products under each noise model. */
export interface Basis {
  /** The time that shapes run along, ms: that of the clock, without what the machine slept. */
  readonly times: Float64Array;
  /** The same points by the clock. */
  readonly clock: Float64Array;
  /** By the clock, ms. */
  readonly span: number;
  readonly n: number;
  readonly columns: readonly Float64Array[];
  readonly whiteners: readonly Whitener[];
  /** whitened[noise][column], made when {@link whitenedColumn} is asked for one: most noise models are soon out of question. */
  readonly whitened: readonly (Float64Array | undefined)[][];
  /** gram[noise], COLUMNS x COLUMNS, the larger index first; NaN until {@link product} is asked for it. */
  readonly gram: readonly Float64Array[];
  readonly loadVaries: boolean;
  /** log Gamma((n - k) / 2) for k columns. */
  readonly logGammas: Float64Array;
  readonly rhythms: Rhythms;
}

export function hingeColumn(k: number): number {
  return k === 0 ? LINE : FIRST_HINGE + k - 1;
}

/** Work done since the k-th hinge. */
export function workColumn(k: number): number {
  return k === 0 ? WORK : FIRST_WORK_HINGE + k - 1;
}

/** Whether a column is growth in step with work done. */
export function isWork(column: number): boolean {
  return column === WORK || (column >= FIRST_WORK_HINGE && column < COLUMNS);
}

export function makeBasis(
  times: Float64Array,
  load: Float64Array,
  loadVaries: boolean,
  clock: Float64Array = times,
): Basis {
  const n = times.length;
  const t0 = times[0] ?? 0;
  const awake = (times[n - 1] ?? 0) - t0;
  const span = (clock[n - 1] ?? 0) - (clock[0] ?? 0);
  const share = Float64Array.from(times, (t) => (t - t0) / awake);
  const columns: Float64Array[] = [new Float64Array(n).fill(1), share];
  for (let k = 1; k < HINGES; k++) columns.push(share.map((s) => Math.max(0, s - k / HINGES)));
  const work = workDone(times, load);
  columns.push(work);
  for (const lag of LOAD_LAGS) columns.push(lagged(times, load, lag * awake).map((v) => v - 1));
  for (const tau of SATURATING) columns.push(share.map((s) => 1 - Math.exp(-s / tau)));
  for (const tau of LOGS) columns.push(share.map((s) => Math.log1p(s / tau) / Math.log1p(1 / tau)));
  for (const power of ROOTS) columns.push(share.map((s) => s ** power));
  for (const [start, tau] of DELAYED) columns.push(share.map((s) => 1 - Math.exp(-Math.max(0, s - start) / tau)));
  for (const [centre, width] of SIGMOIDS) columns.push(share.map((s) => 1 - normalTail((s - centre) / width)));
  columns.push(share.map((s) => s * s));
  for (let k = 1; k < HINGES; k++) columns.push(workSince(share, work, k / HINGES));
  const whiteners = NOISE_MODELS.map((model) => makeWhitener(times, model));
  const whitened = whiteners.map(() => columns.map((): Float64Array | undefined => undefined));
  const gram = whiteners.map(() => new Float64Array(COLUMNS * COLUMNS).fill(Number.NaN));
  const logGammas = Float64Array.from({ length: 13 }, (_, k) => logGamma(Math.max(1, n - k) / 2));
  return {
    times,
    clock,
    span,
    n,
    columns,
    whiteners,
    whitened,
    gram,
    loadVaries,
    logGammas,
    rhythms: makeRhythms(share),
  };
}

/** A column of the basis under a noise model. */
export function whitenedColumn(basis: Basis, noise: number, column: number): Float64Array {
  const row = basis.whitened[noise] as (Float64Array | undefined)[];
  let white = row[column];
  if (white === undefined) {
    white = new Float64Array(basis.n);
    whiten(basis.whiteners[noise] as Whitener, basis.columns[column] as Float64Array, white);
    row[column] = white;
  }
  return white;
}

/** The product of two columns of the basis under a noise model. */
export function product(basis: Basis, noise: number, a: number, b: number): number {
  const gram = basis.gram[noise] as Float64Array;
  const at = a > b ? a * COLUMNS + b : b * COLUMNS + a;
  const known = gram[at] as number;
  if (!Number.isNaN(known)) return known;
  return (gram[at] = dot(whitenedColumn(basis, noise, a), whitenedColumn(basis, noise, b)));
}

/** Work done since a share of the time, from 0 to what is left of the time. */
export function workSince(share: Float64Array, work: Float64Array, from: number): Float64Array {
  let before = 0;
  while (before < share.length - 1 && (share[before + 1] as number) <= from) before += 1;
  const step = (share[before + 1] ?? 1) - (share[before] as number);
  const part = step > 0 ? (from - (share[before] as number)) / step : 0;
  const done = (work[before] as number) + part * ((work[before + 1] ?? 1) - (work[before] as number));
  const scale = (1 - from) / Math.max(1e-12, 1 - done);
  return work.map((w) => Math.max(0, w - done) * scale);
}

function workDone(times: Float64Array, load: Float64Array): Float64Array {
  const n = times.length;
  const work = new Float64Array(n);
  for (let i = 1; i < n; i++) {
    work[i] = (work[i - 1] as number) + (load[i] as number) * ((times[i] as number) - (times[i - 1] as number));
  }
  const total = work[n - 1] || 1;
  return work.map((w) => w / total);
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
