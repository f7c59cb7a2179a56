import { describe, expect, test } from "vitest";
import { isNewBoot } from "../../detect/series/boots.ts";
import { columnsFromUses } from "../../model/columns-builder.ts";
import { rowKey, type Snapshot } from "../../model/snapshot.ts";
import { parseTag, type Tag } from "../../model/tag.ts";
import { MetricMembers } from "./metric-members.ts";

const HOUR = 3_600_000;
const NAMES = ["Aaaa", "Bbbb", "Cccc", "Dddd"];
const key = (name: string): number => rowKey(parseTag(name) ?? 0, 0);

/** Rows `name: [allocs, frees]`, each block of 10 bytes. */
function snapshot(time: number, rows: Readonly<Record<string, readonly [number, number]>>, bootTime = 0): Snapshot {
  const uses = Object.entries(rows).map(([name, [allocs, frees]]) => ({
    tag: parseTag(name) ?? 0,
    kind: "nonpaged" as const,
    allocs,
    frees,
    bytes: ((allocs - frees + 2 ** 32) % 2 ** 32) * 10,
  }));
  return {
    time,
    origin: { source: "windows-live", timeBasis: "measured", bootTime },
    totals: {},
    columns: columnsFromUses(uses),
    counterBits: 32,
    gaps: [],
  };
}

function members(top: number, watched: (tag: Tag) => boolean = () => false): MetricMembers {
  return new MetricMembers({ top, isWatched: watched, isNewBoot });
}

describe("exported tags", () => {
  test("counters go on where the 32 bits of Windows wrap", () => {
    const tags = members(1);
    tags.push(snapshot(1, { Aaaa: [2 ** 32 - 10, 2 ** 32 - 20] }), new Set());
    tags.push(snapshot(2, { Aaaa: [5, 2 ** 32 - 7] }), new Set());
    tags.push(snapshot(3, { Aaaa: [50, 40] }), new Set());
    expect(tags.all.get(key("Aaaa"))).toMatchObject({ allocs: 2 ** 32 + 50, frees: 2 ** 32 + 40, blocks: 10 });
  });

  test("a restart starts the counters anew", () => {
    const tags = members(1);
    tags.push(snapshot(1, { Aaaa: [5000, 10] }, 0), new Set());
    tags.push(snapshot(HOUR, { Aaaa: [100, 10] }, HOUR / 2), new Set());
    expect(tags.all.get(key("Aaaa"))).toMatchObject({ allocs: 100, frees: 10 });
  });

  test("the top, the watched and the leaking belong; who leaves the top stays for a day", () => {
    const tags = members(1, (tag) => tag === parseTag("Cccc"));
    const rows = (largest: string): Parameters<typeof snapshot>[1] =>
      Object.fromEntries(NAMES.map((name) => [name, [name === largest ? 900 : 10, 1]]));
    const leaking = new Set([key("Dddd")]);
    tags.push(snapshot(0, rows("Aaaa")), leaking);
    expect(new Set(tags.all.keys())).toEqual(new Set([key("Aaaa"), key("Cccc"), key("Dddd")]));
    tags.push(snapshot(HOUR, rows("Bbbb")), leaking);
    expect(tags.all.has(key("Aaaa"))).toBe(true);
    tags.push(snapshot(26 * HOUR, rows("Bbbb")), leaking);
    expect(new Set(tags.all.keys())).toEqual(new Set([key("Bbbb"), key("Cccc"), key("Dddd")]));
  });

  test("unknown counters are not made up", () => {
    const tags = members(1);
    tags.push(snapshot(1, { Aaaa: [Number.NaN, Number.NaN] }), new Set());
    expect(tags.all.get(key("Aaaa"))).toMatchObject({ allocs: undefined, frees: undefined });
  });
});
