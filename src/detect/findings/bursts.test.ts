import { describe, expect, it } from "vitest";
import { burstsGoingOn, burstsOf } from "./bursts.ts";
import { HINGES } from "../series/basis.ts";
import type { TagJudgement } from "./judge.ts";

const N = 160;
const times = Float64Array.from({ length: N }, (_, i) => i * 60_000);

/** A small generator of numbers from 0 to 1 that gives the same ones each time. */
function dice(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

/** A tag that gains `rise` blocks between two points, each step by chance with `scatter`; before and after it moves by `unrest`. */
function tag(key: number, from: number, until: number, rise: number, scatter: number, unrest = 0): TagJudgement {
  const roll = dice(key + 11);
  const restless = dice(key + 1_009);
  const each = rise / (until - from);
  let held = 100;
  const counts = times.map((_, i) => {
    if (i > from && i <= until) held += Math.max(0, Math.round(each * (1 + scatter * (2 * roll() - 1))));
    return held + (i > from && i <= until ? 0 : Math.round(unrest * (2 * restless() - 1)));
  });
  const explanation = { candidate: { from: (from / N) * HINGES, until: (until / N) * HINGES } };
  const allocs = counts.map(() => Number.NaN);
  const j = { key, kind: "stopped", logOdds: 20, times, counts, held: counts, allocs, explanation };
  return j as unknown as TagJudgement;
}

describe("burstsOf", () => {
  it("finds tags that rise between the same times, each in its own way", () => {
    const all = [tag(1, 50, 90, 900, 0.8), tag(2, 50, 90, 400, 0.8), tag(3, 51, 89, 2_000, 0.8)];
    const bursts = burstsOf(all);
    expect(bursts.size).toBe(3);
    expect(bursts.get(all[0] as TagJudgement)?.reason).toMatchObject({ kind: "burst-of-work", tags: 3 });
  });

  it("counts what rises in one ratio as one", () => {
    expect(burstsOf([tag(1, 50, 90, 800, 0), tag(2, 50, 90, 400, 0), tag(3, 50, 90, 2_000, 0)]).size).toBe(0);
  });

  it("tells own ways by increments that scatter more during the rise than before and after", () => {
    const three = (unrest: number): TagJudgement[] => [
      tag(1, 50, 90, 900, 0.4, unrest),
      tag(2, 50, 90, 1_000, 0.4, unrest),
      tag(3, 50, 90, 1_100, 0.4, unrest),
    ];
    expect(burstsOf(three(2)).size).toBe(3);
    expect(burstsOf(three(7)).size).toBe(0);
  });

  it("where unrest hides the increments, asks for a common cause to be shown if there are counters", () => {
    const three = (counters: boolean): TagJudgement[] =>
      [900, 1_000, 1_100].map((rise, k) => {
        const j = tag(k + 1, 50, 90, rise, 0.4, 7);
        return counters ? { ...j, allocs: j.counts } : j;
      });
    expect(burstsOf(three(false)).size).toBe(0);
    expect(burstsOf(three(true)).size).toBe(3);
    const one = [900, 450, 1_800].map((rise, k) => ({ ...tag(k + 1, 50, 90, rise, 0), allocs: times }));
    expect(burstsOf(one).size).toBe(0);
  });

  it("needs three, and all of them between the same times", () => {
    const two = [tag(1, 50, 90, 900, 0.8), tag(2, 50, 90, 400, 0.8)];
    expect(burstsOf(two).size).toBe(0);
    expect(burstsOf([...two, tag(3, 60, 72, 2_000, 0.8)]).size).toBe(0);
    expect(burstsOf([...two, tag(3, 50, 120, 2_000, 0.8)]).size).toBe(0);
  });

  it("dates no burst by a rise that was there at the first point", () => {
    expect(burstsOf([tag(1, 0, 90, 900, 0.8), tag(2, 0, 90, 400, 0.8), tag(3, 0, 89, 2_000, 0.8)]).size).toBe(0);
  });
});

describe("burstsGoingOn", () => {
  /** Still rising when the record ends; its counters known or not. */
  const rising = (key: number, from: number, rise: number, scatter: number, counters = true): TagJudgement => {
    const j = tag(key, from, N, rise, scatter);
    const allocs = counters ? j.counts : j.counts.map(() => Number.NaN);
    return { ...j, kind: "growing", allocs };
  };
  const three = (from: number, scatter: number, counters = true): TagJudgement[] =>
    [900, 400, 2_000].map((rise, k) => rising(k + 1, from + k, rise, scatter, counters));

  it("finds tags that began together and rise yet, each in its own way", () => {
    const all = three(110, 0.8);
    const going = burstsGoingOn(all);
    expect(going.size).toBe(3);
    expect(going.get(all[0] as TagJudgement)).toMatchObject({
      state: "too-early",
      reason: { kind: "burst-going-on", tags: 3 },
    });
  });

  it("says nothing of one ratio, of two tags, of other times, nor without counters", () => {
    expect(burstsGoingOn([rising(1, 110, 800, 0), rising(2, 110, 400, 0), rising(3, 110, 2_000, 0)]).size).toBe(0);
    expect(burstsGoingOn(three(110, 0.8).slice(1)).size).toBe(0);
    expect(burstsGoingOn([...three(110, 0.8).slice(1), rising(1, 130, 900, 0.8)]).size).toBe(0);
    expect(burstsGoingOn(three(110, 0.8, false)).size).toBe(0);
  });

  it("nor of what has lasted for half of the record, nor of what was there at the first point", () => {
    expect(burstsGoingOn(three(82, 0.8)).size).toBe(3);
    expect(burstsGoingOn(three(76, 0.8)).size).toBe(0);
    expect(burstsGoingOn(three(0, 0.8)).size).toBe(0);
  });
});
