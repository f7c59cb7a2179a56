// A recording whose machine, notes and tags are made to drive a terminal, a page or a spreadsheet: in no output do they.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isNewBoot } from "../src/detect/series/boots.ts";
import { ColumnsBuilder } from "../src/model/columns-builder.ts";
import { NONPAGED, PAGED } from "../src/model/snapshot.ts";
import { RecordingWriter } from "../src/store/writer.ts";
import { runCli } from "./cli/run-cli.test-support.ts";

const NAME = `SRV<img src=x onerror=alert(1)>\u001b]0;title\u0007\u009b31m\u202e"'</script><script>alert(2)</script>`;
/** Escape, bell, C1 control sequences, and what turns the direction of text. */
const DRIVES = /[\p{Cc}\p{Cf}]/u;
const START = 1_800_000_000_000;

const folder = mkdtempSync(join(tmpdir(), "poolscope-names-"));
const file = join(folder, "evil.pool");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tagOf = (text: string): number => Buffer.from(text, "latin1").readUInt32LE(0);

beforeAll(() => {
  const writer = RecordingWriter.open(file, { isNewBoot, now: START, program: NAME });
  for (let i = 0; i < 200; i++) {
    const blocks = 1000 + 50 * i;
    const columns = new ColumnsBuilder();
    columns.add(tagOf("=1+2"), NONPAGED, blocks + 10 * i, 10 * i, blocks, blocks * 64);
    columns.add(tagOf("\u001b[2J"), PAGED, 2 * blocks, blocks, blocks, blocks * 128);
    columns.add(tagOf("<b>\u009b"), NONPAGED, 3 * blocks, 2 * blocks, blocks, blocks * 32);
    writer.append({
      time: START + i * 60_000,
      origin: {
        source: "windows-live",
        timeBasis: "measured",
        host: NAME,
        windowsBuild: 19_045,
        bootTime: START - 60_000,
        file: NAME,
        notice: NAME,
      },
      totals: { physicalBytes: 2 ** 33, nonpagedBytes: blocks * 96, pagedBytes: blocks * 128 },
      columns: columns.finish(),
      counterBits: 32,
      gaps: [{ where: NAME, problem: NAME }],
    });
  }
  writer.close(START);
});

describe("names from a file", () => {
  it.each([
    [["info", file]],
    [["leaks", file]],
    [["check", file]],
    [["verify", file]],
    [["status", file]],
    [["issue", file]],
    [["doctor", file]],
    [["diff", file, file]],
    [["fleet", file]],
    [["export", file, "--format", "csv"]],
  ])(
    "drive no terminal, also where the output goes to a file first: poolscope %j",
    (args) => {
      const { code, stdout, stderr } = runCli(args);
      expect([0, 1, 2]).toContain(code);
      expect((stdout + stderr).replaceAll(/[\r\n\t]/g, "")).not.toMatch(DRIVES);
    },
    60_000,
  );

  it("are kept exactly in JSON, without an escape of its own", () => {
    const { stdout } = runCli(["leaks", file, "--json"]);
    for (const control of ["\u001b", "\u0007", "\r"]) expect(stdout).not.toContain(control);
    expect(JSON.stringify(JSON.parse(stdout))).toContain(JSON.stringify(NAME).slice(1, -1));
  }, 60_000);

  it("are text in a report", () => {
    const report = join(folder, "report.html");
    expect(runCli(["report", file, "-o", report]).code).toBe(0);
    const html = readFileSync(report, "utf8");
    expect(html).toContain("onerror=alert(1)");
    expect(html).not.toContain("<img src=x");
    expect(html).not.toContain("<script>alert(2)");
  }, 60_000);

  it("are marked in Markdown, so that a forum shows them as they are", () => {
    const { stdout } = runCli(["issue", file]);
    expect(stdout).toContain("SRV&lt;img src=x onerror=alert(1)&gt;\\u{1b}");
    expect(stdout).not.toContain("<img");
    expect(stdout).not.toContain("<script");
  }, 60_000);
});
