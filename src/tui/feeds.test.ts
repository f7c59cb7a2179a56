import { describe, expect, test } from "vitest";
import type { Snapshot } from "../model/snapshot.ts";
import { exampleSnapshot, START, STEP } from "./example.test-support.ts";
import { INTERVALS, LiveFeed, nextBeat, stepOn, type Clock, type FeedListener } from "./feeds.ts";
import { ReplayFeed, TimeIndex } from "./replay.ts";
import type { Feed } from "./state.ts";

/** A clock that stands still until it is told: timers run in order as time passes them. */
class TestClock implements Clock {
  time = 1_000_000;
  #timers: { readonly at: number; readonly run: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.time + milliseconds, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  async pass(milliseconds: number): Promise<void> {
    const until = this.time + milliseconds;
    await settled();
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= until).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.time = Math.max(this.time, next.at);
      next.run();
      await settled();
    }
    this.time = until;
  }
}

/** Lets everything that waits on settled promises go on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

class Listener implements FeedListener {
  readonly shown: number[] = [];
  readonly passed: number[] = [];
  readonly failures: string[] = [];
  resets = 0;
  feed: Feed | undefined;

  onSample(snapshot: Snapshot, quiet: boolean): void {
    (quiet ? this.passed : this.shown).push((snapshot.time - START) / STEP);
  }

  onFailure(problem: string): void {
    this.failures.push(problem);
  }

  onReset(): void {
    this.resets += 1;
  }

  onFeed(feed: Feed): void {
    this.feed = feed;
  }
}

describe("live cadence", () => {
  test("beats keep to their origin however late one is", () => {
    expect(nextBeat(1000, 500, 1000)).toBe(1500);
    expect(nextBeat(1000, 500, 1740)).toBe(2000);
    expect(nextBeat(1000, 500, 9999)).toBe(10_000);
  });

  test("slow samples do not add up, missed beats are skipped", async () => {
    const clock = new TestClock();
    const listener = new Listener();
    const times: number[] = [];
    const sample = (): Snapshot => {
      times.push(clock.time - 1_000_000);
      clock.time += times.length === 3 ? 1_300 : 30;
      return exampleSnapshot(times.length);
    };
    new LiveFeed(sample, clock, listener, 1_000).start();
    await clock.pass(6_000);
    expect(times).toEqual([0, 1000, 2000, 4000, 5000, 6000]);
  });

  test("a failing source is told of and tried again", async () => {
    const clock = new TestClock();
    const listener = new Listener();
    let calls = 0;
    const sample = (): Snapshot => {
      calls += 1;
      if (calls < 3) throw new Error("refused\n at line 2");
      return exampleSnapshot(calls);
    };
    new LiveFeed(sample, clock, listener, 1_000).start();
    await clock.pass(2_500);
    expect(listener.failures).toEqual(["refused at line 2", "refused at line 2"]);
    expect(listener.shown).toEqual([3]);
  });

  test("+ and - step through the intervals, also from one that is none of them", () => {
    expect(stepOn(INTERVALS, 700, true)).toBe(1000);
    expect(stepOn(INTERVALS, 700, false)).toBe(500);
    expect(stepOn(INTERVALS, 60_000, true)).toBe(60_000);
  });

  test("a new interval begins at once; stop ends it", async () => {
    const clock = new TestClock();
    const listener = new Listener();
    let calls = 0;
    const feed = new LiveFeed(() => exampleSnapshot(calls++), clock, listener, 1_000);
    feed.start();
    feed.act({ type: "interval", plus: false });
    expect(listener.feed).toEqual({ kind: "live", intervalMs: 500 });
    await clock.pass(1_000);
    expect(calls).toBe(3);
    feed.act({ type: "sample-now" });
    expect(calls).toBe(4);
    feed.stop();
    await clock.pass(5_000);
    expect(calls).toBe(4);
  });
});

describe("replay", () => {
  const COUNT = 100;

  function play(speed: number, passes: { from: number | undefined }[] = []) {
    const clock = new TestClock();
    const listener = new Listener();
    const open = async function* pass(from?: number): AsyncIterable<Snapshot> {
      passes.push({ from });
      for (let at = 0; at < COUNT; at++) {
        const snapshot = exampleSnapshot(at);
        if (from === undefined || snapshot.time >= from) yield snapshot;
      }
    };
    const feed = new ReplayFeed(open, clock, listener, "night.csv", speed);
    feed.start();
    return { clock, listener, feed };
  }

  test("keeps the recording's own pace, so many times faster", async () => {
    const { clock, listener } = play(10);
    await clock.pass(5_100);
    expect(listener.shown).toEqual([0, 1, 2, 3, 4, 5]);
    expect(listener.feed).toMatchObject({ kind: "replay", at: 6, of: COUNT, ended: false });
  });

  test("faster than the eye, only some snapshots are shown, but all are passed on", async () => {
    const { clock, listener } = play(10_000);
    await clock.pass(3_000);
    expect(listener.shown.length + listener.passed.length).toBe(COUNT);
    expect(listener.shown.length).toBeLessThan(40);
    expect(listener.feed).toMatchObject({ ended: true, at: COUNT });
  });

  test("pause holds, ] steps on, [ steps back", async () => {
    const { clock, listener, feed } = play(10);
    await clock.pass(3_500);
    feed.act({ type: "pause", paused: true });
    await clock.pass(60_000);
    expect(listener.shown).toEqual([0, 1, 2, 3]);
    feed.act({ type: "seek", unit: "snapshot", steps: 1 });
    await clock.pass(100);
    expect(listener.shown.at(-1)).toBe(4);
    feed.act({ type: "seek", unit: "snapshot", steps: -1 });
    await clock.pass(100);
    expect(listener.resets).toBe(1);
    expect(listener.shown.at(-1)).toBe(3);
    expect(listener.passed).toEqual([0, 1, 2]);
    expect(listener.feed).toMatchObject({ at: 4 });
    feed.act({ type: "seek", unit: "snapshot", steps: -1 });
    feed.act({ type: "seek", unit: "snapshot", steps: -1 });
    await clock.pass(100);
    expect(listener.feed).toMatchObject({ at: 2 });
  });

  test("{ and } seek by a tenth of the recording, there and back", async () => {
    const { clock, listener, feed } = play(1);
    await clock.pass(1_000);
    feed.act({ type: "seek", unit: "tenth", steps: 1 });
    feed.act({ type: "seek", unit: "tenth", steps: 1 });
    await clock.pass(50);
    expect(listener.shown.at(-1)).toBe(20);
    feed.act({ type: "seek", unit: "tenth", steps: -1 });
    await clock.pass(50);
    expect(listener.shown.at(-1)).toBe(11);
    for (let i = 0; i < 12; i++) feed.act({ type: "seek", unit: "tenth", steps: 1 });
    await clock.pass(50);
    expect(listener.feed).toMatchObject({ at: COUNT });
    await clock.pass(50_000);
    expect(listener.feed).toMatchObject({ ended: true });
    for (let i = 0; i < 20; i++) feed.act({ type: "seek", unit: "tenth", steps: -1 });
    await clock.pass(50);
    expect(listener.feed).toMatchObject({ at: 1, ended: false });
  });

  test("a source that breaks is told of; what came before stays", async () => {
    const clock = new TestClock();
    const listener = new Listener();
    const open = async function* broken(): AsyncIterable<Snapshot> {
      yield exampleSnapshot(0);
      throw new Error("cut off");
    };
    new ReplayFeed(open, clock, listener, "x", 60).start();
    await clock.pass(1_000);
    expect(listener.shown).toEqual([0]);
    expect(listener.failures).toEqual(["cut off"]);
    expect(listener.feed).toMatchObject({ ended: true });
  });
});

describe("index of times", () => {
  test("stays bounded and finds places to within its coarseness", () => {
    const index = new TimeIndex(64);
    for (let at = 0; at < 10_000; at++) index.add(at * 10);
    expect(index.count).toBe(10_000);
    expect(index.first).toBe(0);
    expect(index.last).toBe(99_990);
    const stride = 256;
    for (const number of [0, 1, 777, 5_000, 9_999]) {
      const found = index.indexAt(number * 10);
      expect(found).toBeLessThanOrEqual(number);
      expect(number - found).toBeLessThan(stride);
      expect(index.timeAt(number)).toBe(found * 10);
    }
  });
});
