// `poolscope doctor` on recordings, and on a stand-in for this machine.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildFakeNt } from "../build/fakent.ts";
import { runCli } from "./run-cli.test-support.ts";

interface Answer {
  readonly cases: { id: string; rating: string; basis: string; text: string; remedy: string }[];
  readonly settings: { name: string; rating: string; text: string; remedy?: string }[];
}
const json = (args: readonly string[], env: Record<string, string> = {}): Answer => {
  const { code, stdout, stderr } = runCli(["doctor", ...args, "--json"], { env });
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(stdout) as Answer;
};
const ratingsOf = (answer: Answer) => Object.fromEntries(answer.cases.map(({ id, rating }) => [id, rating]));

/** Half a day of one machine: 300 tags that stay, one pair that grows by 60 blocks a minute and is never freed. */
function writeLog(leaking: string): string {
  const lines = ["Time,Tag,Type,Allocs,Frees,Diff,Bytes"];
  for (let step = 0; step < 73; step++) {
    const time = new Date(Date.UTC(2026, 10, 2, 6) + step * 600_000).toISOString();
    for (let i = 0; i < 300; i++) {
      const held = 100 + i;
      const allocs = 5000 + step * 50;
      lines.push(`${time},T${String(i).padStart(3, "0")},Nonp,${allocs},${allocs - held},${held},${held * 64}`);
    }
    const held = 1000 + step * 600;
    lines.push(`${time},${leaking},Nonp,${held + 10},10,${held},${held * 208}`);
  }
  const file = join(mkdtempSync(join(tmpdir(), "poolscope-doctor-")), "log.csv");
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

describe("doctor of a recording", () => {
  it("calls a case likely by its own growing tag, and rules out those whose tags are absent", () => {
    const answer = json([writeLog("NPBL")]);
    const ratings = ratingsOf(answer);
    expect(ratings["npcap-loopback"]).toBe("likely");
    expect(ratings["npcap-pools"]).toBe("none");
    expect(ratings["mcafee-wsl"]).toBe("not-judged");
    expect(Object.values(ratings).filter((rating) => rating === "likely")).toHaveLength(1);
    expect(answer.settings.find(({ name }) => name === "fast-startup")?.rating).toBe("not-judged");
  });

  it("does not call a case likely by a leak of another tag", () => {
    expect(Object.values(ratingsOf(json([writeLog("Zzzq")])))).not.toContain("likely");
  });

  it("shows the likely case in full and counts the rest", () => {
    const { stdout } = runCli(["doctor", writeLog("NPBL")]);
    expect(stdout).toContain("Likely: 1 case\n   npcap-loopback: npcap.sys (Npcap)\n      why       NPBL: ");
    expect(stdout).toContain("remedy    Use the release after 0.9988");
    expect(stdout).toMatch(/Ruled out: \d+ cases\n {3}--all lists them/);
  });
});

const library = buildFakeNt();
if (library === undefined) console.warn("gcc is missing: doctor is not tried on live data");
describe.skipIf(library === undefined)("doctor of this machine", () => {
  it("tells the kernel's uptime and does not judge what this system has no programs for", () => {
    const env = { POOLSCOPE_NTDLL: library ?? "", FAKENT: "tags=300" };
    const { settings } = json(["--apart", "50ms"], env);
    const of = (name: string) => settings.find((each) => each.name === name);
    expect(of("uptime")).toMatchObject({ rating: "look", remedy: expect.stringContaining("shutdown /r") });
    expect(of("verifier")).toMatchObject({ rating: process.platform === "win32" ? expect.any(String) : "not-judged" });
  });
});

it("says on other systems what to name instead", () => {
  if (process.platform === "win32") return;
  const { code, stderr } = runCli(["doctor"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^poolscope: live pool counters exist on Windows only[^\n]+\n$/);
});
