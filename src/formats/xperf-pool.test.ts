import fc from "fast-check";
import { expect, test } from "vitest";
import { FormatError } from "../model/errors.ts";
import { formatTag } from "../model/tag.ts";
import { isXperfPoolReport, parseXperfPoolReport } from "./xperf-pool.ts";

const REPORT = `Pool Allocations

NonPaged Pool
Image, Tag, Alloc #, Alloc KB, Out Alloc#, Out Alloc KB
ndis.sys, NDnd, 12345, 678, 100, 50
odd.sys, a,b , 7, 3, 7, 3

Paged Pool
Image, Tag, Alloc #, Alloc KB, Out Alloc#, Out Alloc KB
acmefilter.sys, Toke, 4000, 3594, 3900, 3504
Total, , x, y, z, w
`;

test("rows of both pools; tags with commas and blanks are split from the right", () => {
  expect(isXperfPoolReport(REPORT)).toBe(true);
  const rows = parseXperfPoolReport(REPORT);
  expect(rows.map((row) => [row.image, formatTag(row.tag), row.kind])).toEqual([
    ["ndis.sys", "NDnd", "nonpaged"],
    ["odd.sys", "a,b ", "nonpaged"],
    ["acmefilter.sys", "Toke", "paged"],
  ]);
  expect(rows[2]).toMatchObject({ allocs: 4000, allocBytes: 3594 * 1024, outstanding: 3900, bytes: 3504 * 1024 });
});

test("other texts are not taken for a report, and any text ends with rows or a FormatError", () => {
  expect(isXperfPoolReport("time,tag,type,allocs,frees,bytes\n")).toBe(false);
  fc.assert(
    fc.property(fc.string({ maxLength: 400 }), (noise) => {
      try {
        expect(parseXperfPoolReport(REPORT.slice(0, 150) + noise).length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
    { numRuns: 200 },
  );
});
