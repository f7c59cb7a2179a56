import { describe, expect, test } from "vitest";
import type { Diagnosis, DriverMatch, Verdict } from "../model/verdict.ts";
import { parseTag } from "../model/tag.ts";
import { adviceOf, exhaustionWords, groupRate, headlineOf, intervalWords, suspectOf } from "./wording.ts";

const verdict: Verdict = {
  tag: parseTag("Leak") ?? 0,
  kind: "nonpaged",
  state: "leaking",
  bytesPerHour: { value: 1048576, low: 1e6, high: 1.1e6 },
  blocksPerHour: 10,
  grows: "count",
  heldBytes: 5e6,
  outstanding: 1000,
  grownBytes: 4e6,
  confidence: 0.9,
  evidence: [],
  group: [],
  drivers: [],
  knownLeaks: [],
  next: [],
};
const driver = (file: string, tier: DriverMatch["tier"], library?: string): DriverMatch => ({
  file,
  tier,
  uses: [],
  ...(library === undefined ? {} : { library }),
});
const owner = { component: "acme.sys", description: "Acme filter", from: "pooltag.txt" };

describe("whom to suspect", () => {
  test("a driver whose code was followed comes before every list", () => {
    const drivers = [driver("C:\\d\\text.sys", "text"), driver("C:\\d\\real.sys", "proven")];
    expect(suspectOf({ ...verdict, owner, drivers })).toMatchObject({ name: "real.sys", certainty: "proven" });
  });

  test("a list comes before four characters in a file", () => {
    expect(suspectOf({ ...verdict, owner, drivers: [driver("text.sys", "text")] })?.name).toBe("acme.sys");
    expect(suspectOf({ ...verdict, drivers: [driver("text.sys", "text")] })?.certainty).toBe("possible");
  });

  test("neither the allocator of a shared tag nor a driver that only links a library is accused", () => {
    const shared = { ...owner, component: "nt", caution: "Look for the process with most handles." };
    const suspected = { ...verdict, owner: shared, drivers: [driver("any.sys", "proven", "wdmsec.lib")] };
    expect(suspectOf(suspected)).toBeUndefined();
    expect(suspectOf({ ...verdict, owner: shared, drivers: [driver("hacker.sys", "code")] })).toBeUndefined();
    expect(suspectOf({ ...verdict, owner: { ...owner, component: "kernel (objects)" } })).toBeUndefined();
    expect(adviceOf(suspected)).toBe("Look for the process with most handles.");
  });
});

test.each([
  ["+10.4 MiB/h", "+10.7 MiB/h", "+10.4 to +10.7 MiB/h"],
  ["900 KiB/h", "1.1 MiB/h", "900 KiB/h to 1.1 MiB/h"],
  ["5 days 3 h", "9 days 3 h", "5 days 3 h to 9 days 3 h"],
  ["37 days", "42 days", "37 to 42 days"],
])("an interval from %s to %s", (low, high, words) => {
  expect(intervalWords(low, high)).toBe(words);
});

test("an end in another life is not dated", () => {
  const end = { at: 0, against: "ram", limitBytes: 1, limitBasis: "" } as const;
  expect(exhaustionWords({ ...end, hours: { value: 30, low: 20, high: 48 } })).toEqual({
    value: "1 day 6 h",
    interval: "20 h to 2 days",
  });
  expect(exhaustionWords({ ...end, hours: { value: 30, low: 20, high: Infinity } }).interval).toBe("not before 20 h");
  expect(exhaustionWords({ ...end, hours: { value: 6e6, low: 5e6, high: 7e6 } })).toEqual({ value: "over 10 years" });
});

test("a group grows as one", () => {
  const member = { tag: verdict.tag, kind: "paged", ratio: 1, bytesPerHour: 50, role: "" } as const;
  expect(groupRate({ ...verdict, group: [member, { ...member, bytesPerHour: 7 }] })).toBe(57);
  expect(groupRate(verdict)).toBe(verdict.bytesPerHour.value);
});

describe("the headline", () => {
  const diagnosis = (verdicts: readonly Verdict[], snapshots = 50): Diagnosis => ({
    origin: { source: "csv", timeBasis: "measured" },
    span: { from: 0, to: 7_200_000, snapshots, series: 300, boots: [] },
    totals: {},
    pools: [],
    verdicts,
    steadyCount: 0,
    abstentions: [],
    gaps: [],
  });

  test.each([
    [diagnosis([{ ...verdict, owner }]), "bad", "acme.sys is most likely leaking nonpaged pool"],
    [diagnosis([verdict]), "bad", "Tag Leak: a leak of nonpaged pool"],
    [diagnosis([{ ...verdict, state: "stopped-held" }]), "warn", "Tag Leak: a leak of nonpaged pool that stopped"],
    [diagnosis([{ ...verdict, state: "too-early" }]), "warn", "Too early to tell"],
    [diagnosis([{ ...verdict, state: "cache" }]), "ok", "No leak found"],
    [diagnosis([], 1), "plain", "One snapshot shows what is held, not what grows"],
  ])("says it in one line (%#)", (value, tone, title) => {
    expect(headlineOf(value)).toMatchObject({ tone, title });
  });
});
