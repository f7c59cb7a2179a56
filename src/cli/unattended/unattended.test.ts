import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ColumnsBuilder } from "../../model/columns-builder.ts";
import { AccessError } from "../../model/errors.ts";
import { NONPAGED, PAGED, type Snapshot } from "../../model/snapshot.ts";
import { formatTag, parseTag } from "../../model/tag.ts";
import { RecordingWriter } from "../../store/writer.ts";
import type { Io, TextStream } from "../io.ts";
import { carryOut, requireElevation, showSteps, type ProgramResult } from "./carry-out.ts";
import { runUnattended } from "./install.ts";
import { createKnowledge } from "../../knowledge/knowledge.ts";
import { LeakWatch, leakSentence, writeEvent } from "./leak-watch.ts";
import { SelfJudge, WATCH_EVERY } from "./self-judge.ts";
import { describeStep, installSteps, uninstallSteps, unsafeProgram } from "./plan.ts";
import { readRecorderState } from "./recorder-state.ts";
import { argumentsInTaskXml, quoteArguments, renderTaskXml } from "./task-xml.ts";

const ENV = { ProgramData: "D:\\Data", ProgramFiles: "D:\\Programs", SystemRoot: "D:\\Windows" };
const WISHES = { file: undefined, host: "SRV-1", options: ["--every", "30s"] };

class Sink implements TextStream {
  readonly isTTY = false;
  readonly columns = 100;
  text = "";
  write(text: string): void {
    this.text += text;
  }
}

function ioOf(platform: string): Io & { readonly stdout: Sink; readonly stderr: Sink } {
  return { stdout: new Sink(), stderr: new Sink(), env: ENV, platform, now: () => 0 };
}

describe("the plan", () => {
  it("installs the one-file program where only administrators may replace it", () => {
    const steps = installSteps(ENV, { executable: "C:\\Users\\me\\poolscope.exe" }, WISHES);
    expect(steps.map(describeStep)).toEqual([
      "mkdir D:\\Programs\\poolscope",
      "check that only administrators can change D:\\Programs\\poolscope",
      'D:\\Windows\\System32\\schtasks.exe /end /tn "poolscope record"',
      "copy C:\\Users\\me\\poolscope.exe D:\\Programs\\poolscope\\poolscope.exe",
      "check that only administrators can change D:\\Programs\\poolscope\\poolscope.exe",
      "mkdir D:\\Data\\poolscope (in one step with the access list O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU))",
      "check that only administrators can change D:\\Data\\poolscope",
      "write D:\\Programs\\poolscope\\task.xml (the task, below)",
      'D:\\Windows\\System32\\schtasks.exe /create /tn "poolscope record" /xml D:\\Programs\\poolscope\\task.xml /f',
      "del D:\\Programs\\poolscope\\task.xml",
      'D:\\Windows\\System32\\schtasks.exe /run /tn "poolscope record"',
    ]);
    const task = steps.find((step) => step.kind === "write");
    expect(argumentsInTaskXml(task?.text ?? "")).toBe("record D:\\Data\\poolscope\\SRV-1.pool --every 30s");
    expect(task?.text).toContain("<Command>D:\\Programs\\poolscope\\poolscope.exe</Command>");
  });

  it("leaves Node and its script, and a program that is there already, where they are", () => {
    const node = installSteps(
      ENV,
      { executable: "C:\\node.exe", script: "C:\\my apps\\poolscope.mjs" },
      { ...WISHES, file: "w.pool" },
    );
    expect(node.some((step) => step.kind === "copy")).toBe(false);
    const task = node.find((step) => step.kind === "write");
    expect(argumentsInTaskXml(task?.text ?? "")).toBe(
      '"C:\\my apps\\poolscope.mjs" record D:\\Data\\poolscope\\w.pool --every 30s',
    );
    const again = installSteps(ENV, { executable: "d:\\programs\\PoolScope\\poolscope.exe" }, WISHES);
    expect(again.some((step) => step.kind === "copy")).toBe(false);
  });

  it("refuses what others may replace or redirect: Node and a script outside Program Files, a recording elsewhere", () => {
    const inside = { executable: "d:\\programs\\node.exe", script: "D:\\Programs\\poolscope\\bin\\poolscope.mjs" };
    expect(unsafeProgram(ENV, inside)).toBeUndefined();
    expect(unsafeProgram(ENV, { executable: "C:\\me\\poolscope.exe" })).toBeUndefined();
    expect(unsafeProgram(ENV, { ...inside, script: "D:\\Programs\\..\\me\\p.mjs" })).toMatch(
      /must both lie in D:\\Programs/,
    );
    const exe = { executable: "C:\\me\\poolscope.exe" };
    for (const file of ["C:\\temp\\r.pool", "..\\r.pool", "D:\\Data\\poolscope-other\\r.pool"])
      expect(() => installSteps(ENV, exe, { ...WISHES, file })).toThrow(/lies outside D:\\Data\\poolscope/);
    expect(() => installSteps(ENV, exe, { ...WISHES, file: "w.pool" })).not.toThrow();
  });

  it("removes the task and keeps the recording", () => {
    expect(uninstallSteps(ENV).map(describeStep)).toEqual([
      'D:\\Windows\\System32\\schtasks.exe /end /tn "poolscope record"',
      'D:\\Windows\\System32\\schtasks.exe /delete /tn "poolscope record" /f',
    ]);
  });

  it("runs without an end, on batteries too, and survives what XML and command lines make of names", () => {
    const args = ["record", 'C:\\a & b\\"x" <y>\\', ""];
    const xml = renderTaskXml({ command: "C:\\p.exe", arguments: quoteArguments(args) });
    expect(xml).toContain("<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>");
    expect(xml).toContain("<DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>");
    expect(argumentsInTaskXml(xml)).toBe('record "C:\\a & b\\\\\\"x\\" <y>\\\\" ""');
  });
});

