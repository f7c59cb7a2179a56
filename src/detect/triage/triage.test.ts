// Triage on stories with one, two and a few snapshots: who comes first, in which state, by which signs.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnsFromUses } from "../../model/columns-builder.ts";
import type { Origin, PoolKind, Snapshot, SystemTotals } from "../../model/snapshot.ts";
import { formatTag, parseTag } from "../../model/tag.ts";
import type { Triage } from "../../model/triage.ts";
import { YOUNG_BOOT } from "./limits.ts";
import { LARGE, MIN_BLOCKS, MIN_CASE_BLOCKS, MIN_GAIN, MIN_HELD, NEVER_FREED } from "./signs.ts";
import { MAX_FINDINGS, triageOf } from "./triage.ts";

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 20);
const MIB = 1024 ** 2;
const tag = (text: string) => parseTag(text) ?? 0;

interface Row {
  readonly tag: string;
  readonly kind?: PoolKind;
  readonly allocs?: number;
  readonly frees?: number;
  readonly blocks?: number;
  readonly bytes: number;
}

/** 300 rows of an ordinary machine, so that a listing counts as whole; counts between 300 and 90,000, freed by 90 %. */
const ordinary: readonly Row[] = Array.from({ length: 300 }, (_, i) => {
  const blocks = 300 + i * 299 + (i % 7);
  return { tag: `o${String(i).padStart(3, "0")}`, allocs: blocks * 10, frees: blocks * 9, bytes: blocks * 100 };
});

function at(hours: number, rows: readonly Row[], more: Partial<Origin> = {}, totals: SystemTotals = {}): Snapshot {
  return {
    time: START + hours * HOUR,
    origin: { source: "poolmon", timeBasis: "measured", ...more },
    totals,
    columns: columnsFromUses(
      rows.map(({ kind = "nonpaged", blocks, ...row }) => ({
        allocs: undefined,
        frees: undefined,
        ...row,
        ...(blocks === undefined ? {} : { outstanding: blocks }),
        tag: tag(row.tag),
        kind,
      })),
    ),
    counterBits: 32,
    gaps: [],
  };
}

const tags = (triage: Triage | undefined) => triage?.findings.map((finding) => formatTag(finding.tag));

