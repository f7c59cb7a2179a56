// Runs the view: samples and keys in, frames out, until someone leaves.

import type { Clock, FeedListener, SampleFeed } from "./feeds.ts";
import { frame } from "./frame.ts";
import type { Monitor } from "./monitor.ts";
import type { Effect, Size } from "./state.ts";
import type { Key } from "./keys.ts";
import type { TerminalEvents } from "./terminal.ts";

/** What the app needs of a terminal. */
export interface Screen {
  readonly size: Size;
  open(): void;
  close(): void;
  draw(lines: readonly string[]): void;
  invalidate(): void;
  suspend(): void;
}

/** The diagnosis waits this long after a frame, so that it never stands between a key and its answer. */
const DIAGNOSE_AFTER_MS = 120;

export class App implements FeedListener, TerminalEvents {
  readonly #monitor: Monitor;
  readonly #clock: Clock;
  #feed: SampleFeed | undefined;
  #screen: Screen | undefined;
  #leave: (() => void) | undefined;
  #isDrawDue = false;
  #planned: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(monitor: Monitor, clock: Clock) {
    this.#monitor = monitor;
    this.#clock = clock;
  }

  /** Shows the view until it is left; the terminal is restored and recordings are closed however it ends. */
  async run(feed: SampleFeed, screen: Screen): Promise<void> {
    this.#feed = feed;
    this.#screen = screen;
    const left = new Promise<void>((resolve) => {
      this.#leave = resolve;
    });
    screen.open();
    try {
      this.#monitor.resize(screen.size);
      feed.start();
      this.requestDraw();
      await left;
    } finally {
      feed.stop();
      this.#planned?.cancel();
      screen.close();
      this.#screen = undefined;
      this.#monitor.close();
    }
  }

  /** Draws soon; however often it is asked for, one frame answers all. */
  readonly requestDraw = (): void => {
    if (this.#isDrawDue) return;
    this.#isDrawDue = true;
    setImmediate(() => {
      this.#isDrawDue = false;
      const screen = this.#screen;
      if (screen !== undefined) screen.draw(frame(this.#monitor.stateToDraw(), screen.size));
    });
  };

  onSample: FeedListener["onSample"] = (snapshot, quiet) => {
    this.#monitor.takeSample(snapshot, quiet);
    if (quiet) return;
    this.requestDraw();
    this.#diagnoseSoon();
  };

  onFailure: FeedListener["onFailure"] = (problem) => {
    this.#monitor.fail(problem);
    this.requestDraw();
  };

  onReset: FeedListener["onReset"] = () => {
    this.#monitor.reset();
  };

  onFeed: FeedListener["onFeed"] = (feed) => {
    this.#monitor.setFeed(feed);
    this.requestDraw();
  };

  onKeys: TerminalEvents["onKeys"] = (keys) => {
    for (const key of keys) this.#onKey(key);
    this.requestDraw();
    this.#diagnoseSoon();
  };

  onResize: TerminalEvents["onResize"] = (size) => {
    this.#monitor.resize(size);
    this.requestDraw();
  };

  onHangUp: TerminalEvents["onHangUp"] = () => {
    this.#leave?.();
  };

  #onKey(key: Key): void {
    const effect: Effect | undefined = this.#monitor.key(key);
    if (effect === undefined) return;
    if (effect.type === "quit") this.#leave?.();
    else if (effect.type === "redraw") this.#screen?.invalidate();
    else if (effect.type === "suspend") this.#screen?.suspend();
    else this.#feed?.act(effect);
  }

  /** Plans the next diagnosis for when it is due; one planned for later gives way. */
  #diagnoseSoon(): void {
    const now = this.#clock.now();
    const dueIn = this.#monitor.diagnosisDueIn(now);
    if (dueIn === undefined) return;
    const at = now + Math.max(DIAGNOSE_AFTER_MS, dueIn);
    if (this.#planned !== undefined && this.#planned.at <= at) return;
    this.#planned?.cancel();
    const cancel = this.#clock.after(at - now, () => {
      this.#planned = undefined;
      if (this.#screen === undefined) return;
      this.#monitor.diagnose(() => this.#clock.now());
      this.requestDraw();
    });
    this.#planned = { at, cancel };
  }
}
