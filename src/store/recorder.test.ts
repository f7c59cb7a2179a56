import { renameSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { AccessError } from "../model/errors.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { runRecorder, type RecorderEvent, type RecorderOptions } from "./recorder.ts";
import { openWriter, ORIGIN, readRecording, snap, T0, temporaryFolder } from "./recording.test-support.ts";
import type { RecordingWriter } from "./writer.ts";

/** A machine whose time passes only where the recorder sleeps or a sample takes long. */
class FakeMachine {
  elapsed = 0;
  clockOffset = 0;
  samples = 0;
  readonly events: RecorderEvent[] = [];
  readonly stop = new AbortController();
  /** What happens at the n-th sample. */
  readonly at = new Map<number, () => void>();

  sample = (): Snapshot => {
    const n = this.samples++;
    this.at.get(n)?.();
    return snap(T0 + this.elapsed + this.clockOffset, [`Leak nonpaged ${n} 0 ${n * 48}`], { origin: ORIGIN });
  };

  async run(writer: RecordingWriter, more: Partial<RecorderOptions> = {}): Promise<string[]> {
    const result = await runRecorder({
      writer,
      sample: this.sample,
      every: 10_000,
      thin: {},
      signal: this.stop.signal,
      monotonic: () => this.elapsed,
      sleep: (ms) => {
        this.elapsed += Math.max(0, ms);
        return Promise.resolve();
      },
      report: (event) => this.events.push(event),
      ...more,
    });
    writer.close(T0 + this.elapsed, result.failing === undefined ? "ended" : "failed");
    return this.events.map(({ event }) => event).filter((event) => event !== "written");
  }
}

const seconds = (snapshots: readonly Snapshot[]): number[] => snapshots.map(({ time }) => (time - T0) / 1000);

describe("the recorder", () => {
  test("keeps its beat: a slow sample delays itself, not those after it", async () => {
    const file = join(temporaryFolder(), "r");
    const machine = new FakeMachine();
    machine.at.set(1, () => (machine.elapsed += 3_000));
    machine.at.set(3, () => (machine.elapsed += 24_000));
    expect(await machine.run(openWriter(file), { duration: 80_000 })).toEqual(["started", "late"]);
    expect(seconds(readRecording(file).snapshots)).toEqual([0, 13, 20, 54, 60, 70, 80]);
    expect(machine.events).toContainEqual({ event: "late", missed: 2 });
  });

  test("says after a crash, and after an ordinary end, what lies between", async () => {
    const file = join(temporaryFolder(), "r");
    await new FakeMachine().run(openWriter(file), { duration: 10_000 });
    const second = new FakeMachine();
    second.elapsed = 500_000;
    second.at.set(2, () => {
      throw new Error("killed");
    });
    const writer = openWriter(file, { now: T0 + 500_000 });
    await expect(second.run(writer)).rejects.toThrow("killed");
    // As after SIGKILL: the session has no end.
    writer.db.exec("UPDATE session SET ended = NULL, outcome = NULL");
    writer.close(T0);
    const third = new FakeMachine();
    third.elapsed = 900_000;
    const reopened = openWriter(file);
    reopened.db.exec("UPDATE session SET ended = NULL, outcome = NULL WHERE id = 2");
    await third.run(reopened, { duration: 0 });
    const { snapshots } = readRecording(file);
    expect(snapshots.flatMap(({ gaps }) => gaps)).toEqual([
      {
        where: "2026-03-01 00:00:10Z to 2026-03-01 00:08:20Z",
        problem: "not recorded: the recorder was not running (ended)",
        from: T0 + 10_000,
        to: T0 + 500_000,
      },
      expect.objectContaining({ problem: expect.stringMatching(/not recorded/) as string }),
    ]);
  });

  test("goes on when a snapshot cannot be taken, and tells which time is missing", async () => {
    const file = join(temporaryFolder(), "r");
    const machine = new FakeMachine();
    const refuse = (): void => {
      throw new AccessError("Windows refused", "try again");
    };
    machine.at.set(2, refuse);
    machine.at.set(3, refuse);
    expect(await machine.run(openWriter(file), { duration: 50_000 })).toEqual([
      "started",
      "not-sampled",
      "working-again",
    ]);
    const { snapshots } = readRecording(file);
    expect(seconds(snapshots)).toEqual([0, 10, 40, 50]);
    expect(snapshots[2]?.gaps).toEqual([
      {
        where: "2026-03-01 00:00:10Z to 2026-03-01 00:00:40Z",
        problem: "not recorded: Windows refused; try again",
        from: T0 + 10_000,
        to: T0 + 40_000,
      },
    ]);
  });

  test("goes on when the disk is full, and takes up again when there is room", async () => {
    const file = join(temporaryFolder(), "r");
    const writer = openWriter(file);
    const machine = new FakeMachine();
    machine.at.set(1, () => writer.db.exec("PRAGMA max_page_count = 5"));
    machine.at.set(900, () => writer.db.exec("PRAGMA max_page_count = 100000"));
    expect(await machine.run(writer, { duration: 10_000_000 })).toEqual(["started", "not-written", "working-again"]);
    const { snapshots } = readRecording(file);
    const gap = snapshots.flatMap(({ gaps }) => gaps);
    expect(gap).toHaveLength(1);
    expect(gap[0]?.problem).toMatch(/not recorded: .*the disk is full/);
    expect(
      snapshots.length + (machine.events.find(({ event }) => event === "working-again") as { lost: number }).lost,
    ).toBe(1001);
  });

  test("a note on what lies between two sessions waits for a snapshot that takes it along", async () => {
    const file = join(temporaryFolder(), "r");
    await new FakeMachine().run(openWriter(file), { duration: 0 });
    const writer = openWriter(file);
    const machine = new FakeMachine();
    machine.elapsed = 60_000;
    machine.at.set(0, () => writer.db.exec("PRAGMA query_only = ON"));
    machine.at.set(1, () => writer.db.exec("PRAGMA query_only = OFF"));
    expect(await machine.run(writer, { duration: 10_000 })).toEqual(["started", "not-written", "working-again"]);
    const problems = readRecording(file).snapshots.flatMap(({ gaps }) => gaps.map(({ problem }) => problem));
    expect(problems).toEqual([
      "not recorded: the recorder was not running (ended)",
      expect.stringMatching(/cannot be written/) as string,
    ]);
  });

  test("keeps its beat when the clock is set back or ahead, and notes it", async () => {
    const file = join(temporaryFolder(), "r");
    const machine = new FakeMachine();
    machine.at.set(2, () => (machine.clockOffset = -3_600_000));
    machine.at.set(3, () => (machine.clockOffset = 0));
    expect(await machine.run(openWriter(file), { duration: 30_000 })).toEqual(["started", "clock", "clock"]);
    const { snapshots } = readRecording(file);
    expect(seconds(snapshots)).toEqual([0, 10, -3580, 30]);
    expect(snapshots.flatMap(({ gaps }) => gaps.map(({ problem }) => problem))).toEqual([
      "the clock was set back by 1 h",
      "the clock went ahead by 1 h, or the machine slept",
    ]);
  });

  test("stops where its file is taken away, and when it is told to", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "r");
    const machine = new FakeMachine();
    machine.at.set(3, () => renameSync(file, join(folder, "elsewhere")));
    const writer = openWriter(file);
    await expect(machine.run(writer)).rejects.toThrow(/was moved or deleted/);
    writer.close(T0);
    // Put back beside its write-ahead log it holds everything.
    renameSync(join(folder, "elsewhere"), file);
    expect(readRecording(file).snapshots).toHaveLength(3);
    const told = new FakeMachine();
    told.at.set(4, () => told.stop.abort());
    await told.run(openWriter(file));
    expect(readRecording(file).snapshots).toHaveLength(3 + 5);
  });

  test("thins while it records, within a size", async () => {
    const file = join(temporaryFolder(), "r");
    const machine = new FakeMachine();
    const events = await machine.run(openWriter(file), {
      every: 30_000,
      duration: 86_400_000,
      thin: { keep: 43_200_000 },
    });
    expect(events.filter((event) => event === "thinned").length).toBeGreaterThan(20);
    const { snapshots, gaps } = readRecording(file);
    expect(gaps).toEqual([]);
    expect(snapshots.length).toBeLessThan(240 + 10 * 60 + 40);
    expect(seconds(snapshots)[0]).toBe(0);
    expect(seconds(snapshots).at(-1)).toBe(86_400);
  });
});
