// Inputs as people bring them: every sample beside the checkout gives the values that its expected.md tells.

import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { usesOf, type Snapshot } from "../src/model/snapshot.ts";
import { formatTag } from "../src/model/tag.ts";
import { openSources } from "../src/sources/open.ts";
import type { OpenOptions, Timeline } from "../src/sources/timeline.ts";
import { runCli } from "./cli/run-cli.test-support.ts";

const samples = fileURLToPath(new URL("../../shared/samples/inputs/", import.meta.url));
const present = existsSync(samples);
if (!present) console.log(`skipped: no samples at ${samples}`);
const temporary = mkdtempSync(join(tmpdir(), "poolscope-inputs-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

interface Read extends Timeline {
  readonly all: readonly Snapshot[];
}

async function read(names: readonly string[], options: OpenOptions = {}): Promise<Read> {
  const timeline = await openSources(
    names.map((name) => join(samples, name)),
    options,
  );
  const all: Snapshot[] = [];
  for await (const snapshot of timeline.snapshots()) all.push(snapshot);
  return { ...timeline, all };
}

const rowsOf = (snapshot: Snapshot | undefined): string[] =>
  snapshot === undefined
    ? []
    : usesOf(snapshot.columns).map((use) =>
        [formatTag(use.tag), use.kind, use.allocs ?? "-", use.frees ?? "-", use.outstanding, use.bytes].join(" "),
      );
const timesOf = (all: readonly Snapshot[]): string[] => all.map(({ time }) => new Date(time).toISOString());

describe.skipIf(!present)("samples of what people bring", () => {
  test("01: two sortings of one dump are one moment, at the session's time", async () => {
    const { all, gaps } = await read(["01-poolused-2-then-4/windbg.log"]);
    expect(timesOf(all)).toEqual(["2025-03-04T08:15:22.123Z"]);
    expect(rowsOf(all[0]).toSorted()).toEqual(
      [
        "amda nonpaged - - 5768754 1938325232",
        "IoWI nonpaged - - 5769999 646239888",
        "Irp  nonpaged - - 10862955 14280000000",
        "EtwB nonpaged - - 1428 254173440",
        "Dh 1 nonpaged - - 877 25073840",
        "amda paged - - 32 9360",
        "EtwB paged - - 6 196608",
        "Dh 1 paged - - 1560 6288352",
        "CM31 paged - - 19797 91705344",
        "MmSt paged - - 4849 41705344",
      ].toSorted(),
    );
    expect(all[0]?.origin).toMatchObject({ listing: "partial", windowsBuild: 26100, architecture: "x64" });
    expect(gaps).toEqual([]);
    const file = join(samples, "01-poolused-2-then-4/windbg.log");
    expect(JSON.parse(runCli(["snapshot", file, "--json"]).stdout)).toMatchObject({
      totals: {},
      atLeast: { nonpagedBytes: 17_143_812_400, pagedBytes: 139_905_008 },
    });
    expect(runCli(["diff", file])).toMatchObject({ code: 2 });
  });

  test.each([
    ["03-weekday-between-date-and-clock/zh-cn.txt", "2020-05-22T20:35:55.530Z"],
    ["05-get-date-long-form/tss-en.txt", "2020-05-22T20:35:55.000Z"],
    ["05-get-date-long-form/tss-de.txt", "2020-05-22T20:35:55.000Z"],
    ["05-get-date-long-form/tss-fr.txt", "2020-05-22T20:35:55.000Z"],
    ["05-get-date-long-form/tss-ja-ascii.txt", "2020-05-22T20:35:55.000Z"],
    ["05-get-date-long-form/tss-de-maerz.txt", "2020-03-05T20:35:55.000Z"],
  ])("%s: three snapshots an hour apart, 2.86 MiB/h", async (name, first) => {
    const { all, gaps } = await read([name]);
    const start = Date.parse(first);
    expect(all.map(({ time }) => time - start)).toEqual([0, 3_600_000, 7_200_000]);
    expect(gaps).toEqual([]);
    expect(runCli(["diff", join(samples, name)]).stdout).toMatch(/Ntfx +Nonp .*\+20,000 .*\+2\.86 MiB\/h/);
  });

  test("07: quoted mail, and its time is not the measurement's", async () => {
    for (const name of ["quoted.txt", "q1.txt", "q2.txt"]) {
      const { all, gaps, ...timeline } = await read([`07-quoted-mail/${name}`]);
      expect([all.length, all[0]?.columns.length, gaps]).toEqual([1, 3, []]);
      expect(all[0]?.totals.physicalBytes).toBe(33_356_024 * 1024);
      expect(timeline.intake().repairs.map(({ kind }) => kind)).toEqual(["prefix"]);
    }
    const { all } = await read(["07-quoted-mail/quoted.txt"]);
    expect(rowsOf(all[0])[2]).toBe("Io   nonpaged 1021112 1020985 127 91912");
    expect(all[0]?.origin.timeBasis).toBe("file-modified");
  });

  test.each([
    [
      "09-thousands-separators/thousands.txt",
      [
        "NtFC nonpaged 134902771 484 134902287 19425929328",
        "EtwB nonpaged 6394 4056 2338 163418368",
        "MmSt paged 614 441 173 83456",
      ],
    ],
    [
      "11-wrapped-rows/wrapped.txt",
      ["NtFC nonpaged 134902771 484 134902287 19425929328", "Vi12 nonpaged 1204 484 720 192938"],
    ],
    [
      "11-wrapped-rows/wrap50.txt",
      [
        "Ntfx nonpaged 1127072 1037111 89961 26955808",
        "EtwB nonpaged 6394 4056 2338 163418368",
        "FMfn paged 8665967 5982729 2683238 1495080176",
      ],
    ],
    [
      "13-poolmonx-v2-save/pool.csv",
      [
        "NtFC nonpaged 134902771 484 134902287 19425929216",
        "MmSt paged 614 441 173 82944",
        "Irp  nonpaged 10862955 3913 10859042 14279999488",
        "EtwB nonpaged 304 134 170 6549504",
        "EtwB paged 4 0 4 163840",
      ],
    ],
    [
      "15-powershell-format-table/out.txt",
      ["NtFC nonpaged 134902771 484 134902287 19425929328", "MmSt paged 614 441 173 83456"],
    ],
    [
      "17-volatility2-pooltracker/out.txt",
      [
        "EtwB nonpaged 304 134 170 6550080",
        "EtwB paged 4 0 4 163840",
        "File nonpaged 32630649 32618671 11978 3752928",
        "MmSt paged 614 441 173 83456",
        "RaRS nonpaged 1000 0 1000 960000",
      ],
    ],
    ["29-one-tag-queries/tagq.txt", ["Fecf nonpaged - - 95 13680", "Even nonpaged - - 65905 8435840"]],
  ])("%s: its rows", async (name, rows) => {
    const { all, gaps } = await read([name]);
    expect([all.length, rowsOf(all[0]), gaps]).toEqual([1, rows, []]);
  });

  test("13 and 27: bytes that are rounded are said to be; 15: the time of the UTC column; 17: owners", async () => {
    expect((await read(["13-poolmonx-v2-save/pool.csv"])).intake().bytesRoundedTo).toBe(1024);
    expect((await read(["27-home-made-scripts/own1.csv"])).intake().bytesRoundedTo).toBeGreaterThan(1024);
    expect(timesOf((await read(["15-powershell-format-table/out.txt"])).all)).toEqual(["2025-03-04T09:10:00.000Z"]);
    const { mappedDrivers } = await read(["17-volatility2-pooltracker/out.txt"]);
    expect([...mappedDrivers.values()]).toEqual(["nt!etw", "nt!mm"]);
  });

  test("19: totals without tags", async () => {
    const typeperf = await read(["19-pool-totals-only/typeperf.csv"]);
    expect(timesOf(typeperf.all)[0]).toBe("2025-03-04T08:15:22.123Z");
    expect(typeperf.all.map(({ totals }) => totals.nonpagedBytes)).toEqual([
      1_204_350_976, 1_224_350_976, 1_244_350_976,
    ]);
    expect((await read(["19-pool-totals-only/getcounter.txt"])).all[0]?.totals.pagedBytes).toBe(934_350_976);
    expect((await read(["19-pool-totals-only/vm.txt"])).all[0]?.totals).toMatchObject({
      nonpagedBytes: 125_476 * 1024,
      nonpagedLimitBytes: 127_944 * 1024,
    });
  });

  test.each(["own1.csv", "own2.csv", "own4.csv"])("27: %s grows by 12.5 GiB/h", (name) => {
    const file = join(samples, "27-home-made-scripts", name);
    expect(runCli(["diff", file]).stdout).toMatch(/NtFC +Nonp +\+46,607,081 .*\+12\.5 GiB\/h/);
  });

  test("31: one time by four kinds of name; 32: days first, over the whole folder", async () => {
    const folder = join(samples, "31-file-name-clock");
    for (const name of readdirSync(folder).filter((each) => each.endsWith(".txt")))
      expect(timesOf((await read([`31-file-name-clock/${name}`])).all)).toEqual(["2026-09-18T15:39:00.000Z"]);
    const { all, intake } = await read(["32-dates-day-first"]);
    expect([all.length, timesOf(all)[0], timesOf(all)[47]]).toEqual([
      48,
      "2025-03-01T06:00:00.000Z",
      "2025-03-24T18:00:00.000Z",
    ]);
    expect(intake().times.dateOrder).toEqual({ order: "dmy", by: "date", example: "13.03.2025" });
    expect(runCli(["leaks", join(samples, "32-dates-day-first")]).stdout).toMatch(
      /^48 files, 48 snapshots, times from file names \(day first, because of 13\.03\.2025\)[\s\S]*AcmQ .*\+20\.8 KiB\/h/,
    );
  });

  test("33: the order of the arguments holds, with equal and with reversed modification times", () => {
    for (const step of [0, -3600]) {
      const files = ["before.txt", "after.txt"].map((name, i) => {
        const path = join(temporary, name);
        copyFileSync(join(samples, "33-before-after", name), path);
        utimesSync(path, 1_788_000_000 + i * step, 1_788_000_000 + i * step);
        return path;
      });
      const gate = runCli(["check", ...files, "--tag", "AfdX", "--max-outstanding", "+0"]);
      expect([gate.code, gate.stdout]).toEqual([1, expect.stringContaining("531,128")]);
      expect(runCli(["check", ...files]).code).toBe(2);
    }
  });
});
