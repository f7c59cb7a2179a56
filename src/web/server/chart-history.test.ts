import { describe, expect, test } from "vitest";
import { ColumnsBuilder, columnsFromUses } from "../../model/columns-builder.ts";
import { rowKey, type Snapshot } from "../../model/snapshot.ts";
import { parseTag } from "../../model/tag.ts";
import { ChartHistory, MAX_SERIES } from "./chart-history.ts";
import { compareTimes, nearestIndex } from "./compare.ts";
import { tagTable } from "./tag-table.ts";

const AAAA = parseTag("Aaaa") ?? 0;
const BBBB = parseTag("Bbbb") ?? 0;

function snapshot(time: number, uses: Readonly<Record<string, number>>): Snapshot {
  const rows = Object.entries(uses).map(([name, blocks]) => ({
    tag: parseTag(name) ?? 0,
    kind: "nonpaged" as const,
    allocs: blocks + 100,
    frees: 100,
    bytes: blocks * 64,
  }));
  return {
    time,
    origin: { source: "csv", timeBasis: "measured" },
    totals: {},
    columns: columnsFromUses(rows),
    counterBits: 32,
    gaps: [],
  };
}

function historyOf(snapshots: readonly Snapshot[], maxPoints = 16): ChartHistory {
  const history = new ChartHistory(maxPoints);
  for (const each of snapshots) history.push(each);
  return history;
}

describe("chart history", () => {
  test.each([16, 200])(
    "every length keeps the first and the newest snapshot, in bounds of %i and in order",
    (maxPoints) => {
      const history = new ChartHistory(maxPoints);
      for (let i = 0; i < 500; i++) {
        history.push(snapshot(1000 + i, { Aaaa: i }));
        const times = Array.from(history.times);
        expect(times[0]).toBe(1000);
        expect(times.at(-1)).toBe(1000 + i);
        expect(times.length).toBeLessThanOrEqual(maxPoints + 1);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        const blocks = Array.from(history.series(rowKey(AAAA, 0))?.blocks ?? []);
        expect(blocks).toEqual(times.map((time) => time - 1000));
      }
    },
  );

  test("a tag that is not listed is not measured, before it comes and after it went", () => {
    const history = historyOf([snapshot(1, { Aaaa: 5 }), snapshot(2, { Aaaa: 5, Bbbb: 7 }), snapshot(3, { Bbbb: 8 })]);
    expect(Array.from(history.series(rowKey(AAAA, 0))?.blocks ?? [])).toEqual([5, 5, Number.NaN]);
    expect(Array.from(history.series(rowKey(BBBB, 0))?.blocks ?? [])).toEqual([Number.NaN, 7, 8]);
  });

  test("what the newest snapshot lacks is not left over from the one before", () => {
    const snapshots = Array.from({ length: 40 }, (_, i) =>
      snapshot(i, i % 2 === 0 ? { Aaaa: 1, Bbbb: 1 } : { Aaaa: 1 }),
    );
    const history = new ChartHistory(16);
    for (const each of snapshots) {
      history.push(each);
      const newest = history.series(rowKey(BBBB, 0))?.blocks.at(-1);
      expect(newest).toBe(each.time % 2 === 0 ? 1 : Number.NaN);
    }
  });

  test("a source with more tags than any Windows has is cut, and the cut is counted", () => {
    const builder = new ColumnsBuilder(30_000);
    for (let tag = 0; tag < 30_000; tag++) builder.add(tag, 0, 1, 0, 1, 16);
    const columns = builder.finish();
    const history = historyOf([1, 2, 3].map((time) => ({ ...snapshot(time, {}), columns })));
    expect(history.keys().length).toBe(MAX_SERIES);
    expect(history.leftOut).toBe(30_000 - MAX_SERIES);
    expect(Array.from(history.series(rowKey(7, 0))?.bytes ?? [])).toEqual([16, 16, 16]);
  });

  test("a snapshot that is not later is left out", () => {
    const history = historyOf([snapshot(5, { Aaaa: 1 }), snapshot(5, { Aaaa: 2 }), snapshot(4, { Aaaa: 3 })]);
    expect(Array.from(history.times)).toEqual([5]);
  });
});

describe("comparison of two times", () => {
  const history = historyOf([snapshot(10, { Aaaa: 1 }), snapshot(20, { Aaaa: 4, Bbbb: 2 }), snapshot(30, { Bbbb: 9 })]);

  test("takes the nearest measured times, in either order; what is not listed holds nothing", () => {
    const found = compareTimes(history, 29, 11);
    expect(found).toMatchObject({ from: 10, to: 30, blocksFrom: [1, 0], blocksTo: [0, 9] });
  });

  test("nearest index", () => {
    expect([-5, 10, 14, 16, 24, 99].map((time) => nearestIndex([10, 20, 30], time))).toEqual([0, 0, 0, 1, 1, 2]);
    expect(nearestIndex([], 1)).toBe(-1);
  });
});

test("the table lists every tag ever seen, largest first, and counts change from the newest boot", () => {
  const history = historyOf([
    snapshot(10, { Aaaa: 100, Bbbb: 1 }),
    snapshot(20, { Aaaa: 10 }),
    snapshot(30, { Aaaa: 16, Cccc: 50 }),
  ]);
  const boots = { span: { boots: [20] }, verdicts: [] } as unknown as Parameters<typeof tagTable>[1];
  const table = tagTable(
    history,
    boots,
    3,
    (tag) => (tag === AAAA ? "a.sys" : ""),
    () => true,
  );
  expect(table.tag).toEqual([parseTag("Cccc"), AAAA, BBBB]);
  expect(table.changeBlocks).toEqual([50, 6, 0]);
  expect(table.bytes).toEqual([3200, 1024, 0]);
  expect(table.owner).toEqual(["", "a.sys", ""]);
  expect(table).toMatchObject({ since: 20, until: 30 });
});

describe("sleep between snapshots", () => {
  const HOUR = 3_600_000;
  const asleep = (time: number, sleptMilliseconds?: number): Snapshot => ({
    ...snapshot(time, { Aaaa: 5 }),
    totals: sleptMilliseconds === undefined ? {} : { sleptMilliseconds },
  });
  const minutes = Array.from({ length: 10 }, (_, i) => i * 60_000);
  const spanOf = (before: number | undefined, now: number | undefined) =>
    historyOf([...minutes.map((time) => asleep(time, before)), asleep(HOUR, now)]).missing;
  const gap = { from: 540_000, to: HOUR };

  test("is the rise of what the machine has slept since its boot", () => {
    expect(spanOf(7000, 7000 + 2_900_000)).toEqual([{ ...gap, slept: 2_900_000 }]);
    expect(spanOf(7000, 7000)).toEqual([{ ...gap, slept: 0 }]);
  });

  test("is not known where the source does not tell, at a boot, and where it is more than the time that passed", () => {
    expect(spanOf(undefined, undefined)).toEqual([gap]);
    expect(spanOf(undefined, 2_900_000)).toEqual([gap]);
    expect(spanOf(7000, 0)).toEqual([gap]);
    expect(spanOf(0, 2 * HOUR)).toEqual([gap]);
  });
});
