// `objects`, `processes` and what `record` keeps beside the counters, through the real entry and the stand-in for ntdll.

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RecordingReader } from "../../src/store/reader.ts";
import { checkSeals } from "../../src/store/seals.ts";
import { readLastJudgement } from "../../src/store/judgements.ts";
import { temporaryFolder } from "../../src/store/recording.test-support.ts";
import { buildFakeNt } from "../build/fakent.ts";
import { runCli } from "./run-cli.test-support.ts";

const library = buildFakeNt();
if (library === undefined) process.stderr.write("gcc is missing: objects and processes are not run\n");

describe.skipIf(library === undefined)("beside the counters", () => {
  const run = (setting: string, ...args: string[]): ReturnType<typeof runCli> =>
    runCli(args, { env: { POOLSCOPE_NTDLL: library ?? "", FAKENT: `tags=60,${setting}` } });

  it("objects: counts, what they gained, the tag that agrees, those that have ended", () => {
    const { code, stdout, stderr } = run("zombies=9,events=20,handles=20", "objects", "--apart", "100ms");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Type +Objects +Gained +Handles +Gained/m);
    expect(stdout).toMatch(/^Process +52 +\+9 +400 .*Proc +52 +[=] objects$/m);
    expect(stdout).toMatch(/^Event +5,021 +\+21 +4,820 +\+20/m);
    expect(stdout).toMatch(/^52 Process objects, 40 live: 12 of processes that have ended and are still kept/m);
    const json: unknown = JSON.parse(run("zombies=9", "objects", "--apart", "100ms", "--json").stdout);
    expect(json).toMatchObject({ live: { processes: 40 }, gaps: [] });
    expect(json).toHaveProperty("objects.11", expect.objectContaining({ type: "Process", gainedObjects: 9 }));
  });

  it("objects --holders: the handle table by process and type", () => {
    const { code, stdout } = run("zombies=9,held=1,handles=20", "objects", "--holders", "--apart", "100ms");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^leaky\.exe +4242 +Event +20$/m);
    expect(stdout).toMatch(/^watchman\.exe +4300 +Process +9$/m);
    expect(stdout).toMatch(/^System +4 +File +3$/m);
    expect(run("status64=0xC0000022", "objects", "--holders", "--apart", "100ms")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cannot read the handle table .*Run as administrator/) as string,
    });
  });

  it("processes: handles, quota and other I/O a second", () => {
    const { code, stdout } = run("handles=20,amp=3", "processes", "--sort", "gained", "--top", "2", "--apart", "100ms");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^2 processes of 40 with 11,\d{3} handles at .*; gained in \d/);
    expect(stdout).toMatch(/^leaky\.exe +4242 +320 +\+20 /m);
    const json: unknown = JSON.parse(run("amp=3", "processes", "--json", "--sort", "io", "--apart", "100ms").stdout);
    expect(json).toHaveProperty("processes.0.name", "claude.exe");
    expect(json).toHaveProperty("isWhole", true);
  });

  it("tag --live: idle and large blocks, each failing alone", () => {
    const { code, stdout, stderr } = run("", "tag", "Leak", "--live");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const words = stdout.replace(/\s+/g, " ");
    expect(words).toContain("Idle 12 blocks (1.13 KiB, nonpaged) in 1 lookaside list: taken from the pool");
    expect(words).toContain("12 blocks (1.13 KiB, paged) in 1 lookaside list");
    expect(words).toContain("Large 2 blocks larger than a page hold 16.0 KiB (nonpaged): 2 of 8,192 bytes");
    const refused = run("status45=0xC0000003", "tag", "Leak", "--live", "--json");
    expect(refused.code).toBe(0);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      tags: [
        {
          blocks: {
            big: [{ kind: "nonpaged", blocks: 2 }, { kind: "paged" }],
            gaps: [{ problem: expect.stringMatching(/class 45/) as string }],
          },
        },
      ],
    });
    expect(run("status66=0xC0000022", "tag", "Leak", "--live").stdout).toMatch(/Not read +cannot read/);
  });

  it("what Windows refuses is one line that says what is missing", () => {
    const { code, stdout, stderr } = run("statusobj=0xC0000022", "objects");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^poolscope: cannot read object and handle counts .*Run as administrator.*\n$/);
    expect(runCli(["objects", "data/samples/event-leak.csv.gz"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/object and handle counts were not measured there/) as string,
    });
  });

  it("a recording holds them, the drivers, the recorder's own judgement and its seals", () => {
    const file = join(temporaryFolder(), "a.pool");
    const { code, stderr } = run("handles=20,zombies=5", "record", file, "--every", "1s", "--for", "7s");
    expect(stderr).not.toMatch(/not written|cannot/);
    expect(code).toBe(0);
    const reader = RecordingReader.open(file);
    const snapshots = [...reader.snapshots()];
    expect(snapshots.filter(({ surroundings }) => surroundings?.objects !== undefined)).toHaveLength(2);
    expect(snapshots.at(-1)?.surroundings?.drivers).toHaveLength(12);
    expect(readLastJudgement(reader.db)).toMatchObject({ snapshots: snapshots.length, time: snapshots.at(-1)?.time });
    expect(checkSeals(reader.db)).toMatchObject({ sealed: snapshots.length, broken: [], isChainWhole: true });
    reader.close();
    expect(runCli(["objects", file]).stdout).toMatch(/^Process +\d+ +\+\d+ /m);
    expect(runCli(["processes", file]).stdout).toMatch(/a recording keeps those that stand out/);
  }, 30_000);
});
