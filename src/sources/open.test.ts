import { mkdirSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { AccessError, FormatError, UsageError } from "../model/errors.ts";
import { STEP } from "../model/intake.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { formatIso } from "../model/time.ts";
import { toAccessError } from "./input-file.ts";
import { openSources } from "./open.ts";
import type { OpenOptions, Timeline } from "./timeline.ts";

const folder = mkdtempSync(join(tmpdir(), "poolscope-open-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function readAll(paths: readonly string[], options?: OpenOptions): Promise<Timeline & { all: Snapshot[] }> {
  const timeline = await openSources(paths, options);
  const all: Snapshot[] = [];
  for await (const snapshot of timeline.snapshots()) all.push(snapshot);
  return { ...timeline, all };
}

const rows =
  " Tag  Type     Allocs            Frees               Diff            Bytes                 Per Alloc\n\n Leak Nonp   12   2   10   960   96\n Irp  Nonp   5   5   0   0   0\n";
const csv = (...times: number[]): string =>
  `time,tag,type,allocs,frees,bytes\n${times.map((time) => `${time},Leak,Nonp,${time},0,96\n`).join("")}`;
const isoTimes = (all: readonly Snapshot[]): string[] => all.map((snapshot) => formatIso(snapshot.time).slice(0, 19));

describe("times", () => {
  test("from the marker, else the file's name, else its modification date, and it is said which", async () => {
    const marked = file("a-2020-01-01.txt", `===== 2026-11-26 17:00:00 =====\n${rows}`);
    const named = file("poolmon-2026-11-26_17-30-00.txt", rows);
    const plain = file("plain.txt", rows);
    utimesSync(plain, new Date("2026-11-26T18:00:00Z"), new Date("2026-11-26T18:00:00Z"));
    const { all, gaps } = await readAll([plain, named, marked]);
    expect(isoTimes(all)).toEqual(["2026-11-26T17:00:00", "2026-11-26T17:30:00", "2026-11-26T18:00:00"]);
    expect(all.map((snapshot) => snapshot.origin.timeBasis)).toEqual(["marker", "file-name", "file-modified"]);
    expect(gaps).toEqual([]);
  });

  test("several snapshots without a time have an order and no times, unless their spacing is told", async () => {
    const path = file("untimed-2026-11-26.txt", `${rows}=====\n${rows}=====\n${rows}`);
    const told = await readAll([path], { assumedInterval: 1_800_000 });
    expect(isoTimes(told.all)).toEqual(["2026-11-26T00:00:00", "2026-11-26T00:30:00", "2026-11-26T01:00:00"]);
    expect([told.gaps, told.intake().times.spacing]).toEqual([[], "told"]);
    const untold = await readAll([path]);
    expect(untold.all.map(({ time, origin }) => [time / STEP, origin.timeBasis])).toEqual([
      [0, "none"],
      [1, "none"],
      [2, "none"],
    ]);
    expect(untold.intake().times.spacing).toBe("unknown");
  });

  test("files that were copied together are put in the order of their names, and their spacing is unknown", async () => {
    const paths = ["snap10.log", "snap2.log", "snap1.log"].map((name) => file(name, rows));
    for (const path of paths) utimesSync(path, new Date("2026-11-26T18:00:00Z"), new Date("2026-11-26T18:00:00Z"));
    const untold = await readAll(paths);
    const { all, gaps } = untold;
    expect(all.map((snapshot) => basename(snapshot.origin.file ?? ""))).toEqual([
      "snap1.log",
      "snap2.log",
      "snap10.log",
    ]);
    expect([all.map(({ time }) => time / STEP), gaps, untold.intake().times.spacing]).toEqual([
      [0, 1, 2],
      [],
      "unknown",
    ]);
    const told = await readAll(paths, { assumedInterval: 3_600_000 });
    expect([told.all.map(({ time }) => time), told.gaps]).toEqual([[0, 3_600_000, 7_200_000], []]);
  });

  test("the order of arguments holds where dates of files are all there is, and is never turned round", async () => {
    const [first, second] = ["later-name.txt", "earlier-name.txt"].map((name) => file(name, rows));
    const paths = [first ?? "", second ?? ""];
    for (const [i, path] of paths.entries()) {
      const date = new Date(Date.UTC(2026, 10, 26, 18 - i));
      utimesSync(path, date, date);
    }
    const { all, gaps } = await readAll(paths, { argumentOrder: true });
    expect(all.map(({ origin }) => origin.file)).toEqual(paths);
    expect(gaps.map(({ problem }) => problem)).toEqual([expect.stringContaining("order of the arguments was taken")]);
    const [a, b] = [file("own-1.csv", csv(2000)), file("own-2.csv", csv(1000))];
    await expect(readAll([a, b], { argumentOrder: true })).rejects.toThrow(/contradict the order of the arguments/);
  });

  test("a clock that goes back keeps every snapshot, in order, and is a gap", async () => {
    const growing = [1000, 1010, 1020, 500, 510].map((time, i) => `${time},Leak,Nonp,${100 + i},0,96\n`);
    const text = `time,tag,type,allocs,frees,bytes\n${growing.join("")}`;
    const { all, gaps, problems } = await readAll([file("back.csv", text)]);
    expect(all.map((snapshot) => snapshot.time / 1000)).toEqual([1000, 1010, 1020, 1030, 1040]);
    expect(problems).toEqual([]);
    expect(gaps).toEqual([
      {
        where: expect.stringMatching(/back\.csv:5$/),
        problem: expect.stringMatching(/goes back.*1970-01-01 00:08:20Z/),
      },
    ]);
  });

  test("rows sorted by tag are put together by their times; what is too large for that is refused with what to do", async () => {
    const rowsOf = (times: number[], pad: string): string =>
      `time,tag,type,allocs,frees,bytes,note\n${["A", "B", "C", "D", "E"].map((tag) => times.map((t) => `${t},${tag},Nonp,1,0,1,${pad}\n`).join("")).join("")}`;
    const { all, intake } = await readAll([file("by-tag.csv", rowsOf([1, 2, 3], ""))]);
    expect(all.map(({ time, columns }) => [time, columns.length])).toEqual([
      [1000, 5],
      [2000, 5],
      [3000, 5],
    ]);
    expect(intake().repairs).toEqual([{ kind: "rows-by-time", lines: 15 }]);
    const times = Array.from({ length: 1200 }, (_, i) => i + 1);
    const large = file("large-by-tag.csv", rowsOf(times, "x".repeat(6000)));
    await expect(readAll([large])).rejects.toThrow(/not in time order; sort them by time first/);
    rmSync(large);
  });
});

describe("many files, one time line", () => {
  test("a folder: files in time order whatever their names; other files are gaps", async () => {
    const logs = join(folder, "logs");
    mkdirSync(logs);
    writeFileSync(join(logs, "z.csv"), csv(1000));
    writeFileSync(join(logs, "a.csv"), csv(3000));
    writeFileSync(join(logs, "m.csv.gz"), gzipSync(csv(2000)));
    writeFileSync(join(logs, "readme.md"), "# notes\n");
    const { all, gaps } = await readAll([logs]);
    expect(all.map((snapshot) => snapshot.time)).toEqual([1_000_000, 2_000_000, 3_000_000]);
    expect(gaps.map((gap) => gap.where)).toEqual([join(logs, "readme.md")]);
  });

  test("files that overlap are merged by time; a pattern is expanded", async () => {
    file("over-1.csv", csv(10, 30, 50));
    file("over-2.csv", csv(20, 40, 60));
    const { all } = await readAll([join(folder, "over-*.csv")]);
    expect(all.map((snapshot) => snapshot.time / 1000)).toEqual([10, 20, 30, 40, 50, 60]);
  });

  test("two machines are refused by host name, and by RAM where no host is known", async () => {
    const host = (name: string, time: number): string =>
      `time,host,tag,type,allocs,frees,bytes\n${time},${name},Leak,Nonp,1,0,1\n`;
    const two = [file("h1.csv", host("SRV1", 1)), file("h2.csv", host("SRV2", 2))];
    await expect(readAll(two)).rejects.toThrow(
      /two machines in one time line, or more: SRV1, SRV2; say which, as in --machine SRV1/,
    );
    expect((await readAll(two, { host: "srv2" })).all.map(({ time }) => time)).toEqual([2000]);
    const heading = (kilobytes: number): string =>
      ` Memory:${kilobytes}K Avail: 10K  PageFlts: 1   InRam Krnl: 1K P: 1K\n${rows}`;
    await expect(
      readAll([file("ram1-2026-01-01.txt", heading(16_000_000)), file("ram2-2026-01-02.txt", heading(64_000_000))]),
    ).rejects.toThrow(UsageError);
  });
});

describe("bad input", () => {
  const refused = async (path: string): Promise<Error> => {
    try {
      await readAll([path]);
    } catch (error) {
      expect(error).toSatisfy((each) => each instanceof FormatError || each instanceof AccessError);
      return error as Error;
    }
    throw new Error(`${path} was accepted`);
  };

  test("an empty file, a binary file, an unknown format: one line with file, what was found and what is understood", async () => {
    expect((await refused(file("empty.txt", ""))).message).toMatch(/empty\.txt: source: the file is empty/);
    expect(
      (
        await refused(
          file(
            "binary.bin",
            Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256),
          ),
        )
      ).message,
    ).toMatch(/of no known format \(expected .*PoolMon text.*found binary data that begins 00 ef/);
    const unknown = await refused(file("notes.txt", "Dear colleague,\nthe server is slow.\n"));
    expect(unknown.message).toMatch(
      /notes\.txt: source: of no known format .*found text that begins "Dear colleague,"/,
    );
    expect(unknown.message).not.toContain("\n");
    const debuggerLog = await refused(file("kd.log", "0: kd> lm\nstart end module\n0: kd> !process 0 0\n0: kd> lm\n"));
    expect(debuggerLog.message).toMatch(/log of a kernel debugger .*it holds lm, !process\): run !poolused 2 there/);
  });

  test("a missing file, a FIFO", async () => {
    expect((await refused(join(folder, "missing.txt"))).message).toBe(
      `${join(folder, "missing.txt")}: no such file or folder; check the path`,
    );
    if (process.platform === "win32") return;
    const fifo = join(folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    expect((await refused(fifo)).message).toContain("not a regular file");
  });

  test("no permission becomes a sentence", () => {
    const error = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
    expect(toAccessError("a.txt", error)).toEqual(
      new AccessError("a.txt: no permission to read it", "run as a user who may read it, or copy it"),
    );
  });

  test("a gzip file that ends early: what was before the end stays, and the end is a problem", async () => {
    const packed = gzipSync(csv(...Array.from({ length: 20_000 }, (_, i) => i + 1)));
    const { all, problems } = await readAll([file("cut.csv.gz", packed.subarray(0, packed.length >> 1))]);
    expect(all.length).toBeGreaterThan(1000);
    expect(all.at(-1)?.gaps.map((gap) => gap.problem)).toEqual([
      "the file ends within this snapshot; 1 rows of it were read",
    ]);
    expect(problems.map((problem) => problem.message)).toEqual([
      expect.stringMatching(/cut\.csv\.gz: gzip: the compressed data ends early/),
    ]);
  });

  test("a text cut in the middle of a row keeps the rows before, the cut one is a gap", async () => {
    const { all, gaps } = await readAll([file("cut.txt", rows.slice(0, rows.indexOf("Irp") + 18))]);
    expect(all[0]?.columns.length).toBe(1);
    expect(gaps.map((gap) => gap.problem)).toEqual([expect.stringMatching(/has [12] of 5 numbers/)]);
  });

  test("2 GB without a line break is refused at once; in the middle of a log it is one gap", async () => {
    const path = file("huge.txt", "");
    truncateSync(path, 2 * 1024 ** 3);
    expect((await refused(path)).message).toContain("of no known format");
    const long = await readAll([file("long-line.txt", `${rows}${"x".repeat(1_000_000)}\n Pool Nonp 3 1 2 64 32\n`)]);
    expect(long.all[0]?.columns.length).toBe(3);
    expect(long.gaps.map((gap) => gap.problem)).toEqual(["the line is longer than 64 KiB and was skipped"]);
  });

  test("UTF-16, as PowerShell's > writes it, is read like any other text", async () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(rows, "utf16le")]);
    const { all, gaps } = await readAll([file("utf16.txt", utf16)]);
    expect([all[0]?.columns.length, gaps]).toEqual([2, []]);
  });

  test("a thousand unreadable lines are counted, not listed one by one", async () => {
    const { gaps } = await readAll([file("noise.txt", rows + "what is this\n".repeat(1000))]);
    expect(gaps).toHaveLength(51);
    expect(gaps.at(-1)?.problem).toBe("950 more lines could not be read");
  });
});
