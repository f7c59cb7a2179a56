// The unattended recorder of the Windows build under Wine: recording, being killed, the verdict, the task.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecorderState } from "../../src/cli/unattended/recorder-state.ts";
import { isKnownError } from "../../src/model/errors.ts";
import { buildFakeNt } from "../build/fakent.ts";
import {
  killUnderWine,
  prepareExe,
  prepareWine,
  startUnderWine,
  until,
  windowsPath,
  wineEnvironment,
  type Running,
  type Variables,
} from "./wine.ts";

const EXE = fileURLToPath(new URL("../../build/poolscope.exe", import.meta.url));

let programs = "";
let work = "";
let fake: Variables = {};
const started: Running[] = [];

function start(args: readonly string[], extra: Variables = fake): Running {
  const running = startUnderWine(join(programs, "poolscope-unattended.exe"), args, extra, work);
  started.push(running);
  return running;
}

/** Snapshots in a recording; none as long as it is just being made. */
function snapshotsIn(file: string): number {
  try {
    return readRecorderState(file, Date.now()).snapshots;
  } catch (error) {
    if (isKnownError(error)) return 0;
    throw error;
  }
}

beforeAll(() => {
  const library = buildFakeNt("win64");
  if (library === undefined) throw new Error("x86_64-w64-mingw32-gcc is missing");
  fake = { POOLSCOPE_NTDLL: windowsPath(library), FAKENT: "tags=300,leak=500" };
  prepareWine();
  programs = prepareExe(EXE, ["poolscope-unattended.exe"]);
  work = mkdtempSync(join(tmpdir(), "poolscope-wine-work-"));
});

afterAll(async () => {
  for (const { process } of started) process.kill("SIGKILL");
  await Promise.all(started.map(({ ended }) => ended));
  for (const folder of [programs, work]) rmSync(folder, { recursive: true, force: true });
});

describe("record", () => {
  it("survives being killed, goes on in the same file, and can be read", async () => {
    const file = join(work, "week.pool");
    const first = start(["record", windowsPath(file), "--every", "100ms", "--json"]);
    const written = (): number => first.stdout().match(/"written"/g)?.length ?? 0;
    await until(
      "20 snapshots",
      () => written() >= 20,
      () => first.stderr(),
    );
    killUnderWine("poolscope-unattended.exe");
    await first.ended;
    const before = snapshotsIn(file);
    expect(before).toBeGreaterThanOrEqual(20);
    const second = await start(["record", windowsPath(file), "--every", "100ms", "--for", "2s"]).ended;
    expect(second.code).toBe(0);
    expect(second.stderr).toMatch(/appending to .*week\.pool/);
    expect(snapshotsIn(file)).toBeGreaterThan(before + 10);
    // A few seconds prove no leak; that one is found in a longer record is seen by `demo`.
    const leaks = await start(["leaks", windowsPath(file), "--json"]).ended;
    expect({ code: leaks.code, stderr: leaks.stderr }).toEqual({ code: 0, stderr: "" });
    expect(leaks.stdout).toMatch(/"windowsBuild": ?19045/);
    const last = await start(["snapshot", windowsPath(file), "--tag", "Leak", "--json"]).ended;
    expect(last.stdout).toContain('"Leak"');
    const status = await start(["status", windowsPath(file)]).ended;
    expect(status.stdout).toMatch(/not running; ended/);
  });

  it("refuses a second recorder of the same file", async () => {
    const file = join(work, "twice.pool");
    const first = start(["record", windowsPath(file), "--every", "1s", "--json"]);
    await until(
      "the first snapshot",
      () => first.stdout().includes('"written"'),
      () => first.stderr(),
    );
    const second = await start(["record", windowsPath(file)]).ended;
    expect(second.code).toBe(2);
    expect(second.stderr).toMatch(/^poolscope: .*twice\.pool/);
    expect((await start(["status", windowsPath(file)]).ended).stdout).toMatch(/running since/);
    killUnderWine("poolscope-unattended.exe");
    await first.ended;
  });
});

describe("the scheduled task", () => {
  const task = join(wineEnvironment()["WINEPREFIX"] ?? "", "drive_c/windows/system32/tasks/poolscope record");
  const home = join(wineEnvironment()["WINEPREFIX"] ?? "", "drive_c/Program Files/poolscope");

  it("is shown, taken by the scheduler, judged by status, and removed", async () => {
    rmSync(task, { force: true });
    const shown = await start(["record", "--install", "--dry-run", "--every", "30s"]).ended;
    expect(shown.stdout).toMatch(/schtasks\.exe \/create[\s\S]*<BootTrigger>/);
    expect(existsSync(task)).toBe(false);
    const file = join(work, "task.xml");
    writeFileSync(file, `\uFEFF${shown.stdout.slice(shown.stdout.indexOf("<?xml"))}`, "utf16le");
    const schtasks = ["schtasks", "/create", "/tn", "poolscope record", "/xml", windowsPath(file), "/f"];
    execFileSync("wine", schtasks, { env: wineEnvironment(), stdio: "ignore" });
    // Wine's scheduler keeps these of what it was given, and drops triggers and actions.
    const kept = readFileSync(task, "utf8");
    expect(kept).toContain("<Description>Records the kernel's pool tags with poolscope.</Description>");
    expect(kept).toContain("<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>");
    // Files under Wine belong to whoever runs it, never to the administrators.
    const status = await start(["status"]).ended;
    expect(status.stdout).toMatch(/UNSAFE: C:\\windows\\System32\\Tasks\\poolscope record: it is owned by S-1-5-21-/i);
    expect((await start(["record", "--uninstall"]).ended).code).toBe(0);
    expect(existsSync(task)).toBe(false);
  });

  it("is not made where a folder that SYSTEM would rely on belongs to somebody else", async () => {
    const { code, stderr } = await start(["record", "--install", "--every", "30s"]).ended;
    expect(stderr).toMatch(
      /Program Files\\poolscope: it is owned by S-1-5-21-[\d-]+, and SYSTEM is to rely on it; see what/,
    );
    expect(code).toBe(2);
    expect(existsSync(task)).toBe(false);
    expect(existsSync(join(home, "poolscope.exe"))).toBe(false);
    rmSync(home, { recursive: true });
  });
});
