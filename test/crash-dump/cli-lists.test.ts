// `lookasides`, `irps`, `--recount` and the debugger's words for them, as the command answers on files.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { bitmapDump, triageDump } from "../build/dump/files.ts";
import { addIrps } from "../build/dump/irps.ts";
import { addLookasides } from "../build/dump/lookasides.ts";
import { buildMachine } from "../build/dump/machine.ts";
import { machineForDamage } from "../build/dump/damaged.ts";
import { runCli } from "../cli/run-cli.test-support.ts";

const folder = mkdtempSync(join(tmpdir(), "poolscope-lists-"));
afterAll(() => rmSync(folder, { recursive: true }));

const machine = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" });
// 1 of the 13 blocks of Leak is above a twentieth, 12 of the 342 of Even are below.
addLookasides(machine, [
  { tag: "Leak", size: 64, idle: 1 },
  { tag: "Even", size: 32, idle: 12 },
  { tag: "File", size: 80, idle: 0 },
]);
addIrps(machine, [{ count: 40, locations: 3, current: 2, module: 2, tag: "Irp " }]);
const dump = join(folder, "MEMORY.DMP");
writeFileSync(dump, bitmapDump(machine));

test("the summary tells idle blocks where they are a twentieth of a tag's and more", () => {
  const { code, stdout } = runCli(["dump", dump, "--top", "200"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/Idle +1 of 13 blocks of Leak \(64 B\) lie idle in lookaside\s+lists/);
  expect(stdout).not.toMatch(/blocks of Even/);
});

test("lookasides, and one of them by its address as the debugger takes it", () => {
  const all = JSON.parse(runCli(["dump", dump, "lookasides", "--json"]).stdout);
  expect(all.lookasides.map((each: { tag: string }) => each.tag)).toEqual(["Even", "Leak", "File"]);
  expect(all.basis).toMatchObject({ lists: 3, rings: 1, countsAgree: 3, idle: 13, followed: 13 });
  const address: string = all.lookasides[1].address;
  const one = runCli(["dump", dump, `!lookaside ${address.slice(2, 10)}\`${address.slice(10)}`]);
  expect(one.stdout).toContain("Leak");
  expect(one.stdout).not.toContain("Even  ");
  expect(runCli(["dump", dump, "!lookaside 123"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("no lookaside list was found at 0x123"),
  });
});

test("irps: the driver that has them, and that the segment heap may keep freed ones", () => {
  const { code, stdout } = runCli(["dump", dump, "!irpfind"]);
  expect(code).toBe(0);
  expect(stdout).toContain("40 IRPs: 40 pending at drivers");
  expect(stdout).toMatch(/40 +pending at leaky\.sys \(\\Driver\\made2\) +READ/);
  expect(stdout).toContain("may be freed ones");
});

test("--recount says how many tags fit the blocks in memory, or why it cannot", () => {
  const whole = join(folder, "whole.dmp");
  writeFileSync(whole, bitmapDump(machineForDamage()));
  expect(runCli(["dump", whole, "used", "--recount"]).stdout).toMatch(
    /100 % of the tags held against the\s+blocks in memory\s+fit them/,
  );
  const json = JSON.parse(runCli(["dump", dump, "used", "--recount", "--json"]).stdout);
  expect(json.problems.join()).toContain("the rows could not be held against the blocks in memory");
});

test("a small dump holds none of it: one line, exit code 2", () => {
  const small = join(folder, "small.dmp");
  writeFileSync(small, triageDump(machine));
  for (const question of ["irps", "lookasides"]) {
    const { code, stderr, stdout } = runCli(["dump", small, question]);
    expect([code, stdout, stderr.trim().split("\n").length]).toEqual([2, "", 1]);
    expect(stderr).toContain("cannot answer pool questions");
  }
});
