import { describe, expect, test } from "vitest";
import { triageOf } from "../detect/triage/triage.ts";
import { createKnowledge } from "../knowledge/knowledge.ts";
import { columnsFromUses } from "../model/columns-builder.ts";
import type { CaseRow } from "../model/known-case.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Triage, TriageFinding, TriageGain } from "../model/triage.ts";
import { tagNamed } from "../model/verdict.test-support.ts";
import type { AttributionSources } from "./sources.ts";
import { attributeTriage } from "./triage.ts";
import { known } from "./known-case.test-support.ts";

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

describe("what is handed to the lists", () => {
  const finding: TriageFinding = {
    tag: tagNamed("Lead"),
    kind: "paged",
    state: "held-not-freed",
    blocks: 900,
    bytes: 90_000,
    allocs: 1000,
    frees: 100,
    counters: "known",
    equalBy: "level",
    equal: [{ tag: tagNamed("Same"), kind: "nonpaged", blocks: 890, bytes: 8900, gainedBlocks: 40, gainedBytes: 400 }],
    signs: {
      "never-freed": true,
      kept: undefined,
      grew: undefined,
      "equal-counts": true,
      large: true,
      "above-usual": undefined,
      "known-case": undefined,
    },
    shares: {},
  };
  const gain: TriageGain = {
    blocks: 50,
    bytes: 5000,
    allocs: 100,
    frees: 30,
    keptShare: 0.6,
    bytesPerHour: { value: 2500, low: 2000, high: 3000 },
    steps: 3,
    stepsUp: 3,
  };

  function attributed(
    given: Partial<TriageFinding> | (() => TriageFinding),
    lists: Partial<AttributionSources> = {},
    limits: Triage["limits"] = [],
  ) {
    const asked: CaseRow[][] = [];
    const done = attributeTriage(
      {
        snapshots: 2,
        from: 0,
        to: 1,
        rest: 0,
        limits,
        findings: [typeof given === "function" ? given() : { ...finding, ...given }],
      },
      {
        ownerOf: () => undefined,
        natureOf: () => "third-party",
        driversOf: () => [],
        casesOf: (rows) => {
          asked.push([...rows]);
          return [];
        },
        patternsOf: () => [],
        ruledOut: () => [],
        ...lists,
      },
      new Set([finding.tag]),
    );
    return { rows: asked[0], attribution: done.findings[0]?.attribution };
  }

  test("the lead and all equal tags, with the share that was freed since the boot", () => {
    const { rows, attribution } = attributed({});
    expect(rows).toEqual([
      { tag: tagNamed("Lead"), kind: "paged", blocks: 900, bytes: 90_000, freedShare: 0.1 },
      { tag: tagNamed("Same"), kind: "nonpaged", blocks: 890, bytes: 8900, freedShare: 0.1 },
    ]);
    expect(attribution?.members).toMatchObject([
      { tag: tagNamed("Lead"), keptShare: 0.9, bytesPerHour: 0 },
      { tag: tagNamed("Same"), keptShare: 0.9, bytesPerHour: 0 },
    ]);
    expect(attribution?.chain).toEqual([]);
  });

  test("between two snapshots the share that was freed there, and rates over their time", () => {
    const { rows, attribution } = attributed({ gain });
    expect(rows?.map(({ freedShare }) => freedShare)).toEqual([0.3, 0.3]);
    // 5,000 bytes at 2,500 an hour are two hours: the equal tag gained 400 bytes in them.
    expect(attribution?.members).toMatchObject([
      { keptShare: 0.6, bytesPerHour: 2500 },
      { keptShare: 0.6, bytesPerHour: 200 },
    ]);
  });

  test("counters that did not move between the snapshots leave those since the boot", () => {
    expect(attributed({ gain: { ...gain, allocs: 0, frees: 0 } }).rows?.[0]?.freedShare).toBe(0.1);
    const { allocs: _allocs, ...noAllocs } = gain;
    expect(attributed({ gain: noAllocs }).rows?.[0]?.freedShare).toBe(0.1);
    const { frees: _frees, ...noFrees } = gain;
    expect(attributed({ gain: noFrees }).rows?.[0]?.freedShare).toBe(0.1);
  });

  test("without counters no share, and without times no rate", () => {
    for (const counter of ["allocs", "frees"] as const) {
      const { [counter]: _counter, ...bare } = finding;
      const { rows, attribution } = attributed(() => bare);
      expect(rows?.[0]).not.toHaveProperty("freedShare");
      expect(attribution?.members[0]).not.toHaveProperty("keptShare");
    }
    expect(attributed({ allocs: 0 }).rows?.[0]).not.toHaveProperty("freedShare");
    const { bytesPerHour: _rate, ...untimed } = gain;
    expect(attributed({ gain: untimed }).attribution?.members.map(({ bytesPerHour }) => bytesPerHour)).toEqual([0, 0]);
    expect(attributed({ gain: { ...gain, bytes: 0 } }).attribution?.members[1]?.bytesPerHour).toBe(0);
    const still = { ...gain, bytesPerHour: { value: 0, low: 0, high: 0 } };
    expect(
      attributed({ gain: still, equal: [{ tag: 1, kind: "paged", blocks: 1, bytes: 1 }] }).attribution?.members[1]
        ?.bytesPerHour,
    ).toBe(0);
  });

  const matches = [{ case: known, tags: [] }];

  test("a pattern is asked for, and cases ruled out, only where no case has a tag of its own there", () => {
    const lists = { patternsOf: () => matches, ruledOut: () => [known] };
    expect(attributed({}, lists).attribution).toMatchObject({ cases: [], patterns: [known], ruledOut: [known] });
    expect(attributed({}, { ...lists, casesOf: () => matches }).attribution).toMatchObject({
      cases: [known],
      patterns: [],
      ruledOut: [],
      suspect: { names: ["acme.sys"] },
    });
    expect(attributed({}, lists, ["partial-listing"]).attribution?.ruledOut).toEqual([]);
  });

  test("a suspect is named only where practically nothing was freed", () => {
    const lists = { ownerOf: () => ({ component: "acme.sys", description: "", from: "a list" }) };
    expect(attributed({}, lists).attribution?.suspect?.names).toEqual(["acme.sys"]);
    expect(attributed({ state: "too-early" }, lists).attribution).not.toHaveProperty("suspect");
  });

  test("cases are ruled out by the tags of all members", () => {
    const asked: unknown[] = [];
    attributed({}, { ruledOut: (tags) => (asked.push(tags), []) });
    expect(asked).toEqual([[tagNamed("Lead"), tagNamed("Same")]]);
  });
});
