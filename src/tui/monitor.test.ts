import { describe, expect, test } from "vitest";
import { columnsFromUses } from "../model/columns-builder.ts";
import { rowKey, type Snapshot } from "../model/snapshot.ts";
import { Board } from "./board.ts";
import { exampleMonitor, exampleSnapshot, EXAMPLE_FACTS, PLAIN, STEP, tagOf } from "./example.test-support.ts";
import { Gate } from "./gate.ts";
import type { Monitor, Recorder } from "./monitor.ts";

const SIZE = { columns: 100, rows: 30 };

function press(monitor: Monitor, ...names: readonly string[]): void {
  for (const name of names) monitor.key({ kind: "key", name });
}

/** Lets what was begun by a key come to its end. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("recording from the view", () => {
  function recorder(fails = false): Recorder & { readonly taken: number[]; closed: boolean } {
    return {
      file: "night.pool",
      taken: [],
      closed: false,
      append(snapshot) {
        if (fails) throw new Error("disk full");
        this.taken.push(snapshot.time);
      },
      close() {
        this.closed = true;
      },
    };
  }

  test("r starts and stops; samples are recorded also while the view is paused", async () => {
    const made = recorder();
    const monitor = exampleMonitor(3, SIZE, PLAIN, { startRecording: () => Promise.resolve(made) });
    press(monitor, "r");
    await settled();
    expect(monitor.state.recording).toBe("night.pool");
    press(monitor, " ");
    monitor.takeSample(exampleSnapshot(3));
    monitor.takeSample(exampleSnapshot(4));
    expect(made.taken).toHaveLength(2);
    expect(monitor.state.board.snapshot?.time).toBe(exampleSnapshot(2).time);
    press(monitor, "r");
    await settled();
    expect(made.closed).toBe(true);
    expect(monitor.state.message).toBe("Recorded to night.pool");
    expect(monitor.state.recording).toBeUndefined();
  });

  test("a recording that fails stops and says so, the view goes on", async () => {
    const made = recorder(true);
    const monitor = exampleMonitor(3, SIZE, PLAIN, { startRecording: () => Promise.resolve(made) });
    press(monitor, "r");
    await settled();
    monitor.takeSample(exampleSnapshot(3));
    expect(monitor.state.message).toContain("disk full");
    expect(monitor.state.recording).toBeUndefined();
    expect(monitor.state.board.snapshot?.time).toBe(exampleSnapshot(3).time);
  });

  test("leaving closes a recording; a replay has nothing to record", async () => {
    const made = recorder();
    const monitor = exampleMonitor(3, SIZE, PLAIN, { startRecording: () => Promise.resolve(made) });
    press(monitor, "r");
    await settled();
    monitor.close();
    expect(made.closed).toBe(true);
    const replay = exampleMonitor(3, SIZE);
    press(replay, "r");
    await settled();
    expect(replay.state.message).toContain("nothing to record");
  });
});

describe("what the outside offers", () => {
  test("facts arrive later, and only for the tag still in view", async () => {
    const monitor = exampleMonitor(20, SIZE);
    press(monitor, "enter");
    expect(monitor.state.detail?.facts).toBe("pending");
    press(monitor, "right");
    await settled();
    expect(monitor.state.detail?.ref.tag).toBe(tagOf("LkCx"));
    expect(monitor.state.detail?.facts).toMatchObject({ drivers: [] });
    press(monitor, "left");
    await settled();
    expect(monitor.state.detail?.facts).toEqual(EXAMPLE_FACTS);
  });

  test("a look-up or a save that fails is told of", async () => {
    const monitor = exampleMonitor(20, SIZE, PLAIN, {
      factsOf: () => Promise.reject(new Error("index is damaged")),
      save: () => Promise.reject(new Error("no space")),
    });
    press(monitor, "enter");
    await settled();
    expect(monitor.state.detail?.facts).toMatchObject({ remarks: ["Look-up failed: index is damaged"] });
    press(monitor, "o");
    await settled();
    expect(monitor.state.message).toBe("Not saved: no space");
  });

  test("sessions: a source with them begins anew, one without says so", () => {
    const chosen: unknown[] = [];
    const monitor = exampleMonitor(5, SIZE, PLAIN, { chooseSession: (choice) => chosen.push(choice) });
    expect(monitor.key({ kind: "key", name: "s" })).toEqual({ type: "sample-now" });
    expect(chosen).toEqual(["all"]);
    expect(monitor.state).toMatchObject({ session: "all", order: new Int32Array(0) });
    const without = exampleMonitor(5, SIZE);
    press(without, "3");
    expect(without.state.session).toBe("system");
    expect(without.state.message).toContain("no session pools");
  });

  test("z counts from now on, and from sample to sample again", () => {
    const monitor = exampleMonitor(5, SIZE);
    press(monitor, "z");
    monitor.takeSample(exampleSnapshot(5));
    monitor.takeSample(exampleSnapshot(6));
    const slot = monitor.state.board.slotOf(rowKey(tagOf("Leak"), 0)) ?? -1;
    expect(monitor.state.board.change(slot, "bytes")).toBe(2 * 50 * 128);
    press(monitor, "z");
    expect(monitor.state.board.change(slot, "bytes")).toBe(50 * 128);
  });

  test("a failure stays on screen until the next sample", () => {
    const monitor = exampleMonitor(5, SIZE);
    monitor.fail("refused");
    expect(monitor.state.failure).toBe("refused");
    monitor.takeSample(exampleSnapshot(5));
    expect(monitor.state.failure).toBeUndefined();
  });

  test("a costly diagnosis is made rarely", () => {
    const monitor = exampleMonitor(0, SIZE);
    monitor.takeSample(exampleSnapshot(0));
    let now = 1000;
    monitor.diagnose(() => (now += 50));
    expect(monitor.diagnosisDueIn(now)).toBeUndefined();
    monitor.takeSample(exampleSnapshot(1));
    expect(monitor.diagnosisDueIn(now)).toBe(50 * 1_000);
    expect(monitor.diagnosisDueIn(now + 50_000)).toBe(0);
  });
});

describe("the gate before the detector", () => {
  const ROWS = 2_000;

  /** Row 7 leaks; row 8 steps up once; every fourth row is a saw; the rest stands still; row 9 is the busiest. */
  function many(at: number): Snapshot {
    const uses = Array.from({ length: ROWS }, (_, row) => ({
      tag: 0x41414141 + row,
      kind: "nonpaged" as const,
      allocs: 1000 + (row === 9 ? 9999 * at : row),
      frees: 900,
      bytes:
        10_000 +
        (row === 7 ? at * 96 : row === 8 ? (at > 20 ? 5_000 : 0) : row % 4 === 0 ? ((at * 7 + row) % 10) * 500 : 0),
    }));
    return { ...exampleSnapshot(0), time: at * STEP, totals: {}, columns: columnsFromUses(uses) };
  }

  test("few rows pass as they are", () => {
    const board = new Board();
    const gate = new Gate();
    const snapshot = exampleSnapshot(0);
    board.update(snapshot);
    expect(gate.pass(snapshot, board)).toBe(snapshot);
  });

  test("of many, those pass that trend upwards, and the busy ones; once in they stay in", () => {
    const board = new Board();
    const gate = new Gate();
    let passed = many(0);
    for (let at = 0; at < 120; at++) {
      board.update(many(at));
      passed = gate.pass(many(at), board);
    }
    const tags = [...passed.columns.tag].map((tag) => tag - 0x41414141);
    expect(tags).toEqual(expect.arrayContaining([7, 8, 9]));
    expect(tags.length).toBeLessThan(60);
    expect(passed.columns.bytes[tags.indexOf(7)]).toBe(10_000 + 119 * 96);
    const size = gate.size;
    board.update(many(120));
    expect(gate.pass(many(120), board).columns.length).toBe(size);
  });
});
