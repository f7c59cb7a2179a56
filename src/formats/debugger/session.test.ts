import fc from "fast-check";
import { expect, test } from "vitest";
import { FormatError } from "../../model/errors.ts";
import { poolusedFormat } from "./session.ts";
import { parseText, rowsOf } from "../text-format.test-support.ts";

// Rows as Microsoft's page on !poolused prints them: the comment touches the last number.
const OLD = `0: kd> !poolused
   Sorting by  Tag

  Pool Used:
            NonPaged            Paged
 Tag    Allocs     Used    Allocs     Used
 1394        1      520         0        0UNKNOWN pooltag '1394', please update pooltag.txt
 8042        4     3944         0        0PS/2 kb and mouse , Binary: i8042prt.sys
 AGP         1      344         2      3841394 bus , Binary: agp.sys
...
 TOTAL     3570214 209120008     38769 13066104
`;

test("outstanding blocks and bytes per pool; the comment names the driver", () => {
  const { blocks, gaps, mapped } = parseText(poolusedFormat, OLD);
  expect(rowsOf(blocks[0])).toEqual([
    "1394|nonpaged|-|-|1|520",
    "8042|nonpaged|-|-|4|3944",
    "AGP |nonpaged|-|-|1|344",
    "AGP |paged|-|-|2|384",
  ]);
  expect(blocks[0]?.totals).toEqual({ nonpagedBytes: 209_120_008, pagedBytes: 13_066_104 });
  expect(gaps).toEqual(["10: rows were left out here (`...`)"]);
  expect(mapped.get("8042")).toBe("PS/2 kb and mouse, Binary: i8042prt.sys");
  expect(mapped.get("AGP ")).toBe("1394 bus, Binary: agp.sys");
});

test("the same table twice is one moment; other values are another; lines of no command are gaps", () => {
  const { blocks, gaps } = parseText(
    poolusedFormat,
    `${OLD} Abcd 1 2 3 4\n${OLD}${OLD.replaceAll("520", "530").replaceAll("3944", "4000").replaceAll("344 ", "400 ")}`,
  );
  expect(blocks.map((block) => block.columns.length)).toEqual([4, 4]);
  expect(gaps.filter((gap) => !gap.includes("..."))).toEqual(['12: not a line of !poolused: "Abcd 1 2 3 4"']);
});

test("the wider layout of newer debuggers, with a tab before the comment", () => {
  const { blocks, gaps } = parseText(
    poolusedFormat,
    "   Sorting by NonPaged Pool Consumed\n\n                NonPaged                  Paged\n Tag     Allocs         Used     Allocs         Used\n\n Fecf        95        13680          0            0\tWFP filter engine callout context , Binary: netio.sys\n Io          12          960          0            0\n",
  );
  expect(gaps).toEqual([]);
  expect(rowsOf(blocks[0])).toEqual(["Fecf|nonpaged|-|-|95|13680", "Io  |nonpaged|-|-|12|960"]);
});

test("hostile text ends in blocks, gaps or a FormatError", () => {
  const parts = fc.constantFrom(
    " Tag    Allocs     Used    Allocs     Used\n",
    " Leak ",
    "1 2 3 4",
    "TOTAL",
    "\n",
    "...",
    "999999999999999999999",
    "\u0000",
    " ",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(parts, fc.string()), { maxLength: 60 }), (text) => {
      try {
        parseText(poolusedFormat, text.join(""));
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
    { numRuns: 300 },
  );
});
