import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { Gap, Snapshot } from "../model/snapshot.ts";
import { ColumnsBuilder } from "../model/columns-builder.ts";
import { readBesideFiles, type BesideFile } from "./beside-files.ts";
import { joinBeside } from "./join-beside.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 2, 1, 8);

function snapshotAt(time: number, more: Partial<Snapshot> = {}): Snapshot {
  return {
    time,
    origin: { source: "poolmon", timeBasis: "marker" },
    totals: {},
    columns: new ColumnsBuilder(1).finish(),
    counterBits: 64,
    gaps: [],
    ...more,
  };
}

async function* stream(snapshots: readonly Snapshot[]): AsyncIterable<Snapshot> {
  yield* snapshots;
}

async function joined(snapshots: readonly Snapshot[], files: readonly BesideFile[]) {
  const gaps: Gap[] = [];
  const all: Snapshot[] = [];
  for await (const one of joinBeside(stream(snapshots), files, (gap) => gaps.push(gap))) all.push(one);
  return {
    all: all.map(({ surroundings }) => surroundings),
    gaps: gaps.map(({ where, problem }) => `${where}: ${problem}`),
  };
}

const TWO = [snapshotAt(START), snapshotAt(START + 10 * MINUTE)];
const handles = (time: number, path = "h.txt"): BesideFile => ({
  path,
  tool: "handle",
  time,
  objects: [{ type: "File", handles: 5 }],
});

it("joins each file with the snapshot that is nearest", async () => {
  const { all, gaps } = await joined(TWO, [handles(START + 4 * MINUTE, "a"), handles(START + 6 * MINUTE, "b")]);
  expect(all).toEqual([{ objects: [{ type: "File", handles: 5 }] }, { objects: [{ type: "File", handles: 5 }] }]);
  expect(gaps).toEqual([]);
});

it("outside the record up to an hour, and not beyond", async () => {
  const { all, gaps } = await joined(TWO, [
    handles(START - 61 * MINUTE, "early"),
    handles(START - 59 * MINUTE, "before"),
    handles(START + 69 * MINUTE, "after"),
    handles(START + 71 * MINUTE, "late"),
  ]);
  expect(all.map((one) => one?.objects?.length)).toEqual([1, 1]);
  expect(gaps).toEqual([
    expect.stringMatching(/^early: not joined: it is of 2026-03-01/),
    expect.stringMatching(/^late: not joined/),
  ]);
});

it("inside a record with a day between snapshots a file is joined half a day away", async () => {
  const { gaps } = await joined(
    [snapshotAt(START), snapshotAt(START + 1440 * MINUTE)],
    [handles(START + 700 * MINUTE)],
  );
  expect(gaps).toEqual([]);
});

it("snapshots without times take nothing", async () => {
  const { all, gaps } = await joined(
    [snapshotAt(0, { origin: { source: "poolmon", timeBasis: "none" } })],
    [handles(0)],
  );
  expect(all).toEqual([undefined]);
  expect(gaps[0]).toMatch(/have no times/);
});

it("names of tasklist complete the counts of Get-Process, unless the pid is another program's", async () => {
  const { all } = await joined(TWO, [
    {
      path: "p",
      tool: "get-process",
      time: START,
      programs: [
        { pid: 7, name: "watchman", handles: 9 },
        { pid: 8, name: "a", handles: 1 },
      ],
    },
    {
      path: "t",
      tool: "tasklist",
      time: START,
      programs: [
        { pid: 7, name: "watchman.exe" },
        { pid: 8, name: "other.exe" },
      ],
    },
  ]);
  expect(all[0]?.programs?.programs).toEqual([
    { pid: 7, name: "watchman.exe", handles: 9 },
    { pid: 8, name: "a", handles: 1 },
  ]);
});

it("lists of drivers of two kinds are not mixed, and those of the record come first", async () => {
  const query: BesideFile = { path: "q", tool: "driverquery", time: START, drivers: [{ file: "a.sys" }] };
  const filters: BesideFile = { path: "f", tool: "fltmc", time: START + 9 * MINUTE, drivers: [{ file: "b.sys" }] };
  const { all, gaps } = await joined(TWO, [query, filters]);
  expect(all).toEqual([{ drivers: [{ file: "a.sys" }] }, undefined]);
  expect(gaps).toEqual([
    "f: not joined: the drivers are those of driverquery, and lists of two kinds cannot be compared",
  ]);
  const own = [snapshotAt(START, { surroundings: { drivers: [{ file: "own.sys" }] } }), TWO[1] ?? snapshotAt(0)];
  expect((await joined(own, [filters])).gaps[0]).toMatch(/those of the record/);
});

const folder = mkdtempSync(join(tmpdir(), "beside-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("the time is that of the name; the encoding that of PowerShell", async () => {
  const text = '"Name","Id","Handles"\r\n"x","7","9"\r\n';
  writeFileSync(join(folder, "procs_2026-03-01_0815.csv"), Buffer.from(`\ufeff${text}`, "utf16le"));
  const [file] = await readBesideFiles([folder], { dateOrder: "mdy" }, []);
  expect(file).toMatchObject({ tool: "get-process", time: START + 15 * MINUTE, programs: [{ pid: 7, handles: 9 }] });
  writeFileSync(join(folder, "b.txt"), "hello");
  await expect(readBesideFiles([join(folder, "b.txt")], { dateOrder: "mdy" }, [])).rejects.toThrow(
    /b\.txt: beside: the text of no tool/,
  );
});
