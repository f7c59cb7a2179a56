import { describe, expect, test } from "vitest";
import { followOf, quantumOf } from "./companion.ts";
import { findJumps, jumpColumns, withoutJumps } from "./jumps.ts";

/** A slope of `usual` per point with rises of its own at some points. */
function slope(usual: number, jumps: Readonly<Record<number, number>>, n = 40): Float64Array {
  let value = 100;
  return Float64Array.from({ length: n }, (_, i) => (i === 0 ? value : (value += jumps[i] ?? usual)));
}

describe("jumps", () => {
  test("stand out eight times over nearly all other changes", () => {
    expect(findJumps(slope(1, { 10: 8.1 }))).toEqual([10]);
    expect(findJumps(slope(1, { 10: 8 }))).toEqual([]);
    expect(findJumps(slope(-1, { 10: 8.1 }))).toEqual([10]);
  });

  test("and make up a tenth of the range", () => {
    expect(findJumps(slope(0, { 5: 90, 10: 10.1 }))).toEqual([5, 10]);
    expect(findJumps(slope(0, { 5: 90, 10: 9.9 }))).toEqual([5]);
  });

  test("at most three; falls are none", () => {
    expect(findJumps(slope(0, { 5: 30, 10: 30, 20: 30 }))).toEqual([5, 10, 20]);
    expect(findJumps(slope(0, { 5: 30, 10: 30, 20: 30, 30: 30 }))).toEqual([]);
    expect(findJumps(slope(0, { 5: -30 }))).toEqual([]);
    expect(findJumps(slope(0, {}))).toEqual([]);
  });

  test("as columns of height 1, and taken out of the values", () => {
    const values = Float64Array.of(1, 2, 12, 13, 33);
    expect(jumpColumns(5, [2, 4]).map((column) => [...column])).toEqual([
      [0, 0, 1, 1, 1],
      [0, 0, 0, 0, 1],
    ]);
    expect([...withoutJumps(values, [2, 4])]).toEqual([1, 2, 2, 3, 3]);
    expect([...values]).toEqual([1, 2, 12, 13, 33]);
  });
});

describe("one count after another", () => {
  test("is a regression: ratio, share explained, what is left", () => {
    const lead = Float64Array.of(1, 2, 3, 4, 5);
    expect(
      followOf(
        lead,
        lead.map((x) => 7 + 3 * x),
      ),
    ).toEqual({ ratio: 3, explained: 1, left: 0 });
    // By hand: covariance 8 over 10, residual 3.6 of 10.
    const found = followOf(lead, Float64Array.of(2, 1, 4, 3, 5));
    expect(found?.ratio).toBeCloseTo(0.8, 12);
    expect(found?.explained).toBeCloseTo(0.64, 12);
    expect(found?.left).toBeCloseTo(Math.sqrt(3.6 / 5), 12);
  });

  test("is none where either is constant", () => {
    expect(followOf(Float64Array.of(5, 5), Float64Array.of(1, 2))).toBeUndefined();
    expect(followOf(Float64Array.of(1, 2), Float64Array.of(5, 5))).toBeUndefined();
  });

  test("the usual change is the median of those that are any", () => {
    expect(quantumOf(Float64Array.of(0, 32, 32, 0, 100, 100, 132))).toBe(32);
    expect(quantumOf(Float64Array.of(0, 9, 8, 6))).toBe(2);
    expect(quantumOf(Float64Array.of(5, 5, 5))).toBe(0);
  });
});
