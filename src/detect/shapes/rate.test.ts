import { describe, expect, test } from "vitest";
import { CONST, COLUMNS, hingeColumn, LINE, makeBasis, QUADRATIC } from "../series/basis.ts";
import { prepare, solve } from "./fit.ts";
import { meanRateOf, NO_RATE, rateOf } from "./rate.ts";
import type { Candidate } from "./candidate.ts";
import type { Explanation } from "./signal.ts";

const HOUR = 3_600_000;
/** 101 points over ten hours. */
const N = 101;
const TIMES = Float64Array.from({ length: N }, (_, i) => (i * HOUR) / 10);
const BASIS = makeBasis(TIMES, new Float64Array(N).fill(1), false);
const hours = TIMES.map((time) => time / HOUR);
/** A wobble without trend: four points up, four down. */
const wobble = (height: number): Float64Array => hours.map((_, i) => (i % 8 < 4 ? height : -height));
const plus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + (b[i] ?? 0));

function explanation(
  columns: readonly number[],
  given: Partial<Candidate> & { readonly extras?: readonly Float64Array[] } = {},
): Explanation {
  const { extras = [], ...rest } = given;
  const fit = solve(prepare(BASIS, hours, 1, extras, [0]), columns, 0);
  if (fit === undefined) throw new Error("columns are not independent");
  return {
    candidate: { fit, kind: "growing", logWeight: 0, from: 0, until: 16, ...rest },
    extras,
    season: undefined,
  };
}

describe("the rate under one explanation", () => {
  const line = explanation([CONST, LINE]);

  test("of a line is its slope an hour, whatever the level", () => {
    const rate = rateOf(
      BASIS,
      hours.map((h) => 5000 + 30 * h),
      line,
    );
    expect(rate.value).toBeCloseTo(30, 6);
    expect(rate.now).toBeCloseTo(30, 6);
    expect(rate.error).toBeLessThan(0.01);
  });

  test("has the error of the slope", () => {
    const values = plus(
      hours.map((h) => 30 * h),
      wobble(20),
    );
    const rate = rateOf(BASIS, values, line);
    // Least squares by hand: s over the root of the sum of squares about the middle.
    const middle = 5;
    const spread = hours.reduce((sum, h) => sum + (h - middle) ** 2, 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / N;
    const slope = values.reduce((sum, value, i) => sum + (value - mean) * ((hours[i] ?? 0) - middle), 0) / spread;
    const rest = values.reduce((sum, value, i) => sum + (value - mean - slope * ((hours[i] ?? 0) - middle)) ** 2, 0);
    expect(rate.value).toBeCloseTo(slope, 6);
    expect(rate.error).toBeCloseTo(Math.sqrt(rest / (N - 2) / spread), 6);
  });

  test("of growth that began later is that since it began", () => {
    const late = explanation([CONST, hingeColumn(8)], { from: 8 });
    expect(
      rateOf(
        BASIS,
        hours.map((h) => 30 * Math.max(0, h - 5)),
        late,
      ).value,
    ).toBeCloseTo(30, 6);
  });

  test("of nothing is nothing", () => {
    expect(rateOf(BASIS, hours, undefined)).toBe(NO_RATE);
    const twice = explanation([CONST, LINE]);
    const same = {
      ...twice,
      candidate: { ...twice.candidate, fit: { ...twice.candidate.fit, columns: [CONST, LINE, LINE] } },
    };
    expect(rateOf(BASIS, hours, same)).toBe(NO_RATE);
  });
});

describe("growth that speeds up", () => {
  const curve = (bend: number): Float64Array => hours.map((h) => 30 * h + bend * h * h);

  test("has its mean slope, and its slope at the end", () => {
    for (const columns of [
      [CONST, LINE],
      [CONST, LINE, QUADRATIC],
    ]) {
      const rate = rateOf(BASIS, curve(3), explanation(columns));
      expect(rate.value).toBeCloseTo(60, 4);
      expect(rate.now).toBeCloseTo(90, 4);
    }
  });

  test("must bend by a fifth of the rise to be told from a line", () => {
    const line = explanation([CONST, LINE]);
    // 300 by the line and 100 times the bend: a fifth is a bend of .75.
    const bent = rateOf(BASIS, curve(0.78), line);
    expect(bent.now).toBeCloseTo(30 + 2 * 7.8, 3);
    const straight = rateOf(BASIS, curve(0.72), line);
    expect(straight.now).toBeCloseTo(straight.value, 6);
  });

  test("is looked for in growth from the start that goes on, and beyond doubt only", () => {
    expect(rateOf(BASIS, curve(3), explanation([CONST, LINE], { kind: "stopped" })).now).toBeCloseTo(60, 0);
    expect(rateOf(BASIS, curve(3), explanation([CONST, LINE], { from: 1 })).now).toBeCloseTo(60, 0);
    const noisy = rateOf(BASIS, plus(curve(1.5), wobble(200)), explanation([CONST, LINE]));
    expect(noisy.now).toBe(noisy.value);
  });

  test("a bend downwards is none", () => {
    const rate = rateOf(
      BASIS,
      hours.map((h) => 90 * h - 3 * h * h),
      explanation([CONST, LINE]),
    );
    expect(rate.now).toBe(rate.value);
  });

  test("keeps a jump apart from the bend", () => {
    const step = new Float64Array(N).fill(1, 50);
    const jumped = plus(
      curve(3),
      step.map((one) => 5000 * one),
    );
    const rate = rateOf(BASIS, jumped, explanation([CONST, COLUMNS, LINE], { extras: [step] }));
    expect(rate.value).toBeCloseTo(60, 3);
    expect(rate.now).toBeCloseTo(90, 3);
  });
});

describe("the rate over several explanations", () => {
  const values = plus(
    hours.map((h) => 30 * h),
    wobble(20),
  );
  const line = explanation([CONST, LINE]);
  const later = (logWeight: number): Explanation => explanation([CONST, hingeColumn(4)], { from: 4, logWeight });
  const [a, b] = [rateOf(BASIS, values, line), rateOf(BASIS, values, later(0))];

  test("is their mean by weight, and its error holds how far they lie apart", () => {
    const weight = Math.exp(-1);
    const rate = meanRateOf(BASIS, values, [line, later(-1)]);
    const mean = (a.value + weight * b.value) / (1 + weight);
    const square = (a.value ** 2 + a.error ** 2 + weight * (b.value ** 2 + b.error ** 2)) / (1 + weight);
    expect(rate.value).toBeCloseTo(mean, 9);
    expect(rate.error).toBeCloseTo(Math.sqrt(square - mean ** 2), 9);
    expect(rate.now).toBeCloseTo(mean, 9);
  });

  test("leaves out what is more than 4 (log) behind", () => {
    expect(meanRateOf(BASIS, values, [line, later(-4.01)]).value).toBeCloseTo(a.value, 12);
    expect(meanRateOf(BASIS, values, [line, later(-3.99)]).value).not.toBeCloseTo(a.value, 6);
  });

  test("of one is its own, of none is nothing", () => {
    const one = meanRateOf(BASIS, values, [line]);
    expect([one.value, one.now]).toEqual([expect.closeTo(a.value, 9), expect.closeTo(a.now, 9)]);
    expect(one.error).toBeCloseTo(a.error, 6);
    expect(meanRateOf(BASIS, values, [])).toBe(NO_RATE);
  });
});
