import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { repairText } from "./repair.ts";

const ROWS = [
  [" NtFC", "Nonp", 134_902_771, 484, 134_902_287, 19_425_929_328, 144],
  [" EtwB", "Nonp", 6394, 4056, 2338, 163_418_368, 69_896],
  [" MmSt", "Paged", 614, 441, 173, 83_456, 482],
] as const;
const TITLES = " Tag  Type     Allocs         Frees    Diff   Bytes    Per Alloc";

/** The tags, types and numbers of a text, whatever its layout. */
const wordsOf = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => /\b(?:Nonp|Paged)\b/.test(line))
    .map((line) => line.trim().split(/\s+/).slice(0, 7).join(" "));
const expected = ROWS.map((row) => row.join(" ").trim());
const plain = (separator = ""): string[] =>
  ROWS.map((row) => row.map((cell) => (typeof cell === "number" ? grouped(cell, separator) : cell)).join("  "));

function grouped(value: number, separator: string): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, separator);
}

describe("pasted text", () => {
  test.each([",", ".", "'", "\u00a0", "\u202f", " "])("numbers parted by %j, as the arithmetic proves", (separator) => {
    const { text, repairs } = repairText([TITLES, ...plain(separator)].join("\n"));
    expect(wordsOf(text)).toEqual(expected);
    expect(repairs.map(({ kind }) => kind)).toContain("separators");
  });

  test.each(["> ", ">", "> > ", "| ", "12:", "pool.txt:12:", "    12\t"])("every line with %j before it", (prefix) => {
    const { text, repairs } = repairText([TITLES, ...plain()].map((line) => prefix + line).join("\n"));
    expect(wordsOf(text)).toEqual(expected);
    expect(repairs).toHaveLength(1);
  });

  test("a table in marks, entities, and rows that a web page put on one line", () => {
    const table = ["| Tag | Type | Allocs | Frees | Diff | Bytes | Per Alloc |", "|---|---|---|---|---|---|---|"];
    const marked = [...table, ...plain(",").map((row) => `| ${row.trim().split(/\s+/).join(" | ")} |`)].join("\n");
    expect(wordsOf(repairText(marked).text)).toEqual(expected);
    const entities = [TITLES, ...plain()].join("\n").replaceAll("  ", "&nbsp;&nbsp;");
    expect(wordsOf(repairText(entities).text)).toEqual(expected);
    const flat =
      "Tag Type Allocs Frees Diff Bytes Per Alloc Leak Nonp 1234567 1000000 234567 18765360 80 Here, tag Leak grows";
    expect(wordsOf(repairText(flat).text)).toEqual(["Leak Nonp 1234567 1000000 234567 18765360 80"]);
  });

  test("what the arithmetic does not prove stays as it was", () => {
    const text = `${TITLES}\n NtFC Nonp  134,902,771  485  134,902,287  19,425,929,328  144`;
    expect(repairText(text)).toEqual({ text, repairs: [] });
  });

  test("well-formed rows stay byte by byte", () => {
    const text = [TITLES, ...plain()].join("\n");
    expect(repairText(text)).toEqual({ text, repairs: [] });
  });

  test("PoolMonX v3: cells by the arithmetic; System Informer: rounded sizes", () => {
    const v3 =
      "Tag,Value,Paged Allocs,Paged Frees,Paged Diff,Paged Usage,NPaged Allocs,NPaged Frees,NPaged Diff,NPaged Usage,Source,Description\nNtFC,0x4346744E,0,0,0,0,134,902,771,484,134,902,287,19,425,929,328,ntfs.sys,Create.c";
    expect(repairText(v3).text.split("\n")[1]).toBe(
      "NtFC\t0x4346744E\t0\t0\t0\t0\t134902771\t484\t134902287\t19425929328\tntfs.sys\tCreate.c",
    );
    const informer = "NtFC, ntfs.sys, Create.c, , , , , 134,902,771, 484, 134,902,287, 18.09 GB\r\n";
    expect(repairText(informer).text.split("\n")[1]).toBe(
      "NtFC\tntfs.sys\tCreate.c\t\t\t\t\t134902771\t484\t134902287\t18.09 GB",
    );
  });

  test("any row, wrapped at any blank, is one row again", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 2 ** 31 }),
        fc.nat({ max: 999 }),
        fc.integer({ min: 2, max: 6 }),
        (allocs, frees, cut) => {
          const diff = allocs - frees;
          const words = ["Leak", "Nonp", allocs, frees, diff, diff * 96, 96].map(String);
          const wrapped = ` ${words.slice(0, cut).join("  ")}\n    ${words.slice(cut).join("  ")}`;
          expect(wordsOf(repairText(`${TITLES}\n${wrapped}`).text)).toEqual([words.join(" ")]);
        },
      ),
    );
  });

  test("any text ends in text, in bounded time", () => {
    const parts = fc.constantFrom(
      " Leak Nonp ",
      "12 ",
      "1,234 ",
      "| ",
      "> ",
      "---- ---- ",
      "\n",
      "Tag ",
      "(",
      "[x.sys",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(parts, fc.string()), { maxLength: 80 }), (text) => {
        expect(typeof repairText(text.join("")).text).toBe("string");
      }),
      { numRuns: 200 },
    );
  });
});
