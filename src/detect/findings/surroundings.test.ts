import { describe, expect, test } from "vitest";
import { tagNamed } from "../../model/verdict.test-support.ts";
import type { TagJudgement } from "./judge.ts";
import { BLOCK_BYTES, HOUR, makeExplanation, makeJudgement, ramp, type Given } from "./judgement.test-support.ts";
import { withSurroundings } from "./surroundings.ts";

const N = 49;
/** Rises by `rise` between two points of 48, else flat. */
const between = (from: number, until: number, rise: number, n = N): number[] =>
  ramp(n, 0, 1).map((i) => 100 + (rise * Math.min(Math.max(0, i - from), until - from)) / (until - from));
const stopped = (name: string, given: Partial<Given> = {}): TagJudgement =>
  makeJudgement({
    name,
    counts: between(12, 24, 600),
    kind: "stopped",
    explanation: makeExplanation({ kind: "stopped", from: 4, until: 8 }),
    ...given,
  });
const excuseOf = (all: readonly TagJudgement[], at = 0, afterBoot = false) =>
  withSurroundings(all, afterBoot)[at]?.excuse;

describe("more than eight tags that were cleared and came back", () => {
  const cleared = (count: number): TagJudgement[] =>
    ramp(count, 0, 1).map((i) =>
      makeJudgement({ name: `c${String(i).padStart(3, "0")}`, counts: ramp(N, 0, 10 + i), cleared: 2 }),
    );

  test("fell with the machine's load", () => {
    const [first, last] = [0, 9].map(
      (at) => withSurroundings([...cleared(9), makeJudgement({ counts: ramp(N, 0, 10) })], false)[at],
    );
    expect(first).toMatchObject({
      kind: "benign",
      factor: "nothing",
      logOdds: -Infinity,
      excuse: { state: "load-driven", reason: { kind: "fell-with-all" } },
    });
    expect(last).toMatchObject({ kind: "growing", logOdds: 9 });
    expect(last).not.toHaveProperty("excuse");
    expect(withSurroundings(cleared(8), false).every((j) => j.excuse === undefined)).toBe(true);
  });
});

describe("growth from a boot on", () => {
  const young = (until: number, given: Partial<Given> = {}): TagJudgement =>
    stopped("Leak", {
      counts: between(0, until * 3, 600),
      explanation: makeExplanation({ kind: "stopped", from: 0, until }),
      ...given,
    });

  test("that ended within a third of the record belongs to the start", () => {
    expect(excuseOf([young(5)], 0, true)).toEqual({
      state: "cache",
      reason: { kind: "start-up", bytes: 600 * BLOCK_BYTES, untilMs: 15 * HOUR },
    });
    expect(excuseOf([young(6)], 0, true)).toBeUndefined();
  });

  test("needs a boot, and to begin with it", () => {
    expect(excuseOf([young(5)], 0, false)).toBeUndefined();
    const later = young(5, { explanation: makeExplanation({ kind: "stopped", from: 1, until: 5 }) });
    expect(excuseOf([later], 0, true)).toBeUndefined();
  });

  test("is looked at where a count stopped by its own evidence", () => {
    expect(excuseOf([young(5, { kind: "growing" })], 0, true)).toBeUndefined();
    expect(excuseOf([young(5, { factor: "size" })], 0, true)).toBeUndefined();
    expect(excuseOf([young(5, { logOdds: 1.9 })], 0, true)).toBeUndefined();
    expect(excuseOf([young(5, { logOdds: 2 })], 0, true)).toBeDefined();
  });
});

describe("after the growth stopped", () => {
  /** Allocations an hour during the growth, and after it. */
  const allocs = (during: number, after: number): number[] => {
    let sum = 0;
    return ramp(N, 0, 1).map((i) => (i === 0 ? 0 : (sum += i <= 24 ? during : after)));
  };

  test("allocations that go on as before are freed again: it lives off what it has", () => {
    expect(excuseOf([stopped("Leak", { allocs: allocs(1000, 1000) })])).toEqual({
      state: "cache",
      reason: { kind: "reused", bytes: 600 * BLOCK_BYTES, goesOn: 1 },
    });
  });

  test("allocations that ceased by what was kept speak for a leak, by at most 2", () => {
    const [found] = withSurroundings([stopped("Leak", { allocs: allocs(1000, 950) })], false);
    expect(found).not.toHaveProperty("excuse");
    expect(found?.logOdds).toBe(11);
  });

  test("without counters nothing changes", () => {
    const [found] = withSurroundings([stopped("Leak")], false);
    expect(found).toMatchObject({ logOdds: 9 });
    expect(found).not.toHaveProperty("excuse");
  });
});

