import { describe, expect, it } from "vitest";
import { makeBasis } from "../series/basis.ts";
import { fillsLikeCache } from "./filling.ts";
import type { TagJudgement } from "./judge.ts";

const N = 120;
const times = Float64Array.from({ length: N }, (_, i) => i * 60_000);

/** The load falls by two thirds and comes back. */
const ebb = Float64Array.from({ length: N }, (_, i) => 1 - 0.66 * Math.sin((Math.PI * i) / N) ** 2);

/** A tag that has made `made(share)` blocks and kept `kept` of them. */
function tag(made: (share: number) => number, kept = 1, load = new Float64Array(N).fill(1)): TagJudgement {
  const allocs = times.map((_, i) => Math.round(made(i / (N - 1))));
  const basis = makeBasis(times, load, load === ebb || load === rise);
  const j = { factor: "count", kind: "growing", basis, times, allocs, counts: allocs.map((a) => Math.round(kept * a)) };
  return j as unknown as TagJudgement;
}

/** Or it triples. */
const rise = Float64Array.from({ length: N }, (_, i) => 1 + (2 * i) / N);

const fill = (share: number): number => 900 * (1 - Math.exp(-share / 0.6));

describe("fillsLikeCache", () => {
  it("knows misses that fall while nothing is freed", () => {
    expect(fillsLikeCache(tag(fill))).toBe(true);
    expect(fillsLikeCache(tag((s) => 900 * s))).toBe(false);
  });

  it("says nothing where a fifth and more are freed again", () => {
    expect(fillsLikeCache(tag(fill, 0.85))).toBe(true);
    expect(fillsLikeCache(tag(fill, 0.75))).toBe(false);
  });

  it("says nothing of few blocks", () => {
    expect(fillsLikeCache(tag((s) => fill(s) / 9))).toBe(true);
    expect(fillsLikeCache(tag((s) => fill(s) / 16))).toBe(false);
  });

  it("does not take a million blocks that come by work which ebbs a little for a cache", () => {
    expect(fillsLikeCache(tag((s) => 1e6 * (s - 0.06 * s * s)))).toBe(false);
  });

  it("takes a timer's blocks for no cache where the load rises beside it", () => {
    expect(fillsLikeCache(tag((s) => 1e6 * s, 1, rise))).toBe(false);
    expect(fillsLikeCache(tag((s) => 900 * s, 1, ebb))).toBe(false);
    expect(fillsLikeCache(tag(fill, 1, rise))).toBe(true);
  });
});
