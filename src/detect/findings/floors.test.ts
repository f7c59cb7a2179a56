import { describe, expect, test } from "vitest";
import { tagNamed } from "../../model/verdict.test-support.ts";
import { kindCode, rowKey } from "../../model/snapshot.ts";
import { History } from "../series/history.ts";
import { readSignals } from "../series/tag-signals.ts";
import { coarseWindow, leasts, makeWindow } from "../series/window.ts";
import { snapshotAt, use } from "../snapshots.test-support.ts";
import { FloorLook } from "./floors.ts";
import { judgeTag, OPEN } from "./judge.ts";

const TAG = tagNamed("Busy");
const KEY = rowKey(TAG, kindCode("nonpaged"));

/** A tag that now and then holds thousands of blocks for a while, over `floor(i)` that it keeps. */
function look(n: number, floor: (i: number) => number) {
  let state = 5;
  const roll = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const history = new History();
  let busy = 0;
  for (let i = 0; i < n; i++) {
    busy = roll() < 0.3 ? Math.round(3_000 * roll()) : Math.round(busy * 0.3);
    history.push(snapshotAt(i, [use(TAG, Math.round(floor(i)) + (busy < 40 ? 0 : busy))]));
  }
  const window = makeWindow(history, false);
  if (window === undefined) throw new Error("too few snapshots");
  const signals = readSignals(window, history, KEY);
  if (typeof signals === "string") throw new Error(signals);
  const levels = judgeTag(signals);
  return { levels, floors: new FloorLook(history, window).judge(levels), history, window };
}

describe("FloorLook", () => {
  test("finds a leak under blocks that come and go, with its rate", () => {
    const { levels, floors } = look(640, (i) => 60 + 0.4 * i);
    expect(levels.logOdds).toBeLessThan(OPEN);
    expect(floors).toMatchObject({ kind: "growing", factor: "count", floor: true });
    expect(floors.logOdds).toBeGreaterThan(OPEN);
    expect(floors.blocks.value / (0.4 * 60)).toBeCloseTo(1, 1);
    expect(floors.bytes.value / (0.4 * 60 * 64)).toBeCloseTo(1, 1);
  });

  test("leaves the levels' judgement where the floor stays, and where the levels tell by themselves", () => {
    const still = look(640, () => 60);
    expect(still.floors).toBe(still.levels);
    const plain = look(640, (i) => 60 + 200 * i);
    expect(plain.levels.logOdds).toBeGreaterThan(OPEN);
    expect(plain.floors).toBe(plain.levels);
  });

  test("a stretch has four points at least", () => {
    const { history, window } = look(127, (i) => 60 + i);
    expect(coarseWindow(history, window, 32)?.times).toHaveLength(32);
    const short = look(96, (i) => 60 + i);
    expect(coarseWindow(short.history, short.window, 32)).toBeUndefined();
    expect(short.floors).toBe(short.levels);
  });
});

test("the least of each group leaves holes out", () => {
  expect([...leasts(Float64Array.of(9, 4, Number.NaN, 7, Number.NaN, Number.NaN, 2), 1, 2)]).toEqual([4, 7, 2]);
  expect([...leasts(Float64Array.of(Number.NaN, Number.NaN, 3), 0, 2)]).toEqual([Number.NaN, 3]);
});
