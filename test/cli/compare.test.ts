import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCli } from "./run-cli.test-support.ts";

const folder = mkdtempSync(join(tmpdir(), "poolscope-compare-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A day every half hour: AcmA gains so many blocks a step, `work` allocations a step are made by all. */
function record(name: string, perStep: number, work = 10_000): string {
  const path = join(folder, name);
  const lines = ["time,tag,type,allocs,frees,bytes"];
  for (let i = 0; i < 48; i++) {
    const time = new Date(Date.UTC(2026, 10, 20) + i * 1_800_000).toISOString();
    const blocks = 500 + Math.round(i * perStep + 4 * Math.sin(i * 2.3));
    lines.push(`${time},AcmA,Nonp,${1000 + blocks + i * 200},${1000 + i * 200},${blocks * 1024}`);
    lines.push(`${time},Irp ,Nonp,${9000 + i * work},${8000 + i * work},${1000 * 400}`);
  }
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

const leaky = record("leaky.csv", 100);
const fixed = record("fixed.csv", 0);

test("an update that ends the growth is a cure, with both rates and their intervals", () => {
  const { stdout, code } = runCli(["compare", "--a", leaky, "--b", fixed]);
  expect(stdout).toMatch(
    /AcmA nonpaged: before \+\d+ KiB\/h \(.* to .*\), after .*: cured; at least 9\d % of the growth is gone/,
  );
  expect(stdout).toContain("1 tag: 1 cured.");
  expect(code).toBe(0);
});

test("the same growth again, and growth that is new, are exit code 1", () => {
  const same = runCli(["compare", "--a", leaky, "--b", record("again.csv", 102), "--tag", "Acm?"]);
  expect(same.stdout).toContain("not cured: it grows as before");
  expect(same.code).toBe(1);
  const worse = runCli(["compare", "--a", fixed, "--b", leaky, "--json"]);
  expect(JSON.parse(worse.stdout)).toMatchObject({ tags: [{ tag: "AcmA", outcome: "worse" }] });
  expect(worse.code).toBe(1);
});

test("less work proves no cure, and nothing to cure is no answer", () => {
  const idle = runCli(["compare", "--a", leaky, "--b", record("idle.csv", 0, 100)]);
  expect(idle.stdout).toContain("less work, so that a lower rate proves no cure");
  expect(idle.code).toBe(2);
  const nothing = runCli(["compare", "--a", fixed, "--b", fixed]);
  expect(nothing.stdout).toContain("Nothing grew before");
  expect(nothing.code).toBe(2);
});

test.each([
  [["compare", "--a", leaky], "--b"],
  [["compare", "--a", leaky, "--b", fixed, "--tag", "Zzzz"], "no tag matches Zzzz"],
])("%j is refused in one line", (args, words) => {
  const { stderr, code } = runCli(args);
  expect(stderr).toContain(words);
  expect(code).toBe(2);
});
