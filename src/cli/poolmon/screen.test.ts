import { describe, expect, it } from "vitest";
import { ColumnsBuilder } from "../../model/columns-builder.ts";
import { NONPAGED, PAGED, type Snapshot } from "../../model/snapshot.ts";
import { parseTag } from "../../model/tag.ts";
import { parsePoolmonArguments } from "./arguments.ts";
import { renderPoolmonScreen, type ScreenView } from "./screen.ts";
import { runPoolmonScreen, type ScreenTerminal } from "./terminal.ts";

const KIB = 1024;

type Row = readonly [tag: string, kind: number, allocs: number, frees: number, bytes: number];

function snapshotOf(rows: readonly Row[], pageFaults: number): Snapshot {
  const columns = new ColumnsBuilder();
  for (const [tag, kind, allocs, frees, bytes] of rows) {
    columns.add(parseTag(tag) ?? 0, kind, allocs, frees, allocs - frees, bytes);
  }
  return {
    time: 0,
    origin: { source: "windows-live", timeBasis: "measured" },
    totals: {
      physicalBytes: 33_473_120 * KIB,
      availableBytes: 20_055_132 * KIB,
      pageFaults,
      residentKernelBytes: 10_444 * KIB,
      residentPagedBytes: 1_843_072 * KIB,
      commitBytes: 15_035_764 * KIB,
      commitLimitBytes: 67_027_552 * KIB,
      commitPeakBytes: 16_677_444 * KIB,
      nonpagedBytes: 1_023_400 * KIB,
      pagedBytes: 1_955_448 * KIB,
    },
    columns: columns.finish(),
    counterBits: 32,
    gaps: [],
  };
}

const BEFORE = snapshotOf(
  [
    ["HidC", PAGED, 1667, 1659, 896],
    ["HidC", NONPAGED, 17_370, 17_256, 19_008],
    ["HidP", NONPAGED, 1014, 998, 6704],
  ],
  100,
);
const NOW = snapshotOf(
  [
    ["HidC", PAGED, 1667, 1659, 896],
    ["HidC", NONPAGED, 17_375, 17_256, 19_808],
    ["HidP", NONPAGED, 1014, 998, 6704],
    ["New1", PAGED, 1, 0, 64],
  ],
  105,
);

const VIEW: ScreenView = {
  snapshot: NOW,
  before: BEFORE,
  filter: () => true,
  sort: "tag",
  byChange: false,
  totals: false,
  top: 0,
};

const text = (view: Partial<ScreenView>, width = 200, height = 30): string[] =>
  renderPoolmonScreen({ ...VIEW, ...view }, width, height).lines.map((line) => line.text);

describe("PoolMon's screen", () => {
  it("has the columns of PoolMon's documentation", () => {
    // Header, heading and rows as published in 2023 for `poolmon /iHid*` with /g, but for the changes made above.
    expect(text({ mappedDriver: () => "[hidclass.sys - HID Class d" })).toEqual([
      " Memory:33473120K Avail:20055132K  PageFlts:     5   InRam Krnl:10444K P:1843072K",
      " Commit:15035764K Limit:67027552K Peak:16677444K            Pool N:1023400K P:1955448K",
      " System pool information",
      " Tag  Type     Allocs            Frees            Diff       Bytes                 Per Alloc Mapped_Driver",
      "",
      " HidC Nonp      17375 (   5)     17256 (   0)      119       19808 (        800)         166 [hidclass.sys - HID Class d",
      " HidC Paged      1667 (   0)      1659 (   0)        8         896 (          0)         112 [hidclass.sys - HID Class d",
      " HidP Nonp       1014 (   0)       998 (   0)       16        6704 (          0)         419 [hidclass.sys - HID Class d",
      " New1 Paged         1 (   0)         0 (   0)        1          64 (          0)          64 [hidclass.sys - HID Class d",
    ]);
  });

  it("sorts by change, marks changed rows, scrolls, and keeps to its size", () => {
    expect(text({ sort: "bytes", byChange: true })[5]).toMatch(/^ HidC Nonp/);
    expect(renderPoolmonScreen(VIEW, 80, 30).lines.filter((line) => line.changed)).toHaveLength(1);
    expect(text({ top: 3 })[5]).toMatch(/^ New1/);
    const small = text({ totals: true }, 40, 9);
    expect(small).toHaveLength(9);
    expect(Math.max(...small.map((line) => line.length))).toBe(40);
    expect(small.at(-1)).toBe("TOTAL Paged      1668 (   0)      1659 (");
  });

  it("shows growth across a wrap of the counters", () => {
    const old = snapshotOf([["Wrap", NONPAGED, 2 ** 32 - 3, 2 ** 32 - 5, 64]], 0);
    const wrapped = snapshotOf([["Wrap", NONPAGED, 4, 2, 64]], 0);
    expect(text({ snapshot: wrapped, before: old })[5]).toContain("4 (   7)");
  });
});

describe("PoolMon's keys", () => {
  it("cycles, sorts, samples and ends, and puts the terminal back", async () => {
    let press: (key: string) => void = () => undefined;
    let written = "";
    let stopped = 0;
    let samples = 0;
    const terminal: ScreenTerminal = {
      columns: 110,
      rows: 12,
      write: (part) => {
        written += part;
      },
      start: (onKey) => {
        press = onKey;
      },
      stop: () => {
        stopped += 1;
      },
    };
    const source = { sample: () => (samples++ === 0 ? BEFORE : NOW) };
    const ended = runPoolmonScreen(parsePoolmonArguments(["/e"]), source, terminal);
    expect(written).toContain("\u001b[6;1H HidC Nonp      17370 (   0)");
    const after = (key: string): string => {
      written = "";
      press(key);
      return written;
    };
    expect(after(" ")).toContain("\u001b[7m HidC Nonp      17375 (   5)");
    expect(after("l")).not.toContain("\u001b[7m");
    expect(after("p")).not.toContain("Paged");
    expect(after("p")).not.toContain("Nonp");
    expect(after("s")).toContain("Session pools: start with /s.");
    expect(after("?")).toContain("PoolMon's command line");
    expect(after("z")).toBe("");
    expect(after("q")).toBe("\u001b[?25h\u001b[?1049l");
    await ended;
    expect(stopped).toBe(1);
  });

  it("puts the terminal back when sampling fails", async () => {
    let press: (key: string) => void = () => undefined;
    let stopped = 0;
    let samples = 0;
    const terminal: ScreenTerminal = {
      columns: 80,
      rows: 25,
      write: () => undefined,
      start: (onKey) => {
        press = onKey;
      },
      stop: () => {
        stopped += 1;
      },
    };
    const sample = (): Snapshot => {
      if (samples++ > 0) throw new Error("gone");
      return NOW;
    };
    const ended = runPoolmonScreen(parsePoolmonArguments([]), { sample }, terminal);
    press(" ");
    await expect(ended).rejects.toThrow("gone");
    expect(stopped).toBe(1);
  });
});
