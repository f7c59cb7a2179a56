// Tag -> driver from inside a dump: a driver built with clang, loaded into the made-up machine as Windows leaves it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { bitmapDump } from "../build/dump/files.ts";
import { buildMachine } from "../build/dump/machine.ts";
import { buildLeakyDriver, EXPORTS, MISSING_TOOLS } from "../build/dump/leaky-driver.ts";
import { runCli } from "../cli/run-cli.test-support.ts";

if (MISSING_TOOLS.length > 0)
  console.warn(`${MISSING_TOOLS.join(", ")} not found: the tests with a built driver are skipped`);

const folder = mkdtempSync(join(tmpdir(), "poolscope-dump-drivers-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(MISSING_TOOLS.length > 0).each([
  ["x86_64", "x64"],
  ["aarch64", "arm64"],
] as const)("a driver for %s", (target, kind) => {
  test("is named with its call sites, although its import list is gone", () => {
    const machine = buildMachine({
      kind,
      tagRecipe: "B64",
      bigRecipe: "ten-64",
      exports: EXPORTS,
      driver: { file: buildLeakyDriver(target, folder), name: "leaky.sys" },
    });
    const path = join(folder, `${kind}.dmp`);
    writeFileSync(path, bitmapDump(machine));
    const { pool } = JSON.parse(runCli(["dump", path, "used", "--drivers", "--tag", "Leak", "--json"]).stdout);
    expect(pool.rows[0].drivers).toEqual([
      expect.objectContaining({ file: "leaky.sys", tier: "proven", codeCoverage: 1 }),
    ]);
    expect(pool.rows[0].drivers[0].uses.map((use: { api: string; pool: string }) => [use.api, use.pool])).toEqual([
      ["ExAllocatePoolWithTag", "nonpaged"],
    ]);
    const text = runCli(["dump", path, "find", "MmSt"]).stdout;
    expect(text).toContain("leaky.sys: proven; ExAllocatePoolWithTag at 0x");
    expect(text).toContain("hal.dll");
    expect(runCli(["tag", "Leak", "--in", path]).stdout).toContain(`leaky.sys in ${path}`);
    const { modules } = JSON.parse(runCli(["dump", path, "modules", "--json"]).stdout);
    expect(modules[2]).toMatchObject({ name: "leaky.sys", company: "Example Corp", fileVersion: "1.2.3.4" });
    expect(modules[2].pdb).toMatch(/d\.pdb$/);
  });
});