describe("one snapshot", () => {
  const toke = { tag: "Toke", kind: "paged", allocs: 3_700_000, frees: 0, bytes: 7.2 * 1024 * MIB } as const;

  test("3.7 million allocations without a free are held, not freed", () => {
    const triage = triageOf([at(0, [...ordinary, toke])]);
    expect(triage?.limits).toEqual([]);
    expect(triage?.findings).toMatchObject([
      {
        tag: tag("Toke"),
        state: "held-not-freed",
        blocks: 3_700_000,
        allocs: 3_700_000,
        frees: 0,
        counters: "known",
        signs: { "never-freed": true, large: true, "equal-counts": false, grew: undefined, kept: undefined },
      },
    ]);
    expect(triage?.findings[0]).not.toHaveProperty("next");
    expect(triage?.findings[0]?.shares.pool).toBe(1);
    expect(triage?.rest).toBe(300);
  });

  test("an ordinary machine has no finding", () => {
    expect(triageOf([at(0, ordinary)])?.findings).toEqual([]);
    expect(triageOf([])).toBeUndefined();
  });

  test("never freed needs that many blocks, that many bytes and that few frees", () => {
    const found = (allocs: number, frees: number, bytes: number) =>
      tags(triageOf([at(0, [...ordinary, { tag: "Acme", allocs, frees, bytes }])]));
    expect(found(MIN_BLOCKS, 0, MIN_HELD)).toEqual(["Acme"]);
    expect(found(MIN_BLOCKS - 1, 0, MIN_HELD)).toEqual([]);
    expect(found(MIN_BLOCKS, 0, MIN_HELD - 1)).toEqual([]);
    const allocs = 1_000_000;
    expect(found(allocs, NEVER_FREED * allocs, MIN_HELD)).toEqual(["Acme"]);
    expect(found(allocs, NEVER_FREED * allocs + 1, MIN_HELD)).toEqual([]);
  });

  test("what stays by design is not held against its tag, what is large is not judged", () => {
    const hive = { tag: "CM31", kind: "paged", allocs: 40_000, frees: 0, bytes: 200 * MIB } as const;
    const knowledge = { staysByDesign: (t: number) => t === tag("CM31") };
    expect(tags(triageOf([at(0, [...ordinary, hive])]))).toEqual(["CM31"]);
    expect(triageOf([at(0, [...ordinary, hive])], knowledge)?.findings).toEqual([]);
    const cache = { tag: "MmSt", kind: "paged", allocs: 9e6, frees: 8e6, bytes: LARGE } as const;
    expect(triageOf([at(0, [...ordinary, cache])])?.findings).toMatchObject([{ state: "not-judged" }]);
    expect(triageOf([at(0, [...ordinary, { ...cache, bytes: LARGE - 1 }])])?.findings).toEqual([]);
  });

  test("on a small machine a twentieth of RAM and a tenth of the pool is large", () => {
    const row = { tag: "Acme", allocs: 9000, frees: 8000, bytes: 60 * MIB };
    const found = (ram: number, pool: number) =>
      tags(triageOf([at(0, [...ordinary, row], {}, { physicalBytes: ram * MIB, nonpagedBytes: pool * MIB })]));
    expect(found(1200, 600)).toEqual(["Acme"]);
    expect(found(1201, 600)).toEqual([]);
    expect(found(1200, 601)).toEqual([]);
  });

  test("a debugger's listing without counters: the largest first, tags of the same number as one finding", () => {
    const triage = triageOf([
      at(0, [
        { tag: "amda", blocks: 5_768_754, bytes: 1_938_325_232 },
        { tag: "IoWI", blocks: 5_769_999, bytes: 646_239_888 },
        { tag: "Irp ", blocks: 10_862_955, bytes: 14_280_000_000 },
        { tag: "EtwB", blocks: 1428, bytes: 254_173_440 },
        { tag: "MmSt", kind: "paged", blocks: 4849, bytes: 41_705_344 },
      ]),
    ]);
    expect(tags(triage)).toEqual(["Irp ", "amda"]);
    expect(triage?.limits).toEqual(["partial-listing", "no-counters"]);
    expect(triage?.findings.map((finding) => finding.state)).toEqual(["not-judged", "not-judged"]);
    expect(triage?.findings[1]?.equal).toMatchObject([{ tag: tag("IoWI"), blocks: 5_769_999 }]);
    expect(triage?.findings[0]?.shares).toEqual({});
    expect(triage?.findings[0]?.signs["never-freed"]).toBeUndefined();
  });

  test("a case's own tag is worth a line however little it holds, with its equals", () => {
    const few = (text: string) => ({ tag: text, kind: "paged" as const, allocs: 874, frees: 0, bytes: 874 * 128 });
    const rows = [...ordinary, ...["WCsc", "WCfc", "WCse", "WCri"].map(few)];
    const triage = triageOf([at(0, rows)], { caseTags: new Set([tag("WCsc")]) });
    expect(tags(triage)).toEqual(["WCsc"]);
    expect(triage?.findings[0]?.equal.map((each) => formatTag(each.tag))).toEqual(["WCfc", "WCse", "WCri"]);
    expect(triageOf([at(0, rows)])?.findings).toEqual([]);
    const fewer = { tag: "WCsc", allocs: MIN_CASE_BLOCKS - 1, frees: 0, bytes: 9000 };
    expect(triageOf([at(0, [...ordinary, fewer])], { caseTags: new Set([tag("WCsc")]) })?.findings).toEqual([]);
    const churning = { tag: "WCsc", allocs: 90_000, frees: 80_000, bytes: 9000 };
    expect(triageOf([at(0, [...ordinary, churning])], { caseTags: new Set([tag("WCsc")]) })?.findings).toEqual([]);
  });

  test("right after the boot nothing is said of frees", () => {
    const young = at(0, [...ordinary, toke], { bootTime: START - YOUNG_BOOT + 1 });
    expect(triageOf([young])).toMatchObject({ limits: ["young-boot"], findings: [{ state: "not-judged" }] });
    const settled = at(0, [...ordinary, toke], { bootTime: START - YOUNG_BOOT });
    expect(triageOf([settled])).toMatchObject({ limits: [], findings: [{ state: "held-not-freed" }] });
  });

  test("with the uptime known, the next snapshot decides by a number", () => {
    const triage = triageOf([at(0, [...ordinary, toke], { bootTime: START - 37 * HOUR })]);
    // 100,000 an hour since the boot; an eighth of 37 h later, four fifths of that much more.
    expect(triage?.findings[0]?.next).toEqual({ blocks: 4_070_000, after: 4.625 * HOUR, at: START + 4.625 * HOUR });
  });

  test("32-bit counters that went round are not used", () => {
    const row = { tag: "Acme", allocs: 5, frees: 2 ** 32 - 20_000_000, bytes: 2 * LARGE };
    const triage = triageOf([at(0, [...ordinary, row])]);
    expect(triage?.limits).toEqual(["wrapped-counters"]);
    expect(triage?.findings).toMatchObject([{ counters: "wrapped", state: "not-judged" }]);
    expect(triage?.findings[0]).not.toHaveProperty("allocs");
  });

  test("rows that do not add up to the pool are a partial listing, whatever their number", () => {
    const sum = ordinary.reduce((total, row) => total + row.bytes, 0);
    expect(triageOf([at(0, ordinary, {}, { nonpagedBytes: sum / 0.9 + 10 })])?.limits).toEqual(["partial-listing"]);
    expect(triageOf([at(0, ordinary, {}, { nonpagedBytes: sum / 0.9 - 10 })])?.limits).toEqual([]);
    expect(triageOf([at(0, ordinary.slice(0, 199))])?.limits).toEqual(["partial-listing"]);
    expect(triageOf([at(0, ordinary.slice(0, 200))])?.limits).toEqual([]);
  });
});

