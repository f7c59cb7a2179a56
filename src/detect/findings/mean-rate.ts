// The mean rate of a series with its interval, by batch means: increments of equal stretches of time, of which the scatter
// gives the error whatever the noise within a stretch looks like (Conway 1963; Law and Carson 1979).

import type { Estimate } from "../../model/verdict.ts";

/** Stretches that a record is cut into: enough for an error, few enough that neighbours hardly depend on each other. */
export const BATCHES = 8;
/** With fewer stretches there is no error worth the name. */
export const FEWEST_BATCHES = 3;

/** Student's t at 97.5 % by degrees of freedom from 1. */
const T_975: readonly number[] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306];

/** A rate with its error. */
export interface MeanRate {
  readonly value: number;
  readonly error: number;
  readonly freedom: number;
}

/** Units per hour over times in milliseconds; undefined for fewer than {@link FEWEST_BATCHES} + 1 points. */
export function meanRate(times: ArrayLike<number>, values: ArrayLike<number>): MeanRate | undefined {
  const n = times.length;
  const first = times[0] ?? 0;
  const span = (times[n - 1] ?? 0) - first;
  const batches = Math.min(BATCHES, n - 1);
  if (batches < FEWEST_BATCHES || !(span > 0)) return undefined;
  const rates: number[] = [];
  let from = 0;
  for (let batch = 1; batch <= batches; batch++) {
    let to = from + 1;
    while (to < n - 1 && (times[to] ?? 0) < first + (span * batch) / batches) to += 1;
    const hours = ((times[to] ?? 0) - (times[from] ?? 0)) / 3_600_000;
    if (to < n && hours > 0) rates.push(((values[to] ?? 0) - (values[from] ?? 0)) / hours);
    from = to;
  }
  if (rates.length < FEWEST_BATCHES) return undefined;
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const squares = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0);
  const freedom = rates.length - 1;
  return { value: mean, error: Math.sqrt(squares / freedom / rates.length), freedom };
}

/** The interval at 95 %. */
export function intervalOf({ value, error, freedom }: MeanRate): Estimate {
  const t = T_975[Math.min(freedom, T_975.length) - 1] ?? 12.706;
  return { value, low: value - t * error, high: value + t * error };
}

/** The difference of two independent rates, with the freedom of the weaker one. */
export function difference(a: MeanRate, b: MeanRate): MeanRate {
  return {
    value: a.value - b.value,
    error: Math.hypot(a.error, b.error),
    freedom: Math.min(a.freedom, b.freedom),
  };
}
