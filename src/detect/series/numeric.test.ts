import { describe, expect, test } from "vitest";
import { cholesky, choleskySolve, logGamma, logSumExp, median, normalTail, quantile } from "./numeric.ts";

describe("quantile", () => {
  test.each([
    [0, 1],
    [0.25, 1.75],
    [0.5, 2.5],
    [0.9, 3.7],
    [1, 4],
  ])("%d of 1 to 4 is %d", (q, value) => {
    expect(quantile([3, 1, 4, 2], q)).toBeCloseTo(value, 12);
  });

  test("of one value is that value, of none is unknown; the list itself stays as it is", () => {
    expect(quantile([7], 0.3)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
    const values = Float64Array.of(3, 1, 2);
    expect(median(values)).toBe(2);
    expect([...values]).toEqual([3, 1, 2]);
  });
});

// Abramowitz and Stegun, table 26.1 and 26.2.
test.each([
  [0, 0.5],
  [0.5, 0.308537538725987],
  [1, 0.158655253931457],
  [1.96, 0.02499789514822],
  [3, 0.00134989803163],
  [5, 2.8665157e-7],
])("the upper tail of the normal distribution from %d is %d, and below it the rest", (z, tail) => {
  expect(Math.abs(normalTail(z) - tail)).toBeLessThan(8e-8);
  expect(Math.abs(normalTail(-z) - (1 - tail))).toBeLessThan(8e-8);
});

test("the tail never quite ends before 37, and is nothing beyond", () => {
  expect(normalTail(37)).toBeGreaterThan(0);
  expect(normalTail(37.5)).toBe(0);
});

test("log Gamma is the factorial's, and that of a half is the root of pi", () => {
  let factorial = 1;
  for (let n = 1; n <= 20; n++) {
    expect(logGamma(n)).toBeCloseTo(Math.log(factorial), 8);
    factorial *= n;
  }
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 8);
  expect(logGamma(7.5)).toBeCloseTo(Math.log((135_135 / 128) * Math.sqrt(Math.PI)), 8);
});

test("log of a sum of exponentials, without overflow", () => {
  expect(logSumExp([0, Math.log(2), Math.log(3)])).toBeCloseTo(Math.log(6), 12);
  expect(logSumExp([1000, 1000])).toBeCloseTo(1000 + Math.LN2, 12);
  expect(logSumExp([-Infinity, 3])).toBe(3);
  expect(logSumExp([-Infinity, -Infinity])).toBe(-Infinity);
  expect(logSumExp([])).toBe(-Infinity);
});

describe("Cholesky", () => {
  // 4 2 2 / 2 5 3 / 2 3 6 is L L' with L = 2 . . / 1 2 . / 1 1 2.
  const matrix = (): Float64Array => Float64Array.of(4, 2, 2, 2, 5, 3, 2, 3, 6);

  test("factors in place, with the log determinant", () => {
    const a = matrix();
    expect(cholesky(a, 3)).toBeCloseTo(Math.log(64), 12);
    expect([a[0], a[3], a[4], a[6], a[7], a[8]]).toEqual([2, 1, 2, 1, 1, 2]);
  });

  test("solves", () => {
    const a = matrix();
    cholesky(a, 3);
    const x = [3, -2, 5];
    const b = Float64Array.of(4 * 3 - 2 * 2 + 2 * 5, 2 * 3 - 5 * 2 + 3 * 5, 2 * 3 - 3 * 2 + 6 * 5);
    choleskySolve(a, 3, b);
    x.forEach((value, i) => expect(b[i]).toBeCloseTo(value, 12));
  });

  test("refuses what is not safely positive definite", () => {
    expect(cholesky(Float64Array.of(1, 2, 2, 1), 2)).toBeNaN();
    expect(cholesky(Float64Array.of(1, 1, 1, 1), 2)).toBeNaN();
    expect(cholesky(Float64Array.of(1, 1, 1, 1 + 1e-11), 2)).toBeNaN();
    expect(cholesky(Float64Array.of(1, 1, 1, 1 + 1e-9), 2)).toBeCloseTo(Math.log(1e-9), 4);
    expect(cholesky(Float64Array.of(0), 1)).toBeNaN();
    expect(cholesky(Float64Array.of(-1), 1)).toBeNaN();
    expect(cholesky(Float64Array.of(Number.NaN), 1)).toBeNaN();
  });
});
