// What the gate makes of each state and each limit: it fails closed.

import { describe, expect, test } from "vitest";
import { columnsFromUses } from "../../model/columns-builder.ts";
import { DEFAULT_LIMITS, type GrowthLimits } from "../../model/check.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { makeDiagnosis, makeVerdict, tagNamed } from "../../model/verdict.test-support.ts";
import { VERDICT_STATES, type Verdict } from "../../model/verdict.ts";
import { checkGrowth, fewestOperations } from "./growth-limits.ts";

const HOUR = 3_600_000;

function at(time: number, blocks: number, bytes = blocks * 96): Snapshot {
  const use = { tag: tagNamed("AcmA"), kind: "nonpaged" as const, allocs: blocks + 50, frees: 50, bytes };
  return {
    time,
    origin: { source: "poolmon", timeBasis: "measured" },
    totals: {},
    columns: columnsFromUses([use]),
    counterBits: 32,
    gaps: [],
  };
}

interface Scene {
  readonly verdicts?: readonly Verdict[];
  readonly judged?: boolean;
  readonly limits?: GrowthLimits;
  readonly gained?: number;
  readonly timed?: boolean;
}

function outcome({ verdicts = [], judged = false, limits = {}, gained = 0, timed = true }: Scene) {
  const span = {
    first: at(0, 1000),
    last: at(HOUR, 1000 + gained),
    diagnosis: makeDiagnosis(verdicts),
    timed,
    wasJudged: () => judged,
  };
  return checkGrowth(span, ["Acm?"], limits)[0];
}

describe("without a limit the state decides", () => {
  const expected: Readonly<Record<string, string>> = {
    leaking: "failed",
    "stopped-held": "failed",
    "held-not-freed": "undecided",
    undecided: "undecided",
    "too-early": "undecided",
    "not-judged": "undecided",
  };
  test.each(VERDICT_STATES)("%s", (state) => {
    const found = outcome({ verdicts: [makeVerdict({ name: "AcmA", state })] });
    expect(found?.outcome).toBe(expected[state] ?? "passed");
    expect(found?.decidedBy).toBe(found?.outcome === "undecided" ? "nothing" : "verdict");
  });

  test("a row in no verdict is steady only where a model looked", () => {
    expect(outcome({ judged: true })).toMatchObject({ outcome: "passed", state: "steady", bytesPerHour: 0 });
    expect(outcome({ judged: false })).toMatchObject({ outcome: "undecided", state: "not-judged" });
  });

  test("a member of a group fails with its lead", () => {
    const member = { ratio: 1, bytesPerHour: 7, heldBytes: 1, outstanding: 1, grownBytes: 1 };
    const lead = makeVerdict({ name: "Lead", group: [{ ...member, tag: tagNamed("AcmA"), kind: "nonpaged" }] });
    const found = outcome({ verdicts: [lead] });
    expect(found).toMatchObject({ outcome: "failed", finding: lead, bytesPerHour: 7 });
  });
});

describe("limits", () => {
  const of = (limits: GrowthLimits, gained: number, more: Scene = {}) => outcome({ ...more, limits, gained })?.outcome;

  test("blocks at the end and blocks more than at the start", () => {
    const absolute = { maxOutstanding: { blocks: 1003, relative: false } };
    expect([of(absolute, 3), of(absolute, 4)]).toEqual(["passed", "failed"]);
    const relative = { maxOutstanding: { blocks: 3, relative: true } };
    expect([of(relative, 3), of(relative, 4)]).toEqual(["passed", "failed"]);
  });

  test("the default ones", () => {
    expect([of(DEFAULT_LIMITS, 100), of(DEFAULT_LIMITS, 101)]).toEqual(["passed", "failed"]);
    expect([of({ maxGainedBytes: 9600 }, 100), of({ maxGainedBytes: 9600 }, 101)]).toEqual(["passed", "failed"]);
  });

  test("a rate from the ends where no model looked, from the verdict where one did", () => {
    const limits = { maxBytesPerHour: 9600 };
    expect([of(limits, 100), of(limits, 101)]).toEqual(["passed", "failed"]);
    expect(of(limits, 101, { judged: true })).toBe("passed");
    const slow = { value: 9601, low: 0, high: 0 };
    expect(of(limits, 0, { verdicts: [makeVerdict({ name: "AcmA", bytesPerHour: slow })] })).toBe("failed");
  });

  test("a rate without times: within any where nothing grew, undecided where something did", () => {
    const limits = { maxBytesPerHour: 9600 };
    expect([of(limits, 0, { timed: false }), of(limits, 1, { timed: false })]).toEqual(["passed", "undecided"]);
  });

  test("per operation the interval decides", () => {
    const per = (operations: number) => ({ perOperation: { operations, maxBlocks: 0.01 } });
    expect([of(per(369), 0), of(per(368), 0)]).toEqual(["passed", "undecided"]);
    expect(fewestOperations()).toBe(369);
    expect([of(per(100), 5), of(per(100), 4)]).toEqual(["failed", "failed"]);
    expect(of(per(1000), 10)).toBe("undecided");
    expect(of(per(1000), -10)).toBe("passed");
  });

  test("a limit passes what a verdict would fail: the user said so", () => {
    const leak = makeVerdict({ name: "AcmA" });
    expect(of({ maxOutstanding: { blocks: 5000, relative: false } }, 0, { verdicts: [leak] })).toBe("passed");
  });
});
