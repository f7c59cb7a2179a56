// Plays a recording: paced by its own times, paused, sped up and sought in. Of the recording only the times are kept
// (thinned when there are very many); going back opens it again and passes through what comes before quietly.

import type { Milliseconds, Snapshot } from "../model/snapshot.ts";
import type { Clock, FeedListener, SampleFeed } from "./feeds.ts";
import { SPEEDS, stepOn } from "./feeds.ts";
import { textOf } from "./monitor.ts";
import type { Effect, Feed } from "./state.ts";

/** Opens the recording for one pass, from a time on or from its beginning. */
export type OpenPass = (from?: Milliseconds) => AsyncIterable<Snapshot>;

/** A pause in the recording is not sat through for longer than this. */
const LONGEST_WAIT_MS = 2_000;
/** Frames are not shown faster than this; snapshots between are passed quietly. */
const SHORTEST_WAIT_MS = 40;
/** Longest stretch of work without letting keys and timers in. */
const BREATH_MS = 25;
/** Snapshots before the one sought that are passed through, so that trends and verdicts have a history. */
const RUN_UP = 4_000;
/** Times kept for seeking. */
const MAX_TIMES = 65_536;

/** Times of a recording in order; every second one is dropped whenever there are too many. */
export class TimeIndex {
  readonly #limit: number;
  #times: number[] = [];
  #stride = 1;
  #count = 0;
  #last: Milliseconds | undefined;

  constructor(limit = MAX_TIMES) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#count;
  }

  get first(): Milliseconds | undefined {
    return this.#times[0];
  }

  get last(): Milliseconds | undefined {
    return this.#last;
  }

  add(time: Milliseconds): void {
    if (this.#count % this.#stride === 0) {
      if (this.#times.length === this.#limit) {
        this.#times = this.#times.filter((_, index) => index % 2 === 0);
        this.#stride *= 2;
      }
      if (this.#count % this.#stride === 0) this.#times.push(time);
    }
    this.#count += 1;
    this.#last = time;
  }

  /** Number (from 0) of the kept snapshot at or before a time. */
  indexAt(time: Milliseconds): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1) * this.#stride;
  }

  /** Time of the kept snapshot at or before a number. */
  timeAt(index: number): Milliseconds | undefined {
    return this.#times[Math.floor(Math.max(0, index) / this.#stride)];
  }
}

export class ReplayFeed implements SampleFeed {
  readonly #open: OpenPass;
  readonly #clock: Clock;
  readonly #listener: FeedListener;
  readonly #name: string;
  #speed: number;
  #paused = false;
  #ended = false;
  /** Number of the shown snapshot from 1, its time, and the clock when it was shown. */
  #at = 0;
  #time: Milliseconds | undefined;
  #shownAt = 0;
  #index: TimeIndex | undefined;
  /** Rises with every seek; a pass that belongs to an older number ends. */
  #pass = 0;
  /** Quiet until this time, then shown. */
  #target: Milliseconds | undefined;
  #stepsAhead = 0;
  #wake: (() => void) | undefined;

  constructor(open: OpenPass, clock: Clock, listener: FeedListener, name: string, speed: number) {
    this.#open = open;
    this.#clock = clock;
    this.#listener = listener;
    this.#name = name;
    this.#speed = speed;
  }

  start(): void {
    void this.#play(++this.#pass, undefined, 0);
  }

  stop(): void {
    this.#pass += 1;
    this.#wake?.();
  }

  act(effect: Effect): void {
    if (effect.type === "pause") this.#paused = effect.paused;
    else if (effect.type === "interval") this.#speed = stepOn(SPEEDS, this.#speed, effect.plus);
    else if (effect.type === "seek") this.#seek(effect.unit, effect.steps);
    else return;
    this.#tell();
    this.#wake?.();
  }

