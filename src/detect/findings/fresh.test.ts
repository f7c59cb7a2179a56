import { expect, test } from "vitest";
import { kindCode, rowKey } from "../../model/snapshot.ts";
import { tagNamed } from "../../model/verdict.test-support.ts";
import { History } from "../series/history.ts";
import { readSignals } from "../series/tag-signals.ts";
import { makeWindow } from "../series/window.ts";
import { snapshotAt, use } from "../snapshots.test-support.ts";
import { FreshLook, isCalmBefore } from "./fresh.ts";
import { judgeTag } from "./judge.ts";

const quiet = (n: number): number[] => Array.from({ length: n }, (_, i) => 100 + (i % 3));
const climb = (n: number, by: number): number[] => Array.from({ length: n }, (_, i) => 100 + by * (i + 1));

test("a climb after a calm past is fresh", () => {
  expect(isCalmBefore(Float64Array.from([...quiet(75), ...climb(25, 5)]), 0.25)).toBe(true);
});

test("a climb like those before is not, nor one that stays below an earlier level, nor a fall", () => {
  expect(isCalmBefore(Float64Array.from([...quiet(20), ...climb(25, 5), ...quiet(30), ...climb(25, 5)]), 0.25)).toBe(
    false,
  );
  expect(isCalmBefore(Float64Array.from([400, 400, ...quiet(73), ...climb(25, 5)]), 0.25)).toBe(false);
  expect(isCalmBefore(Float64Array.from([...quiet(75), ...climb(25, -3)]), 0.25)).toBe(false);
});

test("it must exceed every earlier swing by two and a half", () => {
  const past = (swing: number): number[] => Array.from({ length: 75 }, (_, i) => (i === 30 ? 100 + swing : 100));
  expect(isCalmBefore(Float64Array.from([...past(49), ...climb(25, 5)]), 0.25)).toBe(false);
  expect(isCalmBefore(Float64Array.from([...past(45), ...climb(25, 5)]), 0.25)).toBe(true);
});

test("a rise by less than half of what is held has to prove itself by e^6 more", () => {
  const tag = tagNamed("Late");
  let state = 4;
  const roll = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const looked = (rise: number) => {
    state = 4;
    const history = new History();
    for (let i = 0; i < 400; i++) {
      const late = i < 376 ? 0 : (rise * (i - 376)) / 24;
      history.push(snapshotAt(i, [use(tag, 1_000 + Math.round(late + 6 * (roll() + roll() - 1)))]));
    }
    const window = makeWindow(history, false);
    const signals = window === undefined ? "none" : readSignals(window, history, rowKey(tag, kindCode("nonpaged")));
    if (window === undefined || typeof signals === "string") throw new Error("nothing to judge");
    return new FreshLook(history, window).judge(judgeTag(signals));
  };
  const [little, much] = [looked(488), looked(518)];
  expect(much.fresh).toBe(true);
  expect(little.fresh).toBe(true);
  expect(much.logOdds - little.logOdds).toBeGreaterThan(4);
  expect(much.logOdds - little.logOdds).toBeLessThan(9);
});
