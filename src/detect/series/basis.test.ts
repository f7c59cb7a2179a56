import { describe, expect, test } from "vitest";
import {
  COLUMNS,
  CONST,
  DELAYED,
  dot,
  FIRST_DELAYED,
  FIRST_HINGE,
  FIRST_LOAD,
  FIRST_LOG,
  FIRST_ROOT,
  FIRST_SATURATING,
  FIRST_SIGMOID,
  hingeColumn,
  HINGES,
  LINE,
  LOAD_LAGS,
  LOGS,
  makeBasis,
  product,
  QUADRATIC,
  ROOTS,
  SATURATING,
  SIGMOIDS,
  whitenedColumn,
  WORK,
  workColumn,
} from "./basis.ts";
import { logGamma } from "./numeric.ts";

/** 41 points over 80 seconds: shares of a fortieth. */
const TIMES = Float64Array.from({ length: 41 }, (_, i) => 1000 + 2000 * i);
const LOAD = TIMES.map((_, i) => (i < 20 ? 1 : 3));
const basis = makeBasis(TIMES, LOAD, true);
const at = (column: number, share: number): number => basis.columns[column]?.[Math.round(share * 40)] ?? Number.NaN;

describe("columns, over the share of the record", () => {
  test("as many as their names say", () => {
    expect(basis.columns).toHaveLength(COLUMNS);
    expect(basis).toMatchObject({ span: 80_000, n: 41, loadVaries: true });
  });

  test("constant, line, parabola", () => {
    expect([at(CONST, 0), at(CONST, 1)]).toEqual([1, 1]);
    expect([at(LINE, 0), at(LINE, 0.25), at(LINE, 1)]).toEqual([0, 0.25, 1]);
    expect([at(QUADRATIC, 0.5), at(QUADRATIC, 1)]).toEqual([0.25, 1]);
  });

  test("a hinge is flat until its sixteenth and rises from there", () => {
    expect(hingeColumn(0)).toBe(LINE);
    expect(hingeColumn(1)).toBe(FIRST_HINGE);
    expect(hingeColumn(HINGES - 1)).toBe(WORK - 1);
    expect([0, 0.5, 0.75, 1].map((share) => at(hingeColumn(8), share))).toEqual([0, 0, 0.25, 0.5]);
  });

  test("work done is the load summed up, 1 at the end", () => {
    // 19 intervals at 1 and 21 at 3: 82 in all.
    expect(at(WORK, 0)).toBe(0);
    expect(at(WORK, 19 / 40)).toBeCloseTo(19 / 82, 12);
    expect(at(WORK, 20 / 40)).toBeCloseTo(22 / 82, 12);
    expect(at(WORK, 1)).toBe(1);
    expect(makeBasis(TIMES, new Float64Array(41), false).columns[WORK]?.every((value) => value === 0)).toBe(true);
  });

  test("load is counted from the usual, without a lag and with longer and longer ones", () => {
    expect([at(FIRST_LOAD, 0), at(FIRST_LOAD, 1)]).toEqual([0, 2]);
    const lag = (LOAD_LAGS[4] ?? 0) * 40;
    expect(at(FIRST_LOAD + 4, 1)).toBeCloseTo(2 * (1 - Math.exp(-21 / lag)), 9);
  });

  test("what levels off: exponentials, logarithms, roots", () => {
    expect(at(FIRST_SATURATING, 0)).toBe(0);
    SATURATING.forEach((tau, i) => expect(at(FIRST_SATURATING + i, 0.5)).toBeCloseTo(1 - Math.exp(-0.5 / tau), 12));
    LOGS.forEach((tau, i) => {
      expect(at(FIRST_LOG + i, 1)).toBe(1);
      expect(at(FIRST_LOG + i, 0.5)).toBeCloseTo(Math.log(1 + 0.5 / tau) / Math.log(1 + 1 / tau), 12);
    });
    ROOTS.forEach((power, i) => expect(at(FIRST_ROOT + i, 0.25)).toBeCloseTo(0.25 ** power, 12));
  });

  test("fills that begin within the record, of those that the record shows for two time constants", () => {
    expect(DELAYED).toHaveLength(12);
    expect(DELAYED.every(([start, tau]) => start + 2 * tau <= 1)).toBe(true);
    const [start, tau] = DELAYED[2] ?? [0, 0];
    expect([start, tau]).toEqual([0.1, 0.35]);
    expect([0, 0.1, 0.6].map((share) => at(FIRST_DELAYED + 2, share))).toEqual([
      0,
      0,
      expect.closeTo(1 - Math.exp(-0.5 / 0.35), 12),
    ]);
  });

  test("many that come one after the other: half of them at the middle of their time", () => {
    expect(SIGMOIDS).toHaveLength(9);
    const [centre] = SIGMOIDS[0] ?? [0];
    expect(centre).toBe(0.15);
    expect(at(FIRST_SIGMOID, 0.15)).toBeCloseTo(0.5, 7);
    expect(at(FIRST_SIGMOID, 0)).toBeCloseTo(0.00135, 4);
    expect(at(FIRST_SIGMOID, 0.2)).toBeCloseTo(0.8413, 4);
  });
});

describe("products under a noise model", () => {
  test("are those of the whitened columns, in either order", () => {
    for (const noise of [0, 5, basis.whiteners.length - 1]) {
      const expected = dot(whitenedColumn(basis, noise, LINE), whitenedColumn(basis, noise, QUADRATIC));
      expect(product(basis, noise, LINE, QUADRATIC)).toBe(expected);
      expect(product(basis, noise, QUADRATIC, LINE)).toBe(expected);
    }
    // White noise alone leaves columns as they are: the sum of squares of 0, 1/40 .. 1.
    expect(product(basis, 0, LINE, LINE)).toBeCloseTo((40 * 41 * 81) / 6 / 1600, 9);
    expect(dot(Float64Array.of(1, 2, 3), Float64Array.of(4, 5, 6))).toBe(32);
  });

  test("are made once", () => {
    expect(whitenedColumn(basis, 3, WORK)).toBe(whitenedColumn(basis, 3, WORK));
    const fresh = makeBasis(TIMES, LOAD, true);
    expect(fresh.gram[0]?.every((value) => Number.isNaN(value))).toBe(true);
    expect(product(fresh, 0, CONST, CONST)).toBe(41);
    expect(fresh.gram[0]?.[0]).toBe(41);
  });
});

test("log Gamma of the degrees of freedom that so many columns leave", () => {
  expect(basis.logGammas).toHaveLength(13);
  [0, 3, 12].forEach((k) => expect(basis.logGammas[k]).toBe(logGamma((41 - k) / 2)));
  const short = makeBasis(TIMES.slice(0, 5), LOAD.slice(0, 5), true);
  expect([short.logGammas[4], short.logGammas[9]]).toEqual([logGamma(0.5), logGamma(0.5)]);
});

test("work done since a hinge ends at what is left of the time, and rises with the load", () => {
  expect(workColumn(0)).toBe(WORK);
  const since = workColumn(HINGES / 4);
  expect(at(since, 0.25)).toBeCloseTo(0, 9);
  expect(at(since, 1)).toBeCloseTo(0.75, 9);
  // A quarter of the time at a load of 1, then half of it at 3.
  expect((at(since, 0.5) - at(since, 0.25)) / (at(since, 1) - at(since, 0.5))).toBeCloseTo(1 / 6, 1);
  expect([workColumn(1), workColumn(HINGES - 1)]).toEqual([COLUMNS - HINGES + 1, COLUMNS - 1]);
});
