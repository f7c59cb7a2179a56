import { expect, test } from "vitest";
import { triageOf } from "../detect/triage/triage.ts";
import { createKnowledge } from "../knowledge/knowledge.ts";
import { columnsFromUses } from "../model/columns-builder.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { tagNamed } from "../model/verdict.test-support.ts";
import type { AttributionSources } from "./sources.ts";
import { attributeTriage } from "./triage.ts";

const knowledge = createKnowledge();
const sources: AttributionSources = { ...knowledge, driversOf: () => [] };
const filler = Array.from(
  { length: 250 },
  (_, i) => ["o" + String(i).padStart(3, "0"), 9000 + 37 * i, 8000, 50_000] as const,
);

type Row = readonly [name: string, allocs: number, frees: number, bytes: number];

function listing(rows: readonly Row[], others: readonly Row[] = filler): Snapshot {
  const uses = [...others, ...rows].map(([name, allocs, frees, bytes]) => ({
    tag: tagNamed(name),
    kind: "paged" as const,
    allocs,
    frees,
    bytes,
  }));
  return {
    time: 0,
    origin: { source: "poolmon", timeBasis: "measured" },
    totals: {},
    columns: columnsFromUses(uses),
    counterBits: 32,
    gaps: [],
  };
}

function firstOf(...rows: readonly Row[]) {
  const snapshot = listing(rows);
  const triage = triageOf([snapshot], knowledge);
  if (triage === undefined) return undefined;
  return attributeTriage(triage, sources, new Set(snapshot.columns.tag)).findings[0];
}

test("wcifs' contexts name wcifs, with the published case", () => {
  const names = ["WCsc", "WCfc", "WCse", "WCri"] as const;
  const found = firstOf(...names.map((name) => [name, 874, 0, 874 * 128] as const));
  expect(found?.attribution?.suspect).toMatchObject({ names: ["wcifs.sys"], nature: "inbox-filter" });
  expect(found?.attribution?.cases.map(({ id }) => id)).toEqual(["wcifs-contexts"]);
  expect(found?.attribution?.steps.map(({ kind }) => kind)).toContain("feature-of-filter");
});

test("a kernel object's tag accuses nobody, and a pattern is told as one", () => {
  const found = firstOf(["Toke", 3_700_000, 0, 7.2e9]);
  expect(found?.state).toBe("held-not-freed");
  expect(found?.attribution?.suspect).toBeUndefined();
  expect(found?.attribution?.patterns.map(({ id }) => id)).toEqual(["git-token-leak"]);
  expect(found?.attribution?.steps.map(({ kind }) => kind)).toContain("count-handles");
});

test("what is merely large accuses nobody, though its case is told", () => {
  const found = firstOf(["amda", 9_000_000, 3_000_000, 2e9]);
  expect(found?.state).toBe("not-judged");
  expect(found?.attribution?.suspect).toBeUndefined();
  expect(found?.attribution?.cases.map(({ id }) => id)).toEqual(["amd-amdacpbus"]);
});

test("a tag of a whole listing that shares a case's tag rules the case out; the top of a listing does not", () => {
  const ids = (snapshot: Snapshot) => {
    const triage = triageOf([snapshot], knowledge);
    const listed = new Set(snapshot.columns.tag);
    const found = triage === undefined ? undefined : attributeTriage(triage, sources, listed).findings[0];
    return found?.attribution?.ruledOut.map(({ id }) => id);
  };
  const mdl = [["Mdl ", 2_500_000, 100, 4.2e8]] as const;
  expect(ids(listing(mdl))).toEqual(["npcap-loopback"]);
  expect(ids(listing(mdl, []))).toEqual([]);
});
