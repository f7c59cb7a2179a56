// Tables of other tools as lines of cells parted by tabs, which the CSV reader takes: tables under a ruler of dashes,
// JSON of objects, System Informer's copied rows, PoolMonX v3 with its unquoted separators.

import type { Repaired } from "./repaired.ts";

const RULER = /^\s{0,40}-{2,200}(?: {1,40}-{2,200}){2,40}\s{0,40}$/;

/** Heading, ruler of dashes, rows: Format-Table of PowerShell, Volatility 2's pooltracker. */
export function readRuled(lines: readonly string[]): Repaired {
  const at = lines.findIndex((line) => RULER.test(line));
  const heading = lines[at - 1];
  const ruler = lines[at];
  if (at < 1 || heading === undefined || ruler === undefined || !/\bTag\b/i.test(heading))
    return { lines, repairs: [] };
  const spans = Array.from(ruler.matchAll(/-+/g), (match) => [match.index, match.index + match[0].length] as const);
  let count = 0;
  const out = lines.map((line, i) => {
    if (i < at - 1 || RULER.test(line)) return "";
    if (line.trim() === "" || (i !== at - 1 && line === heading)) return "";
    count += 1;
    return cellsUnder(line, spans).join("\t");
  });
  return { lines: out, repairs: [{ kind: "table", lines: count }] };
}

/** Cells by their columns; a number that is wider than its column reaches to the left, a text to the right. */
function cellsUnder(line: string, spans: readonly (readonly [number, number])[]): string[] {
  const words = line.trim().split(/\s+/);
  // Where every cell is one word the columns need not be looked at.
  if (words.length === spans.length) return words;
  return spans.map(([start, end], i) => {
    let from = start;
    while (from > (spans[i - 1]?.[1] ?? 0) && line[from - 1] !== " " && /\d/.test(line[from] ?? "")) from -= 1;
    const to = i === spans.length - 1 ? line.length : Math.max(end, (spans[i + 1]?.[0] ?? end) - 1);
    return line.slice(from, to).trim();
  });
}

/** A JSON array of flat objects, as ConvertTo-Json writes it. */
export function readJson(lines: readonly string[]): Repaired {
  const nothing: Repaired = { lines, repairs: [] };
  const first = lines.find((line) => line.trim() !== "")?.trim() ?? "";
  if (!/^[[{]/.test(first)) return nothing;
  let value: unknown;
  try {
    value = JSON.parse(lines.join("\n"));
  } catch {
    return nothing;
  }
  const list = listOf(value);
  const objects = list.filter(
    (each): each is Record<string, unknown> => typeof each === "object" && each !== null && !Array.isArray(each),
  );
  const names = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  if (objects.length === 0 || !names.some((name) => /^(?:pool)?tag(?:name)?$/i.test(name))) return nothing;
  const rows = objects.map((object) => names.map((name) => cellOf(object[name])).join("\t"));
  return { lines: [names.join("\t"), ...rows], repairs: [{ kind: "table", lines: rows.length }] };
}

/** The objects of a value: a list, one object, or the list within one (`{"value": [...], "Count": 2}` of Windows PowerShell). */
function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== "object" || value === null) return [];
  const lists = Object.values(value).filter((each): each is unknown[] => Array.isArray(each) && each.length > 0);
  const [only] = lists;
  return lists.length === 1 && only !== undefined && typeof only[0] === "object" ? only : [value];
}

