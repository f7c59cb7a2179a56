import { describe, expect, it } from "vitest";
import { makeBasis } from "../series/basis.ts";
import { judgeTag, OPEN } from "./judge.ts";
import { smallestVisible } from "./visible.ts";
import type { TagSignals } from "../series/tag-signals.ts";

const N = 120;
const HOURS = (N - 1) / 60;
const times = Float64Array.from({ length: N }, (_, i) => i * 60_000);

/** A tag of 100-byte blocks that wobbles by `noise` blocks, with a steady leak of `leak` blocks over the record. */
function tag(noise: number, leak = 0): TagSignals {
  let state = 7;
  const roll = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const counts = times.map((_, i) => Math.round(5_000 + noise * (roll() + roll() - 1) + (leak * i) / (N - 1)));
  const held = counts.map((c) => c * 100);
  return {
    key: 2,
    basis: makeBasis(times, new Float64Array(N).fill(1), false),
    counts,
    held,
    sizes: counts.map(() => 100),
    allocs: times.map(() => Number.NaN),
  };
}

describe("smallestVisible", () => {
  it("is a leak that the judge calls, and half of it is one that it does not", () => {
    const visible = smallestVisible(tag(200), 0);
    expect(visible?.bytesPerHour).toBeCloseTo(((visible?.blocks ?? 0) * 100) / HOURS, 3);
    const called = (share: number): boolean => {
      const j = judgeTag(tag(200, share * (visible?.blocks ?? 0)));
      return j.kind === "growing" && j.logOdds >= OPEN;
    };
    expect(called(1.05)).toBe(true);
    expect(called(0.5)).toBe(false);
  });

  it("is the larger the more a tag wobbles, and the more there is to prove", () => {
    const small = smallestVisible(tag(50), 0)?.blocks ?? Infinity;
    const large = smallestVisible(tag(500), 0)?.blocks ?? 0;
    expect(large).toBeGreaterThan(3 * small);
    expect(smallestVisible(tag(500), 20)?.blocks ?? Infinity).toBeGreaterThanOrEqual(large);
  });

  it("is never fewer blocks than any finding needs", () => {
    expect(smallestVisible(tag(1), 0)?.blocks).toBeGreaterThanOrEqual(16);
  });
});