describe("carrying it out", () => {
  const answer =
    (code: number, output = ""): (() => ProgramResult) =>
    () => ({ code, output });

  it("stops at what fails, with what it said", () => {
    const ran: string[] = [];
    const run = (command: string): ProgramResult => {
      ran.push(command);
      return { code: 1, output: "ERROR: Access is denied.\r\n" };
    };
    const steps = uninstallSteps(ENV);
    expect(() => carryOut(steps, { run, security: undefined })).toThrow(
      /schtasks\.exe \/delete .*ended with 1: ERROR: Access is denied\. ?; start the prompt/,
    );
    expect(ran).toHaveLength(2);
  });

  it("writes the task as UTF-16 with a byte order mark, and names a folder that cannot be made", () => {
    const folder = mkdtempSync(join(tmpdir(), "poolscope-task-"));
    const path = join(folder, "task.xml");
    carryOut([{ kind: "write", path, text: "<Task/>\n" }], { run: answer(0), security: undefined });
    expect(readFileSync(path).toString("latin1")).toBe("ÿþ<\0T\0a\0s\0k\0/\0>\0\r\0\n\0");
    writeFileSync(join(folder, "file"), "");
    expect(() =>
      carryOut([{ kind: "folder", path: join(folder, "file/below") }], { run: answer(0), security: undefined }),
    ).toThrow(AccessError);
  });

  it("asks for an administrator before anything is done, where Windows says that this is none", () => {
    const groups = (level: number): string => `"Mandatory Label","Label","S-1-16-${level}",""`;
    const check = (code: number, output: string) => () => requireElevation(ioOf("win32"), answer(code, output));
    expect(check(0, groups(8192))).toThrow(/rights of an administrator; start the prompt with `Run as administrator`/);
    expect(check(0, groups(12288))).not.toThrow();
    expect(check(0, groups(16384))).not.toThrow();
    expect(check(1, "")).not.toThrow();
  });

  it("shows what a dry run would do and does nothing; refuses on other systems", async () => {
    const io = ioOf("linux");
    const request = { action: "install", dryRun: true, file: undefined, options: ["--every", "30s"] } as const;
    const run = (): ProgramResult => {
      throw new Error("a dry run must not run anything");
    };
    await runUnattended(request, io, run);
    expect(io.stdout.text).toMatch(
      /would do this[\s\S]*schtasks\.exe \/create[\s\S]*--every 30s --keep 30d --max-size 500MB --event-log</,
    );
    expect(io.stderr.text).toMatch(
      /^This would be refused: record --install: a task of SYSTEM must not start what others may replace: Node /,
    );
    await expect(runUnattended({ ...request, dryRun: false }, io, run)).rejects.toThrow(
      /exist on Windows only.*--dry-run/,
    );
    await expect(runUnattended({ ...request, action: "uninstall", file: "x" }, io, run)).rejects.toThrow(
      /takes no file/,
    );
  });

  it("escapes what it shows", () => {
    let text = "";
    showSteps([{ kind: "folder", path: "C:\\\u001b[2J" }], (part) => (text += part));
    expect(text).not.toContain("\u001b");
  });
});

