import { expect, test } from "vitest";
import { followOf, quantumOf } from "./companion.ts";
import { judgeLumps } from "./lumps.ts";
import { findReloads, withoutFalls } from "./reloads.ts";

const share = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => i / (n - 1));
const lumps = (n: number, at: readonly number[], size: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => 100 + size * at.filter((a) => a <= i).length);
const sawtooth = (n: number, falls: readonly number[], floor: number): Float64Array => {
  let grown = 0;
  return Float64Array.from({ length: n }, (_, i) => {
    if (falls.includes(i)) grown = 0;
    grown += 10;
    return floor + grown;
  });
};

test("lumps spread over the record grow; six is the least, and they may not end early", () => {
  const spread = judgeLumps(share(140), lumps(140, [10, 35, 60, 80, 100, 125], 50));
  expect(spread).toMatchObject({ count: 6, rise: 300 });
  expect(spread?.logOdds).toBeGreaterThan(6);
  expect(spread?.error).toBeCloseTo(300 / Math.sqrt(6), 9);
  expect(judgeLumps(share(140), lumps(140, [10, 35, 60, 80, 100], 50))).toBeUndefined();
  expect(judgeLumps(share(140), lumps(140, [3, 8, 15, 22, 30, 38, 44], 50))).toBeUndefined();
});

test("lumps that are freed again, and lumps of all sizes, are not one cause", () => {
  const freed = lumps(140, [10, 35, 60, 80, 100, 125], 50);
  freed.fill(200, 90, 100);
  expect(judgeLumps(share(140), freed)).toBeUndefined();
  const at = [10, 35, 60, 80, 100, 125];
  const sizes = [5, 400, 20, 90, 700, 40];
  const mixed = Float64Array.from({ length: 140 }, (_, i) =>
    at.reduce((s, a, k) => s + (a <= i ? (sizes[k] ?? 0) : 0), 0),
  );
  expect(judgeLumps(share(140), mixed)?.logOdds ?? 0).toBeLessThan(5);
});

test("falls at no regular time are reloads, and what they took is added back", () => {
  const reloads = findReloads(sawtooth(160, [30, 95, 112], 0));
  expect(reloads?.falls).toEqual([30, 95, 112]);
  expect(reloads?.irregular).toBe(true);
  const { uncleared = new Float64Array(0) } = reloads ?? {};
  expect(uncleared[159]).toBe(10 + 10 * 159 - 3 * 10);
});

test("falls at a regular time are trims; one fall is a reload only where it took everything", () => {
  expect(findReloads(sawtooth(160, [40, 80, 120], 0))?.irregular).toBe(false);
  expect(findReloads(sawtooth(160, [90], 0))?.irregular).toBe(true);
  expect(findReloads(sawtooth(160, [90], 400))?.irregular).toBe(false);
  expect(findReloads(sawtooth(160, [20, 40, 60, 80, 100], 0))).toBeUndefined();
});

test("what is trimmed under pressure falls to floors of all heights, and is no reload", () => {
  const trimmed = (floors: readonly number[], falls = [30, 95, 112]): Float64Array => {
    let held = floors[0] ?? 0;
    return Float64Array.from({ length: 160 }, (_, i) => {
      const at = falls.indexOf(i);
      if (at >= 0) held = floors[at + 1] ?? 0;
      held += 10;
      return held;
    });
  };
  // The largest fall takes 650: a twentieth of it is 32.
  expect(findReloads(trimmed([40, 60, 50, 70]))?.irregular).toBe(true);
  expect(findReloads(trimmed([40, 60, 50, 100]))).toBeUndefined();
  // Two floors are alike by chance: the record must have begun there too, or there is next to nothing left.
  const two = [40, 95];
  expect(findReloads(trimmed([60, 60, 60], two))?.falls).toEqual(two);
  expect(findReloads(trimmed([150, 60, 60], two))).toBeUndefined();
  expect(findReloads(trimmed([150, 5, 5], two))?.falls).toEqual(two);
});

test("one fall to where the record began is one to nothing where that is little of what was held", () => {
  const once = (base: number, left: number): Float64Array =>
    Float64Array.from({ length: 160 }, (_, i) => (i < 90 ? base + 10 * i : left + 10 * (i - 90)));
  expect(findReloads(once(100, 110))?.irregular).toBe(true);
  expect(findReloads(once(100, 170))?.irregular).toBe(false);
  expect(findReloads(once(400, 400))?.irregular).toBe(false);
});

test("another signal of the tag gets back what it lost at the same points", () => {
  expect([...withoutFalls(Float64Array.of(1, 5, 9, 0, 4), [3])]).toEqual([1, 5, 9, 9, 13]);
});

test("a count that repeats another's has its ratio and leaves nothing", () => {
  const lead = Float64Array.of(0, 3, 4, 9, 15, 16);
  const follows = followOf(
    lead,
    lead.map((v) => 7 + v / 4),
  );
  expect(follows?.ratio).toBeCloseTo(0.25, 12);
  expect(follows?.explained).toBeCloseTo(1, 12);
  expect(follows?.left).toBeCloseTo(0, 6);
  expect(followOf(lead, new Float64Array(6).fill(3))).toBeUndefined();
  expect(quantumOf(Float64Array.of(0, 0, 64, 64, 128, 256, 256))).toBe(64);
});
