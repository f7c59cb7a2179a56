// Expected values are the rows of learn.microsoft.com "Memory Limits for Windows and Windows Server Releases".

import { describe, expect, it } from "vitest";
import { poolLimits } from "./limits.ts";
import { windowsName } from "./windows-versions.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const machine = (windowsBuild: number, architecture: "x64" | "x86" | "arm64", ram = 16 * GIB, commit = 20 * GIB) => {
  const limits = poolLimits({ windowsBuild, architecture, physicalBytes: ram, commitLimitBytes: commit });
  return [limits.nonpaged?.bytes, limits.paged?.bytes];
};

describe("poolLimits", () => {
  it.each([
    ["Vista x64", 6000, "x64", 16 * GIB, 20 * GIB, Math.floor(16 * GIB * 0.4), 20 * GIB],
    ["7 x64", 7601, "x64", 16 * GIB, 20 * GIB, 12 * GIB, 20 * GIB],
    ["7 x64, capped", 7601, "x64", 256 * GIB, 300 * GIB, 128 * GIB, 128 * GIB],
    ["8 x64", 9200, "x64", 256 * GIB, 500 * GIB, 128 * GIB, 384 * GIB],
    ["8.1 x64", 9600, "x64", 256 * GIB, 500 * GIB, 256 * GIB, 500 * GIB],
    ["8.1 x64, capped", 9600, "x64", 20_000 * GIB, 20_000 * GIB, 16_384 * GIB, 15.5 * 1024 * GIB],
    ["10 x64", 19045, "x64", 16 * GIB, 20 * GIB, 16 * GIB, 20 * GIB],
    ["11 arm64", 26100, "arm64", 16 * GIB, 20 * GIB, 16 * GIB, 20 * GIB],
    ["7 x86", 7601, "x86", 2 * GIB, 4 * GIB, 1.5 * GIB, 2 * GIB],
    ["7 x86, capped", 7601, "x86", 4 * GIB, 4 * GIB, 2 * GIB, 2 * GIB],
    ["10 x86, small commit", 19045, "x86", 2 * GIB, 1 * GIB, 1.5 * GIB, 1 * GIB],
    ["XP x86", 2600, "x86", 1 * GIB, 2 * GIB, 256 * MIB, 490 * MIB],
    ["2003 x86", 3790, "x86", 4 * GIB, 8 * GIB, 256 * MIB, 530 * MIB],
    ["2003 x64", 3790, "x64", 4 * GIB, 8 * GIB, 4 * GIB, 8 * GIB],
  ] as const)("%s", (_, build, architecture, ram, commit, nonpaged, paged) => {
    expect(machine(build, architecture, ram, commit)).toEqual([nonpaged, paged]);
  });

  it("believes Windows first", () => {
    const limits = poolLimits({ windowsBuild: 19045, architecture: "x64", physicalBytes: GIB, nonpagedLimitBytes: 7 });
    expect(limits).toEqual({ nonpaged: { bytes: 7, basis: "told by Windows" } });
  });

  it("says in words how a limit was derived", () => {
    const known = { architecture: "x64", physicalBytes: 16 * GIB, commitLimitBytes: 20 * GIB } as const;
    expect(poolLimits({ ...known, windowsBuild: 7601 }).nonpaged?.basis).toBe(
      "derived for Windows 7 SP1, Server 2008 R2 SP1 (build 7601), x64: 75 % of RAM, 12.0 GiB",
    );
    expect(poolLimits({ ...known, windowsBuild: 19045 }).paged?.basis).toMatch(/publishes no figure.*Windows 8\.1/);
    expect(poolLimits({ ...known, windowsBuild: 6001 }).nonpaged?.basis).toMatch(/Server 2008.*75 %/);
  });

  it("keeps RAM and commit limit as upper bounds where version or architecture is not known", () => {
    expect(poolLimits({ physicalBytes: GIB, commitLimitBytes: 2 * GIB })).toEqual({
      nonpaged: { bytes: GIB, basis: "RAM, 1.00 GiB, as upper bound: Windows version not known" },
      paged: { bytes: 2 * GIB, basis: "the commit limit, 2.00 GiB, as upper bound: Windows version not known" },
    });
    expect(poolLimits({ windowsBuild: 19045, physicalBytes: GIB }).nonpaged?.basis).toMatch(/architecture not known/);
    expect(poolLimits({ windowsBuild: 1381, architecture: "x86", physicalBytes: GIB }).nonpaged?.basis).toMatch(
      /upper/,
    );
  });

  it("invents nothing", () => {
    expect(poolLimits({})).toEqual({});
    expect(poolLimits({ windowsBuild: 19045, architecture: "x64" })).toEqual({});
    expect(poolLimits({ physicalBytes: 0, commitLimitBytes: Number.NaN, nonpagedLimitBytes: -1 })).toEqual({});
    expect(poolLimits({ windowsBuild: 2600, architecture: "x86" }).paged?.bytes).toBe(490 * MIB);
  });
});

describe("windowsName", () => {
  it.each([
    [19045, "Windows 10 22H2 (build 19045)"],
    [26100, "Windows 11 24H2, Server 2025 (build 26100)"],
    [26250, "Windows build 26250, later than Windows 11 25H2"],
    [1, "Windows build 1"],
  ])("%d", (build, name) => expect(windowsName(build)).toBe(name));
});
