// Ratios with margins: exact for counts in lockstep, and as wide as the scatter of the increments where they are not.

import { describe, expect, test } from "vitest";
import { followOf, ratioMargin } from "./companion.ts";

const POINTS = 161;
const line = (slope: number, noise: (i: number) => number = () => 0): Float64Array =>
  Float64Array.from({ length: POINTS }, (_, i) => 1000 + slope * i + noise(i));

/** A deterministic hash of a number as noise from -1 to 1. */
function noiseOf(seed: number): (i: number) => number {
  return (i) => {
    const x = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43_758.5453;
    return 2 * (x - Math.floor(x)) - 1;
  };
}

describe("the ratio of a member", () => {
  test("is exact where it is in lockstep", () => {
    const lead = line(7);
    expect(followOf(lead, line(14))?.ratio).toBeCloseTo(2, 9);
    expect(ratioMargin(lead, line(14), 2)).toBeCloseTo(0, 9);
  });

  test("has a margin that scales with the scatter", () => {
    const lead = line(10);
    const small =
      ratioMargin(
        lead,
        line(10, (i) => 3 * noiseOf(1)(i)),
        1,
      ) ?? Number.NaN;
    const large =
      ratioMargin(
        lead,
        line(10, (i) => 30 * noiseOf(1)(i)),
        1,
      ) ?? Number.NaN;
    expect(large / small).toBeCloseTo(10, 6);
  });

  test("holds the true ratio in more than nine of ten draws where the rest drifts, and is no wider than four times its error", () => {
    const draws = 400;
    let held = 0;
    let squares = 0;
    let margins = 0;
    for (let seed = 1; seed <= draws; seed++) {
      let drift = 0;
      const noise = noiseOf(seed);
      const lead = line(10);
      const counts = line(10, (i) => (drift += 15 * noise(i)));
      const ratio = followOf(lead, counts)?.ratio ?? Number.NaN;
      const margin = ratioMargin(lead, counts, ratio) ?? Number.NaN;
      if (Math.abs(ratio - 1) <= margin) held += 1;
      squares += (ratio - 1) ** 2;
      margins += margin;
    }
    expect(held / draws).toBeGreaterThan(0.9);
    expect(held / draws).toBeLessThan(0.98);
    expect(margins / draws).toBeLessThan(4 * Math.sqrt(squares / draws));
  });

  test("is measured on sixteen stretches: every point of seventeen counts", () => {
    const lead = Float64Array.from({ length: 17 }, (_, i) => i);
    // Increments of 1 and 3 in turn: each is one off the ratio.
    const counts = lead.map((i) => 2 * i - (i % 2));
    expect(ratioMargin(lead, counts, 2)).toBeCloseTo(2 * Math.sqrt(16 / 15 / 16), 12);
    // Of 33 points every other one: there each increment is in the ratio.
    const longer = Float64Array.from({ length: 33 }, (_, i) => i);
    const even = longer.map((i) => 2 * i - (i % 2));
    expect(ratioMargin(longer, even, 2)).toBe(0);
  });

  test("cannot be told from few points or a lead that stands still", () => {
    expect(ratioMargin(new Float64Array(16), new Float64Array(16), 1)).toBeUndefined();
    expect(ratioMargin(line(0), line(1), 1)).toBeUndefined();
    expect(ratioMargin(line(1).slice(1), line(1), 1)).toBeUndefined();
  });
});
