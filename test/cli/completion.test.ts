// Completion scripts, each sourced by its own shell where that is installed.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { listedWords } from "../../src/cli/completion/candidates.ts";
import { entry, runCli } from "./run-cli.test-support.ts";

const folder = mkdtempSync(join(tmpdir(), "poolscope-completion-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder with the program under its own name, as the scripts call it. */
const programs = join(folder, "bin");
mkdirSync(programs);
writeFileSync(join(programs, "poolscope"), `#!/bin/sh\nexec "${process.execPath}" "${entry}" "$@"\n`, { mode: 0o755 });
const here = join(folder, "here");
mkdirSync(here);
writeFileSync(join(here, "week.pool"), "");
const env = { ...process.env, HOME: folder, PATH: `${programs}:${process.env["PATH"] ?? ""}`, NO_COLOR: "1" };

/** Writes the script for a shell and answers its path. */
function scriptOf(shell: string): string {
  const file = join(folder, `completion.${shell === "powershell" ? "ps1" : shell}`);
  writeFileSync(file, runCli(["completion", shell]).stdout);
  return file;
}

function has(shell: string, flag: string): boolean {
  const isThere = spawnSync(shell, [flag, "exit 0"]).status === 0;
  if (!isThere) console.warn(`no ${shell}: its completion is not sourced`);
  return isThere;
}

/** Words before the cursor, and what must be offered there: everything of it, in this order. */
const CASES = [
  [["dump", "MEMORY.DMP", "us"], ["used"]],
  [["dump", "--top", "5", "MEMORY.DMP", "us"], ["used"]],
  [["dump", "MEMORY.DMP", "used", "--sort", "non"], ["nonpaged"]],
  [["kd", "tcp:1.2.3.4:5", "ho"], ["holders"]],
  [["fleet", "bu"], ["builds"]],
  [["driver", "a.sys", "--fail-on", "w"], ["warning"]],
  [["snapshot", "--pool", "p"], ["paged"]],
  [
    ["stacks", "--weight", ""],
    ["held", "allocated"],
  ],
  [["live", "--ev"], ["--every"]],
  [["lea"], ["leaks"]],
  [["leaks", "--fail"], ["--fail-on-leak"]],
  [["leaks", "we"], ["week.pool"]],
  [["leaks", "--pooltag", "we"], ["week.pool"]],
] as const;

/** For a machine that is busy. */
const SLOW = 60_000;

describe.skipIf(!has("bash", "-c"))("bash", () => {
  test.each(CASES)(
    "%j",
    (words, expected) => {
      // As readline does it: names of files come from the default where the function offers none.
      const script = `source ${scriptOf("bash")}; compopt() { reply_default=1; }
      COMP_WORDS=(poolscope "$@"); COMP_CWORD=$#; _poolscope poolscope
      [ -z "$reply_default" ] || COMPREPLY+=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")); printf '%s\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = spawnSync("bash", ["-c", script, "x", ...words], { encoding: "utf8", env, cwd: here });
      expect(stderr).toBe("");
      expect(stdout.trim().split("\n")).toEqual(expected);
    },
    SLOW,
  );
});

describe.skipIf(!has("zsh", "-c"))("zsh", () => {
  // The two functions of the completion system that draw the list print it instead.
  test.each(CASES)(
    "%j",
    (words, expected) => {
      const script = `source ${scriptOf("zsh")}
      _describe() { print -rl -- "\${(@P)3}" }
      _files() { print -r -- :files }
      words=(poolscope "$@"); CURRENT=$#words; PREFIX=$words[-1]; _poolscope`;
      const { stdout, stderr } = spawnSync("zsh", ["-f", "-c", script, "x", ...words], {
        encoding: "utf8",
        env,
        cwd: here,
        timeout: SLOW / 2,
        killSignal: "SIGKILL",
      });
      expect(stderr).toBe("");
      const shown = stdout
        .trim()
        .split("\n")
        .map((line) => line.replace(/(.):.*$/, "$1"));
      // The machines of a fleet can come out of files as well.
      const isBoth = words[0] === "fleet";
      expect(shown).toEqual(expected[0] === "week.pool" ? [":files"] : [...expected, ...(isBoth ? [":files"] : [])]);
    },
    SLOW,
  );
});

describe.skipIf(!has("fish", "-c"))("fish", () => {
  test.each(CASES)(
    "%j",
    (words, expected) => {
      const script = `source ${scriptOf("fish")}; complete -C "poolscope ${words.join(" ")}"`;
      const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", script], { encoding: "utf8", env, cwd: here });
      expect(stderr).toBe("");
      expect(
        stdout
          .trim()
          .split("\n")
          .map((line) => line.split("\t")[0]),
      ).toEqual(expected);
    },
    SLOW,
  );
});

const pwsh = findPwsh();

describe.skipIf(pwsh === undefined)("PowerShell", () => {
  test(
    "every case",
    () => {
      const lines = CASES.map(([words]) => {
        const typed = `poolscope ${words.join(" ")}`;
        return `(TabExpansion2 -inputScript '${typed}' -cursorColumn ${typed.length}).CompletionMatches.CompletionText -join ' '`;
      });
      const script = join(folder, "cases.ps1");
      writeFileSync(script, `. ${scriptOf("powershell")}\nSet-Location ${here}\n${lines.join("\n")}\n`);
      const { stdout, stderr } = spawnSync(pwsh ?? "", ["-NoProfile", "-NonInteractive", "-File", script], {
        encoding: "utf8",
        env: { ...env, POWERSHELL_TELEMETRY_OPTOUT: "1", DOTNET_ROOT: process.env["DOTNET_ROOT"] ?? "" },
      });
      expect(stderr).toBe("");
      expect(stdout.trim().split(/\r?\n/)).toEqual(
        CASES.map(([, expected]) => expected.join(" ").replace("week.pool", "./week.pool")),
      );
    },
    2 * SLOW,
  );
});

test(
  "every option that lists its values offers them",
  () => {
    const asked = (...words: string[]): string[] =>
      runCli(["completion", "--words", "--", ...words])
        .stdout.trim()
        .split("\n");
    expect(asked("leaks", "--dates", "=")).toEqual(["dmy", "mdy", "ymd"]);
    expect(asked("live", "--sort", "=per")).toEqual(["perAlloc"]);
    expect(asked("export", "=--format=j")).toEqual(["--format=jsonl"]);
    expect(asked("export", "--format", "=", "=js")).toEqual(["jsonl"]);
    expect(asked("leaks", "=").at(-1)).toBe(":files");
    expect(asked("nonsense", "=")).toEqual([""]);
    expect(asked("leaks", "--in").join()).not.toContain("undefined");
    // An older spelling is understood and not offered.
    expect(asked("leaks", "=--ho")).toEqual([""]);
  },
  SLOW,
);

test("words are read out of what the help says, and only where it lists them", () => {
  expect(listedWords("one of bytes, tag, kind")).toEqual(["bytes", "tag", "kind"]);
  expect(listedWords("for used: one of bytes, nonpaged")).toEqual(["bytes", "nonpaged"]);
  expect(listedWords("verdict, tag, perAlloc or rate")).toEqual(["verdict", "tag", "perAlloc", "rate"]);
  expect(listedWords("used, big, find; without one: what it is")).toEqual(["used", "big", "find"]);
  expect(listedWords("recordings, PoolMon logs, CSV, or folders of them")).toEqual([]);
  expect(listedWords("your pooltag.txt")).toEqual([]);
});

/** PowerShell 7, from the path or where .ci/run puts it. */
function findPwsh(): string | undefined {
  const own = fileURLToPath(new URL("../../.cache/pwsh/pwsh", import.meta.url));
  const found = existsSync(own) ? own : "pwsh";
  return has(found, "-Version") ? found : undefined;
}
