import { describe, expect, test } from "vitest";
import { makeAttribution, makeDiagnosis, makeVerdict, tagNamed } from "../model/verdict.test-support.ts";
import type { Suspect } from "../model/attribution.ts";
import type { Diagnosis, Verdict } from "../model/verdict.ts";
import { exhaustionLong, exhaustionWords, intervalWords } from "./exhaustion.ts";
import { findingLine, findingParagraph, headlineOf, rateWords, sureWords, ratioWords } from "./findings.ts";
import { findingTitle, subjectWords, whoSentence } from "./suspects.ts";

const suspect = (given: Partial<Suspect> = {}): Suspect => ({
  names: ["acme.sys"],
  tag: tagNamed("Leak"),
  certainty: "likely",
  nature: "third-party",
  basis: "list",
  scope: "unknown",
  from: "pooltag.txt",
  ...given,
});

function suspected(given: Partial<Suspect>, verdict = makeVerdict()): Verdict {
  return { ...verdict, attribution: makeAttribution(verdict, { suspect: suspect(given) }) };
}

test.each([
  ["+10.4 MiB/h", "+10.7 MiB/h", "+10.4 to +10.7 MiB/h"],
  ["900 KiB/h", "1.1 MiB/h", "900 KiB/h to 1.1 MiB/h"],
  ["5 days 3 h", "9 days 3 h", "5 days 3 h to 9 days 3 h"],
  ["37 days", "42 days", "37 to 42 days"],
])("an interval from %s to %s", (low, high, words) => {
  expect(intervalWords(low, high)).toBe(words);
});

describe("when memory runs out", () => {
  const hours = (value: number, low: number, high: number) => ({ hours: { value, low, high } });
  test.each([
    [hours(30, 20, 48), { value: "1 day 6 h", interval: "20 h to 2 days" }],
    [hours(30, 20, Infinity), { value: "1 day 6 h", interval: "not before 20 h" }],
    [hours(30, 30, 30), { value: "1 day 6 h" }],
    [hours(87_601, 5e4, 9e4), { value: "over 10 years" }],
    [hours(87_599, 87_599, 87_599), { value: "10 years" }],
  ])("%o", (exhaustion, words) => {
    expect(exhaustionWords(exhaustion)).toEqual(words);
  });

  test("is not known without a limit, and says what tells it", () => {
    expect(exhaustionLong({ state: "leaking" })).toContain("--ram");
    expect(exhaustionLong({ state: "stopped-held" })).toBe("not at this rate: it has stopped");
  });

  test("names the limit and how it is known", () => {
    const exhaustion = {
      ...hours(30, 20, 48),
      at: Date.UTC(2026, 0, 2, 3, 4, 5),
      against: "ram",
      limitBytes: 2 ** 34,
      limitBasis: { kind: "available", bytes: 2 ** 30 },
    } as const;
    expect(exhaustionLong({ state: "leaking", exhaustion })).toBe(
      "in 1 day 6 h (20 h to 2 days), about 2026-01-02 03:04:05Z, against RAM of 16.0 GiB (of which 1.00 GiB were available at the end)",
    );
  });
});

const member = { kind: "paged" as const, ratio: 1, heldBytes: 2 ** 20, outstanding: 5, grownBytes: 7 };
const group = makeVerdict({
  name: "File",
  bytesPerHour: { value: 2 ** 20, low: 2 ** 20, high: 2 ** 20 },
  group: [{ ...member, tag: tagNamed("WCsc"), bytesPerHour: 3 * 2 ** 20 }],
});

test("a group is told by the sum of its tags, in both pools, under the tag that points at the suspect", () => {
  const told = suspected({ names: ["wcifs.sys"], tag: tagNamed("WCsc"), nature: "inbox-filter" }, group);
  expect(rateWords(told)).toBe("+4.00 MiB/h");
  expect(findingTitle(told)).toBe("wcifs.sys is most likely leaking paged and nonpaged pool");
  expect(findingLine(told, 200)).toBe("wcifs.sys: WCsc with 1 more tag paged and nonpaged +4.00 MiB/h");
  expect(findingLine(told, 20)).toBe("WCsc nonpaged +4.00 MiB/h");
  expect(findingParagraph(told)).toContain("WCsc with 1 more tag: +4.00 MiB/h");
});

