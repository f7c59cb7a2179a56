import fc from "fast-check";
import { expect, test } from "vitest";
import { readProse, toldTwice } from "./prose.ts";
import { readRecords } from "./records.ts";

const rowsOf = (text: string): readonly string[] => readProse(text.split("\n")).lines.slice(2);
const headingOf = (text: string): string | undefined => readProse(text.split("\n")).lines[1];

test("a number is what the word or the unit beside it says", () => {
  expect(headingOf("MmSt 1.2 GB paged")).toBe("Tag\tType\tbytes");
  expect(rowsOf("MmSt 1.2 GB paged\n* EtwB: 850 MiB, nonpaged\ntag 'Leak' holds 12 blocks, non-paged")).toEqual([
    "MmSt\tPaged\t\t1.2 GB",
    "EtwB\tNonp\t\t850 MB",
    "Leak\tNonp\t12\t",
  ]);
  expect(rowsOf("NtFC Nonp with 1,200 allocs, 200 frees, diff 1,000, 144,000 bytes, 144 per alloc")).toEqual([
    "NtFC\tNonp\t1,200\t200\t1,000\t144,000",
  ]);
});

test("the pool is of the row or of the words above it, and never guessed", () => {
  expect(rowsOf("nonpaged pool:\nAbcd 12 MB\npaged:\nEfgh 3 MB")).toEqual(["Abcd\tNonp\t12 MB", "Efgh\tPaged\t3 MB"]);
  expect(rowsOf("Abcd 12 MB paged\nEfgh 3 MB")).toEqual(["Abcd\tPaged\t12 MB", "Efgh\t\t3 MB"]);
  expect(readProse(["Abcd 12 MB", "Efgh 3 MB"]).repairs).toEqual([]);
});

test("numbers rounded by hand: blocks are rounded, allocations and frees are no counters then", () => {
  expect(rowsOf("Abcd Nonp 134.9M 484 134.9M 18.1G 144")).toEqual(["Abcd\tNonp\t134900000\t18.1 GB"]);
  expect(rowsOf("Abcd Nonp 12 2 10 1.5K 154")).toEqual(["Abcd\tNonp\t12\t2\t10\t1.5 KB"]);
});

test("running text that tells no tag, and tables, are left as they are", () => {
  for (const text of [
    "the server has 64 GB of RAM and nonpaged pool is at 18 GB",
    "AcmQ nonpaged leaks about +20.8 KiB/h",
    "AfdX nonpaged +531,128 blocks",
    "Abcd paged 12 MB per hour",
    `${"We looked at it for days.\\n".repeat(6)}Abcd paged 12 MB`,
    "After 20 hours paged pool was 3.2 GB",
    " Abcd Nonp 12 2 10 960 96",
    "Tag,Type,Allocs,Frees,Bytes\nAbcd,Nonp,1,0,16",
  ])
    expect(readProse(text.split("\n")).repairs).toEqual([]);
});

test("records of Format-List, with and without a blank line between, quoted values, other lines around", () => {
  const text =
    "PS C:\\> .\\pool.ps1\n\nTag       : Abcd\nPoolType  : NonPaged\nBytes     : 960\n\nTag       : Efgh\nPoolType  : Paged\nBytes     : 16\nSource    : a : b";
  expect(readRecords(text.split("\n")).lines.filter((line) => line !== "")).toEqual([
    "PS C:\\> .\\pool.ps1",
    "Tag\tPoolType\tBytes\tSource",
    "Abcd\tNonPaged\t960\t",
    "Efgh\tPaged\t16\ta : b",
  ]);
  expect(
    readRecords(["Tag: Abcd", "Allocs: 2", "Bytes: 32", "Tag: Efgh", "Allocs: 1", "Bytes: 16"]).lines.filter(
      (line) => line !== "",
    ),
  ).toEqual(["Tag\tAllocs\tBytes", "Abcd\t2\t32", "Efgh\t1\t16"]);
  expect(readRecords(["Host : X", "Time : 12:00", "RAM : 8"]).repairs).toEqual([]);
});

test("any text ends in lines, whatever stands in it", () => {
  const part = fc.constantFrom(
    "Abcd ",
    "Nonp ",
    "paged",
    "12 MB ",
    "874 alloc / 0 free ",
    "1,234",
    " : ",
    "Tag : x",
    "\n",
    "3.5G ",
    ". A",
    "(",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string({ maxLength: 12 })), { maxLength: 80 }), (parts) => {
      const lines = parts.join("").split("\n");
      for (const read of [readProse, readRecords]) {
        const done = read(lines);
        if (done.repairs.length === 0) expect(done.lines).toEqual(lines);
      }
    }),
  );
});

test("a tag that is told twice with other values is of two lists, and none of them is read", () => {
  const lines = ["NtFC 18.1 GB nonpaged", "NtFC 19.1 GB nonpaged"];
  expect([toldTwice(lines), readProse(lines).repairs]).toEqual(["NtFC", []]);
  expect(toldTwice(["NtFC 18.1 GB nonpaged", "NtFC 18.1 GB nonpaged", "NtFC 1 GB paged"])).toBeUndefined();
});
