import { describe, expect, test } from "vitest";
import { correlation, gained, unevenness } from "./growth.ts";

describe("what a course gained", () => {
  const of = (values: readonly number[]): number => gained({ times: [], values });

  test("is the difference of its ends, each the mean of a tenth of the points", () => {
    expect(of([0, 4, ...Array<number>(16).fill(500), 10, 16])).toBe(13 - 2);
    expect(of([1, 900, 900, 900, 900, 900, 900, 900, 900, 7])).toBe(6);
  });

  test("takes one point at each end of a short course, and is nothing for a single point", () => {
    expect(of([3, 10])).toBe(7);
    expect(of([10, 3])).toBe(-7);
    expect(of([3])).toBe(0);
    expect(of([])).toBe(0);
  });
});

describe("correlation", () => {
  test("is Pearson's", () => {
    expect(correlation([1, 2, 3, 4, 5], [2, 1, 4, 3, 5], 5)).toBeCloseTo(0.8, 12);
    expect(correlation([1, 2, 3, 4], [10, 8, 6, 4], 2)).toBeCloseTo(-1, 12);
    // By hand: sums of products 8, of squares 10 and 8 about the means 3 and 2.
    expect(correlation([1, 2, 3, 4, 5], [0, 1, 2, 4, 3], 2)).toBeCloseTo(9 / Math.sqrt(10 * 10), 12);
  });

  test("needs so many pairs, and both sides to vary", () => {
    expect(correlation([1, 2, 3], [1, 2, 3], 4)).toBeUndefined();
    expect(correlation([1, 2, 3, 4], [1, 2, 3, 4], 4)).toBeCloseTo(1, 12);
    expect(correlation([5, 5, 5], [1, 2, 3], 2)).toBeUndefined();
    expect(correlation([1, 2, 3], [5, 5, 5], 2)).toBeUndefined();
  });
});

test("unevenness is the standard deviation over the mean, whatever its sign; nothing where the mean is zero", () => {
  expect(unevenness([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(2 / 5, 12);
  expect(unevenness([-2, -4, -4, -4, -5, -5, -7, -9])).toBeCloseTo(2 / 5, 12);
  expect(unevenness([6, 6])).toBe(0);
  expect(unevenness([-1, 1])).toBe(0);
  expect(unevenness([])).toBe(0);
});
