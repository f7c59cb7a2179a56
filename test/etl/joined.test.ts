// A recording whose tag belongs to the kernel by every list, and a trace of the same machine: the verdict names the driver.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expected, writeLeakScenario } from "../build/etl/leak-scenario.ts";
import { runCli } from "../cli/run-cli.test-support.ts";

let folder = "";
const path = (name: string): string => join(folder, name);

/** Bytes an hour of the trace: acmefilter's chain over two seconds. */
const TRACE_BYTES_PER_HOUR = (expected.acme.heldBytes / 2) * 3600;

/** Two hours of Toke growing at a rate, a snapshot a minute, beside tags that stand still. */
function recording(bytesPerHour: number): string {
  const lines = ["time,tag,type,allocs,frees,bytes"];
  for (let minute = 0; minute <= 120; minute++) {
    const time = new Date(Date.UTC(2026, 2, 1, 11) + minute * 60_000).toISOString();
    const blocks = 50_000 + Math.round((bytesPerHour * minute) / 60 / 0x398);
    lines.push(`${time},Toke,Paged,${blocks + 900_000 + minute * 5000},${900_000 + minute * 5000},${blocks * 0x398}`);
    lines.push(`${time},Ntfx,Paged,${1000 + minute * 40},${minute * 40},96000`);
    lines.push(`${time},Irp ,Nonp,${2000 + minute * 900},${minute * 900},${2000 * 400}`);
  }
  return `${lines.join("\n")}\n`;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "poolscope-joined-"));
  writeFileSync(path("pool.etl"), writeLeakScenario({ compressed: true }));
  writeFileSync(path("lossy.etl"), writeLeakScenario({ lossy: true }));
  writeFileSync(path("unmerged.etl"), writeLeakScenario({ merged: false }));
  writeFileSync(path("same.csv"), recording(TRACE_BYTES_PER_HOUR));
  writeFileSync(path("faster.csv"), recording(TRACE_BYTES_PER_HOUR * 10));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Answer {
  readonly verdicts: readonly {
    readonly tag: string;
    readonly state: string;
    readonly attribution: {
      readonly suspect?: {
        readonly names: readonly string[];
        readonly certainty: string;
        readonly basis: string;
        readonly company?: string;
      };
      readonly chain: readonly { readonly kind: string; readonly sentence: string }[];
    };
  }[];
  readonly gaps: readonly { readonly problem: string }[];
}

function toke(record: string, ...trace: string[]): { verdict: Answer["verdicts"][number]; gaps: Answer["gaps"] } {
  const more = trace.flatMap((each) => ["--trace", path(each)]);
  const { stdout, stderr } = runCli(["leaks", path(record), ...more, "--json"]);
  const answer = JSON.parse(stdout === "" ? stderr : stdout) as Answer;
  const verdict = answer.verdicts.find((each) => each.tag === "Toke");
  if (verdict === undefined) throw new Error(stdout);
  return { verdict, gaps: answer.gaps };
}

test("the counters alone name nobody; with the trace the driver is proven, and so much of the growth is explained", () => {
  expect(toke("same.csv").verdict.attribution.suspect).toBeUndefined();
  const { verdict } = toke("same.csv", "pool.etl");
  expect(verdict.state).toBe("leaking");
  expect(verdict.attribution.suspect).toMatchObject({
    names: ["acmefilter.sys"],
    certainty: "proven",
    basis: "stack",
    company: "Acme Storage Inc.",
  });
  const stacks = verdict.attribution.chain.find((link) => link.kind === "stack");
  expect(stacks?.sentence).toMatch(
    /^In a trace of 2 s, 91 % of what Toke kept came through acmefilter\.sys\+0x2f10 \(Acme Storage Inc\.\), \+3\.\d+ GiB\/h, which explains (99|100) %/,
  );
});

test("the heading names the driver, and the stacks stand with it", () => {
  const stdout = runCli(["leaks", path("same.csv"), "--trace", path("pool.etl")]).stdout.replace(/\s+/g, " ");
  expect(stdout).toMatch(/1\. acmefilter\.sys: Toke/);
  expect(stdout).toContain("the call stacks of what Toke keeps pass through it");
  expect(stdout).not.toContain("poolscope trace --tag");
  expect(runCli(["leaks", path("same.csv")]).stdout).toContain("poolscope trace --tag Toke --for 60s -o pool.etl");
});

test("a trace of another rate, with losses, or without makers proves less", () => {
  const faster = toke("faster.csv", "pool.etl").verdict.attribution;
  expect(faster.suspect).toMatchObject({ names: ["acmefilter.sys"], certainty: "likely" });
  expect(faster.chain.find((link) => link.kind === "stack")?.sentence).toContain("which explains 10 % of");
  const lossy = toke("same.csv", "lossy.etl");
  expect(lossy.verdict.attribution.suspect).toMatchObject({ certainty: "likely" });
  expect(lossy.gaps.map((gap) => gap.problem).join()).toContain("41 events lost while recording");
  expect(toke("same.csv", "unmerged.etl").verdict.attribution.suspect).toMatchObject({ certainty: "possible" });
});