  #seek(unit: "snapshot" | "tenth", steps: number): void {
    if (unit === "snapshot" || this.#ended) this.#paused = true;
    if (unit === "snapshot" && steps > 0) {
      this.#stepsAhead += steps;
      return;
    }
    // Pressed again while the last seek is still under way, a key goes on from where that one leads.
    const here = this.#target ?? this.#time;
    const index = this.#index;
    if (here === undefined || index?.first === undefined || index.last === undefined) return;
    const wanted =
      unit === "snapshot"
        ? (index.timeAt(index.indexAt(here) + steps) ?? index.first)
        : here + ((index.last - index.first) * steps) / 10;
    const target = Math.min(index.last, Math.max(index.first, wanted));
    if (target === here) return;
    if (this.#time !== undefined && target > this.#time) this.#target = target;
    else this.#goBack(target);
  }

  #goBack(target: Milliseconds): void {
    const number = this.#index?.indexAt(target) ?? 0;
    const first = Math.max(0, number - RUN_UP);
    this.#target = target;
    this.#stepsAhead = 0;
    this.#listener.onReset();
    const from = first === 0 ? undefined : this.#index?.timeAt(first);
    void this.#play(++this.#pass, from, first);
  }

  async #play(pass: number, from: Milliseconds | undefined, before: number): Promise<void> {
    this.#at = before;
    this.#time = undefined;
    this.#ended = false;
    let breath = this.#clock.now();
    try {
      for await (const snapshot of this.#open(from)) {
        if (pass !== this.#pass) return;
        const quiet = await this.#untilDue(pass, snapshot);
        if (pass !== this.#pass) return;
        this.#at += 1;
        this.#time = snapshot.time;
        if (!quiet) this.#shownAt = this.#clock.now();
        this.#listener.onSample(snapshot, quiet);
        if (!quiet) this.#tell();
        if (this.#index === undefined) {
          this.#index = new TimeIndex();
          this.#clock.after(300, () => void this.#readTimes());
        }
        if (this.#clock.now() - breath > BREATH_MS) {
          await this.#sleep(0);
          breath = this.#clock.now();
        }
      }
    } catch (error) {
      if (pass === this.#pass) this.#listener.onFailure(textOf(error));
    }
    if (pass !== this.#pass) return;
    this.#ended = true;
    this.#target = undefined;
    this.#stepsAhead = 0;
    this.#tell();
  }

  /** Waits until a snapshot is to be shown, as speed, pause and steps say. Answers whether it is only passed through. */
  async #untilDue(pass: number, snapshot: Snapshot): Promise<boolean> {
    while (pass === this.#pass) {
      if (this.#target !== undefined) {
        if (snapshot.time < this.#target) return true;
        this.#target = undefined;
        return false;
      }
      if (this.#time === undefined) return false;
      if (this.#stepsAhead > 0) {
        this.#stepsAhead -= 1;
        return false;
      }
      if (this.#paused) {
        await this.#sleep(Number.POSITIVE_INFINITY);
        continue;
      }
      const gap = Math.min(LONGEST_WAIT_MS, (snapshot.time - this.#time) / this.#speed);
      const sinceShown = this.#clock.now() - this.#shownAt;
      if (gap < SHORTEST_WAIT_MS) return sinceShown < SHORTEST_WAIT_MS;
      if (sinceShown >= gap) return false;
      await this.#sleep(gap - sinceShown);
    }
    return true;
  }

  async #sleep(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = Number.isFinite(milliseconds) ? this.#clock.after(milliseconds, resolve) : () => undefined;
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** Reads the recording's times once, in the background, so that there is something to seek by. */
  async #readTimes(): Promise<void> {
    const index = new TimeIndex();
    let breath = this.#clock.now();
    try {
      for await (const snapshot of this.#open()) {
        index.add(snapshot.time);
        if (this.#clock.now() - breath > BREATH_MS) {
          await new Promise<void>((resolve) => void this.#clock.after(5, resolve));
          breath = this.#clock.now();
        }
      }
    } catch {
      // The same failure is met and shown where the recording is played.
    }
    this.#index = index;
    this.#tell();
  }

  #tell(): void {
    const feed: Feed = {
      kind: "replay",
      speed: this.#speed,
      name: this.#name,
      at: this.#at,
      of: this.#index === undefined || this.#index.count === 0 ? undefined : this.#index.count,
      from: this.#index?.first,
      to: this.#index?.last,
      ended: this.#ended,
    };
    this.#listener.onFeed(feed);
  }
}
