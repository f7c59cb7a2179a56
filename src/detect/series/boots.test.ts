import { describe, expect, test } from "vitest";
import { columnsFromUses } from "../../model/columns-builder.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { bootByTimes, compareCounter, isBootByCounts, isNewBoot } from "./boots.ts";

function snapshot(
  allocs: readonly (number | undefined)[],
  given: { boot?: number; order?: readonly number[] } = {},
): Snapshot {
  const order = given.order ?? allocs.map((_, i) => i);
  return {
    time: 0,
    origin: { source: "csv", timeBasis: "measured", ...(given.boot !== undefined && { bootTime: given.boot }) },
    totals: {},
    counterBits: 32,
    columns: columnsFromUses(
      order.map((i) => ({
        tag: 100 + i,
        kind: "paged" as const,
        allocs: allocs[i] ?? Number.NaN,
        frees: 0,
        bytes: 64,
      })),
    ),
    gaps: [],
  };
}

describe("known boot times", () => {
  test("decide: they must differ by more than a minute", () => {
    expect(bootByTimes(0, 60_001)).toBe(true);
    expect(bootByTimes(0, 60_000)).toBe(false);
    expect(bootByTimes(60_001, 0)).toBe(false);
    expect(bootByTimes(undefined, 5)).toBeUndefined();
    expect(bootByTimes(5, undefined)).toBeUndefined();
  });

  test("come before the counters", () => {
    expect(isNewBoot(snapshot([1000], { boot: 0 }), snapshot([10], { boot: 0 }))).toBe(false);
    expect(isNewBoot(snapshot([10], { boot: 0 }), snapshot([1000], { boot: 1e6 }))).toBe(true);
    expect(isNewBoot(snapshot([1000], { boot: 0 }), snapshot([10]))).toBe(true);
  });
});

test("a boot is when more than half of the counters fell", () => {
  expect(isBootByCounts({ fell: 2, compared: 3 })).toBe(true);
  expect(isBootByCounts({ fell: 2, compared: 4 })).toBe(false);
  expect(isBootByCounts({ fell: 0, compared: 0 })).toBe(false);
  expect(isNewBoot(snapshot([100, 100, 100]), snapshot([20, 30, 200]))).toBe(true);
  expect(isNewBoot(snapshot([100, 100, 100]), snapshot([20, 300, 200]))).toBe(false);
});

describe("what a counter says", () => {
  const of = (was: number | undefined, is: number | undefined): { fell: number; compared: number } => {
    const count = { fell: 0, compared: 0 };
    compareCounter(was, is, count);
    return count;
  };

  test("it rose, stayed or fell", () => {
    expect(of(100, 200)).toEqual({ fell: 0, compared: 1 });
    expect(of(100, 100)).toEqual({ fell: 0, compared: 1 });
    expect(of(100, 99)).toEqual({ fell: 1, compared: 1 });
  });

  test("a handful of blocks, or an unknown count, says nothing", () => {
    expect(of(16, 0)).toEqual({ fell: 1, compared: 1 });
    const nothing = { fell: 0, compared: 0 };
    expect(of(15, 0)).toEqual(nothing);
    expect(of(Number.NaN, 5)).toEqual(nothing);
    expect(of(100, Number.NaN)).toEqual(nothing);
    expect(of(undefined, 5)).toEqual(nothing);
    expect(of(100, undefined)).toEqual(nothing);
  });

  test("a fall from the last quarter of 32 bits to the first may be a wrap", () => {
    const quarter = 2 ** 30;
    const nothing = { fell: 0, compared: 0 };
    expect(of(3 * quarter, quarter - 1)).toEqual(nothing);
    expect(of(3 * quarter - 1, quarter - 1)).toEqual({ fell: 1, compared: 1 });
    expect(of(3 * quarter, quarter)).toEqual({ fell: 1, compared: 1 });
    expect(of(2 ** 32 - 1, 0)).toEqual(nothing);
    expect(of(2 ** 32, 0)).toEqual({ fell: 1, compared: 1 });
  });
});

test("rows are compared by tag, in whatever order and number they are listed", () => {
  const before = snapshot([100, 5000, 100]);
  expect(isNewBoot(before, snapshot([200, 6000, 200], { order: [1, 0, 2] }))).toBe(false);
  expect(isNewBoot(before, snapshot([20, 600, 20], { order: [0, 2, 1] }))).toBe(true);
  expect(isNewBoot(before, snapshot([20, 600, 20, 900]))).toBe(true);
  // Of five rows two are the same; they rose.
  expect(isNewBoot(snapshot([9000, 100]), snapshot([1, 200, 1, 1, 1], { order: [1, 2, 3, 4] }))).toBe(false);
});