const HOUR = 3_600_000;

function snapshotAt(minute: number): Snapshot {
  const rows = new ColumnsBuilder();
  const held = 1000 + minute * 40;
  rows.add(parseTag("Leak") ?? 0, NONPAGED, held + minute * 100, minute * 100, held, held * 96);
  rows.add(
    parseTag("Calm") ?? 0,
    PAGED,
    5000 + minute * 7,
    4900 + minute * 7,
    100 + (minute % 3),
    (100 + (minute % 3)) * 64,
  );
  return {
    time: 1_800_000_000_000 + minute * 60_000,
    origin: {
      source: "windows-live",
      timeBasis: "measured",
      host: "SRV-1",
      windowsBuild: 19045,
      bootTime: 1_799_990_000_000,
    },
    totals: { physicalBytes: 4 * 2 ** 30, nonpagedBytes: 50_000_000 + held * 96, pagedBytes: 60_000_000 },
    columns: rows.finish(),
    counterBits: 32,
    gaps: [],
  };
}

describe("the watch for the event log", () => {
  it("tells once of a leak that opens, and of nothing else", () => {
    const told: string[] = [];
    const sentences: string[] = [];
    const watch = new LeakWatch((verdict) => {
      told.push(`${formatTag(verdict.tag)} ${verdict.kind}`);
      sentences.push(leakSentence(verdict, "C:\\w.pool"));
    });
    const lists = { knowledge: createKnowledge(), mappedDrivers: new Map(), driversOf: () => [] };
    const judge = new SelfJudge(lists, WATCH_EVERY);
    const judgedAt: number[] = [];
    for (let minute = 0; minute < 12 * 60; minute++) {
      if (judge.push(snapshotAt(minute)) === undefined) continue;
      judgedAt.push(minute);
      if (judge.diagnosis !== undefined) watch.judged(judge.diagnosis);
    }
    // Somebody waits for the event: every five minutes.
    expect(new Set(judgedAt.slice(1).map((minute, i) => minute - (judgedAt[i] ?? 0)))).toEqual(new Set([5]));
    expect(told).toEqual(["Leak nonpaged"]);
    expect(sentences[0]).toMatch(
      /^Kernel memory leak: myfault\.sys is most likely leaking nonpaged pool\. Leak: \+.* KiB\/h .*Next: poolscope leaks C:\\w\.pool$/,
    );
  });

  it("writes an event, and says why where it cannot", () => {
    const calls: (readonly string[])[] = [];
    const problem = writeEvent("tag \u001b[2J", ENV, (command, args) => {
      calls.push([command, ...args]);
      return { code: 0, output: "" };
    });
    expect(problem).toBeUndefined();
    expect(calls).toEqual([
      [
        "D:\\Windows\\System32\\eventcreate.exe",
        "/t",
        "WARNING",
        "/id",
        "1",
        "/l",
        "APPLICATION",
        "/so",
        "poolscope",
        "/d",
        "tag ?[2J",
      ],
    ]);
    expect(writeEvent("x", ENV, () => ({ code: 1, output: "denied" }))).toBe(
      "no event written: eventcreate ended with 1: denied",
    );
  });
});

describe("the recorder's state", () => {
  const file = join(mkdtempSync(join(tmpdir(), "poolscope-state-")), "w.pool");
  const open = (now: number): RecordingWriter =>
    RecordingWriter.open(file, { isNewBoot: () => false, now, every: 60_000, program: "test" });

  it("is running, stopped from outside, silent, or ended", () => {
    const start = snapshotAt(0).time;
    const writer = open(start);
    for (let minute = 0; minute < 3; minute++) writer.append(snapshotAt(minute));
    const last = snapshotAt(2).time;
    expect(readRecorderState(file, last + 1000)).toMatchObject({
      snapshots: 3,
      running: true,
      started: start,
      to: last,
      every: 60_000,
      pid: process.pid,
    });
    expect(readRecorderState(file, last + 1000, () => false).running).toBe(false);
    expect(readRecorderState(file, last + HOUR).running).toBe(false);
    writer.close(last + 2000, "interrupted");
    expect(readRecorderState(file, last + 3000)).toMatchObject({
      running: false,
      ended: last + 2000,
      outcome: "interrupted",
    });
  });
});
