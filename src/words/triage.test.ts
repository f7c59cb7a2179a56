// The sentences of triage: each with its number, none that calls anything a leak that no model looked at.

import { describe, expect, test } from "vitest";
import type { Triage, TriageFinding } from "../model/triage.ts";
import { tagNamed } from "../model/verdict.test-support.ts";
import {
  countersWords,
  equalWords,
  holdsWords,
  nextSnapshotWords,
  signsWords,
  spreadWords,
  triageLimitWords,
  triageRestWords,
  triageTitle,
} from "./triage.ts";

const signs = {
  "never-freed": true,
  kept: undefined,
  grew: undefined,
  "equal-counts": false,
  large: true,
  "above-usual": undefined,
  "known-case": false,
} as const;

const held: TriageFinding = {
  tag: tagNamed("NtFC"),
  kind: "nonpaged",
  state: "held-not-freed",
  blocks: 232_999_768,
  bytes: 22_367_977_728,
  counters: "known",
  allocs: 233_000_000,
  frees: 232,
  shares: { pool: 0.96, ram: 0.33 },
  equal: [],
  equalBy: "level",
  signs,
};

const grown: TriageFinding = {
  ...held,
  tag: tagNamed("WCsc"),
  blocks: 7_218_580,
  bytes: 923_978_240,
  gain: {
    blocks: 7_199_280,
    bytes: 921_507_840,
    allocs: 7_200_000,
    frees: 720,
    keptShare: 0.9999,
    bytesPerHour: { value: 7_679_232, low: 7_679_232, high: 7_679_232 },
    steps: 1,
    stepsUp: 1,
  },
  equal: [
    {
      tag: tagNamed("WCfc"),
      kind: "paged",
      blocks: 7_218_583,
      bytes: 923_978_624,
      gainedBlocks: 7_199_280,
      gainedBytes: 921_507_840,
    },
  ],
  equalBy: "gain",
  signs: { ...signs, kept: true, grew: true, "equal-counts": true },
  next: { blocks: 12_978_004, after: 432_000_000, at: Date.UTC(2026, 10, 30, 10) },
};

describe("titles", () => {
  test("held, not freed: with both counters", () => {
    expect(triageTitle(held)).toBe(
      "NtFC in nonpaged pool: held, not freed: 233,000,000 allocations, 232 frees, 20.8 GiB",
    );
  });

  test("grown, with what all tags gained together", () => {
    expect(triageTitle(grown)).toBe(
      "WCsc with WCfc in nonpaged pool: grew, not freed: 7,199,280 more blocks, +1.72 GiB (+14.6 MiB/h); of 7,200,000 allocations in between 0.01 % freed",
    );
    const early = triageTitle({ ...grown, state: "too-early", signs: { ...grown.signs, kept: false } });
    expect(early).toContain("grew: 7,199,280 more blocks");
    expect(early).not.toContain("not freed");
  });

  test("merely large", () => {
    const { allocs: _allocs, frees: _frees, ...rest } = held;
    expect(triageTitle({ ...rest, state: "not-judged", counters: "unknown" })).toBe(
      "NtFC in nonpaged pool: holds 20.8 GiB in 232,999,768 blocks",
    );
  });

  test("none says leak or sure", () => {
    for (const finding of [held, grown]) {
      const text = [triageTitle(finding), holdsWords(finding), signsWords(finding), countersWords(finding)].join(" ");
      expect(text).not.toMatch(/leak|sure|steady|97/i);
    }
  });
});

test("what is held, with its shares", () => {
  expect(holdsWords(held)).toBe("232,999,768 blocks of 96 B, 20.8 GiB: 96 % of nonpaged pool and 33 % of RAM");
  expect(holdsWords({ ...held, shares: {} })).toBe("232,999,768 blocks of 96 B, 20.8 GiB");
});

test("the counters, known or not", () => {
  expect(countersWords({ ...held, frees: 0 })).toContain(
    "233,000,000 allocations and 0 frees since the boot: 0 % freed",
  );
  expect(countersWords({ ...held, counters: "wrapped" })).toContain("went round");
  expect(countersWords({ ...held, counters: "unknown" })).toContain("counts no allocations");
});

test("what the next snapshot decides, as a number at a time", () => {
  expect(nextSnapshotWords(grown)).toBe(
    "Take the next snapshot at 2026-11-30 10:00:00Z (5 days after the last): if WCsc is above 12,978,004 blocks then, it leaks; if it is below, it levels off or is given back.",
  );
  expect(nextSnapshotWords({ ...grown, state: "too-early" })).toContain("it goes on as it did");
  expect(nextSnapshotWords({ ...grown, next: { blocks: 5 } })).toContain(
    "after as long a time again: if WCsc is above 5 blocks",
  );
  expect(nextSnapshotWords(held)).toContain("an hour from now");
});

test("signs that hold, of those that could be looked for", () => {
  expect(signsWords(held)).toBe(
    "2 of 4 signs that could be looked for: practically never freed since the boot and large",
  );
});

test("equal counts by level and by gain, and the spread of the rate", () => {
  expect(equalWords(held)).toBeUndefined();
  expect(equalWords(grown)).toContain("WCfc (+7,199,280): gained as many blocks as WCsc");
  expect(equalWords({ ...grown, equalBy: "level" })).toContain("WCfc (7,218,583): as many blocks as WCsc");
  expect(spreadWords(grown)).toBeUndefined();
  const few = {
    blocks: 1,
    bytes: 1,
    steps: 5,
    stepsUp: 4,
    bytesPerHour: { value: 2 ** 20, low: -(2 ** 20), high: 2 ** 21 },
  };
  expect(spreadWords({ ...grown, gain: few })).toBe(
    "+1.00 MiB/h on average, -1.00 MiB/h to +2.00 MiB/h from step to step; it rose in 4 of 5 steps",
  );
});

test("limits and the age of the boot", () => {
  const triage: Triage = { snapshots: 1, from: 0, to: 0, limits: ["partial-listing"], findings: [], rest: 7 };
  expect(triageLimitWords(triage)).toHaveLength(1);
  expect(triageLimitWords({ ...triage, limits: [], uptime: 23 * 86_400_000 }).join()).toMatch(
    /Up for 23 days.*Fast Startup/,
  );
  expect(triageLimitWords({ ...triage, limits: [], uptime: 86_400_000 })).toEqual([]);
  expect(triageRestWords(triage)).toContain("7 other rows not judged");
  expect(triageRestWords({ ...triage, rest: 0 })).toBeUndefined();
});