describe("two snapshots", () => {
  const contexts = (blocks: number): readonly Row[] =>
    [
      ["WCsc", 0],
      ["WCfc", 3],
      ["WCse", -5],
    ].map(([text, off]) => ({
      tag: String(text),
      kind: "paged",
      allocs: blocks + Number(off) + 720,
      frees: 720,
      bytes: (blocks + Number(off)) * 128,
    }));
  const cache = (mib: number): Row => ({
    tag: "MmSt",
    kind: "paged",
    allocs: mib * 5000,
    frees: mib * 4700,
    bytes: mib * MIB,
  });
  const before = at(0, [...ordinary, ...contexts(10_000), cache(300)]);
  const after = at(120, [...ordinary, ...contexts(7_210_000), cache(2300)]);

  test("contexts that gain 7.2 million blocks each come before a cache that gained more", () => {
    const triage = triageOf([before, after]);
    expect(tags(triage)).toEqual(["WCsc", "MmSt"]);
    const [first, second] = triage?.findings ?? [];
    expect(first).toMatchObject({
      state: "held-not-freed",
      equalBy: "gain",
      gain: { blocks: 7_200_000, allocs: 7_200_000, frees: 0, keptShare: 1, steps: 1, stepsUp: 1 },
      next: { blocks: 12_970_000, after: 120 * HOUR, at: START + 240 * HOUR },
    });
    expect(first?.equal.map((each) => formatTag(each.tag))).toEqual(["WCfc", "WCse"]);
    expect(second).toMatchObject({ state: "too-early", signs: { kept: false, grew: true } });
  });

  test("rates need times", () => {
    const rate = 7_200_000 * 128;
    expect(triageOf([before, after])?.findings[0]?.gain?.bytesPerHour).toEqual({
      value: rate / 120,
      low: rate / 120,
      high: rate / 120,
    });
    const untimed = [before, after].map((s): Snapshot => ({ ...s, origin: { ...s.origin, timeBasis: "none" } }));
    const triage = triageOf(untimed);
    expect(triage?.limits).toEqual(["no-times"]);
    expect(triage?.findings[0]?.gain).not.toHaveProperty("bytesPerHour");
    expect(triage?.findings[0]?.next).toEqual({ blocks: 12_970_000 });
  });

  test("growth below a mebibyte is not told, and at most ten findings are", () => {
    const grown = (bytes: number) =>
      tags(
        triageOf([
          at(0, [...ordinary, { tag: "Acme", allocs: 9000, frees: 8000, bytes: 0 }]),
          at(1, [...ordinary, { tag: "Acme", allocs: 9900, frees: 8800, bytes }]),
        ]),
      );
    expect(grown(MIN_GAIN)).toEqual(["Acme"]);
    expect(grown(MIN_GAIN - 1)).toEqual([]);
    const doubled = ordinary.map((row) => ({
      ...row,
      allocs: (row.allocs ?? 0) * 2,
      frees: (row.frees ?? 0) * 2,
      bytes: row.bytes * 2,
    }));
    expect(triageOf([at(0, ordinary), at(1, doubled)])?.findings).toHaveLength(MAX_FINDINGS);
  });

  test("of two boots only the last is looked at", () => {
    const again = at(130, [...ordinary.map((row) => ({ ...row, allocs: 20, frees: 10 })), ...contexts(900)]);
    const triage = triageOf([before, after, again]);
    expect(triage).toMatchObject({ snapshots: 1, limits: ["restarted"], findings: [] });
  });

  test("the same listing twice is one snapshot", () => {
    const twice = triageOf([after, { ...after, time: after.time + HOUR }]);
    expect(twice?.limits).toEqual(["identical"]);
    expect(twice?.findings[0]).not.toHaveProperty("gain");
  });

  test("a tag that the first snapshot does not list had nothing then", () => {
    const triage = triageOf([
      at(0, ordinary),
      at(1, [...ordinary, { tag: "Late", allocs: 50_000, frees: 0, bytes: 9 * MIB }]),
    ]);
    expect(triage?.findings[0]).toMatchObject({ tag: tag("Late"), gain: { blocks: 50_000, keptShare: 1 } });
  });

  test("a tag that the top of a listing does not show may have been there", () => {
    const few = ordinary.slice(0, 20);
    const late = { tag: "Late", allocs: 50_000, frees: 0, bytes: 90 * MIB };
    const triage = triageOf([at(0, few), at(1, [...few, late])]);
    expect(triage?.limits).toEqual(["partial-listing"]);
    expect(triage?.findings.map((finding) => finding.gain)).toEqual([undefined]);
  });

  test("what grew comes before what is only there, however much that is", () => {
    const there = { tag: "Held", allocs: 9e6, frees: 8e6, bytes: 2 * 1024 * MIB };
    const grew = (blocks: number) => ({ tag: "Grew", allocs: 2 * blocks, frees: blocks, bytes: blocks * 100 });
    const triage = triageOf([at(0, [...ordinary, there, grew(0)]), at(1, [...ordinary, there, grew(400_000)])]);
    expect(tags(triage)).toEqual(["Grew", "Held"]);
  });
});

