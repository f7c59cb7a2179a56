import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
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
    const steady = runCli(["check", sample, "--tag", "File", "--explain"]);
    expect(steady.stdout).toMatch(/Passed by the verdict: /);
    expect(steady.code).toBe(0);
  });

  test("two snapshots without a limit decide nothing, whether or not the tag grew", () => {
    for (const after of [same, more]) {
      const { code, stdout, stderr } = runCli(["check", before, after, "--tag", "AcmA"]);
      expect(stdout).toContain("Undecided: too few snapshots for a verdict, and no limit was given.");
      expect(stdout).not.toMatch(/passed|ok /);
      expect(stderr).toContain("give a limit (--max-outstanding +0");
      expect(code).toBe(2);
      expect(runCli(["check", before, after, "--tag", "AcmA", "--allow-undecided"]).code).toBe(0);
    }
    const json: unknown = JSON.parse(runCli(["check", before, more, "--tag", "AcmA", "--json"]).stdout);
    expect(json).toMatchObject({
      passed: false,
      undecided: 1,
      tags: [{ outcome: "undecided", decidedBy: "nothing", state: "not-judged", passed: false }],
    });
  });

  test("the default limits decide", () => {
    expect(runCli(["check", before, more, "--tag", "AcmA", "--default-limits"]).code).toBe(0);
    const big = log("big-2026-11-26_12-00-00.txt", 201);
    const fail = runCli(["check", before, big, "--tag", "AcmA", "--default-limits"]);
    expect(fail.stdout).toContain("101 blocks more are outstanding than at the start; +100 are allowed.");
    expect(fail.code).toBe(1);
  });

  test("per operation: failed, passed and undecided by the interval", () => {
    const per = (...args: string[]) => runCli(["check", before, ...args, "--tag", "AcmA"]);
    const leaky = log("leaky-2026-11-26_12-00-00.txt", 633);
    const fail = per(leaky, "--per", "1000");
    expect(fail.stdout).toContain("0.53 blocks per operation (0.49 to 0.58 by counting error), 1,000 operations");
    expect(fail.code).toBe(1);
    expect(per(same, "--per", "1000").code).toBe(0);
    const few = per(same, "--per", "100");
    expect(few.stdout).toContain("the interval lies across the 0.01 that are allowed");
    expect(few.code).toBe(2);
    expect(per(leaky, "--per", "1000", "--max-per", "1").code).toBe(0);
    // Irp makes 100 allocations between the two.
    const counted = runCli([
      "check",
      before,
      log("irp-2026-11-26_12-00-00.txt", 150, 160),
      "--tag",
      "AcmA",
      "--per-tag",
      "Irp ",
    ]);
    expect(counted.stdout).toContain("0.5 blocks per operation");
    expect(counted.stdout).toContain("100 operations");
  });

  test("--explain says what was compared and why", () => {
    const { stdout } = runCli(["check", before, same, "--tag", "AcmA", "--max-outstanding", "+0", "--explain"]);
    expect(stdout).toContain(`compared: ${before}, then ${same}`);
    expect(stdout).toContain("limits: +0 blocks outstanding");
    expect(stdout).toContain("Passed: within every limit that was given.");
  });

  test("two files with modification times only are taken in the order of the arguments", () => {
    const first = log("first.txt", 100);
    const second = log("second.txt", 631);
    const at = (file: string, seconds: number): void => utimesSync(file, seconds, seconds);
    const gate = ["check", first, second, "--tag", "AcmA", "--max-outstanding", "+0"];
    for (const [a, b] of [
      [1_788_000_000, 1_788_000_000],
      [1_788_000_000, 1_788_090_000],
      [1_788_090_000, 1_788_000_000],
    ] as const) {
      at(first, a);
      at(second, b);
      const { stdout, code } = runCli(gate);
      expect(stdout).toContain("531 blocks more are outstanding than at the start");
      expect(stdout.includes("say otherwise and were not used")).toBe(a > b);
      expect(code).toBe(1);
    }
    const rate = runCli(["check", first, second, "--tag", "AcmA", "--max-growth", "1KiB/h"]);
    expect(rate.stderr).toContain("give --interval");
    expect(rate.code).toBe(2);
    expect(runCli(["check", first, second, "--tag", "AcmA", "--max-growth", "1KiB/h", "--interval", "1h"]).code).toBe(
      1,
    );
  });

  test.each([
    [["check", before, "--tag", "AcmA"], "one snapshot shows no growth"],
    [["check", same, before, "--tag", "AcmA", "--max-outstanding", "+0"], "is older than the first"],
    [["check", before, same, "--max-per", "1"], "give --per or --per-tag"],
    [["check", before, same, "--per-tag", "Proc"], "made no allocation between the snapshots"],
    [["check", before, same, "--tag", "acma"], "no tag matches acma"],
    [["check", before, same, "--max-growth", "fast"], "--max-growth"],
    [["check", before, same, "--max-outstanding", "-1"], "--max-outstanding"],
  ])("%j is refused in one line", (args, words) => {
    const { code, stderr } = runCli(args);
    expect(stderr).toContain(words);
    expect(code).toBe(2);
  });
});
