// Runs PoolMon's screen on a terminal: samples every five seconds, reads keys, writes the lines that changed.

import { visible } from "../../reports/terminal-text.ts";
import { emitKeypressEvents, type Key } from "node:readline";
import type { Snapshot } from "../../model/snapshot.ts";
import type { Tag } from "../../model/tag.ts";
import type { PoolmonSort } from "../../reports/poolmon-text.ts";
import type { PoolmonRequest } from "./arguments.ts";
import { filterOf, POOLMON_HELP } from "./arguments.ts";
import { renderPoolmonScreen, SCREEN_HEAD_LINES, type ScreenLine } from "./screen.ts";

/** PoolMon's interval. */
const REFRESH_MS = 5000;

const SORT_KEYS: Readonly<Record<string, PoolmonSort>> = {
  t: "tag",
  a: "allocs",
  f: "frees",
  d: "diff",
  b: "bytes",
  m: "per-alloc",
};

/** What the screen needs of a terminal; the process's own in the program, a made-up one in tests. */
export interface ScreenTerminal {
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
  start(onKey: (key: string) => void, onResize: () => void): void;
  stop(): void;
}

export interface PoolmonScreen {
  readonly sample: () => Snapshot;
  readonly mappedDriver?: (tag: Tag) => string;
}

/** Shows the screen until q, Esc or Ctrl+C. The terminal is put back as it was, whatever happens. */
export async function runPoolmonScreen(
  request: PoolmonRequest,
  source: PoolmonScreen,
  terminal: ScreenTerminal,
): Promise<void> {
  let { byChange, highlight, pool, sort, totals } = request;
  let before: Snapshot | undefined;
  let snapshot = source.sample();
  let help = false;
  let message: string | undefined;
  let top = 0;
  let shown: string[] = [];
  let rows = 0;

  const draw = (): void => {
    const height = Math.max(1, terminal.rows - 1);
    const screen = help
      ? { lines: POOLMON_HELP.split("\n").map((text): ScreenLine => ({ text, changed: false })), rows }
      : renderPoolmonScreen(
          {
            snapshot,
            before,
            filter: filterOf({ ...request, pool }),
            sort,
            byChange,
            totals,
            top,
            ...(source.mappedDriver === undefined ? {} : { mappedDriver: source.mappedDriver }),
            ...(message === undefined ? {} : { message }),
          },
          terminal.columns,
          height,
        );
    rows = screen.rows;
    const lines = screen.lines
      .slice(0, height)
      .map(({ text, changed }) => (changed && highlight ? `\u001b[7m${visible(text)}\u001b[0m` : visible(text)));
    let update = "";
    for (let line = 0; line < Math.max(lines.length, shown.length); line++) {
      if (lines[line] !== shown[line]) update += `\u001b[${line + 1};1H${lines[line] ?? ""}\u001b[K`;
    }
    if (update !== "") terminal.write(update);
    shown = lines;
  };
  const refresh = (): void => {
    before = snapshot;
    snapshot = source.sample();
    draw();
  };
  const scroll = (by: number): void => {
    const page = Math.max(1, terminal.rows - 1 - SCREEN_HEAD_LINES);
    top = Math.max(0, Math.min(top + by * (Math.abs(by) === 1 ? 1 : page), Math.max(0, rows - page)));
  };

  await new Promise<void>((resolve, reject) => {
    const guard = (action: () => void) => (): void => {
      try {
        action();
      } catch (error) {
        finish(error as Error);
      }
    };
    const timer = setInterval(guard(refresh), REFRESH_MS);
    const finish = (error?: Error): void => {
      clearInterval(timer);
      terminal.stop();
      terminal.write("\u001b[?25h\u001b[?1049l");
      if (error === undefined) resolve();
      else reject(error);
    };
    const onKey = (key: string): void => {
      message = undefined;
      const closedHelp = help;
      help = false;
      if (key === "q" || key === "\u001b" || key === "\u0003") {
        finish();
        return;
      }
      if (key === "p") pool = pool === "both" ? "nonpaged" : pool === "nonpaged" ? "paged" : "both";
      else if (key === "(" || key === ")") byChange = !byChange;
      else if (key === "e") totals = !totals;
      else if (key === "l" || key === "/") highlight = !highlight;
      else if (key === "h" || key === "?") help = !closedHelp;
      else if (key in SORT_KEYS) sort = SORT_KEYS[key] ?? "tag";
      else if (key === "\u001b[A") scroll(-1);
      else if (key === "\u001b[B") scroll(1);
      else if (key === "\u001b[5~") scroll(-2);
      else if (key === "\u001b[6~") scroll(2);
      else if (/^[0-9si]$/.test(key)) message = "Session pools: start with /s.";
      else if (key === " " || key === "\r") {
        refresh();
        return;
      } else return;
      draw();
    };
    terminal.write("\u001b[?1049h\u001b[?25l\u001b[2J");
    terminal.start(
      (key) => guard(() => onKey(key))(),
      guard(() => {
        shown = [];
        terminal.write("\u001b[2J");
        draw();
      }),
    );
    guard(draw)();
  });
}

/** The process's own terminal: standard output, and keys from standard input in raw mode. */
export function processTerminal(): ScreenTerminal {
  const { stdin, stdout } = process;
  let keyListener: ((text: string | undefined, key: Key) => void) | undefined;
  let resizeListener: (() => void) | undefined;
  return {
    get columns() {
      return stdout.columns || 80;
    },
    get rows() {
      return stdout.rows || 25;
    },
    write(text) {
      stdout.write(text);
    },
    start(onKey, onResize) {
      keyListener = (_, key) => {
        onKey(key.sequence ?? "");
      };
      resizeListener = onResize;
      emitKeypressEvents(stdin);
      stdin.setRawMode?.(true);
      stdin.on("keypress", keyListener);
      stdin.resume();
      stdout.on("resize", resizeListener);
    },
    stop() {
      if (keyListener !== undefined) stdin.off("keypress", keyListener);
      if (resizeListener !== undefined) stdout.off("resize", resizeListener);
      stdin.setRawMode?.(false);
      stdin.pause();
    },
  };
}
