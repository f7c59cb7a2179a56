import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { soakRecorder } from "../bench/record-soak.ts";
import {
  readRecording,
  snap,
  T0,
  temporaryFolder,
  writeRecording,
  ORIGIN,
} from "../src/store/recording.test-support.ts";
import { buildFakeNt } from "./build/fakent.ts";

const library = buildFakeNt();
if (library === undefined)
  process.stderr.write("gcc is missing: `record` is not tested against the stand-in for ntdll\n");

const program = fileURLToPath(new URL("../bin/poolscope.mjs", import.meta.url));
const env = { ...process.env, POOLSCOPE_NTDLL: library, FAKENT: "tags=50" };

function poolscope(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [program, ...args], { env, encoding: "utf8" });
}

/** Starts a recorder and waits until it has written something. */
async function recorder(
  ...args: string[]
): Promise<{ child: ChildProcess; output: () => string; closed: Promise<number | null> }> {
  const child = spawn(process.execPath, [program, "record", ...args, "--json"], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  await new Promise<void>((resolve) => {
    child.stdout?.on("data", (data: Buffer) => {
      output += data.toString();
      if (output.includes('"written"')) resolve();
    });
    child.on("close", () => resolve());
  });
  return { child, output: () => output, closed };
}

describe.skipIf(library === undefined)("poolscope record", () => {
  test("records for a while and appends to what is there", () => {
    const file = join(temporaryFolder(), "r");
    const first = poolscope("record", file, "--every", "100ms", "--for", "200ms");
    expect(first.status).toBe(0);
    expect(first.stderr).toMatch(/recording into .*\n(?:.* ended: .* holds \d snapshots in |.*too busy)/);
    const second = poolscope("record", file, "--every", "100ms", "--for", "100ms");
    expect(second.stderr).toMatch(/appending to .* holds \d snapshots?\n/);
    const { snapshots } = readRecording(file);
    expect(snapshots.length).toBeGreaterThan(1);
    expect(snapshots.flatMap(({ gaps }) => gaps)).toEqual([
      expect.objectContaining({ problem: "not recorded: the recorder was not running (ended)" }),
    ]);
  });

  test.skipIf(process.platform === "win32")("SIGTERM and Ctrl-C end it cleanly, leaving one file", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const folder = temporaryFolder();
      const file = join(folder, "r");
      const { child, output, closed } = await recorder(file, "--every", "1h");
      child.kill(signal);
      expect(await closed).toBe(0);
      expect(output()).toMatch(/"event":"ended","outcome":"interrupted","snapshots":1/);
      expect(readdirSync(folder)).toEqual(["r"]);
    }
  });

  test("a second recorder is told that the file has a writer, readers are welcome", async () => {
    const file = join(temporaryFolder(), "r");
    const { child, closed } = await recorder(file, "--every", "1h");
    const second = poolscope("record", file);
    expect(second.status).toBe(2);
    expect(second.stderr).toBe(
      `poolscope: ${file} is being written by another poolscope; stop that one, or record into another file\n`,
    );
    expect(poolscope("snapshot", file, "--format", "csv").stdout).toMatch(/Leak/);
    child.kill("SIGKILL");
    await closed;
    const next = poolscope("record", file, "--for", "1ms");
    expect(next.status).toBe(0);
    expect(next.stderr).toMatch(
      /the writer before \(process \d+\).*did not end by itself: killed, or the machine went down/,
    );
  });

  test("survives being killed, a reader beside it", async () => {
    const result = await soakRecorder(6, library ?? "", 7);
    expect(result).toMatchObject({ kills: 6, told: 3, failures: [] });
    expect(result.held).toBeGreaterThanOrEqual(result.reported);
  });

  test("what cannot be done is said in one line", () => {
    const folder = temporaryFolder();
    const other = join(folder, "other");
    writeRecording(other, [snap(T0, ["Leak paged 1 0 16"], { origin: { ...ORIGIN, host: "ELSEWHERE" } })]);
    for (const [args, message] of [
      [["r", "--every", "0s"], /^poolscope: --every: "0s" is not understood; give a duration such as 10s/],
      [["r", "--every", "5ms"], /^poolscope: --every: the shortest interval is 100ms/],
      [["r", "--max-size", "5"], /^poolscope: --max-size: the smallest is 1.00 MiB/],
      [["."], /is a folder; name a file in it/],
      [["none/r"], /cannot be opened: its folder does not exist; make the folder/],
      [["other"], /is the history of ELSEWHERE, this is .*; record into a file of its own/],
      [[program], /this is not a recording/],
    ] as const) {
      const [file = "", ...rest] = args;
      const { status, stderr, stdout } = poolscope("record", join(file === program ? "" : folder, file), ...rest);
      expect(stderr.split("\n")).toHaveLength(2);
      expect(stderr).toMatch(message);
      expect([status, stdout]).toEqual([2, ""]);
    }
    expect(existsSync(join(folder, "r"))).toBe(false);
  });
});
