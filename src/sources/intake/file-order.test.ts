import fc from "fast-check";
import { expect, test } from "vitest";
import type { TextBlock } from "../../formats/text-format.ts";
import { columnsFromUses } from "../../model/columns-builder.ts";
import { usesOf } from "../../model/snapshot.ts";
import { parseTag } from "../../model/tag.ts";
import { orderBlocks } from "./file-order.ts";

/** A block of rows `tag: allocs`; nothing is freed. */
function block(time: number | undefined, rows: Readonly<Record<string, number>>, host?: string): TextBlock {
  const uses = Object.entries(rows).map(([name, allocs]) => ({
    tag: parseTag(name) ?? 0,
    kind: "nonpaged" as const,
    allocs,
    frees: 0,
    outstanding: allocs,
    bytes: allocs * 16,
  }));
  return {
    line: 1,
    ...(time === undefined ? {} : { time }),
    ...(host === undefined ? {} : { host }),
    counterBits: 32,
    totals: {},
    columns: columnsFromUses(uses),
  };
}

const timesOf = (blocks: readonly TextBlock[]): (number | undefined)[] => blocks.map(({ time }) => time);
const kindsOf = (blocks: readonly TextBlock[], gathers = false): string[] =>
  orderBlocks(blocks, gathers).repairs.map(({ kind, lines }) => `${kind} ${lines}`);

test("counters decide between a clock that was set back and the newest on top", () => {
  const [low, high] = [
    { Abcd: 100, Efgh: 200 },
    { Abcd: 150, Efgh: 300 },
  ];
  const newest = [block(20, high), block(10, low)];
  expect([timesOf(orderBlocks(newest, false).blocks), kindsOf(newest)]).toEqual([[10, 20], ["newest-first 2"]]);
  const setBack = [block(20, low), block(10, high)];
  expect([timesOf(orderBlocks(setBack, false).blocks), kindsOf(setBack)]).toEqual([[20, 10], []]);
  // Counters that say nothing: the times are all there is.
  expect(kindsOf([block(20, low), block(10, low)])).toEqual(["newest-first 2"]);
});

test("parts in another order are put in order where the counters say so; a few steps of a clock are not", () => {
  const at = (time: number, allocs: number) => block(time, { Abcd: allocs, Efgh: 2 * allocs });
  const swapped = [at(30, 300), at(40, 400), at(10, 100), at(20, 200)];
  expect([timesOf(orderBlocks(swapped, false).blocks), kindsOf(swapped)]).toEqual([[10, 20, 30, 40], ["time-order 4"]]);
  const clock = [at(30, 100), at(40, 200), at(10, 300), at(20, 400)];
  expect([timesOf(orderBlocks(clock, false).blocks), kindsOf(clock)]).toEqual([[30, 40, 10, 20], []]);
  // A clock without halves of the day passes its times again, with counters that go on: left for the clock to refuse.
  const twelve = [1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12, 2, 6].map((hour, i) => at(hour, 100 + i));
  expect(kindsOf(twelve, true)).toEqual([]);
});

test("rows of one time are one snapshot; what comes again with other values is not taken and told", () => {
  const rows = [
    block(10, { Abcd: 1 }),
    block(20, { Abcd: 2 }),
    block(10, { Efgh: 3 }),
    block(20, { Efgh: 4 }),
    block(10, { Ijkl: 5, Abcd: 9 }),
    block(20, { Ijkl: 6 }),
  ];
  const { blocks, rejected, repairs } = orderBlocks(rows, true);
  expect(blocks.map(({ time, columns }) => [time, columns.length])).toEqual([
    [10, 3],
    [20, 3],
  ]);
  expect(repairs).toEqual([{ kind: "rows-by-time", lines: 7 }]);
  expect(rejected.map(({ problem }) => problem)).toEqual([expect.stringMatching(/Abcd comes again .* other values/)]);
});