test("a few snapshots: the rate with its lowest and highest step, and in how many steps it rose", () => {
  const level = [0, 50, 90, 150, 140, 200];
  const few = level.map((mib, i) =>
    at(i, [...ordinary, { tag: "Acme", allocs: mib * 1000 + 9000, frees: 8000, bytes: mib * MIB }]),
  );
  expect(triageOf(few)?.findings[0]).toMatchObject({
    gain: { steps: 5, stepsUp: 4, bytesPerHour: { value: 40 * MIB, low: -10 * MIB, high: 60 * MIB } },
    signs: { grew: false },
  });
});

test("whatever the numbers are, every number that comes out is one", () => {
  const count = fc.oneof(
    fc.integer({ min: 0, max: 1e7 }),
    fc.constant(0),
    fc.constant(2 ** 32 - 1),
    fc.constant(2 ** 52),
  );
  const row = fc.record({
    tag: fc.constantFrom("Aaaa", "Bbbb", "Cccc"),
    allocs: count,
    frees: count,
    blocks: count,
    bytes: count,
  });
  const rows = fc.array(row, { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(rows, { minLength: 1, maxLength: 4 }), (listings) => {
      const triage = triageOf(listings.map((each, i) => at(i, each)));
      expect(JSON.stringify(triage)).not.toContain("null");
      expect(triage?.rest).toBeGreaterThanOrEqual(0);
    }),
  );
});
