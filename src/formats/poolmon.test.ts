import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnsFromUses } from "../model/columns-builder.ts";
import { FormatError } from "../model/errors.ts";
import { usesOf, type Snapshot } from "../model/snapshot.ts";
import { formatIso } from "../model/time.ts";
import { renderPoolmonText } from "../reports/poolmon-text.ts";
import { poolmonFormat } from "./poolmon.ts";
import { parseText, rowsOf } from "./text-format.test-support.ts";

const parse = (text: string) => parseText(poolmonFormat, text);

// The layouts as Microsoft's pages and two public test suites show them.
const WIDE = ` Memory:49371552K Avail:26121028K  PageFlts:901597864   InRam Krnl:76500K P:4130272K
 Commit:35762700K Limit:64575904K Peak:43634092K            Pool N:2275124K P:4427892K

 Tag  Type     Allocs            Frees               Diff            Bytes                 Per Alloc

 FMfn Paged            8665967            5982729           2683238     1495080176              557
 ConT Nonp                3097               2409               688       42770432            62166        Unknown Driver
 Io   Nonp                   9                  2                 7           4096              585        [nt!io]
 Dh 1 Paged                 24                 24                 0              0                0
`;

describe("PoolMon -n", () => {
  test("the wide layout, padded tags and tags with inner spaces", () => {
    const { blocks, gaps, mapped } = parse(WIDE);
    expect(gaps).toEqual([]);
    expect(blocks).toHaveLength(1);
    expect(rowsOf(blocks[0])).toEqual([
      "FMfn|paged|8665967|5982729|2683238|1495080176",
      "ConT|nonpaged|3097|2409|688|42770432",
      "Io  |nonpaged|9|2|7|4096",
      "Dh 1|paged|24|24|0|0",
    ]);
    expect(blocks[0]?.totals).toMatchObject({
      physicalBytes: 49_371_552 * 1024,
      nonpagedBytes: 2_275_124 * 1024,
      pagedBytes: 4_427_892 * 1024,
      commitLimitBytes: 64_575_904 * 1024,
    });
    expect([...mapped]).toEqual([["Io  ", "nt!io"]]);
  });

  test("the narrow layout, also where numbers of ten digits touch", () => {
    const { blocks, gaps } = parse(
      " Tag  Type     Allocs         Frees    Diff   Bytes    Per Alloc\n\n" +
        " EtwB Nonp       6394      4056      2338 163418368      69896\n" +
        " File Nonp 22694051231234567890103483723370145152         399\n",
    );
    expect(gaps).toEqual([]);
    expect(rowsOf(blocks[0])).toEqual([
      "EtwB|nonpaged|6394|4056|2338|163418368",
      "File|nonpaged|2269405123|1234567890|1034837233|70145152",
    ]);
    // Cut by columns, but Diff does not agree: not taken.
    expect(
      parse(
        " Tag  Type     Allocs\n Good Nonp 1 0 1 8 8\n File Nonp 22694051231234567890103483723470145152         399\n",
      ).gaps,
    ).toEqual([expect.stringContaining("3: has 0 of 5 numbers")]);
  });

  test("leading blanks stripped, collapsed or turned into tabs, CRLF, trailing blanks", () => {
    const text = WIDE.replaceAll(/^ /gm, "").replaceAll(/ {2,}/g, "\t").replaceAll("\n", "  \r\n");
    expect(rowsOf(parse(text).blocks[0])).toEqual(rowsOf(parse(WIDE).blocks[0]));
    expect(parse(text).gaps).toEqual([]);
  });

  test("a tag that begins with a space is told from indentation by its column", () => {
    const { blocks } = parse(
      ` Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc\n  abc Nonp   5   2   3   96   32\n`,
    );
    expect(rowsOf(blocks[0])).toEqual([" abc|nonpaged|5|2|3|96"]);
  });

  test("a row whose Diff disagrees with its counters is not taken; one printed as signed is", () => {
    const { blocks, gaps } = parse(
      " Tag  Type Allocs Frees Diff Bytes Per Alloc\n Leak Nonp 10 4 5 96 16\n Wrap Nonp 5 4294967290 11 96 8\n Sign Nonp 3000000000 0 -1294967296 96 0\n",
    );
    expect(rowsOf(blocks[0])).toEqual(["Wrap|nonpaged|5|4294967290|11|96", "Sign|nonpaged|3000000000|0|3000000000|96"]);
    expect(gaps).toEqual([expect.stringContaining("2: Diff says 5")]);
  });

  test("one tag in both pools is two rows", () => {
    const { blocks } = parse(" Irp  Nonp 3 1 2 64 32\n Irp  Paged 4 1 3 96 32\n");
    expect(rowsOf(blocks[0])).toEqual(["Irp |nonpaged|3|1|2|64", "Irp |paged|4|1|3|96"]);
  });
});

