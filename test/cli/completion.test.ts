// Completion scripts, each sourced by its own shell where that is installed.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { listedWords } from "../../src/cli/completion.ts";
import { run } from "../../src/cli/main.ts";

const folder = mkdtempSync(join(tmpdir(), "poolscope-completion-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes the script for a shell and answers its path. */
async function scriptOf(shell: string): Promise<string> {
  let text = "";
  const stdout = { isTTY: false, columns: 80, write: (part: string) => void (text += part) };
  const stderr = { isTTY: false, columns: 80, write: () => {} };
  expect(await run(["completion", shell], { stdout, stderr, env: {}, platform: "linux", now: () => 0 })).toBe(0);
  const file = join(folder, `completion.${shell}`);
  writeFileSync(file, text);
  return file;
}

function has(shell: string): boolean {
  const isThere = spawnSync(shell, ["-c", "exit 0"]).status === 0;
  if (!isThere) console.warn(`no ${shell}: its completion is not sourced`);
  return isThere;
}

const CASES = [
  [["dump", "MEMORY.DMP", "us"], ["used"]],
  [["dump", "MEMORY.DMP", "used", "--sort", "non"], ["nonpaged"]],
  [["driver", "a.sys", "--fail-on", "w"], ["warning"]],
  [["lea"], ["leaks"]],
  [["leaks", "--fail"], ["--fail-on-leak"]],
] as const;

describe.skipIf(!has("bash"))("bash", () => {
  test.each(CASES)("%j", async (words, expected) => {
    const script = `source ${await scriptOf("bash")}; COMP_WORDS=(poolscope "$@"); COMP_CWORD=$#; _poolscope; printf '%s\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", script, "x", ...words], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n")).toEqual(expected);
  });
});

describe.skipIf(!has("zsh"))("zsh", () => {
  test("the script is sourced without a word and registers itself", async () => {
    const script = `source ${await scriptOf("zsh")}; print -r -- "\${_comps[poolscope]}"`;
    const { stdout, stderr } = spawnSync("zsh", ["-f", "-c", script], {
      encoding: "utf8",
      env: { ...process.env, HOME: folder },
    });
    expect(stderr).toBe("");
    expect(stdout).toContain("_poolscope");
  });
});

describe.skipIf(!has("fish"))("fish", () => {
  test.each(CASES)("%j", async (words, expected) => {
    const script = `source ${await scriptOf("fish")}; complete -C "poolscope ${words.join(" ")}"`;
    const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", script], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split("\t")[0]),
    ).toEqual(expect.arrayContaining([...expected]));
  });
});

test("words are read out of what the help says, and only where it lists them", () => {
  expect(listedWords("one of bytes, tag, kind")).toEqual(["bytes", "tag", "kind"]);
  expect(listedWords("for used: one of bytes, nonpaged")).toEqual(["bytes", "nonpaged"]);
  expect(listedWords("verdict, tag, perAlloc or rate")).toEqual(["verdict", "tag", "perAlloc", "rate"]);
  expect(listedWords("used, big, find; without one: what it is")).toEqual(["used", "big", "find"]);
  expect(listedWords("recordings, PoolMon logs, CSV, or folders of them")).toEqual([]);
  expect(listedWords("your pooltag.txt")).toEqual([]);
});
