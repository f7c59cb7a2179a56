import { describe, expect, test } from "vitest";
import { makeVerdict, tagNamed } from "../../model/verdict.test-support.ts";
import { WORK } from "../series/basis.ts";
import type { Store, Taker } from "./exhaustion.ts";
import type { TagJudgement } from "./judge.ts";
import {
  BLOCK_BYTES,
  HOUR,
  lastAt,
  makeExplanation,
  makeJudgement,
  ramp,
  type Given,
} from "./judgement.test-support.ts";
import { byUrgency, findingOf, isTooRecent, takerOf } from "./verdicts.ts";

const COUNTS = ramp(17, 100, 10);
const judgement = (given: Partial<Given> = {}): TagJudgement => makeJudgement({ counts: COUNTS, ...given });
const ram = (leftBytes: number): Store => ({
  against: "ram",
  limitBytes: 1e12,
  limitBasis: { kind: "less-pools" },
  leftBytes,
  feeds: () => true,
});
const found = (given: Partial<Given> = {}, takers: readonly Taker[] = [], stores: readonly Store[] = []) =>
  findingOf({ lead: judgement(given), members: [] }, lastAt(16 * HOUR), takers, stores);

test("what a tag takes is its rate at the end, never less than nothing", () => {
  expect(takerOf(judgement({ bytes: { value: 5, error: 2, now: 9 } }))).toEqual({
    kind: "nonpaged",
    rate: 9,
    error: 2,
  });
  expect(takerOf(judgement({ pool: "paged", bytes: { value: 5, error: 2, now: -9 } }))).toEqual({
    kind: "paged",
    rate: 0,
    error: 2,
  });
});

describe("a finding", () => {
  test("of growth that goes on", () => {
    expect(found()).toMatchObject({
      tag: tagNamed("Leak"),
      kind: "nonpaged",
      state: "leaking",
      grows: "count",
      heldBytes: 260 * BLOCK_BYTES,
      outstanding: 260,
      grownBytes: 160 * BLOCK_BYTES,
      bytesPerHourNow: 10 * BLOCK_BYTES,
      blocksPerHour: 10,
      since: 0,
      group: [],
      total: { heldBytes: 260 * BLOCK_BYTES },
      calibration: { state: "leaking", counters: false, logOdds: 9, points: 17, spanMs: 16 * HOUR },
    });
    for (const field of ["until", "exhaustion", "keptShare", "bytesPerAllocation"])
      expect(found()).not.toHaveProperty(field);
  });

  test("of growth that stopped has its end, and takes nothing any more", () => {
    const stop = { kind: "stopped", explanation: makeExplanation({ from: 4, until: 8 }) } as const;
    const finding = found(stop, [{ kind: "nonpaged", rate: 1e6, error: 0 }], [ram(1e6)]);
    expect(finding).toMatchObject({
      state: "stopped-held",
      since: 4 * HOUR,
      until: 8 * HOUR,
      bytesPerHourNow: 0,
      grownBytes: 40 * BLOCK_BYTES,
      calibration: { state: "stopped-held" },
    });
    expect(finding).not.toHaveProperty("exhaustion");
  });

  test("has an interval of two errors, each 1.6 times as wide as computed and at least a five-hundredth of the rate", () => {
    // So many blocks that their number leaves nothing open.
    const blocks = { value: 1e9, error: 0, now: 1e9 };
    const interval = (error: number) => found({ blocks, bytes: { value: 1000, error, now: 1000 } }).bytesPerHour;
    expect(interval(10)).toEqual({ value: 1000, low: 968, high: 1032 });
    expect(interval(0)).toEqual({ value: 1000, low: 1000 - 6.4, high: 1000 + 6.4 });
  });

  test("has no narrower interval than the number of its blocks allows, if it is a number of blocks", () => {
    const interval = (perHour: number, factor: "count" | "size" = "count") =>
      found({
        factor,
        blocks: { value: perHour, error: 0, now: perHour },
        bytes: { value: 1000, error: 0, now: 1000 },
      }).bytesPerHour;
    // 25 an hour for 16 hours are 400 blocks: a twentieth for each error.
    expect(interval(25).low).toBeCloseTo(900, 6);
    expect(interval(25).high).toBeCloseTo(1100, 6);
    expect(interval(0).low).toBeCloseTo(-1000, 6);
    expect(interval(25, "size").low).toBeCloseTo(1000 - 6.4, 6);
  });

  test("knows what was kept, and what each allocation left behind where growth follows work", () => {
    const allocs = ramp(17, 0, 100);
    expect(found({ allocs })).toMatchObject({ keptShare: 0.1, calibration: { counters: true } });
    expect(found({ allocs })).not.toHaveProperty("bytesPerAllocation");
    const explanation = makeExplanation({ fitted: [0, WORK] });
    expect(found({ allocs, explanation }).bytesPerAllocation).toBe((160 * BLOCK_BYTES) / 1600);
    expect(found({ allocs, explanation, held: ramp(17, 500, -1) }).bytesPerAllocation).toBe(0);
    expect(found({ explanation })).not.toHaveProperty("bytesPerAllocation");
    expect(found({ allocs: ramp(17, 5, 0), explanation })).not.toHaveProperty("bytesPerAllocation");
  });

  test("tells each member in its own figures, over the lead's time of growth", () => {
    const member = judgement({
      name: "Memb",
      pool: "paged",
      allocs: ramp(17, 0, 40),
      bytes: { value: 500, error: 5, now: 500 },
    });
    const { group, total } = findingOf(
      {
        lead: judgement({ explanation: makeExplanation({ from: 8 }) }),
        members: [{ judgement: member, ratio: 0.5, margin: 0.1 }],
      },
      lastAt(16 * HOUR),
      [],
      [],
    );
    expect(group).toMatchObject([
      {
        tag: tagNamed("Memb"),
        kind: "paged",
        ratio: 0.5,
        ratioMargin: 0.1,
        bytesPerHour: 500,
        heldBytes: 260 * BLOCK_BYTES,
        outstanding: 260,
        grownBytes: 500 * 8,
        keptShare: 0.25,
      },
    ]);
    expect(total.pools).toEqual({ nonpaged: 10 * BLOCK_BYTES, paged: 500 });
  });

  test("ends the machine when the first of its tags does", () => {
    const lead = judgement({ bytes: { value: 10, error: 0, now: 10 } });
    const member = judgement({ name: "Memb", pool: "paged", bytes: { value: 10, error: 0, now: 10 } });
    const store = (kind: "nonpaged" | "paged", leftBytes: number): Store => ({
      ...ram(leftBytes),
      against: `${kind}-limit`,
      feeds: (each) => each === kind,
    });
    const end = (nonpaged: number, paged: number) =>
      findingOf(
        { lead, members: [{ judgement: member, ratio: 1, margin: undefined }] },
        lastAt(16 * HOUR),
        [takerOf(lead), takerOf(member)],
        [store("nonpaged", nonpaged), store("paged", paged)],
      ).exhaustion;
    expect(end(1000, 500)).toMatchObject({ against: "paged-limit", hours: { value: 50 } });
    expect(end(500, 1000)).toMatchObject({ against: "nonpaged-limit", hours: { value: 50 } });
  });
});

