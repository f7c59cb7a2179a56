import { expect, test } from "vitest";
import { ColumnsBuilder } from "../../model/columns-builder.ts";
import { carryCounterOn, kindCode, rowKey, type Snapshot } from "../../model/snapshot.ts";
import { History } from "./history.ts";

const TAG = 0x41414141;
const KEY = rowKey(TAG, kindCode("paged"));

function snapshot(time: number, allocs: number, counterBits: 32 | 64, outstanding = 10): Snapshot {
  const builder = new ColumnsBuilder(1);
  builder.add(TAG, kindCode("paged"), allocs, allocs - outstanding, outstanding, outstanding * 64);
  return {
    time,
    origin: { source: "csv", timeBasis: "measured" },
    columns: builder.finish(),
    totals: {},
    counterBits,
    gaps: [],
  };
}

function totals(bits: 32 | 64, readings: readonly number[]): number[] {
  const history = new History();
  readings.forEach((allocs, i) => history.push(snapshot(i * 1000, allocs, bits)));
  return [...(history.series(KEY)?.allocs ?? [])];
}

test("64-bit counters keep growth of more than 2^31 between two snapshots", () => {
  expect(totals(64, [5, 5 + 2 ** 33, 7 + 2 ** 33])).toEqual([5, 5 + 2 ** 33, 7 + 2 ** 33]);
});

test("32-bit counters go on past their wrap", () => {
  expect(totals(32, [2 ** 32 - 10, 30, 50])).toEqual([2 ** 32 - 10, 2 ** 32 + 30, 2 ** 32 + 50]);
});

test("a counter that runs backwards adds nothing", () => {
  expect(totals(32, [1000, 900, 950])).toEqual([1000, 1000, 1050]);
  expect(totals(64, [1000, 900, 950])).toEqual([1000, 1000, 1050]);
});

test("a first reading starts at itself, an unknown one is unknown", () => {
  expect(carryCounterOn(Number.NaN, Number.NaN, 42, 32)).toBe(42);
  expect(carryCounterOn(40, 40, Number.NaN, 32)).toBeNaN();
  expect(carryCounterOn(0, 0, 2 ** 31, 32)).toBe(2 ** 31);
  expect(carryCounterOn(0, 0, 2 ** 31 + 1, 32)).toBe(0);
});

test("a full history is thinned to every second snapshot; the first and the newest stay", () => {
  const history = new History(32);
  for (let i = 0; i < 100; i++) history.push(snapshot(i * 1000, i, 64, i));
  const times = [...history.times];
  expect(times.length).toBeLessThanOrEqual(33);
  expect(times[0]).toBe(0);
  expect(times[1]).toBe(4000);
  expect(times[times.length - 1]).toBe(99_000);
  expect([...(history.columns(KEY)?.outstanding ?? [])]).toEqual(times.map((t) => t / 1000));
});

test("a tag that appears late is unknown before, and unknown where it is not listed", () => {
  const history = new History();
  history.push({ ...snapshot(0, 1, 64), columns: new ColumnsBuilder(1).finish() });
  history.push(snapshot(1000, 5, 64, 3));
  history.push({ ...snapshot(2000, 1, 64), columns: new ColumnsBuilder(1).finish() });
  expect([...(history.columns(KEY)?.outstanding ?? [])]).toEqual([Number.NaN, 3, Number.NaN]);
});
