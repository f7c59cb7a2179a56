import { describe, expect, it } from "vitest";
import { ColumnsBuilder } from "../model/columns-builder.ts";
import { NONPAGED, PAGED, type Snapshot } from "../model/snapshot.ts";
import { parseTag } from "../model/tag.ts";
import { renderPoolmonText } from "./poolmon-text.ts";

const KIB = 1024;

function snapshotOf(): Snapshot {
  const rows = new ColumnsBuilder();
  rows.add(parseTag("FMfn") ?? 0, PAGED, 8_665_967, 5_982_729, 2_683_238, 1_495_080_176);
  rows.add(parseTag("ConT") ?? 0, NONPAGED, 3097, 2409, 688, 42_770_432);
  rows.add(parseTag("Io  ") ?? 0, NONPAGED, 7, 7, 0, 0);
  rows.add(parseTag("Io  ") ?? 0, PAGED, Number.NaN, Number.NaN, 3, 96);
  return {
    time: 0,
    origin: { source: "windows-live", timeBasis: "measured" },
    totals: {
      physicalBytes: 49_371_552 * KIB,
      availableBytes: 26_121_028 * KIB,
      pageFaults: 901_597_864,
      residentKernelBytes: 76_500 * KIB,
      residentPagedBytes: 4_130_272 * KIB,
      commitBytes: 35_762_700 * KIB,
      commitLimitBytes: 64_575_904 * KIB,
      commitPeakBytes: 43_634_092 * KIB,
      nonpagedBytes: 2_275_124 * KIB,
      pagedBytes: 4_427_892 * KIB,
    },
    columns: rows.finish(),
    counterBits: 32,
    gaps: [],
  };
}

// Header and the two first rows as a public -n file of 64-bit Windows has them.
const HEAD = ` Memory:49371552K Avail:26121028K  PageFlts:901597864   InRam Krnl:76500K P:4130272K
 Commit:35762700K Limit:64575904K Peak:43634092K            Pool N:2275124K P:4427892K

 Tag  Type     Allocs            Frees               Diff            Bytes                 Per Alloc

`;
const FMFN = " FMfn Paged            8665967            5982729           2683238     1495080176              557";
const CONT = " ConT Nonp                3097               2409               688       42770432            62166";
const IO_N = " Io   Nonp                   7                  7                 0              0                0";
const IO_P = " Io   Paged                  0                  0                 3             96               32";

describe("PoolMon -n text", () => {
  it("matches PoolMon's wide layout column for column", () => {
    expect(renderPoolmonText(snapshotOf())).toBe(`${HEAD}${[CONT, FMFN, IO_N, IO_P].join("\n")}\n`);
    expect(FMFN.length).toBe(99);
  });

  it("sorts and selects as PoolMon's flags do", () => {
    expect(renderPoolmonText(snapshotOf(), { sort: "per-alloc" })).toBe(
      `${HEAD}${[CONT, FMFN, IO_P, IO_N].join("\n")}\n`,
    );
    expect(renderPoolmonText(snapshotOf(), { sort: "frees", include: (_, kind) => kind === NONPAGED })).toBe(
      `${HEAD}${[CONT, IO_N].join("\n")}\n`,
    );
  });

  it("puts the mapped driver at column 107, made printable", () => {
    const text = renderPoolmonText(snapshotOf(), { mappedDriver: () => "Unknown\u001bDriver" });
    expect(text.split("\n")[5]).toBe(`${CONT}        Unknown.Driver`);
    expect(text.split("\n")[5]?.indexOf("Unknown")).toBe(107);
  });

  it("adds totals per pool at the bottom when asked", () => {
    expect(renderPoolmonText(snapshotOf(), { totals: true }).split("\n").slice(-3, -1)).toEqual([
      "TOTAL Nonp                3104               2416               688       42770432            62166",
      "TOTAL Paged            8665967            5982729           2683241     1495080272              557",
    ]);
  });

  it("keeps the short header's columns for a small machine, and 0 where a figure is not known", () => {
    const text = renderPoolmonText({ ...snapshotOf(), totals: { physicalBytes: 260_620 * KIB } });
    expect(text.split("\n").slice(0, 2)).toEqual([
      " Memory:  260620K Avail:       0K  PageFlts:     0   InRam Krnl:    0K P:    0K",
      " Commit:      0K Limit:      0K Peak:      0K            Pool N:    0K P:    0K",
    ]);
  });
});
