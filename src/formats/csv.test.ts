import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnsFromUses } from "../model/columns-builder.ts";
import { FormatError } from "../model/errors.ts";
import { usesOf, type Snapshot } from "../model/snapshot.ts";
import { renderSnapshotCsv } from "../reports/snapshot-report.ts";
import { csvFormat } from "./csv.ts";
import { splitCsv } from "./tables/csv-layout.ts";
import { parseText, rowsOf } from "./text-format.test-support.ts";

const parse = (text: string) => parseText(csvFormat, text);

describe("CSV of counters", () => {
  test("one block per time; Unix seconds with a fraction; escapes, padded and short tags", () => {
    const { blocks, gaps } = parse(
      "time,tag,type,allocs,frees,bytes\n1795427753.281,ObCI,Nonp,14,0,1392\n1795427753.281,Se,Paged,1,1,0\n1795427758,Lis\\x00,Nonp,7,5,96\n",
    );
    expect(gaps).toEqual([]);
    expect(blocks.map((block) => [block.time, ...rowsOf(block)])).toEqual([
      [1_795_427_753_281, "ObCI|nonpaged|14|0|14|1392", "Se  |paged|1|1|0|0"],
      [1_795_427_758_000, "Lis\\x00|nonpaged|7|5|2|96"],
    ]);
  });

  test("counters that wrapped, and counters beyond 32 bits", () => {
    const { blocks } = parse(
      "time,tag,type,allocs,frees,bytes\n1,Wrap,Nonp,5,4294967290,96\n2,Wide,Nonp,5000000000,4999999990,96\n",
    );
    expect(rowsOf(blocks[0])).toEqual(["Wrap|nonpaged|5|4294967290|11|96"]);
    expect(rowsOf(blocks[1])).toEqual(["Wide|nonpaged|5000000000|4999999990|10|96"]);
    expect(blocks.map((block) => block.counterBits)).toEqual([32, 64]);
  });

  test("the wide rows of PowerShell scripts: quoted, with #TYPE, UTC preferred, semicolons", () => {
    const heading =
      "DateTime;DateTimeUTC;Tag;PagedAllocs;PagedFrees;PagedDiff;PagedUsedBytes;NonPagedAllocs;NonPagedFrees;NonPagedDiff;NonPagedUsedBytes;TotalUsedBytes;Binary;Description";
    const { blocks, gaps, mapped } = parse(
      `#TYPE System.Management.Automation.PSCustomObject\n${heading
        .split(";")
        .map((name) => `"${name}"`)
        .join(";")}\n` +
        '"26.11.2026 18:05";"2026-11-26T17:05:00Z";"Irp ";"0";"0";"0";"0";"10";"4";"6";"2,400";"2400";"nt!io";"I/O request packets"\n' +
        '"26.11.2026 18:05";"2026-11-26T17:05:00Z";"Both";"3";"1";"2";"64";"5";"5";"0";"0";"64";"<unknown>";""\n',
    );
    expect(gaps).toEqual([]);
    expect(blocks).toHaveLength(1);
    expect(blocks[0]?.time).toBe(Date.UTC(2026, 10, 26, 17, 5));
    expect(rowsOf(blocks[0])).toEqual(["Irp |nonpaged|10|4|6|2400", "Both|nonpaged|5|5|0|0", "Both|paged|3|1|2|64"]);
    expect([...mapped]).toEqual([["Irp ", "nt!io"]]);
  });

  test("NaN, words and missing cells are gaps with their line, the other rows stay", () => {
    const { blocks, gaps } = parse(
      "time,tag,type,allocs,frees,bytes\n1,Aaaa,Nonp,NaN,0,1\n1,Bbbb,Nonp,1,0\n1,Cccc,Pool,1,0,1\nx,Dddd,Nonp,1,0,1\n1,Eeeee,Nonp,1,0,1\n1,Good,Nonp,1,0,1\n",
    );
    expect(rowsOf(blocks[0])).toEqual(["Good|nonpaged|1|0|1|1"]);
    expect(gaps.map((gap) => gap.replace(/: "[^"]*"$/, ""))).toEqual([
      "2: a counter is not a whole number",
      "3: the bytes are missing",
      '4: the type is "Pool", not Nonp or Paged',
      "5: the time cannot be read",
      "6: the tag is not 4 characters",
    ]);
  });

  test("what a snapshot prints as CSV is read back as it was, whatever bytes the tags hold", () => {
    const use = fc
      .record({
        tag: fc.integer({ min: 0, max: 0xffffffff }),
        kind: fc.constantFrom("nonpaged" as const, "paged" as const),
        allocs: fc.integer({ min: 0, max: 0xffffffff }),
        frees: fc.integer({ min: 0, max: 0xffffffff }),
        bytes: fc.integer({ min: 0, max: 2 ** 48 }),
      })
      // No kernel holds bytes in no block.
      .map((row) => (row.allocs === row.frees ? { ...row, bytes: 0 } : row));
    fc.assert(
      fc.property(
        fc.uniqueArray(use, { selector: (row) => `${row.tag}/${row.kind}`, minLength: 1, maxLength: 20 }),
        (rows) => {
          const columns = columnsFromUses(rows);
          const snapshot: Snapshot = {
            time: 1_795_427_753_281,
            origin: { source: "csv", timeBasis: "measured" },
            totals: {},
            columns,
            counterBits: 32,
            gaps: [],
          };
          const { blocks, gaps } = parse(renderSnapshotCsv(snapshot, { sort: "tag" }));
          expect(gaps).toEqual([]);
          expect(blocks[0]?.time).toBe(snapshot.time);
          const key = (row: { tag: number; kind: string }): string => `${row.tag}/${row.kind}`;
          const sorted = (all: ReturnType<typeof usesOf>) => all.toSorted((a, b) => key(a).localeCompare(key(b)));
          expect(sorted(blocks.flatMap((block) => usesOf(block.columns)))).toEqual(sorted(usesOf(columns)));
        },
      ),
    );
  });

  test("hostile text ends in blocks, gaps or a FormatError", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom(
              "time,tag,type,allocs,frees,bytes\n",
              "1,",
              "Leak,",
              "Nonp,",
              '"',
              '""',
              ";",
              "\n",
              "\u0000",
            ),
            fc.string(),
          ),
          { maxLength: 60 },
        ),
        (parts) => {
          try {
            parse(parts.join(""));
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

test("quoted cells as in RFC 4180", () => {
  expect(splitCsv('a,"b,""c""",d', ",")).toEqual(["a", 'b,"c"', "d"]);
  expect(splitCsv('"open', ",")).toEqual(["open"]);
  expect(splitCsv("a,,", ",")).toEqual(["a", "", ""]);
});

test("a date and a clock in two columns are one time, in either order and in other languages", () => {
  const timesOf = (text: string) =>
    parse(text).blocks.map(({ time }) => new Date(time ?? 0).toISOString().slice(0, 16));
  for (const text of [
    "Date,Time,Tag,Type,Bytes\n2025-03-04,09:15,Abcd,Nonp,16\n2025-03-04,10:15,Abcd,Nonp,16\n",
    "Uhrzeit;Datum;Tag;Typ;Bytes\n09:15;04.03.2025;Abcd;Nonp;16\n10:15;04.03.2025;Abcd;Nonp;16\n",
  ])
    expect(timesOf(text)).toEqual(["2025-03-04T09:15", "2025-03-04T10:15"]);
  expect(timesOf("DateTime,DateTimeUTC,Tag,Type,Bytes\n2025-03-04 10:15,2025-03-04 09:15,Abcd,Nonp,16\n")).toEqual([
    "2025-03-04T09:15",
  ]);
});

test("a table under a greeting, a date and a machine; another table with other columns", () => {
  const { blocks, gaps } = parse(
    "Hi all,\nSRV01:\n2025-03-04 09:15\nTag,Type,Allocs,Frees,Bytes\nAbcd,Nonp,3,1,32\n\nSRV02:\nType,Tag,Bytes,Frees,Allocs\nNonp,Abcd,64,1,5\n",
  );
  expect(blocks.map((block) => [block.host, block.time, ...rowsOf(block)])).toEqual([
    ["SRV01", Date.UTC(2025, 2, 4, 9, 15), "Abcd|nonpaged|3|1|2|32"],
    ["SRV02", undefined, "Abcd|nonpaged|5|1|4|64"],
  ]);
  expect(gaps).toEqual(['1: no row of the table: "Hi all,"']);
});

test("blocks without bytes and bytes without blocks stand for the least, and it is told", () => {
  const blocks = parse("Tag,Type,Diff\nAbcd,Nonp,12\n");
  expect([rowsOf(blocks.blocks[0]), blocks.gaps]).toEqual([
    ["Abcd|nonpaged|-|-|12|12"],
    [expect.stringMatching(/one byte stands for each block/)],
  ]);
  const bytes = parse("Tag,Type,Bytes\nAbcd,Nonp,960\n");
  expect([rowsOf(bytes.blocks[0]), bytes.gaps]).toEqual([
    ["Abcd|nonpaged|-|-|1|960"],
    [expect.stringMatching(/one block stands for each row/)],
  ]);
});
