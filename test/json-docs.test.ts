// docs/json-output.md names every field that `--json` prints: each command is run on samples, and every key of its answer must
// stand in the section of that command, or in the section that it refers to.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { commands } from "../src/cli/commands.ts";
import { runCli } from "./cli/run-cli.test-support.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = readFileSync(join(root, "docs/json-output.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "poolscope-json-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RECORDING = join(root, "data/samples/event-leak.pool");
const CSV = join(root, "data/samples/event-leak.csv.gz");

function keysOf(value: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const each of value) keysOf(each, found);
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      found.add(key);
      keysOf(inner, found);
    }
  }
  return found;
}

test.each([
  ["leaks", [RECORDING]],
  ["demo", []],
  ["why", ["Even", RECORDING]],
  ["doctor", [RECORDING]],
  ["why", ["WDiv"]],
  ["snapshot", [CSV]],
  ["diff", [RECORDING]],
  ["check", [RECORDING, "--tag", "Even"]],
  ["tag", ["Even", "NPBL"]],
  ["info", [RECORDING]],
  ["import", [join(folder, "made.pool"), CSV]],
  ["verify", [RECORDING]],
  ["status", [RECORDING]],
  ["fleet", [RECORDING]],
  ["live", ["--once", RECORDING]],
  ["report", [RECORDING, "-o", join(folder, "report.html")]],
] as const)("%s %o", (command, parameters) => {
  const { stdout, stderr } = runCli([command, ...parameters, "--json"]);
  expect(stdout, stderr).not.toBe("");
  const missing = [...keysOf(JSON.parse(stdout))].filter((key) => !new RegExp(`["\`]${key}["\`]`).test(page));
  expect(missing).toEqual([]);
});

test("every command with --json has its answer in the page", () => {
  const lacking = Object.keys(commands).filter(
    (name) =>
      /^ +--json\b/m.test(runCli([name, "--help"]).stdout) &&
      !new RegExp(`^## .*\`${name} [^\`]*--json\``, "m").test(page),
  );
  expect(lacking).toEqual([]);
});
