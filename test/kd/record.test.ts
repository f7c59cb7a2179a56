// `record kd:` and `live kd:` by the real command line, in a process of its own, against the simulated target.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { answerPoolUse } from "../../src/formats/crash-dump/answers.ts";
import { openDump } from "../../src/formats/crash-dump/dump.ts";
import { usesOf } from "../../src/model/snapshot.ts";
import { parseTag } from "../../src/model/tag.ts";
import { openDumpFile } from "../../src/sources/dump-file.ts";
import { readRecording, temporaryFolder } from "../../src/store/recording.test-support.ts";
import { LivingMemory } from "../build/kd/living.ts";
import type { TargetHabits } from "../build/kd/target.ts";
import { entry } from "../cli/run-cli.test-support.ts";
import { imagePath, sampleMissing } from "../crash-dump/nt-kernel.ts";
import { memoryOf, simulate, ZEROS, type Simulated } from "./simulated.test-support.ts";

const missing = sampleMissing !== undefined;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly talk: string;
}

/** Starts a command line; `when` looks every few milliseconds until it says that it is done. */
async function poolscope(words: readonly string[], when?: (kill: (signal: NodeJS.Signals) => void) => boolean) {
  const child = spawn(process.execPath, [entry, ...words], {
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let talk = "";
  child.stdout.on("data", (data: Buffer) => void (out += data.toString()));
  child.stderr.on("data", (data: Buffer) => void (talk += data.toString()));
  const looking = setInterval(() => {
    if (when?.((signal) => child.kill(signal)) === true) clearInterval(looking);
  }, 2);
  return await new Promise<Ended>((resolve) => {
    child.on("close", (code) => {
      clearInterval(looking);
      resolve({ code, out, talk });
    });
  });
}

const STOP = "--yes-stop-the-machine";

/** A target whose clock runs and of whose `Even` one more block is allocated at each break. */
async function living(habits: TargetHabits = {}): Promise<Simulated> {
  const file = await openDumpFile(imagePath("x64"));
  const { table } = answerPoolUse(openDump(file.bytes));
  file.close();
  const memory = memoryOf("x64");
  const even = parseTag("Even") ?? 0;
  const row = Array.from({ length: table.slots }, (_, slot) => table.address + BigInt(slot * table.layout.stride)).find(
    (at) => memory.read(at, 4).readUInt32LE(0) === even,
  );
  const alive = new LivingMemory(memory, (row ?? 0n) + BigInt(table.layout.nonpaged.allocs));
  const simulated = await simulate(alive, habits);
  alive.target = simulated.target;
  return simulated;
}

test.skipIf(missing)(
  "record: each snapshot is of its own moment, the halt is told and kept, and the target runs in between",
  async () => {
    const simulated = await living();
    const file = join(temporaryFolder(), "vm.pool");
    const words = ["record", `kd:${simulated.name}`, file, "--every", "500ms", "--for", "1600ms", "--json", STOP];
    const { code, out } = await poolscope(words);
    simulated.close();
    const events = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { event: string; halted?: { milliseconds: number; bytes: number }[] });
    const halted = events.filter(({ event }) => event === "halted").flatMap((each) => each.halted ?? []);
    const { snapshots } = readRecording(file);
    expect(code).toBe(0);
    expect(snapshots.length).toBeGreaterThan(1);
    expect(halted).toHaveLength(snapshots.length);
    expect(snapshots.map(({ totals }) => totals.haltedMilliseconds)).toEqual(halted.map((each) => each.milliseconds));
    expect(Math.min(...halted.map(({ bytes }) => bytes))).toBeGreaterThan(80_000);
    const allocs = snapshots.map(({ columns }) => usesOf(columns).find(({ tag }) => tag === parseTag("Even"))?.allocs);
    expect(allocs).toEqual(snapshots.map((_, n) => (allocs[0] ?? 0) + n));
    const [first, last] = [snapshots[0]?.time ?? 0, snapshots.at(-1)?.time ?? 0];
    expect(last - first).toBeGreaterThan(400);
    expect(simulated.target.isRunning).toBe(true);
    expect(simulated.target.log.stoppedMs).toHaveLength(snapshots.length);
    expect(simulated.target.log.forbidden).toEqual([]);
  },
  120_000,
);

test.skipIf(missing)(
  "record: Ctrl-C while the target stands for the first time: no file, and it runs",
  async () => {
    const simulated = await living({ baud: 115_200 });
    const file = join(temporaryFolder(), "vm.pool");
    const { code, talk } = await poolscope(["record", `kd:${simulated.name}`, file, STOP], (kill) => {
      if (simulated.target.isRunning || simulated.target.log.answers < 12) return false;
      kill("SIGINT");
      return true;
    });
    simulated.close();
    expect(code).toBe(2);
    expect(talk).toMatch(/SIGINT came; the target was continued and runs/);
    expect(talk).not.toMatch(/STAND/);
    expect(existsSync(file)).toBe(false);
    expect(simulated.target.isRunning).toBe(true);
  },
  120_000,
);

test.skipIf(missing)(
  "record: Ctrl-C while it stands for a later one: what was recorded is whole, and the target runs",
  async () => {
    const simulated = await living({ baud: 460_800 });
    const file = join(temporaryFolder(), "vm.pool");
    let answered: number | undefined;
    const words = ["record", `kd:${simulated.name}`, file, "--every", "2500ms", STOP];
    const { code, talk } = await poolscope(words, (kill) => {
      const { target } = simulated;
      if (target.log.breakIns < 2 || target.isRunning) return false;
      answered ??= target.log.answers;
      if (target.log.answers < answered + 20) return false;
      kill("SIGINT");
      return true;
    });
    simulated.close();
    expect(code).toBe(0);
    expect(talk).toMatch(/no snapshot: the read was given up: SIGINT came; the target was continued and runs/);
    expect(talk).toMatch(/interrupted: .* holds 1 snapshot in/);
    expect(readRecording(file).snapshots).toHaveLength(1);
    expect(simulated.target.isRunning).toBe(true);
  },
  120_000,
);

test.skipIf(missing)(
  "record: a wire that ends in a read is opened anew, and the target that stood is let on",
  async () => {
    const simulated = await living({ after: { answers: 40, breakIn: 2, does: "hang-up" } });
    const file = join(temporaryFolder(), "vm.pool");
    const words = ["record", `kd:${simulated.name}`, file, "--every", "1s", "--for", "3500ms", STOP];
    const { code, talk } = await poolscope(words);
    simulated.close();
    expect(talk).toMatch(/no snapshot: THE TARGET MAY STILL STAND/);
    expect(talk).toMatch(/It stood already when the wire was opened, and was continued\./);
    expect(code).toBe(0);
    const { snapshots } = readRecording(file);
    expect(snapshots.length).toBeGreaterThan(1);
    expect(snapshots.flatMap(({ gaps }) => gaps.map(({ problem }) => problem)).join("\n")).toMatch(/not recorded/);
    expect(simulated.target.isRunning).toBe(true);
  },
  120_000,
);

test.skipIf(missing)(
  "record: a wire that ends for good ends in capitals",
  async () => {
    const simulated = await living({ after: { answers: 40, breakIn: 2, does: "hang-up" } });
    const file = join(temporaryFolder(), "vm.pool");
    const words = ["record", `kd:${simulated.name}`, file, "--every", "1s", "--for", "3s", STOP];
    const { code, talk } = await poolscope(words, () => {
      // The one that is connected goes on; nobody can connect again.
      if (simulated.target.log.breakIns > 1) simulated.close();
      return simulated.target.log.breakIns > 1;
    });
    expect(code).toBe(2);
    expect(talk.trimEnd().split("\n").at(-1)).toMatch(/THE TARGET MAY STILL STAND/);
    expect(readRecording(file).snapshots).toHaveLength(1);
  },
  120_000,
);

test.skipIf(missing)(
  "record: a module that the target loads in between is let on, and told",
  async () => {
    const simulated = await living({ loadsModuleAfter: 1000 });
    const file = join(temporaryFolder(), "vm.pool");
    const words = ["record", `kd:${simulated.name}`, file, "--every", "3s", "--for", "3500ms", STOP];
    const { code, talk } = await poolscope(words);
    simulated.close();
    expect(code).toBe(0);
    expect(talk).toMatch(/The target stopped by itself 1 time \(a module that it loaded/);
    expect(simulated.target.log.ownStops).toBe(1);
    expect(simulated.target.isRunning).toBe(true);
  },
  120_000,
);

test.skipIf(missing)(
  "record: a target that bugchecks is let on to write its dump and restart, which is told; it is recorded again",
  async () => {
    const simulated = await living({ bugChecksAfter: 1000 });
    const file = join(temporaryFolder(), "vm.pool");
    const words = ["record", `kd:${simulated.name}`, file, "--every", "3500ms", "--for", "8s", STOP];
    const { code, talk } = await poolscope(words);
    simulated.close();
    expect(talk).toMatch(/THE TARGET HAS BUGCHECKED: it printed "Fatal System Error: 0x000000d1"; it was let on/);
    expect(talk).not.toMatch(/STAND/);
    expect(code).toBe(0);
    expect(simulated.target.log.restarts).toBe(1);
    expect(readRecording(file).snapshots.length).toBeGreaterThan(1);
    expect(simulated.target.isRunning).toBe(true);
  },
  120_000,
);

test.skipIf(missing)(
  "record: where the file cannot be made the target runs and the program ends",
  async () => {
    const simulated = await living();
    const file = join(temporaryFolder(), "no", "such", "folder", "vm.pool");
    const { code, talk } = await poolscope(["record", `kd:${simulated.name}`, file, STOP]);
    simulated.close();
    expect(code).toBe(2);
    expect(talk).toMatch(/vm\.pool/);
    expect(simulated.target.isRunning).toBe(true);
  },
  120_000,
);

test.skipIf(missing)(
  "live --once: one frame of the target, how long it stood, and it runs",
  async () => {
    const simulated = await living();
    const { code, out, talk } = await poolscope(["live", `kd:${simulated.name}`, "--once", "--json", STOP]);
    simulated.close();
    expect(code).toBe(0);
    expect((JSON.parse(out) as { rows?: unknown[] } | unknown[]).valueOf()).toBeTruthy();
    expect(talk).toMatch(/The target stood [\d.]+ s; [\d,]+ bytes were read; it runs\./);
    expect(simulated.target.log.breakIns).toBe(1);
    expect(simulated.target.isRunning).toBe(true);
  },
  120_000,
);

test("record and live stop nothing without the flag, and take no other source beside a target", async () => {
  const simulated = await simulate(ZEROS);
  const [record, live, two] = await Promise.all([
    poolscope(["record", `kd:${simulated.name}`, "never.pool"]),
    poolscope(["live", `kd:${simulated.name}`, "--once"]),
    poolscope(["live", `kd:${simulated.name}`, "other.pool", "--once", STOP]),
  ]);
  simulated.close();
  expect([record.code, live.code, two.code]).toEqual([2, 2, 2]);
  expect(record.talk).toMatch(/STOPS ALL PROCESSORS/);
  expect(live.talk).toMatch(/STOPS ALL PROCESSORS/);
  expect(two.talk).toMatch(/a live kernel is shown alone; leave out other\.pool/);
  expect(simulated.target.log.breakIns).toBe(0);
  expect(existsSync("never.pool")).toBe(false);
}, 120_000);
