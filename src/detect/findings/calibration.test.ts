import { expect, test } from "vitest";
import { cellOf, confidenceOf } from "./calibration.ts";

const facts = { state: "leaking", counters: true, logOdds: 12, points: 100, spanMs: 7_200_000 } as const;

test("a finding is counted by state, counters, evidence, points and length", () => {
  expect(cellOf(facts)).toBe("leaking | counters | strong | some | under 1d");
  expect(cellOf({ ...facts, counters: false, points: 59, spanMs: 3_599_999 })).toBe(
    "leaking | levels | strong | few | under 1h",
  );
  expect(cellOf({ ...facts, state: "stopped-held", logOdds: 30, points: 200, spanMs: 86_400_000 })).toBe(
    "stopped-held | counters | very strong | many | over 1d",
  );
});

test("without a table nothing is surer than even; each wider cell leans in as six findings", () => {
  expect(confidenceOf(facts, [])).toBe(0.5);
  const table = [["leaking | counters | strong | some | under 1d", 30, 30]] as const;
  // (30 + 6 s) / 36, five times from one half.
  let share = 0.5;
  for (let i = 0; i < 5; i++) share = (30 + 6 * share) / 36;
  expect(confidenceOf(facts, table)).toBeCloseTo(Math.min(0.98, share), 12);
  expect(confidenceOf({ ...facts, state: "stopped-held" }, table)).toBe(0.5);
});

test("none is surer than 98 %, and a cell where none was right is far below even", () => {
  expect(confidenceOf(facts, [["leaking | counters | strong | some | under 1d", 1000, 1000]])).toBe(0.98);
  expect(confidenceOf(facts, [["leaking | counters | strong | some | under 1d", 0, 30]])).toBeLessThan(0.02);
});
