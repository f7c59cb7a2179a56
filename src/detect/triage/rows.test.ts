import { describe, expect, test } from "vitest";
import { columnsFromUses } from "../../model/columns-builder.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { tagNamed } from "../../model/verdict.test-support.ts";
import { counterStateOf, triageRows, type TriageRow } from "./rows.ts";

const HOUR = 3_600_000;
const LEAK = tagNamed("Leak");

interface Use {
  readonly allocs?: number;
  readonly frees?: number;
  readonly outstanding?: number;
  readonly bytes?: number;
}

/** A snapshot at an hour with one tag, or with none; another tag stands beside it. */
function at(hour: number, use: Use | undefined, counterBits: 32 | 64 = 64): Snapshot {
  const { allocs, frees, outstanding, bytes = 0 } = use ?? {};
  const row = {
    tag: LEAK,
    kind: "paged" as const,
    allocs,
    frees,
    bytes,
    ...(outstanding !== undefined && { outstanding }),
  };
  const other = { tag: tagNamed("Othr"), kind: "nonpaged" as const, allocs: 9, frees: 0, bytes: 1 };
  return {
    time: hour * HOUR,
    origin: { source: "poolmon", timeBasis: "measured" },
    totals: {},
    columns: columnsFromUses(use === undefined ? [other] : [other, row]),
    counterBits,
    gaps: [],
  };
}

const rowOf = (snapshots: readonly Snapshot[], timed = true, partial = false): TriageRow | undefined =>
  triageRows(snapshots, timed, partial).find(({ tag }) => tag === LEAK);
const gainOf = (...given: Parameters<typeof rowOf>) => rowOf(...given)?.gain;

test("one snapshot shows levels and counters, and no gain", () => {
  expect(rowOf([at(0, { allocs: 100, frees: 30, bytes: 4480 })])).toMatchObject({
    tag: LEAK,
    kind: "paged",
    blocks: 70,
    bytes: 4480,
    counters: "known",
    allocs: 100,
    frees: 30,
    gain: undefined,
  });
  expect(triageRows([], true, false)).toEqual([]);
});

describe("what was gained from the first snapshot to the last", () => {
  const three = [
    at(0, { allocs: 100, frees: 50, bytes: 1000 }),
    at(1, { allocs: 180, frees: 90, bytes: 3000 }),
    at(4, { allocs: 200, frees: 120, bytes: 6000 }),
  ];

  test("blocks, bytes, counters, the steps up, and the mean rate between the slowest and the fastest step", () => {
    expect(gainOf(three)).toEqual({
      blocks: 30,
      bytes: 5000,
      steps: 2,
      stepsUp: 1,
      allocs: 100,
      frees: 70,
      keptShare: 0.3,
      bytesPerHour: { value: 1250, low: 1000, high: 2000 },
    });
  });

  test("without times there is no rate, and a step that took none has none of its own", () => {
    expect(gainOf(three, false)).not.toHaveProperty("bytesPerHour");
    const twice = [three[0], at(0, { allocs: 150, frees: 60, bytes: 2000 }), three[2]].flatMap((each) => each ?? []);
    expect(gainOf(twice)?.bytesPerHour).toEqual({ value: 1250, low: 1000, high: 1000 });
    expect(gainOf([at(0, { bytes: 1 }), at(0, { bytes: 2 })])).not.toHaveProperty("bytesPerHour");
  });

  test("a tag that was not listed at first had made nothing by then; that the top of a listing leaves it out says nothing", () => {
    const late = [at(0, undefined), at(2, { allocs: 40, frees: 10, bytes: 600 })];
    expect(gainOf(late)).toMatchObject({ blocks: 30, bytes: 600, allocs: 40, frees: 10, keptShare: 0.75 });
    expect(gainOf(late, true, true)).toBeUndefined();
    expect(gainOf(three, true, true)).toBeDefined();
  });

  test("a tag that one snapshot in between does not list held nothing there", () => {
    expect(
      gainOf([
        at(0, { allocs: 10, frees: 0, bytes: 10 }),
        at(1, undefined),
        at(2, { allocs: 30, frees: 5, bytes: 25 }),
      ]),
    ).toMatchObject({
      blocks: 15,
      steps: 2,
      stepsUp: 1,
      bytesPerHour: { value: 7.5, low: -10, high: 25 },
    });
  });

  test("the share kept is between nothing and all, and unknown where nothing was allocated or nothing is counted", () => {
    const kept = (allocs: number, blocks: number) =>
      gainOf([
        at(0, { allocs: 100, frees: 0, outstanding: 100 }),
        at(1, { allocs: 100 + allocs, frees: 5, outstanding: 100 + blocks }),
      ])?.keptShare;
    expect([kept(10, 4), kept(10, 40), kept(10, -4), kept(0, 4)]).toEqual([0.4, 1, 0, undefined]);
    const uncounted = gainOf([at(0, { outstanding: 5 }), at(1, { outstanding: 9 })]);
    for (const field of ["allocs", "frees", "keptShare"]) expect(uncounted).not.toHaveProperty(field);
    expect(uncounted).toMatchObject({ blocks: 4, stepsUp: 1 });
    const half = gainOf([at(0, { allocs: 5, outstanding: 5 }), at(1, { allocs: 9, outstanding: 9 })]);
    expect(half).not.toHaveProperty("allocs");
  });

  test("a 32-bit counter may have gone round once, in either listing's width; a 64-bit one has not", () => {
    const round = (...bits: [32 | 64, 32 | 64]) =>
      gainOf([
        at(0, { allocs: 2 ** 32 - 10, frees: 0, outstanding: 5 }, bits[0]),
        at(1, { allocs: 20, frees: 4, outstanding: 9 }, bits[1]),
      ]);
    expect(round(32, 32)?.allocs).toBe(30);
    expect(round(32, 64)?.allocs).toBe(30);
    expect(round(64, 64)).not.toHaveProperty("allocs");
  });
});

test.each([
  [{ allocs: 10, frees: 4, outstanding: 6 }, 32, "known"],
  [{ allocs: 10, frees: 10, outstanding: 10 }, 32, "known"],
  [{ allocs: 10, frees: 11, outstanding: 0 }, 32, "wrapped"],
  [{ allocs: 10, frees: 4, outstanding: 11 }, 32, "wrapped"],
  [{ allocs: 10, frees: 11, outstanding: 0 }, 64, "unknown"],
  [{ allocs: undefined, frees: 4, outstanding: 6 }, 32, "unknown"],
  [{ allocs: 10, frees: undefined, outstanding: 6 }, 32, "unknown"],
] as const)("counters %o of %d bits are %s", ({ allocs, frees, outstanding }, bits, state) => {
  expect(counterStateOf({ tag: LEAK, kind: "paged", allocs, frees, outstanding, bytes: 1 }, bits)).toBe(state);
});
