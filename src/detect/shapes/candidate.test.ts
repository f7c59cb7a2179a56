import { expect, test } from "vitest";
import { Tally } from "./candidate.ts";
import { makeTrial } from "./fit.ts";

test("a tally sums weights, also where a later one is far larger", () => {
  const tally = new Tally("growing");
  expect(tally.logWeight).toBe(-Infinity);
  for (const weight of [-1000, -2, -1]) tally.add(makeTrial(), weight, [0], 0, [0, 16]);
  expect(tally.logWeight).toBeCloseTo(Math.log(Math.exp(-2) + Math.exp(-1)), 12);
});

test("the best eight explanations are kept, the best first", () => {
  const tally = new Tally("step");
  for (const weight of [3, 9, 3.5, 7, 5, 1, 8, 6, 4, 4.5]) tally.add(makeTrial(), weight, [weight], 0, [0, 16]);
  expect(tally.kept.map((c) => c.logWeight)).toEqual([9, 8, 7, 6, 5, 4.5, 4, 3.5]);
  expect(tally.best?.fit.columns).toEqual([9]);
});
