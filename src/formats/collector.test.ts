import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../model/errors.ts";
import { usesOf } from "../model/snapshot.ts";
import { formatTag } from "../model/tag.ts";
import { collectorFormat } from "./collector.ts";
import type { TextBlock } from "./text-format.ts";

interface Parsed {
  readonly blocks: TextBlock[];
  readonly gaps: string[];
}

function parse(text: string): Parsed {
  const blocks: TextBlock[] = [];
  const gaps: string[] = [];
  const parser = collectorFormat.createParser(
    {
      block: (block) => blocks.push(block),
      gap: (line, problem) => gaps.push(`${line}: ${problem}`),
      rejected: (line: number, problem: string) => gaps.push(`${line}: ${problem}`),
      mappedDriver: () => undefined,
    },
    { dateOrder: "mdy" },
  );
  text.split(/\r?\n/).forEach((line, i) => {
    const bytes = Buffer.from(line, "latin1");
    parser.line(bytes, 0, bytes.length, i + 1);
  });
  parser.end();
  return { blocks, gaps };
}

const FULL = `@poolscope-collector 1
@full 2026-11-26T17:05:09.123Z host=SRV\\x201 build=7601 boot=2026-11-20T08:00:00.000Z counters=32
Irp\\x20 N 10 4 4096
Toke P 7 7 0
Wrap N 3 4294967290 288
@totals physical=4294967296 paged=1000 pagedleft=9000 nonpaged=2000 code=10 drivers=20 faults=5
@end 3
`;
const CHANGES = `@changes 2026-11-26T17:06:09.123Z host=SRV\\x201 counters=32
Irp\\x20 N 12 4 5120
Toke P gone
New1 N 1 0 64
@end 3
`;

const rows = (block: TextBlock | undefined): string[] =>
  block === undefined
    ? []
    : usesOf(block.columns).map(
        (use) => `${formatTag(use.tag)} ${use.kind} ${use.allocs} ${use.frees} ${use.outstanding} ${use.bytes}`,
      );

describe("text of collect.ps1", () => {
  it("reads full snapshots and changes", () => {
    const { blocks, gaps } = parse((FULL + CHANGES).replaceAll("\n", "\r\n"));
    expect(gaps).toEqual([]);
    expect(rows(blocks[0])).toEqual([
      "Irp  nonpaged 10 4 6 4096",
      "Toke paged 7 7 0 0",
      "Wrap nonpaged 3 4294967290 9 288",
    ]);
    expect(rows(blocks[1])).toEqual([
      "Irp  nonpaged 12 4 8 5120",
      "Wrap nonpaged 3 4294967290 9 288",
      "New1 nonpaged 1 0 1 64",
    ]);
    expect(blocks[0]).toMatchObject({
      line: 2,
      time: Date.UTC(2026, 10, 26, 17, 5, 9, 123),
      host: "SRV 1",
      windowsBuild: 7601,
      bootTime: Date.UTC(2026, 10, 20, 8),
      counterBits: 32,
      totals: {
        physicalBytes: 2 ** 32,
        pagedBytes: 1000,
        pagedLimitBytes: 10_000,
        nonpagedBytes: 2000,
        residentKernelBytes: 30,
        pageFaults: 5,
      },
    });
  });

  it("leaves out what was cut off, and the changes to it, and goes on at the next full one", () => {
    const cut = FULL.replace("@end 3\n", "");
    const { blocks, gaps } = parse(cut + CHANGES + CHANGES + FULL.replace(":05:", ":08:"));
    expect(blocks.map((block) => block.line)).toEqual([18]);
    expect(gaps).toEqual([
      "2: the snapshot is cut off; left out",
      "0: 2 snapshots hold only changes to one that is missing",
    ]);
  });

  it("says which lines it cannot read, and does not trust a snapshot that lacks rows", () => {
    const { blocks, gaps } = parse(`${FULL}${CHANGES.replace("New1 N 1 0 64", "New1 N one 0 64")}${CHANGES}`);
    expect(blocks).toHaveLength(1);
    expect(gaps[0]).toBe('11: not a line of collect.ps1: "New1 N one 0 64"');
    expect(gaps[1]).toBe('8: the snapshot has 2 rows instead of "3"; left out');
  });

  it("refuses a newer version, and a file without a whole snapshot", () => {
    expect(() => parse("@poolscope-collector 2\n")).toThrow(/newer collect.ps1 \(expected version 1, found "2"\)/);
    expect(() => parse("@poolscope-collector 1\n")).toThrow(/no whole snapshot/);
  });

  it("is recognised from any line on", () => {
    expect(collectorFormat.isFormat(FULL)).toBe(true);
    expect(collectorFormat.isFormat(`Irp\\x20 N 1 2 3\n${CHANGES}`)).toBe(true);
    expect(collectorFormat.isFormat(" Memory:49371552K Avail:26121028K")).toBe(false);
  });

  it("throws only FormatError, whatever the lines", () => {
    const lines = (FULL + CHANGES).split("\n");
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...lines), fc.string({ maxLength: 40 })), { maxLength: 30 }),
        (some) => {
          try {
            for (const block of parse(some.join("\n")).blocks) {
              for (const use of usesOf(block.columns)) expect(use.outstanding).toBeGreaterThanOrEqual(0);
            }
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        },
      ),
    );
  });
});