function cellOf(value: unknown): string {
  if (typeof value === "string") {
    // Windows PowerShell's dates.
    const date = /^\/Date\((\d{10,14})\)\/$/.exec(value)?.[1];
    return date ?? value.replace(/[\t\r\n]/g, " ");
  }
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

const INFORMER_CELLS = 11;
/** At least tag, driver, description and the paged counters; empty cells at the end may be lost. */
const FEWEST_CELLS = 7;
const SIZE_CELL = /^\d[\d.,' \u00a0]{0,23} ?(?:[kKMGT]i?)?B$/;
const COUNT_CELL = /^\d{1,3}(?:([.,' \u00a0])\d{3})*$|^\d{1,15}$/;

/** Rows copied from System Informer's pool table: cells parted by a comma and a blank, sizes rounded, no heading. */
export function readInformer(lines: readonly string[]): Repaired {
  const rows = lines.filter((line) => line.trim() !== "").map(informerCells);
  const fits = rows.filter((cells) => cells !== undefined);
  if (fits.length === 0 || fits.length < rows.length * 0.8) return { lines, repairs: [] };
  // A size with one or two decimals shows the decimal sign, and so the sign between groups.
  const hasDecimalComma = fits.some((cells) => cells.some((cell) => /,\d{1,2} ?[kKMGT]i?B$/.test(cell)));
  const heading = [
    "Tag",
    "Driver",
    "Description",
    "Paged Allocs",
    "Paged Frees",
    "Paged Current",
    "Paged Bytes",
    "NonPaged Allocs",
    "NonPaged Frees",
    "NonPaged Current",
    "NonPaged Bytes",
  ];
  const plain = fits.map((cells) => cells.map((cell, i) => (i < 3 ? cell : informerNumber(cell, hasDecimalComma))));
  return {
    lines: [heading, ...plain].map((cells) => cells.join("\t")),
    repairs: [{ kind: "table", lines: fits.length }],
  };
}

function informerCells(line: string): string[] | undefined {
  // Mails take blanks at the end away.
  const cells = line.trimEnd().replace(/,$/, ", ").split(", ");
  if (cells.length === INFORMER_CELLS + 1 && cells.at(-1) === "") cells.pop();
  if (cells.length < FEWEST_CELLS || cells.length > INFORMER_CELLS || !/^.{1,4}$/.test(cells[0] ?? ""))
    return undefined;
  while (cells.length < INFORMER_CELLS) cells.push("");
  const fits = cells
    .slice(3)
    .every((cell, i) => cell === "" || (i % 4 === 3 ? SIZE_CELL : COUNT_CELL).test(cell.trim()));
  return fits && cells.slice(3).some((cell) => cell !== "") ? cells.map((cell) => cell.trim()) : undefined;
}

/** A number without signs between its groups, its decimals after a point. */
function informerNumber(cell: string, hasDecimalComma: boolean): string {
  const [digits = "", unit = ""] = cell.split(/(?<=\d)(?= ?[kKMGTB])/);
  const whole = digits.replace(hasDecimalComma ? /[.' \u00a0]/g : /[,' \u00a0]/g, "");
  return `${hasDecimalComma ? whole.replace(",", ".") : whole}${unit}`;
}

const V3 =
  /^Tag,Value,Paged Allocs,Paged Frees,Paged Diff,Paged Usage,NPaged Allocs,NPaged Frees,NPaged Diff,NPaged Usage,Source,Description/;

/** PoolMonX v3: numbers grouped by commas between cells parted by commas; the arithmetic finds the cells. */
export function readPoolMonX(lines: readonly string[]): Repaired {
  const at = lines.findIndex((line) => V3.test(line));
  if (at < 0) return { lines, repairs: [] };
  let count = 0;
  const out = lines.slice(at).map((line, i) => {
    if (i === 0) return line.replaceAll(",", "\t");
    const match = /^(.{4}),(0x[0-9A-F]{1,8}),((?:\d{1,3},){8,64})(.*)/is.exec(line);
    const numbers = match === null ? undefined : eightNumbers((match[3] ?? "").split(",").slice(0, -1));
    if (match === null || numbers === undefined) return line;
    count += 1;
    const [source = "", ...description] = (match[4] ?? "").split(",");
    return [match[1], match[2], ...numbers, source, description.join(",")].join("\t");
  });
  return { lines: out, repairs: [{ kind: "separators", lines: count, found: "," }] };
}

/** The one way to part groups of digits into paged and nonpaged allocs, frees, diff and usage that agree. */
function eightNumbers(groups: readonly string[]): readonly string[] | undefined {
  const found: (readonly string[])[] = [];
  const seen = new Set<string>();
  const part = (from: number, numbers: readonly string[]): void => {
    if (found.length > 1) return;
    const n = numbers.length;
    if (n === 3 || n === 7) {
      const [allocs = "0", frees = "0", diff = "0"] = numbers.slice(n - 3);
      if (Number(allocs) - Number(frees) !== Number(diff)) return;
    }
    if (n === 4 || n === 8) {
      const [diff = "0", usage = "0"] = numbers.slice(n - 2);
      // No block is smaller than one byte, and none is without bytes.
      if ((Number(diff) === 0) !== (Number(usage) === 0) || Number(usage) < Number(diff)) return;
    }
    if (n === 8) {
      const key = numbers.join(" ");
      if (from === groups.length && !seen.has(key)) {
        seen.add(key);
        found.push(numbers);
      }
      return;
    }
    let number = "";
    for (let to = from; to < groups.length && to - from < 5; to++) {
      const group = groups[to] ?? "";
      if (to > from && (group.length !== 3 || number === "0")) break;
      number += group;
      part(to + 1, [...numbers, number]);
    }
  };
  part(0, []);
  return found.length === 1 ? found[0] : undefined;
}
