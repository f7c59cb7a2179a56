// The live view in a real terminal: started, used, resized, left, killed and failing, under tmux.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { buildFakeNt } from "./build/fakent.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOCKET = `poolscope-test-${process.pid}`;
const ENV = { ...process.env, LC_ALL: "C.UTF-8", TERM: "xterm-256color", NO_COLOR: "" };

function tmux(...args: string[]): string {
  return execFileSync("tmux", ["-L", SOCKET, "-f", "/dev/null", "-u", ...args], { encoding: "utf8", env: ENV });
}

function hasTmux(): boolean {
  try {
    tmux("-V");
    return true;
  } catch {
    process.stderr.write("tmux is missing: the live view is not tested in a real terminal\n");
    return false;
  }
}

const isThere = hasTmux();

/** One shell in a window of its own, so that what is left behind in the terminal can be seen. */
class Window {
  readonly name: string;

  constructor(name: string, columns: number, rows: number) {
    this.name = name;
    tmux("new-session", "-d", "-s", name, "-x", String(columns), "-y", String(rows), "-c", ROOT, "sh");
    tmux("set-option", "-t", name, "window-size", "manual");
    this.type(`PS1=; export PATH=${ROOT}node_modules/.bin:$PATH`);
  }

  type(line: string): void {
    tmux("send-keys", "-t", this.name, "-l", line);
    this.keys("Enter");
  }

  keys(...keys: string[]): void {
    tmux("send-keys", "-t", this.name, ...keys);
  }

  screen(): string {
    return tmux("capture-pane", "-p", "-t", this.name);
  }

  ask(format: string): string {
    return tmux("display-message", "-p", "-t", this.name, format).trim();
  }

  async shows(wanted: RegExp): Promise<string> {
    const until = Date.now() + 30_000;
    for (;;) {
      const screen = this.screen();
      if (wanted.test(screen)) return screen;
      if (Date.now() > until) throw new Error(`${String(wanted)} did not appear:\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The terminal is as a shell wants it: no alternate screen, lines and echo, a cursor, no mouse. */
  async isRestored(): Promise<void> {
    this.type("stty -a | tr ' ;' '\\n\\n' | grep -x -e icanon -e echo | sort | tr '\\n' ' '; echo RESTORED");
    await this.shows(/echo icanon RESTORED/);
    expect(this.ask("#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{wrap_flag}")).toBe("0 1 0 1");
  }
}

afterAll(() => {
  if (isThere) tmux("kill-server");
});

const REPLAY = "node bin/poolscope.mjs live --replay data/samples/event-leak.csv.gz";

describe.skipIf(!isThere)("the live view in tmux", () => {
  test("a PoolMon user finds the leak, looks around and leaves", async () => {
    const window = new Window("use", 100, 30);
    window.type(`${REPLAY} --speed max; echo LEFT $?`);
    const first = await window.shows(/106\/106/);
    expect(first).toContain("poolscope");
    window.keys("b");
    await window.shows(/by bytes/);
    window.keys("(");
    await window.shows(/by bytes change/);
    window.keys("t", "p");
    await window.shows(/by tag change, nonpaged only/);
    window.keys("v", "/");
    window.keys("-l", "Ev");
    await window.shows(/Filter: Ev/);
    window.keys("Enter");
    await window.shows(/filter Ev/);
    window.keys("Enter");
    const detail = await window.shows(/0x6e657645/);
    expect(detail).toContain("5,009 allocs, 1,000 frees");
    window.keys("Escape", "?");
    await window.shows(/PoolMon's keys/);
    window.keys("x", "{", "{");
    await window.shows(/ (8[0-9]|9[0-9])\/106/);
    window.keys("q");
    await window.shows(/LEFT 0/);
    await window.isRestored();
  });

  test("a storm of sizes leaves a whole frame of the last size", async () => {
    const window = new Window("resize", 80, 24);
    window.type(`${REPLAY} --speed max; echo LEFT $?`);
    await window.shows(/106\/106/);
    for (let step = 0; step < 60; step++) {
      const columns = 20 + ((step * 53) % 180);
      const rows = 5 + ((step * 29) % 55);
      tmux("resize-window", "-t", window.name, "-x", String(columns), "-y", String(rows));
    }
    tmux("resize-window", "-t", window.name, "-x", "90", "-y", "20");
    await window.shows(/^poolscope .*106\/106.*\n(?:.*\n){18} [0-9]+ rows, by .*/);
    window.keys("q");
    await window.shows(/LEFT 0/);
    await window.isRestored();
  });

  test("a signal gives the terminal back", async () => {
    const window = new Window("signal", 80, 24);
    const file = join(mkdtempSync(join(tmpdir(), "poolscope-tui-")), "pid");
    window.type(`sh -c 'echo $$ > ${file}; exec ${REPLAY} --speed max'; echo LEFT $?`);
    await window.shows(/106\/106/);
    process.kill(Number(readFileSync(file, "utf8")), "SIGTERM");
    await window.shows(/LEFT/);
    await window.isRestored();
  });

  test("an error gives the terminal back and shows its stack", async () => {
    const window = new Window("error", 80, 24);
    window.type("node test/tui-crash.test-support.ts; echo LEFT $?");
    const screen = await window.shows(/LEFT 1/);
    expect(screen).toContain("failed on purpose");
    await window.isRestored();
  });

  test("suspended and continued, it draws itself anew", async () => {
    const window = new Window("suspend", 80, 24);
    window.type("set -m");
    window.type(`${REPLAY} --speed max`);
    await window.shows(/106\/106/);
    window.keys("C-z");
    await window.shows(/Stopped|Suspended/);
    await window.isRestored();
    window.type("fg >/dev/null; echo LEFT $?");
    await window.shows(/^poolscope .*106\/106/);
    window.keys("C-c");
    await window.shows(/LEFT 0/);
    await window.isRestored();
  });

  const library = buildFakeNt();
  test.skipIf(library === undefined)(
    "live on the stand-in for ntdll: samples, baseline, failure, recovery",
    async () => {
      const window = new Window("live", 120, 30);
      window.type(`export POOLSCOPE_NTDLL=${library ?? ""} FAKENT=tags=500,leak=50`);
      window.type("node bin/poolscope.mjs live --interval 200ms; echo LEFT $?");
      await window.shows(/build 19045.*every 0.2 s/);
      await window.shows(/\+4800/);
      window.keys("z");
      await window.shows(/since baseline/);
      window.keys("-l", "/Leak");
      await window.shows(/Leak Nonp .*\+(9600|14400|19200|24000)/);
      window.keys("Escape", "Space");
      await window.shows(/PAUSED/);
      window.keys("s");
      await window.shows(/no session pools/);
      window.keys("q");
      await window.shows(/LEFT 0/);
      await window.isRestored();
    },
  );
});
