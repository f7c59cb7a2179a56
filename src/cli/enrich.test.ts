import { expect, test } from "vitest";
import { createKnowledge } from "../knowledge/knowledge.ts";
import { parseTag, type Tag } from "../model/tag.ts";
import type { Diagnosis, DriverMatch, Verdict } from "../model/verdict.ts";
import { enrichDiagnosis, shellTag } from "./enrich.ts";

const match = (file: string, tier: DriverMatch["tier"]): DriverMatch => ({ file, tier, uses: [] });

function verdict(tag: string): Verdict {
  const rate = { value: 1, low: 1, high: 1 };
  return {
    tag: parseTag(tag) ?? 0,
    kind: "nonpaged",
    state: "leaking",
    bytesPerHour: rate,
    blocksPerHour: 1,
    grows: "count",
    heldBytes: 1,
    outstanding: 1,
    grownBytes: 1,
    confidence: 1,
    evidence: [],
    group: [],
    drivers: [],
    knownLeaks: [],
    next: ["handle -s"],
  };
}

function enriched(tag: string, matches: readonly DriverMatch[], mapped = ""): Verdict | undefined {
  const diagnosis: Diagnosis = {
    origin: { source: "csv", timeBasis: "measured" },
    span: { from: 0, to: 1, snapshots: 9, series: 1, boots: [] },
    totals: {},
    pools: [],
    verdicts: [verdict(tag)],
    steadyCount: 0,
    abstentions: [],
    gaps: [],
  };
  const mappedDrivers = new Map<Tag, string>(mapped === "" ? [] : [[parseTag(tag) ?? 0, mapped]]);
  return enrichDiagnosis(diagnosis, { knowledge: createKnowledge(), mappedDrivers, driversOf: () => matches })
    .verdicts[0];
}

test("an object tag carries its caution, and only a driver with proof is named", () => {
  const found = enriched("Proc", [match("a.sys", "proven"), match("b.sys", "code"), match("c.sys", "text")]);
  expect(found?.owner?.caution).toMatch(/handle or reference leak/);
  expect(found?.drivers.map((driver) => driver.file)).toEqual(["a.sys"]);
});

test("where no list knows the tag, a weaker sign is better than none", () => {
  const found = enriched("zQ7x", [match("b.sys", "predicted")]);
  expect(found?.owner).toBeUndefined();
  expect(found?.drivers.map((driver) => driver.file)).toEqual(["b.sys"]);
  expect(found?.next).toEqual(["handle -s"]);
});

test("without a driver the next step is to look for one; known leaks come along; the log's own words are the last resort", () => {
  expect(enriched("zQ7x", [])?.next[0]).toMatch(/^poolscope tag zQ7x /);
  expect(enriched("NPBL", [])?.knownLeaks[0]?.culprit).toMatch(/npcap/i);
  expect(enriched("zQ7x", [], "acme.sys - ACME")?.owner).toMatchObject({
    description: "acme.sys - ACME",
    from: "the log itself",
  });
});

test("tags are quoted where a shell would take them apart", () => {
  expect(["Even", "Irp ", 'a"b$', "Lis\\x00"].map((text) => shellTag(text))).toEqual([
    "Even",
    '"Irp "',
    '"a\\x22b$"',
    '"Lis\\x00"',
  ]);
});
