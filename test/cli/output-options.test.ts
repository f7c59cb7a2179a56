// What every text report keeps to: times in one zone, colours when asked for, nothing said twice, right plurals and stops.

import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { runCli } from "./run-cli.test-support.ts";

const SAMPLE = fileURLToPath(new URL("../../data/samples/event-leak.pool", import.meta.url));
const INPUTS = fileURLToPath(new URL("../../../shared/samples/inputs", import.meta.url));
const zoned = { env: { TZ: "Asia/Kolkata" } };
const UTC_TIME = /\d\d:\d\d:\d\dZ/;
const LOCAL_TIME = /\d\d:\d\d:\d\d\+05:30/;

describe("times", () => {
  test.each([["leaks"], ["info"], ["snapshot"], ["live", "--once"], ["issue"]])(
    "%s tells them in UTC, or local",
    (name, ...rest) => {
      const args = [name, SAMPLE, ...rest];
      for (const plain of [runCli(args, zoned).stdout, runCli([...args, "--utc"], zoned).stdout]) {
        expect(plain).toMatch(UTC_TIME);
        expect(plain).not.toMatch(LOCAL_TIME);
      }
      const local = runCli([...args, "--local"], zoned).stdout;
      expect(local).toMatch(LOCAL_TIME);
      expect(local).not.toMatch(UTC_TIME);
    },
  );

  test("what programs read is in UTC all the same; both at once are refused", () => {
    expect(runCli(["leaks", SAMPLE, "--json", "--local"], zoned).stdout).toBe(
      runCli(["leaks", SAMPLE, "--json"]).stdout,
    );
    expect(runCli(["leaks", SAMPLE, "--utc", "--local"]).code).toBe(2);
  });
});

describe("colours", () => {
  const ESCAPE = "\u001B[";

  test.each([["leaks"], ["snapshot"], ["why", "Even"], ["check"]])(
    "%s has them when asked for, and says the same",
    (name, ...rest) => {
      const args = [name, ...rest, SAMPLE];
      const plain = runCli(args).stdout;
      expect(plain).not.toContain(ESCAPE);
      const painted = runCli([...args, "--color", "always"]).stdout;
      expect(painted).toContain(ESCAPE);
      expect(stripVTControlCharacters(painted)).toBe(plain);
    },
  );
});

/** Text that no report may hold: two stops, one of many, a span from a moment to itself. */
const WRONG = [
  /[a-z]\.\.(?:\s|$)/m,
  /(?:^|[\s(])1 (?:rows|blocks|snapshots|tags|files|drivers|handles|processes|allocations|frees|restarts|leaks|suspects|lines|others)\b/m,
  /\b(\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ) to \1/,
];

describe.skipIf(!existsSync(INPUTS))("reports on what people send", () => {
  test.each(existsSync(INPUTS) ? readdirSync(INPUTS) : [])(
    "%s",
    (folder) => {
      for (const command of ["leaks", "snapshot"]) {
        const { stdout } = runCli([command, `${INPUTS}/${folder}`]);
        for (const words of WRONG) expect(stdout, command).not.toMatch(words);
        // A sentence of one finding is not said again of the next, or as a step of each.
        const steps = stdout.split("Next steps:\n")[1]?.split("\n\n")[0]?.split("\n") ?? [];
        const commands = steps.filter((line) => /^ {3}\S/.test(line));
        expect(new Set(commands).size, command).toBe(commands.length);
        expect(stdout.split("Next steps:").length, command).toBeLessThanOrEqual(2);
        // Commands may be as long as they are; all else keeps to the width.
        const wide = stdout
          .split("\n")
          .filter((line) => line.length > 100 && !/^ {3}(?:poolscope|!|verifier|netsh|fltmc|handle)/.test(line));
        expect(
          wide.filter((line) => line.includes(" ")),
          command,
        ).toEqual([]);
      }
    },
    60_000,
  );
});