test("rows that a script stamped one by one are one pass where they are close and none comes twice", () => {
  const rows = [0, 60_000, 120_000].flatMap((start) =>
    ["Abcd", "Efgh", "Ijkl"].map((tag, i) => block(start + i * 15, { [tag]: start + 10 })),
  );
  expect(timesOf(orderBlocks(rows, true).blocks)).toEqual([0, 60_000, 120_000]);
  // The same tag twice is two moments, however close.
  expect(timesOf(orderBlocks([block(0, { Abcd: 1 }), block(50, { Abcd: 2 })], true).blocks)).toEqual([0, 50]);
  // Three seconds apart are two moments.
  expect(timesOf(orderBlocks([block(0, { Abcd: 1 }), block(3_000, { Efgh: 2 })], true).blocks)).toEqual([0, 3_000]);
});

test("machines are put in order each on its own, and what tells no time stays", () => {
  const all = [
    block(20, { Abcd: 2 }, "B"),
    block(10, { Abcd: 1 }, "A"),
    block(5, { Abcd: 1 }, "b"),
    block(undefined, { Abcd: 7 }),
  ];
  const { blocks } = orderBlocks(all, true);
  expect(blocks.map(({ host, time }) => [host, time])).toEqual([
    ["b", 5],
    ["B", 20],
    ["A", 10],
    [undefined, undefined],
  ]);
});

const captioned = (caption: string | undefined, rows: Readonly<Record<string, number>>): TextBlock => ({
  ...block(undefined, rows),
  ...(caption === undefined ? {} : { caption }),
});

test("tables with text between them are of several machines where counters fit neither growth nor a restart", () => {
  const first = { Abcd: 1000, Efgh: 2000, Ijkl: 3000, Mnop: 4000 };
  const mixed = { Abcd: 500, Efgh: 4000, Ijkl: 1500, Mnop: 8000 };
  const hostsOf = (blocks: readonly TextBlock[]) => orderBlocks(blocks, false).blocks.map(({ host }) => host);
  expect(hostsOf([captioned("berlin:", first), captioned("munich:", mixed)])).toEqual(["berlin", "munich"]);
  expect(hostsOf([captioned(undefined, first), captioned("and the other one, of the same kind", mixed)])).toEqual([
    "machine 1",
    "machine 2",
  ]);
  // Without text between, after growth, after a restart, and with three rows in common: one machine as far as is known.
  const grown = { Abcd: 1500, Efgh: 2500, Ijkl: 3500, Mnop: 4500 };
  const restarted = { Abcd: 10, Efgh: 20, Ijkl: 30, Mnop: 40 };
  const { Mnop: _, ...three } = mixed;
  for (const after of [
    captioned(undefined, mixed),
    captioned("later:", grown),
    captioned("later:", restarted),
    captioned("x:", three),
  ])
    expect(hostsOf([captioned(undefined, first), after])).toEqual([undefined, undefined]);
});

test("tables without times that count down a little are read from their end; after a restart they are not", () => {
  const rows = (allocs: number) => captioned(undefined, { Abcd: allocs, Efgh: 2 * allocs });
  expect(kindsOf([rows(1100), rows(1050), rows(1000)])).toEqual(["newest-first 3"]);
  expect(kindsOf([rows(1000), rows(1050)])).toEqual([]);
  expect(kindsOf([rows(1250), rows(1000)])).toEqual([]);
});

test("any order of the rows of a growing table gives the same snapshots", () => {
  const table = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 })).chain(([times, tags]) => {
    const rows = Array.from({ length: times * tags }, (_, i) => {
      const [time, tag] = [Math.floor(i / tags), i % tags];
      return block(time * 60_000, { [`Ta${tag} `]: 100 * (tag + 1) + 10 * time });
    });
    return fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }));
  });
  const shown = (blocks: readonly TextBlock[]): unknown =>
    orderBlocks(blocks, true).blocks.map(({ time, columns }) => [
      time,
      usesOf(columns)
        .map(({ tag, allocs }) => `${tag} ${allocs}`)
        .toSorted(),
    ]);
  fc.assert(
    fc.property(table, ([rows, shuffled]) => {
      expect(shown(shuffled)).toEqual(shown(rows));
    }),
  );
});
