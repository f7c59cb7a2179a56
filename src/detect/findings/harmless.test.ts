import { describe, expect, test } from "vitest";
import type { Verdict } from "../../model/verdict.ts";
import { harmlessOf } from "./harmless.ts";
import {
  BLOCK_BYTES,
  HOUR,
  lastAt,
  makeExplanation,
  makeJudgement,
  makeSignal,
  ramp,
  type Given,
} from "./judgement.test-support.ts";

const KIB = 1024;
const N = 30;
const flat = (count: number, value: number): number[] => Array<number>(count).fill(value);

/** A tag that no model of growth finds likely. */
function said(held: readonly number[], given: Partial<Given> = {}): Verdict | undefined {
  const counts = given.counts ?? held.map((bytes) => bytes / BLOCK_BYTES);
  return harmlessOf(
    makeJudgement({ kind: "benign", factor: "nothing", logOdds: -5, ...given, counts, held }),
    lastAt(40 * HOUR),
  );
}

/** From one level to another in a slope that no jump is in, for models to explain. */
const slope = (rise: number): number[] => ramp(N, 1000 * KIB, rise / (N - 1));

describe("worth a line", () => {
  const step = (before: number, rise: number) => said([...flat(15, before), ...flat(15, before + rise)])?.state;

  test("from 64 KiB of growth on, or a tenth of what was held where that is more", () => {
    expect(step(0, 64 * KIB)).toBe("step");
    expect(step(0, 64 * KIB - 1)).toBeUndefined();
    expect(step(10_000 * KIB, 1000 * KIB)).toBe("step");
    expect(step(10_000 * KIB, 1000 * KIB - 1)).toBeUndefined();
  });

  test("by the medians of the first and the last third: a spike at either end is no growth", () => {
    const spiked = [...flat(29, 1000 * KIB), 9000 * KIB];
    expect(said(spiked)).toBeUndefined();
  });
});

describe("a step", () => {
  test("with its height and the number of jumps, its mean rate over the middle of the record", () => {
    const found = said([...flat(15, 1000 * KIB), ...flat(15, 3000 * KIB)]);
    expect(found).toMatchObject({
      state: "step",
      grows: "nothing",
      heldBytes: 3000 * KIB,
      outstanding: 3000,
      grownBytes: 2000 * KIB,
      confidence: 0.5,
      evidence: [{ kind: "stepped", bytes: 2000 * KIB, steps: 1 }],
      group: [],
    });
    // Medians of thirds lie two thirds of the record apart.
    expect(found?.bytesPerHour.value).toBeCloseTo(((2000 * KIB) / 29) * 1.5, 6);
    expect(found?.bytesPerHour.low).toBeCloseTo((found?.bytesPerHour.value ?? 0) - 200, 6);
    expect(found?.bytesPerHour.high).toBeCloseTo((found?.bytesPerHour.value ?? 0) + 200, 6);
    expect(found?.total.bytesPerHour).toEqual(found?.bytesPerHour);
    expect(found).not.toHaveProperty("lookAgainAfterMs");
    expect(found).not.toHaveProperty("keptShare");
  });

  test("must make up more than six tenths of the growth", () => {
    const mixed = (jump: number, rest: number): number[] =>
      ramp(N, 1000 * KIB, rest / 20).map((value, i) => value + (i < 15 ? 0 : jump));
    expect(said(mixed(700 * KIB, 300 * KIB))?.state).toBe("step");
    expect(said(mixed(500 * KIB, 500 * KIB))).toBeUndefined();
  });

  test("knows what share of the allocations was kept", () => {
    const held = [...flat(15, 1000 * KIB), ...flat(15, 3000 * KIB)];
    expect(said(held, { allocs: [0, ...flat(28, 1), 4000] })?.keptShare).toBe(0.5);
  });
});

describe("given back", () => {
  /** Rises by `rise`, falls at once to what is `left` of it. */
  const spike = (rise: number, left: number): number[] => [
    ...ramp(15, 1000 * KIB, rise / 14),
    ...flat(15, 1000 * KIB + left),
  ];

  test("what rose and fell at once, with both", () => {
    const found = said(spike(2000 * KIB, 0));
    expect(found).toMatchObject({ state: "given-back", evidence: [{ kind: "fell-back" }] });
    const [reason] = found?.evidence ?? [];
    if (reason?.kind !== "fell-back") throw new Error("another reason");
    expect(reason.fellBytes).toBeCloseTo(2000 * KIB, 3);
  });

  test("not where most of it stays, nor where the fall is one of many", () => {
    expect(said(spike(2000 * KIB, 1500 * KIB))?.state).not.toBe("given-back");
    const saw = ramp(N, 0, 1).map((i) => 1000 * KIB + (i % 2) * 2000 * KIB);
    expect(said(saw)?.state).not.toBe("given-back");
  });

  test("not where it is too little for a line", () => {
    expect(said(spike(50 * KIB, 0))).toBeUndefined();
  });

  test("a fall over two points counts as one", () => {
    // Each of the two falls by itself is no larger than four steps of the rise.
    const values = [...ramp(15, 1000 * KIB, 200 * KIB), 3100 * KIB, ...flat(44, 2400 * KIB)];
    expect(said(values)?.state).toBe("given-back");
  });
});

