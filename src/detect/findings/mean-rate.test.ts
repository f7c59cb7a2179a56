import { describe, expect, test } from "vitest";
import { difference, intervalOf, meanRate } from "./mean-rate.ts";

const HOUR = 3_600_000;
const hours = (n: number): number[] => Array.from({ length: n }, (_, i) => i * HOUR);

describe("the mean rate", () => {
  test("of a straight line is its slope without error", () => {
    const times = hours(25);
    expect(
      meanRate(
        times,
        times.map((_, i) => 100 + 7 * i),
      ),
    ).toEqual({ value: 7, error: 0, freedom: 7 });
  });

  test("of uneven growth has the error of its eight stretches", () => {
    // Stretches of three hours that gain 3, 9, 3, 9, ..: 1 and 3 an hour.
    let sum = 0;
    const values = hours(25).map((_, i) => (i === 0 ? 0 : (sum += Math.floor((i - 1) / 3) % 2 === 0 ? 1 : 3)));
    const rate = meanRate(hours(25), values);
    expect(rate?.value).toBeCloseTo(2, 12);
    expect(rate?.error).toBeCloseTo(Math.sqrt(8 / 7 / 8), 12);
    expect(rate?.freedom).toBe(7);
  });

  test("of few points has a stretch for each step, and needs three of them", () => {
    expect(meanRate(hours(5), [0, 1, 2, 3, 4])).toEqual({ value: 1, error: 0, freedom: 3 });
    expect(meanRate(hours(4), [0, 1, 2, 3])).toEqual({ value: 1, error: 0, freedom: 2 });
    expect(meanRate(hours(3), [0, 1, 2])).toBeUndefined();
    expect(meanRate([5, 5, 5, 5, 5], [0, 1, 2, 3, 4])).toBeUndefined();
    expect(meanRate([], [])).toBeUndefined();
  });

  test("over a hole counts the time of the hole", () => {
    // Nothing was seen from the third to the fiftieth hour; growth went on at 2 an hour.
    const times = [0, 1, 2, 50, 51, 52, 53, 54, 55, 56].map((hour) => hour * HOUR);
    const rate = meanRate(
      times,
      times.map((time) => (2 * time) / HOUR),
    );
    expect(rate?.value).toBeCloseTo(2, 12);
    expect(rate?.error).toBeCloseTo(0, 12);
  });

  test("is not known where nearly all points are one moment", () => {
    expect(
      meanRate(
        [0, 1, 1, 1, 1, 1, 1, 2].map((hour) => hour * HOUR),
        [0, 1, 2, 3, 4, 5, 6, 7],
      ),
    ).toBeUndefined();
  });
});

test.each([
  [1, 12.706],
  [2, 4.303],
  [7, 2.365],
  [8, 2.306],
  [50, 2.306],
])("the interval with %d degrees of freedom is %d errors wide", (freedom, t) => {
  const { value, low, high } = intervalOf({ value: 10, error: 2, freedom });
  expect([value, low, high]).toEqual([10, expect.closeTo(10 - 2 * t, 9), expect.closeTo(10 + 2 * t, 9)]);
});

test("a difference has both errors and the freedom of the weaker rate", () => {
  const a = { value: 10, error: 3, freedom: 7 };
  const b = { value: 4, error: 4, freedom: 2 };
  expect(difference(a, b)).toEqual({ value: 6, error: 5, freedom: 2 });
});
