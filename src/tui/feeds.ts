// Where samples come from and when: the live cadence, which does not drift, and the player of a recording.
// The clock is passed in; a failing source is reported and tried again.

import type { Milliseconds, Snapshot } from "../model/snapshot.ts";
import { textOf } from "./monitor.ts";
import type { Effect, Feed } from "./state.ts";

/** Time and timers, so that tests own them. */
export interface Clock {
  now(): Milliseconds;
  /** Runs something once, later; the answer cancels it. */
  after(milliseconds: number, run: () => void): () => void;
}

/** What a feed tells. */
export interface FeedListener {
  onSample(snapshot: Snapshot, quiet: boolean): void;
  onFailure(problem: string): void;
  /** The recording is at another place: what was seen before does not come before what follows. */
  onReset(): void;
  onFeed(feed: Feed): void;
}

/** A source of samples that the keys steer. */
export interface SampleFeed {
  start(): void;
  /** Acts on an effect that concerns the feed; others are ignored. */
  act(effect: Effect): void;
  stop(): void;
}

/** Intervals that `+` and `-` step through, in milliseconds. */
export const INTERVALS: readonly number[] = [500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000];

/** Speeds that `+` and `-` step through in a replay. */
export const SPEEDS: readonly number[] = [1, 2, 5, 10, 30, 60, 120, 300, 600, 3_600, Number.POSITIVE_INFINITY];

/** The next value of a ladder from any value on or between its steps. */
export function stepOn(ladder: readonly number[], from: number, up: boolean): number {
  const next = up ? ladder.find((step) => step > from) : ladder.findLast((step) => step < from);
  return next ?? from;
}

/** The next time of a beat that began at `origin`: times missed are skipped, so that lateness never adds up. */
export function nextBeat(origin: Milliseconds, interval: number, now: Milliseconds): Milliseconds {
  return origin + (Math.floor((now - origin) / interval) + 1) * interval;
}

export class LiveFeed implements SampleFeed {
  readonly #sample: () => Snapshot | Promise<Snapshot>;
  readonly #clock: Clock;
  readonly #listener: FeedListener;
  #interval: number;
  #origin = 0;
  #cancel: (() => void) | undefined;
  /** A sample that takes its time is not asked for again before it has come. */
  #isWaiting = false;
  #isStopped = false;

  constructor(sample: () => Snapshot | Promise<Snapshot>, clock: Clock, listener: FeedListener, intervalMs: number) {
    this.#sample = sample;
    this.#clock = clock;
    this.#listener = listener;
    this.#interval = intervalMs;
  }

  start(): void {
    this.#origin = this.#clock.now();
    this.#take();
    this.#schedule();
  }

  act(effect: Effect): void {
    if (effect.type === "sample-now") this.#take();
    if (effect.type !== "interval") return;
    this.#interval = stepOn(INTERVALS, this.#interval, effect.plus);
    this.#origin = this.#clock.now();
    this.#listener.onFeed({ kind: "live", intervalMs: this.#interval });
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #take(): void {
    if (this.#isWaiting) return;
    let snapshot: Snapshot | Promise<Snapshot>;
    try {
      snapshot = this.#sample();
    } catch (error) {
      this.#listener.onFailure(textOf(error));
      return;
    }
    if (snapshot instanceof Promise) void this.#await(snapshot);
    else this.#listener.onSample(snapshot, false);
  }

  async #await(coming: Promise<Snapshot>): Promise<void> {
    this.#isWaiting = true;
    try {
      const snapshot = await coming;
      if (!this.#isStopped) this.#listener.onSample(snapshot, false);
    } catch (error) {
      if (!this.#isStopped) this.#listener.onFailure(textOf(error));
    } finally {
      this.#isWaiting = false;
    }
  }

  #schedule(): void {
    this.#cancel?.();
    const now = this.#clock.now();
    this.#cancel = this.#clock.after(nextBeat(this.#origin, this.#interval, now) - now, () => {
      this.#take();
      this.#schedule();
    });
  }
}
