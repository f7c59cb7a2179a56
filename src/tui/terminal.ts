// The terminal: alternate screen, raw keys, mouse, size, and writing only the lines that changed. The one impure file
// of the view. Whatever happens (exit, error, signal), the terminal is given back as it was.

import { writeSync } from "node:fs";
import type { ReadStream, WriteStream } from "node:tty";
import { changedLines } from "./changed-lines.ts";
import { decodeKeys, type Key } from "./keys.ts";
import type { Size } from "./state.ts";

const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
const LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";
const MOUSE_ON = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF = "\x1b[?1006l\x1b[?1000l";
const STDOUT = 1;
/** After this long a lone escape is the Esc key and not the beginning of a sequence. */
const ESCAPE_MS = 40;

export interface TerminalEvents {
  onKeys(keys: readonly Key[]): void;
  onResize(size: Size): void;
  /** The terminal or the process is being taken away: leave. */
  onHangUp(): void;
}

export interface TerminalOptions {
  readonly mouse: boolean;
}

export class Terminal {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #events: TerminalEvents;
  readonly #mouse: boolean;
  #shown: readonly string[] = [];
  #rest = "";
  #escapeTimer: NodeJS.Timeout | undefined;
  #isOpen = false;
  #isBlocked = false;
  #waiting: readonly string[] | undefined;

  constructor(input: ReadStream, output: WriteStream, events: TerminalEvents, options: TerminalOptions) {
    this.#input = input;
    this.#output = output;
    this.#events = events;
    this.#mouse = options.mouse;
  }

  get size(): Size {
    return { columns: Math.max(1, this.#output.columns || 80), rows: Math.max(1, this.#output.rows || 24) };
  }

  open(): void {
    this.#input.setEncoding("utf8");
    this.#input.on("data", this.#onData);
    this.#input.on("end", this.#onHangUp);
    this.#input.on("error", this.#onHangUp);
    this.#output.on("error", this.#onHangUp);
    this.#output.on("resize", this.#onResize);
    this.#output.on("drain", this.#onDrain);
    for (const signal of SIGNALS) process.on(signal, this.#onHangUp);
    process.on("SIGCONT", this.#onContinue);
    process.on("exit", this.#restore);
    process.on("uncaughtExceptionMonitor", this.#restore);
    this.#take();
  }

  /** Gives the terminal back and stops listening. */
  close(): void {
    this.#restore();
    clearTimeout(this.#escapeTimer);
    this.#input.off("data", this.#onData);
    this.#input.off("end", this.#onHangUp);
    this.#output.off("resize", this.#onResize);
    this.#output.off("drain", this.#onDrain);
    for (const signal of SIGNALS) process.off(signal, this.#onHangUp);
    process.off("SIGCONT", this.#onContinue);
    process.off("exit", this.#restore);
    process.off("uncaughtExceptionMonitor", this.#restore);
    this.#input.pause();
    this.#input.unref();
  }

  /** Shows lines; only those that differ are written. While the terminal is slow, only the newest are kept for later. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    if (this.#isBlocked) {
      this.#waiting = lines;
      return;
    }
    const out = changedLines(this.#shown, lines);
    this.#shown = lines;
    if (out !== "") this.#isBlocked = !this.#output.write(out);
  }

  /** Forgets what is on screen, so that the next frame is written in full. */
  invalidate(): void {
    this.#shown = [];
    if (this.#isOpen) this.#output.write("\x1b[0m\x1b[2J");
  }

  /** To the shell, as Ctrl-Z does elsewhere; the process goes on when the shell says so. */
  suspend(): void {
    if (process.platform === "win32") return;
    this.#restore();
    process.kill(process.pid, "SIGTSTP");
  }

  #take(): void {
    this.#isOpen = true;
    this.#shown = [];
    this.#input.setRawMode(true);
    this.#input.resume();
    this.#output.write(ENTER + (this.#mouse ? MOUSE_ON : ""));
  }

  // Synchronous, since after an error or at exit nothing later is written.
  readonly #restore = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      this.#input.setRawMode(false);
      writeSync(STDOUT, (this.#mouse ? MOUSE_OFF : "") + LEAVE);
    } catch {
      // The terminal is gone: there is nothing to give back.
    }
  };

  readonly #onData = (data: string | Buffer): void => {
    clearTimeout(this.#escapeTimer);
    this.#decode(this.#rest + String(data), false);
    if (this.#rest !== "") this.#escapeTimer = setTimeout(() => this.#decode(this.#rest, true), ESCAPE_MS);
  };

  #decode(input: string, final: boolean): void {
    const { keys, rest } = decodeKeys(input, final);
    this.#rest = rest;
    if (keys.length > 0) this.#events.onKeys(keys);
  }

  readonly #onResize = (): void => {
    this.#shown = [];
    this.#events.onResize(this.size);
  };

  readonly #onDrain = (): void => {
    this.#isBlocked = false;
    const lines = this.#waiting;
    this.#waiting = undefined;
    if (lines !== undefined) this.draw(lines);
  };

  readonly #onContinue = (): void => {
    if (this.#isOpen) return;
    this.#take();
    this.#events.onResize(this.size);
  };

  readonly #onHangUp = (): void => {
    this.#events.onHangUp();
  };
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] as const;
