// The pipeline step through its own script: exit codes, summary, JUnit and SARIF.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { entry } from "./cli/run-cli.test-support.ts";

const script = fileURLToPath(new URL("../action/run.mjs", import.meta.url));
const sample = fileURLToPath(new URL("../data/samples/event-leak.pool", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "poolscope action-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function step(given: Record<string, string>): { code: number | null; summary: string; output: string; stderr: string } {
  const [summary, output] = [join(folder, "summary.md"), join(folder, "output.txt")];
  writeFileSync(summary, "");
  writeFileSync(output, "");
  const env = {
    ...process.env,
    GITHUB_STEP_SUMMARY: summary,
    GITHUB_OUTPUT: output,
    INPUT_POOLSCOPE: `${process.execPath}\n${entry}`,
    ...given,
  };
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8", env });
  return { code: status, summary: readFileSync(summary, "utf8"), output: readFileSync(output, "utf8"), stderr };
}

test("a leak fails the step with 1; summary, JUnit and SARIF tell it", () => {
  const [junit, sarif] = [join(folder, "j.xml"), join(folder, "s.sarif")];
  const { code, summary, output } = step({
    INPUT_SOURCES: sample,
    INPUT_TAGS: "Even",
    INPUT_JUNIT: junit,
    INPUT_SARIF: sarif,
  });
  expect([code, output]).toEqual([1, "exit-code=1\n"]);
  expect(summary).toContain("## poolscope check: failed: a tag leaked");
  expect(summary).toMatch(/\| Even \| nonpaged \| failed \|/);
  expect(readFileSync(junit, "utf8")).toContain('failures="1"');
  const log = JSON.parse(readFileSync(sarif, "utf8")) as {
    version: string;
    runs: { results: { ruleId: string; level: string }[] }[];
  };
  expect(log.version).toBe("2.1.0");
  expect(log.runs[0]?.results).toMatchObject([{ ruleId: "pool-leak", level: "error" }]);
});

test("a limit that holds passes with 0", () => {
  const { code, summary } = step({
    INPUT_SOURCES: sample,
    INPUT_TAGS: "Even",
    INPUT_ARGUMENTS: "--max-outstanding=10000",
  });
  expect([code, summary.split("\n")[0]]).toEqual([0, "## poolscope check: passed"]);
});

test("what cannot be read is 2 and says why; no source is 2 as well", () => {
  const { code, summary } = step({ INPUT_SOURCES: join(folder, "no file; echo x"), INPUT_TAGS: "" });
  expect(code).toBe(2);
  expect(summary).toContain("undecided or not readable");
  expect(step({ INPUT_SOURCES: " \n" })).toMatchObject({ code: 2, stderr: expect.stringContaining("no sources") });
});

test("a program that is not there is 2", () => {
  expect(step({ INPUT_SOURCES: sample, INPUT_POOLSCOPE: join(folder, "none") })).toMatchObject({ code: 2 });
});