describe("who", () => {
  test.each([
    ["proven", "call-site", "this-machine", "acme.sys is leaking nonpaged pool"],
    ["proven", "call-site", "same-file-version", "acme.sys is leaking nonpaged pool"],
    ["likely", "code", "same-host-name", "acme.sys is most likely leaking nonpaged pool"],
    ["possible", "bytes", "this-machine", "acme.sys may be leaking nonpaged pool"],
    ["possible", "call-site", "other-machine", "Tag Leak: a leak of nonpaged pool"],
    ["possible", "call-site", "unknown", "Tag Leak: a leak of nonpaged pool"],
    ["likely", "list", "unknown", "acme.sys is most likely leaking nonpaged pool"],
  ] as const)("%s by %s of %s", (certainty, basis, scope, title) => {
    expect(findingTitle(suspected({ certainty, basis, scope }))).toBe(title);
  });

  test("a finding of a kind that was wrong more often than right accuses nobody firmly", () => {
    expect(
      findingTitle(suspected({ certainty: "proven", scope: "this-machine" }, makeVerdict({ confidence: 0.49 }))),
    ).toBe("acme.sys may be leaking nonpaged pool");
    expect(findingTitle(makeVerdict({ confidence: 0.49 }))).toBe("Tag Leak: possibly a leak of nonpaged pool");
    expect(findingTitle(makeVerdict({ confidence: 0.5 }))).toBe("Tag Leak: a leak of nonpaged pool");
  });

  test("proof of another machine is told as what it is", () => {
    const { attribution } = suspected({ basis: "call-site", scope: "other-machine", certainty: "possible" });
    expect(whoSentence(attribution)).toBe(
      "In the index of another machine, acme.sys uses the tag Leak. That proves nothing of this machine.",
    );
    expect(whoSentence(attribution)).not.toMatch(/proven|is leaking/);
  });

  test("several are one of them", () => {
    const several = suspected({ names: ["a.sys", "b.sys", "c.sys"], certainty: "possible", scope: "this-machine" });
    expect(subjectWords(several)).toBe("one of a.sys, b.sys or c.sys");
  });

  test("the kernel's tag names nobody", () => {
    const verdict = makeVerdict({ name: "Proc" });
    const owner = { component: "kernel (objects)", description: "Process objects.", from: "poolscope notes" };
    const members = [
      { tag: verdict.tag, kind: verdict.kind, nature: "kernel", bytesPerHour: 1, owner, drivers: [] },
    ] as const;
    const told = { ...verdict, attribution: makeAttribution(verdict, { members }) };
    expect(subjectWords(told)).toBe("Tag Proc (Process objects)");
    expect(whoSentence(told.attribution)).toMatch(/allocates for others; who makes it allocate is not known yet/);
  });
});

test("only what calls for action is sure of something", () => {
  expect(sureWords({ state: "leaking", confidence: 0.874 })).toBe("87 % sure");
  expect(sureWords({ state: "too-early", confidence: 1 })).toBeUndefined();
});

describe("the headline", () => {
  const span = (snapshots: number): Diagnosis["span"] => ({
    from: 0,
    to: 7_200_000,
    snapshots,
    series: 300,
    boots: [],
  });
  const few = { count: 300, tooFewSnapshots: 300, tooNew: 0, tooMany: 0 };
  test.each([
    [makeDiagnosis([suspected({})]), "bad", "acme.sys is most likely leaking nonpaged pool"],
    [makeDiagnosis([makeVerdict()]), "bad", "Tag Leak: a leak of nonpaged pool"],
    [
      makeDiagnosis([makeVerdict({ state: "stopped-held" })]),
      "warn",
      "Tag Leak: growth of nonpaged pool that stopped and is still held",
    ],
    [makeDiagnosis([makeVerdict({ state: "too-early" })]), "warn", "No leak proven; something grows"],
    [makeDiagnosis([makeVerdict({ state: "cache" })]), "ok", "No leak found in what could be judged"],
    [makeDiagnosis([], { span: span(1), notJudged: few }), "plain", "One snapshot shows what is held, not what grows"],
    [makeDiagnosis([], { span: span(2), notJudged: few }), "plain", "Nothing can be said of growth from 2 snapshots"],
    [makeDiagnosis([], { span: span(7), notJudged: few }), "plain", "Nothing can be said of growth from 7 snapshots"],
  ])("%#", (value, tone, title) => {
    expect(headlineOf(value)).toMatchObject({ tone, title });
  });
});

test("a ratio shows its margin where that is seen at its decimals", () => {
  expect(ratioWords({ ratio: 0.982, ratioMargin: 0.0144 }, 3)).toBe("0.982 ± 0.014");
  expect(ratioWords({ ratio: 2, ratioMargin: 0.0004 }, 3)).toBe("2.000");
  expect(ratioWords({ ratio: 1 }, 2)).toBe("1.00");
});
