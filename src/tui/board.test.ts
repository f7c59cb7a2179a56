import { describe, expect, test } from "vitest";
import { columnsFromUses } from "../model/columns-builder.ts";
import { rowKey, type Snapshot } from "../model/snapshot.ts";
import { Board, TREND_POINTS, slopePerHour } from "./board.ts";
import { exampleSnapshot, tagOf } from "./example.test-support.ts";

type Row = readonly [tag: string, allocs: number, frees: number, bytes: number];

function snapshot(time: number, ...rows: readonly Row[]): Snapshot {
  return {
    time,
    origin: { source: "csv", timeBasis: "measured" },
    totals: {},
    columns: columnsFromUses(
      rows.map(([tag, allocs, frees, bytes]) => ({ tag: tagOf(tag), kind: "nonpaged", allocs, frees, bytes })),
    ),
    counterBits: 32,
    gaps: [],
  };
}

function slot(board: Board, tag: string): number {
  return board.slotOf(rowKey(tagOf(tag), 0)) ?? -1;
}

describe("board", () => {
  test("changes since the last sample, and since the baseline", () => {
    const board = new Board();
    board.update(snapshot(0, ["Aaaa", 100, 50, 1000]));
    expect(board.change(slot(board, "Aaaa"), "bytes")).toBeNaN();
    board.update(snapshot(1000, ["Aaaa", 110, 50, 1200]));
    expect(board.change(slot(board, "Aaaa"), "allocs")).toBe(10);
    expect(board.hasChanged(slot(board, "Aaaa"))).toBe(true);
    board.setBaseline(true);
    expect(board.baseTime).toBe(1000);
    board.update(snapshot(2000, ["Aaaa", 120, 50, 1300]));
    board.update(snapshot(3000, ["Aaaa", 130, 50, 1400]));
    expect(board.change(slot(board, "Aaaa"), "bytes")).toBe(200);
    board.setBaseline(false);
    expect(board.change(slot(board, "Aaaa"), "bytes")).toBe(100);
  });

  test("a counter that wraps changed by a little", () => {
    const many = new Board();
    // Only beside others that stand still: if every counter fell, that is a restart.
    const others: Row[] = ["Dddd", "Eeee", "Ffff"].map((tag) => [tag, 100, 0, 10]);
    many.update(snapshot(0, ["Wrap", 2 ** 32 - 5, 0, 10], ...others));
    expect(many.update(snapshot(1000, ["Wrap", 7, 0, 10], ...others))).toBe(false);
    expect(many.change(slot(many, "Wrap"), "allocs")).toBe(12);
  });

  test("a restart begins anew: most counters fell, or the boot time says so", () => {
    const board = new Board();
    board.update(snapshot(0, ["Aaaa", 1000, 0, 10], ["Bbbb", 1000, 0, 10]));
    board.setBaseline(true);
    expect(board.update(snapshot(1000, ["Aaaa", 3, 0, 10], ["Bbbb", 5, 0, 10]))).toBe(true);
    expect(board.trendTimes).toHaveLength(1);
    expect(board.baseTime).toBeUndefined();
    expect(board.change(slot(board, "Aaaa"), "allocs")).toBeNaN();
  });

  test("rows that vanish are not present, and come back to their slot", () => {
    const board = new Board();
    board.update(snapshot(0, ["Aaaa", 1, 0, 10], ["Bbbb", 1, 0, 20]));
    const at = slot(board, "Aaaa");
    board.update(snapshot(1000, ["Bbbb", 1, 0, 20]));
    expect(board.isPresent(at)).toBe(false);
    expect(board.poolBytes(0)).toBe(20);
    board.update(snapshot(2000, ["Cccc", 1, 0, 5], ["Aaaa", 2, 0, 30]));
    expect(slot(board, "Aaaa")).toBe(at);
    expect(board.value(at, "bytes")).toBe(30);
    expect([...board.trend(at)]).toEqual([10, Number.NaN, 30]);
  });

  test("the trend covers everything in bounded memory, from the first sample to the last", () => {
    const board = new Board();
    const count = TREND_POINTS * 20 + 7;
    for (let i = 0; i < count; i++) board.update(snapshot(i * 1000, ["Grow", i, 0, i * 100], ["Flat", 5, 0, 70]));
    expect(board.trendTimes.length).toBeLessThanOrEqual(TREND_POINTS);
    expect(board.trendTimes[0]).toBe(0);
    expect(board.trendTimes.at(-1)).toBe((count - 1) * 1000);
    expect(board.trend(slot(board, "Grow")).at(-1)).toBe((count - 1) * 100);
    expect(slopePerHour(board.trendTimes, board.trend(slot(board, "Grow")))).toBeCloseTo(360_000, 3);
    expect(board.isGrowing(slot(board, "Grow"))).toBe(true);
    expect(board.isGrowing(slot(board, "Flat"))).toBe(false);
  });

  test("thousands of rows in any order land in their own slots", () => {
    const board = new Board();
    const tags = Array.from({ length: 3000 }, (_, i) => `T${String(i).padStart(3, "0")}`.slice(-4).padStart(4, "x"));
    const rows = [...new Set(tags)].map((tag, i): Row => [tag, i, 0, i]);
    board.update(snapshot(0, ...rows));
    board.update(snapshot(1000, ...rows.toReversed()));
    for (const [tag, , , bytes] of rows) expect(board.value(slot(board, tag), "bytes")).toBe(bytes);
    expect(board.count).toBe(rows.length);
  });

  test("totals of the source win over the sum of its rows", () => {
    const board = new Board();
    board.update(exampleSnapshot(3));
    expect(board.poolBytes(0)).toBe(exampleSnapshot(3).totals.nonpagedBytes);
  });
});
