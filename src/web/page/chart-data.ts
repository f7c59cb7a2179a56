// Prepares columns for drawing: breaks at boots and missing spans, stacks, forecasts. Pure.

import type { Milliseconds } from "../../model/snapshot.ts";
import type { Estimate } from "../../model/verdict.ts";
import type { MissingSpan, Points } from "../contract.ts";

export interface Prepared {
  readonly times: number[];
  readonly columns: (number | null)[][];
}

/** Puts a point without values into every missing span and just before every boot, so that no line is drawn across. */
export function withBreaks(
  times: readonly Milliseconds[],
  columns: readonly Points[],
  boots: readonly Milliseconds[],
  missing: readonly MissingSpan[],
): Prepared {
  const first = times[0] ?? 0;
  const last = times.at(-1) ?? 0;
  const breaks = [...boots.map((boot) => boot - 1), ...missing.map(({ from, to }) => (from + to) / 2)]
    .filter((time) => time > first && time < last)
    .sort((a, b) => a - b);
  const out: Prepared = { times: [], columns: columns.map(() => []) };
  let next = 0;
  times.forEach((time, index) => {
    for (let at = breaks[next]; at !== undefined && at < time; at = breaks[++next]) {
      if (at === out.times.at(-1)) continue;
      out.times.push(at);
      for (const column of out.columns) column.push(null);
    }
    out.times.push(time);
    out.columns.forEach((column, i) => column.push(columns[i]?.[index] ?? null));
  });
  return out;
}

/** Running sums from the first column up; a moment at which nothing was measured stays empty in all of them. */
export function stacked(columns: readonly Points[]): (number | null)[][] {
  const length = columns[0]?.length ?? 0;
  const sums = Array.from({ length }, () => 0);
  return columns.map((column) =>
    sums.map((sum, i) => {
      const isEmpty = columns.every((each) => (each[i] ?? null) === null);
      sums[i] = sum + (column[i] ?? 0);
      return isEmpty ? null : (sums[i] ?? null);
    }),
  );
}

export interface Forecast {
  readonly until: Milliseconds;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Where a total will be if nothing changes. Drawn as far ahead as the record reaches back from `from`, or shortly beyond
 * the limit where that comes sooner.
 */
export function forecastOf(
  span: Milliseconds,
  from: Milliseconds,
  bytes: number,
  rate: Estimate,
  limit: number | undefined,
): Forecast | undefined {
  if (rate.value <= 0 || span <= 0) return undefined;
  const toLimit = limit === undefined ? Infinity : ((limit - bytes) / rate.value) * 3_600_000;
  const ahead = Math.min(span * 0.75, toLimit * 1.08);
  if (!(ahead > 0)) return undefined;
  const hours = ahead / 3_600_000;
  return {
    until: from + ahead,
    value: bytes + rate.value * hours,
    low: bytes + Math.max(0, rate.low) * hours,
    high: bytes + rate.high * hours,
  };
}

/** Steps of a byte axis: powers of two, so that labels are round in binary units. */
export const BYTE_STEPS: number[] = Array.from({ length: 55 }, (_, i) => 2 ** i);
