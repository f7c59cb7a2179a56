// A driver that leaks, built with clang and lld for the made-up machine: it allocates with the tags Leak and MmSt.

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Tools that are not on this machine; the driver can be built where there is none of them. */
export const MISSING_TOOLS = ["clang", "lld-link", "llvm-dlltool", "llvm-rc"].filter(
  (tool) => spawnSync(tool, ["--version"]).error !== undefined,
);

export const EXPORTS = ["DbgPrint", "ExAllocatePoolWithTag", "ExFreePoolWithTag"];

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

/** The bytes of the driver; `folder` takes what is built on the way. */
export function buildLeakyDriver(target: "x86_64" | "aarch64", folder: string): Uint8Array {
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
