import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runCli } from "./run-cli.test-support.ts";

const folder = mkdtempSync(join(tmpdir(), "poolscope-check-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HEAD = " Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc\n\n";
const row = (tag: string, allocs: number, frees: number): string =>
  ` ${tag} Nonp ${allocs} ${frees} ${allocs - frees} ${(allocs - frees) * 96} 96\n`;

function log(name: string, acme: number, irp = 60): string {
  const path = join(folder, name);
  writeFileSync(path, HEAD + row("AcmA", acme + 50, 50) + row("Irp ", irp + 900, 900));
  return path;
}

const before = log("before-2026-11-26_10-00-00.txt", 100);
const same = log("same-2026-11-26_11-00-00.txt", 100);
const more = log("more-2026-11-26_11-00-00.txt", 103, 70);

describe("check", () => {
  test("passes where nothing is left behind and fails where something is", () => {
    const pass = runCli(["check", before, same, "--tag", "Acm?", "--max-outstanding", "+0"]);
    expect(pass.stdout).toMatch(/ok +AcmA nonpaged: 100 blocks at the start, 100 at the end \(0\)/);
    expect(pass.code).toBe(0);
    const fail = runCli(["check", before, more, "--tag", "Acm?", "--max-outstanding", "+0"]);
    expect(fail.stdout).toContain("3 blocks more are outstanding than at the start; +0 are allowed.");
    expect(fail.stdout).toContain("1 of 1 tag failed.");
    expect(fail.code).toBe(1);
  });

  test("growth between two snapshots is held against the limit per hour", () => {
    expect(runCli(["check", before, more, "--tag", "AcmA", "--max-growth", "1KiB/h"]).code).toBe(0);
    const fail = runCli(["check", before, more, "--tag", "AcmA", "--max-growth", "200/h"]);
    expect(fail.stdout).toContain("Grows by +288 B/h (from the first snapshot to the last); 200 B/h is allowed.");
    expect(fail.code).toBe(1);
  });

  test("JUnit and JSON name every tag and what broke", () => {
    const file = join(folder, "pool.xml");
    const { stdout, code } = runCli(["check", before, more, "--max-outstanding", "+5", "--junit", file, "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      passed: false,
      tags: [
        { tag: "Irp ", pool: "nonpaged", passed: false },
        { tag: "AcmA", raw: "0x416d6341", passed: true },
      ],
    });
    const xml = readFileSync(file, "utf8");
    expect(xml).toContain('<testsuites tests="2" failures="1" errors="0">');
    expect(xml).toContain('<testcase classname="poolscope check" name="AcmA nonpaged">');
    expect(xml).toMatch(/<failure message="10 blocks more are outstanding/);
  });

  test("a leak verdict on a record fails without any limit", () => {
    const sample = join(import.meta.dirname, "../../data/samples/event-leak.csv.gz");
    const { stdout, code } = runCli(["check", sample, "--tag", "Even"]);
    expect(stdout).toMatch(/leaked, has stopped, is still held: \+3\.\d+ MiB\/h/);
    expect(code).toBe(1);
    expect(runCli(["check", sample, "--tag", "File"]).code).toBe(0);
  });

  test.each([
    [["check", before, "--tag", "AcmA"], "one snapshot shows no growth"],
    [["check", before, same, "--tag", "acma"], "no tag matches acma"],
    [["check", before, same, "--max-growth", "fast"], "--max-growth"],
    [["check", before, same, "--max-outstanding", "-1"], "--max-outstanding"],
  ])("%j is refused in one line", (args, words) => {
    const { code, stderr } = runCli(args);
    expect(stderr).toContain(words);
    expect(code).toBe(2);
  });
});
