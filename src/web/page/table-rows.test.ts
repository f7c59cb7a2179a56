import { describe, expect, test } from "vitest";
import { parseTag } from "../../model/tag.ts";
import type { TagRows } from "../contract.ts";
import { filterRows, rowTexts, sortRows, tableRows } from "./table-rows.ts";
import type { SortColumn } from "./view-state.ts";

const tags = ["Ntfx", "Irp ", "NtfF", "Even"];
const table: TagRows = {
  revision: 1,
  since: 0,
  until: 1,
  tag: tags.map((name) => parseTag(name) ?? 0),
  kind: [1, 0, 1, 0],
  bytes: [400, 300, 200, 100],
  blocks: [4, 1, 0, 50],
  allocs: [],
  frees: [],
  changeBytes: [0, -5, 10, 7],
  changeBlocks: [0, 0, 0, 0],
  rate: [null, null, 2, 9e9],
  state: ["steady", "cache", "leaking", "steady"],
  owner: ["ntfs.sys", "", "Ntfs.sys", "kernel"],
  shape: [],
};
const shown = (rows: readonly number[]): string[] => rows.map((row) => tags[row] ?? "");
const filtered = (filter: string, pool?: "nonpaged" | "paged"): string[] =>
  shown(filterRows(table, rowTexts(table), { filter, ...(pool === undefined ? {} : { pool }) }));

describe("filter", () => {
  test.each([
    ["", ["Ntfx", "Irp ", "NtfF", "Even"]],
    ["Ntf", ["Ntfx", "NtfF"]],
    ["ntfs", ["Ntfx", "NtfF"]],
    ["Nt?F", ["NtfF"]],
    ["Irp?", ["Irp "]],
    ["*r*", ["Irp "]],
    ["(", []],
  ])("%j", (filter, expected) => {
    expect(filtered(filter)).toEqual(expected);
  });

  test("by pool", () => {
    expect(filtered("", "nonpaged")).toEqual(["Irp ", "Even"]);
  });
});

describe("sort", () => {
  const sorted = (sort: SortColumn, isDescending: boolean): string[] =>
    shown(sortRows([0, 1, 2, 3], table, rowTexts(table), { sort, isDescending }));

  test("by numbers and by words", () => {
    expect(sorted("change", true)).toEqual(["NtfF", "Even", "Ntfx", "Irp "]);
    expect(sorted("rate", true)[0]).toBe("Even");
    expect(sorted("blocks", false)).toEqual(["NtfF", "Irp ", "Ntfx", "Even"]);
    expect(sorted("tag", false)).toEqual(["Even", "Irp ", "NtfF", "Ntfx"]);
    expect(sorted("state", true)).toEqual(["NtfF", "Irp ", "Ntfx", "Even"]);
  });

  test("an unknown owner comes last both ways", () => {
    expect(sorted("owner", false).at(-1)).toBe("Irp ");
    expect(sorted("owner", true).at(-1)).toBe("Irp ");
  });
});

test("a table taken along has exact numbers, and the rate that the finding tells", () => {
  expect(tableRows(table, [3, 2])).toEqual([
    expect.arrayContaining(["tag", "bytes per hour"]),
    ["Even", "nonpaged", 100, 50, null, null, 7, 9e9, "steady", "kernel"],
    ["NtfF", "paged", 200, 0, null, null, 10, 2, "leaking", "Ntfs.sys"],
  ]);
});