describe("captures of PoolMon's screen", () => {
  test("changes between the numbers: spaced, glued, negative", () => {
    const { blocks, gaps, mapped } = parse(
      " System pool information\n Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc  Mapped_Driver\n\n" +
        " Wait Nonp    3971107 (   0)   3971077 (   0)       30    8456 (     0)    281\n" +
        " Strg Paged  10385(10)    6658(4)   3727  317952( 512)   85 [ipsec][ipsec.sys    -  event queue]\n" +
        " NtFB Paged      3996 (   0)      3986 (   0)    10  252088 (  -640)  25208 [HID Class (c) d \n",
    );
    expect(gaps).toEqual([]);
    expect(rowsOf(blocks[0])).toEqual([
      "Wait|nonpaged|3971107|3971077|30|8456",
      "Strg|paged|10385|6658|3727|317952",
      "NtFB|paged|3996|3986|10|252088",
    ]);
    expect([...mapped]).toEqual([
      ["Strg", "ipsec; ipsec.sys    -  event queue"],
      ["NtFB", "HID Class (c) d"],
    ]);
  });

  test("session titles are kept, headings alone are an empty snapshot", () => {
    const heading =
      " Memory:  523572K Avail:  233036K  PageFlts:   344   InRam Krnl: 1828K P:18380K\n Commit: 193632K Limit:1279764K Peak: 987356K            Pool N:14332K P:18644K\n";
    const { blocks } = parse(
      `${heading} Session 3 pool information\n Tag  Type     Allocs\n${heading} All sessions pool information\n Tag  Type     Allocs\n Bmfd Paged 361 (0) 336 (0) 25 57832 (0) 2313\n`,
    );
    expect(blocks.map((block) => [block.session, block.columns.length])).toEqual([
      [3, 0],
      ["all", 1],
    ]);
  });
});

describe("several snapshots in one file", () => {
  test("date markers give the times; a heading alone separates too", () => {
    const { blocks, gaps } = parse(
      `===== 2026-11-26 17:00:00 =====\n${WIDE}===== 2026-11-26 17:30:00 =====\n${WIDE}${WIDE}`,
    );
    expect(gaps).toEqual([]);
    expect(
      blocks.map((block) => [block.line, block.time === undefined ? "" : formatIso(block.time), block.columns.length]),
    ).toEqual([
      [2, "2026-11-26T17:00:00.000Z", 4],
      [12, "2026-11-26T17:30:00.000Z", 4],
      [21, "", 4],
    ]);
  });

  test("rulers around a date do not lose it; the command as typed is no gap", () => {
    const { blocks, gaps } = parse(`==========\n2026-11-26 17:00:00\n==========\nC:\\> poolmon /b /g\n${WIDE}`);
    expect(gaps).toEqual([]);
    expect(blocks[0]?.time).toBe(Date.UTC(2026, 10, 26, 17));
  });

  test("a line that cannot be read is a gap with its number and text", () => {
    const { blocks, gaps } = parse(`${WIDE} Some words here\n Leak Nonp 12 x\n toolong Nonp 1 1 0 0 0\n`);
    expect(blocks[0]?.columns.length).toBe(4);
    expect(gaps).toEqual([
      '10: not a line of PoolMon: "Some words here"',
      '11: has 1 of 5 numbers: "Leak Nonp 12 x"',
      '12: the tag before the type is not 4 characters: "toolong Nonp 1 1 0 0 0"',
    ]);
  });
});

