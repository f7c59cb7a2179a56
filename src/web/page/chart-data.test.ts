import { describe, expect, test } from "vitest";
import { forecastOf, stacked, withBreaks } from "./chart-data.ts";

describe("breaks", () => {
  test("no line crosses a boot or a missing span", () => {
    const { times, columns } = withBreaks([10, 20, 30, 90], [[1, 2, 3, 4]], [25], [{ from: 30, to: 90 }]);
    expect(times).toEqual([10, 20, 24, 30, 60, 90]);
    expect(columns).toEqual([[1, 2, null, 3, null, 4]]);
  });

  test("a boot in a missing span breaks once more, one outside the record not at all", () => {
    const { times } = withBreaks([10, 90], [[1, 2]], [5, 51, 500], [{ from: 10, to: 90 }]);
    expect(times).toEqual([10, 50, 90]);
  });
});

test("stacks add up, and are empty only where all are", () => {
  expect(
    stacked([
      [1, null, null],
      [2, 5, null],
    ]),
  ).toEqual([
    [1, 0, null],
    [3, 5, null],
  ]);
});

describe("forecast", () => {
  const HOUR = 3_600_000;
  const rate = { value: 10, low: 8, high: 12 };

  test("goes as far as the limit, or three quarters of the record", () => {
    expect(forecastOf(100 * HOUR, 0, 100, rate, 200)?.until).toBeCloseTo(10.8 * HOUR);
    expect(forecastOf(100 * HOUR, 0, 100, rate, undefined)).toMatchObject({
      until: 75 * HOUR,
      value: 850,
      low: 700,
      high: 1000,
    });
  });

  test("there is none without growth, without a span, beyond the limit", () => {
    expect(forecastOf(HOUR, 0, 100, { value: 0, low: 0, high: 0 }, 200)).toBeUndefined();
    expect(forecastOf(0, 0, 100, rate, 200)).toBeUndefined();
    expect(forecastOf(HOUR, 0, 300, rate, 200)).toBeUndefined();
  });
});
