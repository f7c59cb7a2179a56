import { expect, test } from "vitest";
import { cellWidth, cut } from "./cells.ts";
import { wrapText } from "./terminal-text.ts";
import { renderTable } from "./text-table.ts";

test.each([
  ["abc", 3],
  ["a–b", 3],
  ["e\u0301", 1],
  ["a\u200Bb\uFE0F\uFEFF", 2],
  ["日本", 4],
  ["한글", 4],
  ["ｱ", 1],
  ["Ａ", 2],
  ["𠀀", 2],
  ["😀", 2],
  ["█⣿→·…", 5],
])("%s takes %i cells", (text, cells) => {
  expect(cellWidth(text)).toBe(cells);
});

test("a wide character that fits by half is left out", () => {
  expect(cut("日本語", 5)).toBe("日本");
  expect(cut("abc", -1)).toBe("");
});

test("columns stand under each other where names are Japanese, and what is cut fits", () => {
  const columns = [
    { title: "Tag", align: "left", priority: 0 },
    { title: "Owner", align: "left", priority: 1, cutTo: 8 },
    { title: "Bytes", align: "right", priority: 0 },
  ] as const;
  const rows = [
    ["Abcd", "日本電気株式会社", "12"],
    ["Efgh", "acme.sys", "345"],
  ];
  expect(renderTable(columns, rows, 80).split("\n")).toEqual([
    "Tag   Owner             Bytes",
    "Abcd  日本電気株式会社     12",
    "Efgh  acme.sys            345",
  ]);
  const narrow = renderTable(columns, rows, 22).split("\n");
  expect(narrow[1]).toBe("Abcd  日本電...     12");
  for (const line of narrow) expect(cellWidth(line)).toBeLessThanOrEqual(22);
});

test("sentences are broken by cells", () => {
  expect(wrapText("日本電気 株式会社 acme", 13)).toEqual(["日本電気", "株式会社 acme"]);
});
