// Finds a rhythm in a signal (daily, weekly, or any other of one to fourteen cycles in the record) as a pair of columns
// that are fitted jointly with everything else. Tables of sines are shared by all signals of a record.

import { cholesky, choleskySolve } from "./numeric.ts";

export interface Season {
  /** Period as a share of the span. */
  readonly period: number;
  readonly columns: readonly [Float64Array, Float64Array];
  /** Share of the variance left by the trend that the rhythm explains. */
  readonly explained: number;
}

/** Cycles in the record that are tried; near one cycle a rhythm and a trend cannot be told apart. */
const MIN_CYCLES = 1.25;
const MAX_CYCLES = 14;
const STEP = 0.125;

interface Rhythm {
  readonly cycles: number;
  readonly sine: Float64Array;
  readonly cosine: Float64Array;
  /** Cholesky factors of the products of (1, sine, cosine) and (1, sine, cosine, line). */
  readonly plain: Float64Array;
  readonly trended: Float64Array;
}

export interface Rhythms {
  readonly share: Float64Array;
  readonly list: readonly Rhythm[];
}

/** `share` is time from 0 to 1. */
export function makeRhythms(share: Float64Array): Rhythms {
  const n = share.length;
  const ones = new Float64Array(n).fill(1);
  const list: Rhythm[] = [];
  for (let cycles = MIN_CYCLES; cycles <= Math.min(MAX_CYCLES, n / 6); cycles += STEP) {
    const [sine, cosine] = rhythmColumns(share, cycles);
    const plain = factor([ones, sine, cosine]);
    const trended = factor([ones, sine, cosine, share]);
    if (plain !== undefined && trended !== undefined) list.push({ cycles, sine, cosine, plain, trended });
  }
  return { share, list };
}

/** Sine and cosine of so many cycles in the record. */
export function rhythmColumns(share: Float64Array, cycles: number): readonly [Float64Array, Float64Array] {
  const omega = 2 * Math.PI * cycles;
  return [share.map((s) => Math.sin(omega * s)), share.map((s) => Math.cos(omega * s))];
}

/** The best rhythm beside a constant, and beside a line too where `withLine`. `y` should be centred and of unit variance. */
export function findSeason(rhythms: Rhythms, y: Float64Array, withLine: boolean): Season | undefined {
  const { share, list } = rhythms;
  let sum = 0;
  let slope = 0;
  let power = 0;
  for (let i = 0; i < y.length; i++) {
    sum += y[i] as number;
    slope += (y[i] as number) * (share[i] as number);
    power += (y[i] as number) ** 2;
  }
  let best: Rhythm | undefined;
  let bestExplained = -1;
  const b = new Float64Array(4);
  for (const rhythm of list) {
    let s = 0;
    let c = 0;
    for (let i = 0; i < y.length; i++) {
      s += (y[i] as number) * (rhythm.sine[i] as number);
      c += (y[i] as number) * (rhythm.cosine[i] as number);
    }
    b[0] = sum;
    b[1] = s;
    b[2] = c;
    b[3] = slope;
    const p = withLine ? 4 : 3;
    choleskySolve(withLine ? rhythm.trended : rhythm.plain, p, b);
    const explained = b[0] * sum + b[1] * s + b[2] * c + (withLine ? b[3] * slope : 0);
    if (explained > bestExplained) {
      bestExplained = explained;
      best = rhythm;
    }
  }
  if (best === undefined) return undefined;
  const left = withLine ? power - lineExplains(share, sum, slope) : power - (sum * sum) / y.length;
  return {
    period: 1 / best.cycles,
    columns: [best.sine, best.cosine],
    explained: left > 0 ? 1 - (power - bestExplained) / left : 0,
  };
}

function lineExplains(share: Float64Array, sum: number, slope: number): number {
  const gram = factor([new Float64Array(share.length).fill(1), share]);
  if (gram === undefined) return 0;
  const b = Float64Array.of(sum, slope);
  choleskySolve(gram, 2, b);
  return (b[0] as number) * sum + (b[1] as number) * slope;
}

function factor(columns: readonly Float64Array[]): Float64Array | undefined {
  const p = columns.length;
  const gram = new Float64Array(p * p);
  columns.forEach((a, i) => {
    columns.slice(0, i + 1).forEach((b, j) => {
      let sum = 0;
      for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
      gram[i * p + j] = sum;
    });
  });
  return Number.isNaN(cholesky(gram, p)) ? undefined : gram;
}
