import fc from "fast-check";
import { expect, test } from "vitest";
import { FormatError } from "../../model/errors.ts";
import { parseText, rowsOf } from "../text-format.test-support.ts";
import { blockTableFormat } from "./block-table.ts";
import { columnOf } from "./column-names.ts";
import { totalsFormat } from "./totals.ts";

test("blocks of bigpools and of MemProcFS are summed per tag, and marked", () => {
  const big =
    "Allocation\tTag\tPoolType\tNumberOfBytes\tStatus\n0xb307a1c00000\tEtwB\tNonPagedPoolNx\t0x10000\tAllocated\n0xb307a1c10000\tEtwB\tNonPagedPoolNx\t0x1000\tAllocated\n0xb307a1c20000\tMmSt\tPagedPool\t0x1000\tFree\n";
  const read = parseText(blockTableFormat, big);
  expect([rowsOf(read.blocks[0]), read.blocks[0]?.listing, read.gaps]).toEqual([
    ["EtwB|nonpaged|-|-|2|69632"],
    "blocks",
    [],
  ]);
  const memory =
    "       #  Tag A         Address      Size Type Pool\n-----------------------------------------------\n       0 AfdB A ffffd582c5d02000     67000 Big  NonPaged\n";
  expect(rowsOf(parseText(blockTableFormat, memory).blocks[0])).toEqual(["AfdB|nonpaged|-|-|1|421888"]);
});

test.each([
  ["NP_Bytes", "nonpagedBytes", 1],
  ["NonPagedMB", "nonpagedBytes", 1_048_576],
  ["P_Allocs", "pagedAllocs", 1],
  ["NPaged Diff", "nonpagedOutstanding", 1],
  ["nonpaged_bytes", "nonpagedBytes", 1],
  ["TagName", "tag", 1],
  ["NonPagedUsed", "nonpagedBytes", 1],
])("the heading %s is %s", (heading, field, factor) => {
  expect(columnOf(heading)).toEqual({ field, factor });
});

test("headings of nothing known are nothing", () => {
  for (const heading of ["Comment", "Per Alloc", "Value", "Description", ""]) expect(columnOf(heading)).toBeUndefined();
});

test("hostile tables end in blocks, gaps or a FormatError", () => {
  const parts = fc.constantFrom(
    '"(PDH-CSV 4.0) (x)(-60)","\\\\H\\Memory\\Pool Paged Bytes"\n',
    '"03/04/2025 09:15:22.123","1"\n',
    "0xb3\tEtwB\tNonPagedPoolNx\t0x10\tAllocated\n",
    "\\\\h\\memory\\pool paged bytes :\n",
    "99999999999999999999\n",
    "\n",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(parts, fc.string()), { maxLength: 40 }), (text) => {
      for (const format of [totalsFormat, blockTableFormat]) {
        try {
          parseText(format, text.join(""));
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }
    }),
    { numRuns: 200 },
  );
});