describe("too recent to be called a leak", () => {
  /** Growth that has lasted so many sixteenths of a record of so many points. */
  const recent = (sixteenths: number, given: Partial<Given> = {}, points = 17): TagJudgement =>
    makeJudgement({ counts: ramp(points, 100, 1), explanation: makeExplanation({ from: 16 - sixteenths }), ...given });
  const span = (points = 17): number => (points - 1) * HOUR;

  test("where it began in the last 14 % of the record", () => {
    expect(isTooRecent(recent(2), [], span())).toBe(true);
    expect(isTooRecent(recent(3), [], span())).toBe(false);
    expect(isTooRecent(recent(2), [], span() / 2)).toBe(false);
  });

  test("not what stopped, nor what no explanation was found for", () => {
    expect(isTooRecent(recent(2, { kind: "stopped" }), [], span())).toBe(false);
    expect(isTooRecent({ ...recent(2), explanation: undefined }, [], span())).toBe(false);
  });

  test("from a sixteenth on where the tag was calm before, if twelve points show it", () => {
    const fresh = (points: number) => isTooRecent(recent(2, { fresh: true }, points), [], span(points));
    expect(fresh(97)).toBe(false);
    expect(fresh(89)).toBe(true);
    expect(isTooRecent(recent(2, {}, 97), [], span(97))).toBe(true);
  });
});

describe("the order of findings", () => {
  const end = (hours: number) => ({
    exhaustion: {
      hours: { value: hours, low: hours, high: hours },
      at: hours,
      against: "ram" as const,
      limitBytes: 1,
      limitBasis: { kind: "less-pools" as const },
    },
  });
  const rate = (value: number) => ({ bytesPerHour: { value, low: value, high: value } });
  const sorted = (...list: ReturnType<typeof makeVerdict>[]): number[] =>
    [...list].sort(byUrgency).map((verdict) => list.indexOf(verdict));

  test("what runs out first, then the faster; what stopped comes last", () => {
    expect(sorted(makeVerdict(end(9)), makeVerdict(end(5)), makeVerdict())).toEqual([1, 0, 2]);
    expect(sorted(makeVerdict(rate(5)), makeVerdict(rate(9)))).toEqual([1, 0]);
    expect(sorted(makeVerdict({ ...end(5), ...rate(5) }), makeVerdict({ ...end(5), ...rate(9) }))).toEqual([1, 0]);
    expect(sorted(makeVerdict({ state: "stopped-held" }), makeVerdict(rate(1)))).toEqual([1, 0]);
    expect(sorted(makeVerdict(rate(1)), makeVerdict({ state: "stopped-held" }))).toEqual([0, 1]);
  });

  test("of what stopped the one that grew most", () => {
    const stopped = (grownBytes: number) => makeVerdict({ state: "stopped-held", grownBytes });
    expect(sorted(stopped(5), stopped(9))).toEqual([1, 0]);
  });

  test("two states that are no leak keep their order by growth", () => {
    expect(sorted(makeVerdict({ state: "cache" }), makeVerdict({ state: "step" }))).toEqual([0, 1]);
  });
});