describe("growth that is not proven", () => {
  const early = (given: Partial<Given>, held = slope(900 * KIB)) =>
    said(held, { logOdds: 4, kind: "growing", factor: "count", ...given });

  test("is within the noise of the record, and is looked at again after as long", () => {
    expect(early({})).toMatchObject({
      state: "too-early",
      bytesPerHour: { value: 10 * BLOCK_BYTES, low: 10 * BLOCK_BYTES - 200, high: 10 * BLOCK_BYTES + 200 },
      evidence: [{ kind: "within-noise", bytesPerHour: 10 * BLOCK_BYTES, spanMs: 29 * HOUR, fewSnapshots: true }],
      lookAgainAfterMs: 40 * HOUR,
    });
    expect(early({})?.confidence).toBeCloseTo(1 / (1 + Math.E), 9);
    const long = ramp(40, 1000 * KIB, 30 * KIB);
    expect(early({}, long)?.evidence[0]).toMatchObject({ fewSnapshots: false });
    expect(early({}, long.slice(1))?.evidence[0]).toMatchObject({ fewSnapshots: true });
  });

  test("is mentioned from log odds of 3 on, and where something was gained", () => {
    expect(early({ logOdds: 3 })?.state).toBe("too-early");
    expect(early({ logOdds: 2.9 })?.state).not.toBe("too-early");
    expect(early({}, slope(-900 * KIB))?.state).not.toBe("too-early");
    expect(early({}, flat(N, 5))).toBeUndefined();
  });

  test("may be a burst where it is proven and began within the record", () => {
    const explanation = makeExplanation({ from: 8 });
    expect(early({ logOdds: 7, explanation })?.evidence).toEqual([
      { kind: "maybe-burst", bytesPerHour: 10 * BLOCK_BYTES, forMs: 14.5 * HOUR },
    ]);
    expect(early({ logOdds: 6, explanation })?.evidence[0]?.kind).toBe("within-noise");
    expect(early({ logOdds: 7 })?.evidence[0]?.kind).toBe("within-noise");
  });
});

test("an excuse that was found already is told as it is", () => {
  const excuse = { state: "moved", reason: { kind: "moved-from", tag: 5, bytes: 9 } } as const;
  expect(said(flat(N, 5), { excuse, logOdds: 8 })).toMatchObject({ state: "moved", evidence: [excuse.reason] });
});

describe("what the models say", () => {
  const by = (weights: Parameters<typeof makeSignal>[0], given: Partial<Given> = {}) =>
    said(slope(900 * KIB), { signal: makeSignal(weights), ...given });
  const grown = (found: Verdict | undefined) => found?.grownBytes ?? Number.NaN;

  test("a cache, a step or load, where it beats every other by a margin of 3", () => {
    const cache = by({ cache: 0, step: -3, growing: -3 });
    expect(cache).toMatchObject({ state: "cache", evidence: [{ kind: "saturating", bytes: grown(cache) }] });
    const step = by({ step: 0, cache: -3 });
    expect(step).toMatchObject({ state: "step", evidence: [{ kind: "short-rise", bytes: grown(step) }] });
    expect(by({ load: 0 })).toMatchObject({ state: "load-driven", evidence: [{ kind: "follows-load", share: 0 }] });
  });

  test("either of two that are within the margin", () => {
    const found = by({ cache: 0, step: -2.9 });
    expect(found).toMatchObject({
      state: "cache",
      evidence: [{ kind: "either-way", first: "cache", second: "step", bytes: grown(found) }],
    });
    expect(by({ cache: 0, flat: -1 })?.evidence[0]?.kind).toBe("saturating");
  });

  test("growth within the margin leaves it undecided", () => {
    const found = by({ cache: 0, growing: -2.9 });
    expect(found).toMatchObject({
      state: "undecided",
      evidence: [{ kind: "contenders", goesOn: true, harmless: "cache", logOdds: -2.9, bytes: grown(found) }],
    });
    expect(by({ cache: 0, stopped: 1 })?.evidence[0]).toMatchObject({ goesOn: false, logOdds: 1 });
    expect(by({ cache: 0, stopped: 1, growing: 1 })?.evidence[0]).toMatchObject({ goesOn: true });
  });

  test("aimless drift is no statement, and needs no margin", () => {
    expect(by({ flat: 0, growing: -0.1 })).toBeUndefined();
    expect(by({ rhythm: 0, growing: -0.1 })).toBeUndefined();
    expect(by({ flat: 0, growing: 0.1 })).toMatchObject({
      state: "undecided",
      evidence: [{ harmless: "steady" }],
    });
  });

  test("of the count come before those of another factor", () => {
    expect(by({ cache: 0 }, { countSignal: makeSignal({ step: 0 }) })?.state).toBe("step");
  });
});

describe("what follows the load", () => {
  const load = ramp(N, 0, 1).map((i) => (i < 10 ? 1 : i < 20 ? 1.5 : 2) + 0.1 * Math.sin(i));

  test("is told with the share of its variance that load explains, where that is more than half", () => {
    const found = said(
      load.map((level) => 1000 * KIB * level),
      { load },
    );
    expect(found?.state).toBe("load-driven");
    const [reason] = found?.evidence ?? [];
    expect(reason).toMatchObject({ kind: "follows-load" });
    expect(reason?.kind === "follows-load" ? reason.share : 0).toBeGreaterThan(0.99);
  });

  test("is not told where the load does not vary, or goes the other way", () => {
    expect(said(load.map((level) => 1000 * KIB * level))).toBeUndefined();
    expect(
      said(
        load.map((level) => 1000 * KIB * level),
        { load: load.map((level) => 3 - level) },
      ),
    ).toBeUndefined();
  });
});
