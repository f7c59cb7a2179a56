// `poolscope poolmon` as a process, against the stand-in for ntdll.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { usesOf, type Snapshot } from "../src/model/snapshot.ts";
import { openSources } from "../src/sources/open.ts";
import { buildFakeNt } from "./build/fakent.ts";

const ENTRY = fileURLToPath(new URL("../bin/poolscope.mjs", import.meta.url));
const library = buildFakeNt();
if (library === undefined) console.warn("gcc is missing: the poolmon command is not tested as a process");

describe.skipIf(library === undefined)("poolscope poolmon", () => {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-poolmon-"));
  const run = (args: readonly string[], entry = ENTRY, setting = "tags=300") => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...args], {
      cwd: folder,
      encoding: "latin1",
      env: { ...process.env, POOLSCOPE_NTDLL: library, FAKENT: setting },
    });
    return { status, stdout, stderr };
  };

  it("writes -n files that hold every row, in PoolMon's columns and with the line ends of Windows", async () => {
    const path = join(folder, "snap.log");
    expect(run(["poolmon", "-b", "-n", path])).toEqual({ status: 0, stdout: "", stderr: "" });
    const lines = readFileSync(path, "latin1").split("\r\n");
    expect(lines.join("")).not.toMatch(/[\r\n]/);
    const rows = lines.slice(5, -1);
    expect(rows).toHaveLength(400);
    for (const row of rows) expect(row).toMatch(/^ .{4} (Paged|Nonp )[ \d]{88}$/);
    const snapshots: Snapshot[] = [];
    for await (const snapshot of (await openSources([path])).snapshots()) snapshots.push(snapshot);
    const uses = snapshots.flatMap((snapshot) => usesOf(snapshot.columns));
    expect(uses).toHaveLength(400);
    expect(uses.map((use) => use.bytes)).toEqual(uses.map((use) => use.bytes).toSorted((a, b) => b - a));
    expect(snapshots[0]?.totals.physicalBytes).toBe(2 ** 32);
  });

  it("is the whole program where that is named poolmon, and writes poolsnap.log where no file is named", () => {
    symlinkSync(ENTRY, join(folder, "poolmon"));
    expect(run(["/p", "/n"], join(folder, "poolmon")).status).toBe(0);
    expect(readFileSync(join(folder, "poolsnap.log"), "latin1")).not.toContain("Paged");
  });

  it("maps drivers from pooltag.txt and localtag.txt", () => {
    writeFileSync(join(folder, "tags.txt"), "Leak - myleak.sys - made for tests\r\n");
    writeFileSync(join(folder, "localtag.txt"), "Leak - one.sys, two.sys\r\n");
    const rows = run(["poolmon", "/c", "/g", "tags.txt", "/iLeak", "/iGb00", "/p"])
      .stdout.trimEnd()
      .split("\n")
      .slice(5);
    expect(rows.map((row) => row.slice(107))).toEqual(["Unknown Driver", "[one][two][myleak.sys - made for tests]"]);
  });

  it("heads the column and keeps the texts of its own list as short as PoolMon's", () => {
    const lines = run(["poolmon", "/g", "/e"]).stdout.split("\n");
    expect(lines[3]?.indexOf("Mapped_Driver")).toBe(107);
    expect(run(["poolmon"]).stdout).not.toContain("Mapped_Driver");
    const texts = lines.slice(5, -3).map((line) => line.slice(107).trimEnd());
    expect(texts.some((text) => /^\[[^\]]+ - [^\]]+\]$/.test(text))).toBe(true);
    for (const text of texts)
      expect(text).toMatch(/^(?:Unknown Driver|\[[^\].;]{1,30}(?:\.sys)?(?: - [^\].;]{1,40})?\])$/);
  });

  it.each([
    [["-z"], 'poolscope: poolmon: "-z" is no flag of PoolMon; see poolmon /?\n'],
    [
      ["/n", "missing/snap.log"],
      "poolscope: cannot write the snapshot to missing/snap.log: no such folder; name another file after /n\n",
    ],
  ])("ends with 2 and one line: %j", (args, stderr) => {
    expect(run(["poolmon", ...args])).toEqual({ status: 2, stdout: "", stderr });
  });

  it("tells what Windows refused", () => {
    const { status, stderr } = run(["poolmon"], ENTRY, "status22=0xC0000022");
    expect(status).toBe(2);
    expect(stderr).toMatch(/^poolscope: cannot read pool tags .*Run as administrator.*\n$/);
  });
});