describe("any input", () => {
  const use = fc
    .record({
      tag: fc
        .tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0x21, max: 0x7e })))
        .map(([a = 0, b = 0, c = 0, d = 0]) => (a | (b << 8) | (c << 16) | (d << 24)) >>> 0),
      kind: fc.constantFrom("nonpaged" as const, "paged" as const),
      allocs: fc.integer({ min: 0, max: 0xffffffff }),
      frees: fc.integer({ min: 0, max: 0xffffffff }),
      bytes: fc.integer({ min: 0, max: 2 ** 40 }),
    })
    // No kernel holds bytes in no block.
    .map((row) => (row.allocs === row.frees ? { ...row, bytes: 0 } : row));

  test("what our own -n writer prints is read back as it was", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(use, { selector: (row) => `${row.tag}${row.kind}`, minLength: 1, maxLength: 30 }),
        (rows) => {
          const columns = columnsFromUses(rows);
          const snapshot: Snapshot = {
            time: 0,
            origin: { source: "windows-live", timeBasis: "measured" },
            totals: {},
            columns,
            counterBits: 32,
            gaps: [],
          };
          const { blocks, gaps } = parse(renderPoolmonText(snapshot));
          expect(gaps).toEqual([]);
          const sorted = (uses: readonly { tag: number; kind: string }[]) =>
            [...uses].sort((a, b) => a.tag - b.tag || a.kind.localeCompare(b.kind));
          expect(sorted(usesOf(blocks[0]?.columns ?? columnsFromUses([])))).toEqual(sorted(usesOf(columns)));
        },
      ),
    );
  });

  test("hostile text ends in blocks, gaps or a FormatError", () => {
    const words = fc.constantFrom(
      " Leak Nonp ",
      "Paged",
      "(",
      ")",
      "-",
      "12",
      "99999999999999999999",
      "\t",
      "\n",
      "=====",
      "Memory:",
      "Tag  Type     Allocs",
      "\u0000",
      "\u00ff",
      "[",
      "]",
      " ",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 80 }), (parts) => {
        try {
          for (const block of parse(parts.join("")).blocks) {
            for (const row of usesOf(block.columns)) expect(row.outstanding).toBeGreaterThanOrEqual(0);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("copies without their left edge", () => {
  const rows = (tags: readonly string[]) => tags.map((tag) => `${tag} Nonp 12 2 10 960 96\n`).join("");

  test("five tags of at most three characters, or cut titles, are no tags", () => {
    expect(() => parse(rows(["FC", "wB", "p ", "fn", "St"]))).toThrow(/left edge of the lines is missing/);
    expect(() => parse(`g  Type     Allocs  Frees\n${rows(["FC"])}`)).toThrow(/left edge/);
    expect(parse(rows(["Irp", "Io", "Se", "Mm"])).blocks).toHaveLength(1);
    expect(parse(rows(["FC", "wB", "p ", "fn", "Leak"])).blocks).toHaveLength(1);
  });

  test("rows that begin with the type have no tag", () => {
    expect(() => parse("Nonp 12 2 10 960 96\nPaged 12 2 10 960 96\n")).toThrow(/the tag is missing/);
  });

  test("where no row can be taken the first says why", () => {
    expect(() => parse(" Leak Nonp 12 2 10\n")).toThrow(/no row can be taken; the first: has 3 of 5 numbers/);
  });
});
