// `poolscope live` from outside, without a terminal: what --once prints, and errors in one line.

import { describe, expect, test } from "vitest";
import { runCli } from "./run-cli.test-support.ts";

const SAMPLE = "data/samples/event-leak.csv.gz";

describe("live without a terminal", () => {
  test("--once prints the last frame of a replay, of the size asked for", () => {
    const { code, stdout, stderr } = runCli(["live", "--replay", SAMPLE, "--once", "--size", "80x24"]);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    const lines = stdout.split("\n");
    expect(lines).toHaveLength(25);
    expect(lines[0]).toContain("106/106");
    expect(stdout).toMatch(/Even Nonp +5009 +1000 +4009 +385296/);
  });

  test("a pipe gets text alone, and colours only where they are asked for", () => {
    const args = ["live", "--replay", SAMPLE, "--once", "--size", "80x24"];
    expect(runCli(args, { env: { NO_COLOR: "" } }).stdout).not.toContain("\u001B");
    expect(runCli(args, { env: { NO_COLOR: "", FORCE_COLOR: "1" } }).stdout).toContain("\u001B[0;1;36m");
  });

  test("--ascii, --sort and --filter", () => {
    const { stdout } = runCli([
      "live",
      "--replay",
      SAMPLE,
      "--once",
      "--ascii",
      "--sort",
      "bytes",
      "--filter",
      "Cdfs CM",
    ]);
    expect(stdout).toMatch(/^[\x20-\x7e\n]*$/);
    expect(stdout).toMatch(/CM +Paged[\s\S]*Cdfs +Paged[\s\S]*\d+ rows, by bytes, filter Cdfs CM/);
  });

  test("--json gives the rows in the order they are shown", () => {
    const { code, stdout } = runCli(["live", "--replay", SAMPLE, "--json", "--sort", "tag"]);
    expect(code).toBe(0);
    const { time, rows } = JSON.parse(stdout) as { time: string; rows: { tag: string; bytes: number }[] };
    expect(time).toBe("2026-11-23T10:04:04.562Z");
    const tags = rows.map((row) => row.tag);
    expect(tags).toHaveLength(186);
    expect(rows.find((row) => row.tag === "Even")).toMatchObject({
      pool: "nonpaged",
      bytes: 385_296,
      outstanding: 4_009,
    });
  });

  test.each([
    [["live", "--replay", SAMPLE], /needs a terminal; --once/],
    [["live", "--replay", "nowhere.csv", "--once"], /nowhere\.csv/],
    [["live", "--replay", SAMPLE, "--once", "--speed", "fast"], /--speed fast: give a factor/],
    [["live", "--replay", SAMPLE, "--once", "--size", "4x4"], /--size 4x4: give columns and rows/],
    [["live", "--once", "--every", "0"], /--every 0: give a time/],
    [["live", "--replay", SAMPLE, "--once", "--sort", "size"], /--sort size: give one of verdict, tag/],
  ])("%j is refused in one line", (args, message) => {
    const { code, stdout, stderr } = runCli(args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
