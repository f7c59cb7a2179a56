// Tag -> driver from inside a dump: a driver built with clang, loaded into the made-up machine as Windows leaves it.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { bitmapDump } from "../build/dump/files.ts";
import { buildMachine } from "../build/dump/machine.ts";
import { runCli } from "../cli/run-cli.test-support.ts";

const missing = ["clang", "lld-link", "llvm-dlltool", "llvm-rc"].filter(
  (tool) => spawnSync(tool, ["--version"]).error !== undefined,
);
if (missing.length > 0) console.warn(`${missing.join(", ")} not found: the tests with a built driver are skipped`);

const folder = mkdtempSync(join(tmpdir(), "poolscope-dump-drivers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const EXPORTS = ["DbgPrint", "ExAllocatePoolWithTag", "ExFreePoolWithTag"];

const SOURCE = `
__declspec(dllimport) void *ExAllocatePoolWithTag(int kind, unsigned long long bytes, unsigned tag);
__declspec(dllimport) void ExFreePoolWithTag(void *block, unsigned tag);
void *volatile kept;
int DriverEntry(void *driver, void *path) {
  kept = ExAllocatePoolWithTag(512, 96, 0x6b61654c);
  ExFreePoolWithTag(ExAllocatePoolWithTag(1, 64, 0x74536d4d), 0x74536d4d);
  return 0;
}`;

const RESOURCES = `
1 VERSIONINFO
FILEVERSION 1,2,3,4
{
 BLOCK "StringFileInfo"
 {
  BLOCK "040904b0"
  {
   VALUE "CompanyName", "Example Corp"
   VALUE "FileVersion", "1.2.3.4"
  }
 }
 BLOCK "VarFileInfo" { VALUE "Translation", 0x409, 1200 }
}`;

function buildDriver(target: "x86_64" | "aarch64"): Uint8Array {
  const path = (name: string): string => join(folder, `${target}-${name}`);
  const machine = target === "x86_64" ? ["i386:x86-64", "x64"] : ["arm64", "arm64"];
  writeFileSync(path("d.c"), SOURCE);
  writeFileSync(path("d.rc"), RESOURCES);
  writeFileSync(path("nt.def"), `LIBRARY ntoskrnl.exe\nEXPORTS\n${EXPORTS.join("\n")}\n`);
  const run = (tool: string, ...args: string[]): void => void execFileSync(tool, args, { stdio: "pipe" });
  run(
    "clang",
    `--target=${target}-pc-windows-msvc`,
    "-O2",
    "-ffreestanding",
    "-fasynchronous-unwind-tables",
    "-c",
    path("d.c"),
    "-o",
    path("d.o"),
  );
  run("llvm-dlltool", "-m", machine[0] ?? "", "-d", path("nt.def"), "-l", path("nt.lib"));
  run("llvm-rc", "/no-preprocess", "/fo", path("d.res"), path("d.rc"));
  run(
    "lld-link",
    "/driver",
    "/subsystem:native,10.0",
    "/entry:DriverEntry",
    `/machine:${machine[1]}`,
    "/nodefaultlib",
    "/debug",
    `/out:${path("d.sys")}`,
    path("d.o"),
    path("d.res"),
    path("nt.lib"),
  );
  return readFileSync(path("d.sys"));
}

describe.skipIf(missing.length > 0).each([
  ["x86_64", "x64"],
  ["aarch64", "arm64"],
] as const)("a driver for %s", (target, kind) => {
  test("is named with its call sites, although its import list is gone", () => {
    const machine = buildMachine({
      kind,
      tagRecipe: "B64",
      bigRecipe: "ten-64",
      exports: EXPORTS,
      driver: { file: buildDriver(target), name: "leaky.sys" },
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