describe("moved from another tag", () => {
  const grown = makeJudgement({ name: "Gain", counts: between(12, 24, 600) });
  const lost = (share: number, given: Partial<Given> = {}): TagJudgement =>
    makeJudgement({
      name: "Lost",
      kind: "benign",
      counts: between(12, 24, -600 * share).map((count) => count + 1000),
      ...given,
    });

  test("of the same pool, which gave back as much at the same time", () => {
    expect(excuseOf([grown, lost(1)])).toEqual({
      state: "moved",
      reason: { kind: "moved-from", tag: tagNamed("Lost"), bytes: 600 * BLOCK_BYTES },
    });
  });

  test("where what both together move is at most an eighth of it, or nearly so", () => {
    expect(excuseOf([grown, lost(0.89)])?.state).toBe("moved");
    expect(excuseOf([grown, lost(0.87)])).toBeUndefined();
    expect(excuseOf([grown, lost(1.11)])?.state).toBe("moved");
    expect(excuseOf([grown, lost(1.13)])).toBeUndefined();
    const crooked = lost(1, { counts: between(12, 24, -600).map((count, i) => count + 1000 + (i % 2) * 400) });
    expect(excuseOf([grown, crooked])).toBeUndefined();
  });

  test("not from another pool, at another time, or over another stretch", () => {
    expect(excuseOf([grown, lost(1, { pool: "paged" })])).toBeUndefined();
    expect(excuseOf([grown, lost(1, { counts: between(36, 48, -600).map((count) => count + 1000) })])).toBeUndefined();
    expect(excuseOf([grown, lost(1, { counts: ramp(20, 1000, -31) })])).toBeUndefined();
  });

  test("what did not grow has moved from nowhere, and what is unlikely needs no excuse", () => {
    expect(
      excuseOf([makeJudgement({ name: "Gain", counts: between(12, 24, -600).map((count) => count + 1000) }), lost(1)]),
    ).toBeUndefined();
    expect(excuseOf([{ ...grown, logOdds: 1.9 }, lost(1)])).toBeUndefined();
    const excuse = { state: "cache", reason: { kind: "returned" } } as const;
    expect(excuseOf([{ ...grown, excuse }, lost(1)])).toBe(excuse);
  });
});

describe("a burst of work", () => {
  /** Points an hour apart: the rise of 24 hours is from one quarter of the record to the next. */
  const LONG = 97;
  /** Three ways of rising between the same two times. */
  const ways: readonly ((share: number) => number)[] = [(x) => x, (x) => x * x, (x) => Math.sqrt(x)];
  const rising = (way: number, name: string, given: Partial<Given> = {}): TagJudgement =>
    stopped(name, {
      counts: ramp(LONG, 0, 1).map((i) => 100 + 600 * (ways[way]?.(Math.min(1, Math.max(0, (i - 24) / 24))) ?? 0)),
      ...given,
    });

  test("three tags, each in its own way, that rose between the same two times", () => {
    const all = [rising(0, "aaaa"), rising(1, "bbbb"), rising(2, "cccc")];
    expect(excuseOf(all)).toEqual({
      state: "cache",
      reason: { kind: "burst-of-work", from: 24 * HOUR, until: 48 * HOUR, tags: 3, bytes: 3 * 600 * BLOCK_BYTES },
    });
  });

  test("tags that keep one ratio are one thing and count once", () => {
    const all = [rising(0, "aaaa"), rising(0, "bbbb"), rising(1, "cccc")];
    expect(excuseOf(all)).toBeUndefined();
  });

  test("two of them must have stopped by their own evidence", () => {
    const weak = { logOdds: -5, kind: "benign" } as const;
    expect(excuseOf([rising(0, "aaaa"), rising(1, "bbbb"), rising(2, "cccc", weak)])?.state).toBe("cache");
    expect(excuseOf([rising(0, "aaaa"), rising(1, "bbbb", weak), rising(2, "cccc", weak)])).toBeUndefined();
  });

  test("a tag that rose at another time, or moves at other times too, is no part of it", () => {
    const others = [rising(0, "aaaa"), rising(1, "bbbb")];
    expect(excuseOf([...others, rising(2, "cccc", { counts: between(60, 80, 600, LONG) })])).toBeUndefined();
    expect(excuseOf([...others, rising(2, "cccc", { counts: ramp(LONG, 100, 12) })])).toBeUndefined();
    const tags = (rise: number): unknown => {
      const small = rising(2, "dddd", { counts: between(24, 48, rise, LONG) });
      const reason = excuseOf([...others, rising(2, "cccc"), small])?.reason;
      return reason?.kind === "burst-of-work" ? reason.tags : undefined;
    };
    expect([tags(15), tags(16)]).toEqual([3, 4]);
  });

  test("growth that goes on is none", () => {
    const all = [rising(0, "aaaa", { kind: "growing" }), rising(1, "bbbb"), rising(2, "cccc")];
    expect(excuseOf(all)).toBeUndefined();
  });
});
