// The shapes a counter may follow, as columns over one span of time, whitened once under every noise model and shared by
// all tags of the record: constant, line, later onsets, load with several lags, load summed up, saturating, logarithmic.

import { lagged } from "./load.ts";
import { makeRhythms, type Rhythms } from "./season.ts";
import { logGamma } from "./numeric.ts";
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
export const SATURATING = [0.02, 0.05, 0.1, 0.2, 0.35];
export const FIRST_LOG = FIRST_SATURATING + SATURATING.length;
export const LOGS = [0.001, 0.004, 0.015, 0.06];
export const FIRST_ROOT = FIRST_LOG + LOGS.length;
/** Powers of the time: caches that fill ever more slowly and never quite level off. */
export const ROOTS = [0.3, 0.5];
export const QUADRATIC = FIRST_ROOT + ROOTS.length;
export const COLUMNS = QUADRATIC + 1;

/** Columns and their whitened forms and products under each noise model. */
export interface Basis {
  readonly times: Float64Array;
  readonly span: number;
  readonly n: number;
  readonly columns: readonly Float64Array[];
  readonly whiteners: readonly Whitener[];
  /** whitened[noise][column] */
  readonly whitened: readonly (readonly Float64Array[])[];
  /** gram[noise], COLUMNS x COLUMNS */
  readonly gram: readonly Float64Array[];
  readonly loadVaries: boolean;
  /** log Gamma((n - k) / 2) for k columns. */
  readonly logGammas: Float64Array;
  readonly rhythms: Rhythms;
}

export function hingeColumn(k: number): number {
  return k === 0 ? LINE : FIRST_HINGE + k - 1;
}

export function makeBasis(times: Float64Array, load: Float64Array, loadVaries: boolean): Basis {
  const n = times.length;
  const t0 = times[0] ?? 0;
  const span = (times[n - 1] ?? 0) - t0;
  const share = Float64Array.from(times, (t) => (t - t0) / span);
  const columns: Float64Array[] = [new Float64Array(n).fill(1), share];
  for (let k = 1; k < HINGES; k++) columns.push(share.map((s) => Math.max(0, s - k / HINGES)));
  columns.push(workColumn(times, load));
  for (const lag of LOAD_LAGS) columns.push(lagged(times, load, lag * span).map((v) => v - 1));
  for (const tau of SATURATING) columns.push(share.map((s) => 1 - Math.exp(-s / tau)));
  for (const tau of LOGS) columns.push(share.map((s) => Math.log1p(s / tau) / Math.log1p(1 / tau)));
  for (const power of ROOTS) columns.push(share.map((s) => s ** power));
  columns.push(share.map((s) => s * s));
  const whiteners = NOISE_MODELS.map((model) => makeWhitener(times, model));
  const whitened = whiteners.map((w) =>
    columns.map((column) => {
      const out = new Float64Array(n);
      whiten(w, column, out);
      return out;
    }),
  );
  const gram = whitened.map((set) => {
    const g = new Float64Array(COLUMNS * COLUMNS);
    for (let i = 0; i < COLUMNS; i++) {
      for (let j = 0; j <= i; j++) {
        const v = dot(set[i] ?? new Float64Array(0), set[j] ?? new Float64Array(0));
        g[i * COLUMNS + j] = v;
        g[j * COLUMNS + i] = v;
      }
    }
    return g;
  });
  const logGammas = Float64Array.from({ length: 13 }, (_, k) => logGamma(Math.max(1, n - k) / 2));
  return { times, span, n, columns, whiteners, whitened, gram, loadVaries, logGammas, rhythms: makeRhythms(share) };
}

function workColumn(times: Float64Array, load: Float64Array): Float64Array {
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
