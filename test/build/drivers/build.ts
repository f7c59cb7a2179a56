// Builds the test drivers from their C sources: clang and lld-link for x64, x86 and ARM64, mingw-w64 for x64 and x86. Import
// libraries are made from what each object file asks for.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const SOURCES = fileURLToPath(new URL(".", import.meta.url));

/** A compiler and machine; `clang-x64`, `gcc-x86` and so on. */
export type Toolchain = "clang-x64" | "clang-x86" | "clang-arm64" | "gcc-x64" | "gcc-x86";

export const TOOLCHAINS: readonly Toolchain[] = ["clang-x64", "clang-x86", "clang-arm64", "gcc-x64", "gcc-x86"];

/** The patterns that a toolchain can build: Control Flow Guard is clang's alone. */
export function patternNames(toolchain: Toolchain): string[] {
  const names = readdirSync(SOURCES).filter((file) => file.endsWith(".c"));
  return names.map((file) => file.slice(0, -2)).filter((name) => name !== "guard" || toolchain.startsWith("clang"));
}

const CLANG_TARGET = {
  "clang-x64": "x86_64-pc-windows-msvc",
  "clang-x86": "i686-pc-windows-msvc",
  "clang-arm64": "aarch64-pc-windows-msvc",
} as const;
const DLLTOOL_MACHINE = { x64: "i386:x86-64", x86: "i386", arm64: "arm64" } as const;

/** Which library exports a function, by the beginning of its name. */
const LIBRARIES: readonly (readonly [prefix: string, dll: string])[] = [
  ["Ndis", "ndis.sys"],
  ["Flt", "fltmgr.sys"],
  ["StorPort", "storport.sys"],
  ["VideoPort", "videoprt.sys"],
  ["Eng", "win32k.sys"],
  ["Wdf", "wdfldr.sys"],
  ["", "ntoskrnl.exe"],
];

/** Whether the tools for a toolchain are installed. */
export function isInstalled(toolchain: Toolchain): boolean {
  const tools = toolchain.startsWith("clang")
    ? ["clang", "lld-link", "llvm-dlltool", "llvm-nm"]
    : [`${gccPrefix(toolchain)}-gcc`, "llvm-nm"];
  return tools.every((tool) => spawnSync(tool, ["--version"], { stdio: "ignore" }).error === undefined);
}

export interface BuildOptions {
  /** `-O2` and the like. */
  readonly optimize?: string;
  /** Leaves unwind data out (clang only), so that functions must be found without it. */
  readonly noUnwind?: boolean;
}

/** Compiles and links `NAME.c` into `folder`; answers the path of the driver. */
export function buildDriver(name: string, toolchain: Toolchain, folder: string, options: BuildOptions = {}): string {
  const machine = toolchain.slice(toolchain.indexOf("-") + 1) as keyof typeof DLLTOOL_MACHINE;
  const work = join(
    folder,
    `${name}.${toolchain}${options.optimize ?? ""}${options.noUnwind === true ? "-nounwind" : ""}.build`,
  );
  mkdirSync(work, { recursive: true });
  const object = join(work, "driver.obj");
  const source = join(SOURCES, `${name}.c`);
  const flags = [options.optimize ?? "-O2", "-ffreestanding", "-fno-builtin", "-w", ...sourceFlags(source)];
  if (toolchain.startsWith("clang")) {
    const unwind = options.noUnwind === true ? [] : ["-fasynchronous-unwind-tables"];
    const target = CLANG_TARGET[toolchain as keyof typeof CLANG_TARGET];
    run("clang", [`--target=${target}`, ...flags, ...unwind, "-mno-stack-arg-probe", "-c", source, "-o", object]);
  } else {
    run(`${gccPrefix(toolchain)}-gcc`, [...flags, "-mno-stack-arg-probe", "-fshort-wchar", "-c", source, "-o", object]);
  }
  const libraries = importLibraries(object, toolchain, work);
  const driver = join(folder, `${name}.${toolchain}.sys`);
  if (toolchain.startsWith("clang")) {
    const entry = machine === "x86" ? "DriverEntry@8" : "DriverEntry";
    const machineFlags = machine === "x86" ? ["/safeseh:no"] : [];
    run("lld-link", [
      "/driver",
      "/subsystem:native,10.0",
      `/entry:${entry}`,
      `/machine:${machine}`,
      "/nodefaultlib",
      "/Brepro",
      `/out:${driver}`,
      ...machineFlags,
      object,
      ...libraries,
    ]);
  } else {
    const entry = machine === "x86" ? "_DriverEntry@8" : "DriverEntry";
    run(`${gccPrefix(toolchain)}-gcc`, [
      "-nostdlib",
      "-nostartfiles",
      "-shared",
      "-s",
      `-Wl,--subsystem,native,--entry,${entry},--no-insert-timestamp`,
      "-o",
      driver,
      object,
      ...libraries,
    ]);
  }
  return driver;
}

/** What a source says is to be found: `// proven: Tag1 Api pool`, `// predicted: Tag1`, `// pattern: Tag?`, `// not proven: Tag1`. */
export interface Expectations {
  readonly proven: readonly { readonly tag: string; readonly api: string; readonly pool: string | null }[];
  readonly predicted: readonly string[];
  /** Tags known in part, `Htb?`. */
  readonly patterns: readonly string[];
  readonly notProven: readonly string[];
}

export function expectationsOf(name: string): Expectations {
  const source = readFileSync(join(SOURCES, `${name}.c`), "utf8");
  const proven = [...source.matchAll(/^\/\/ proven: (.{4}|(?:\\x..|.){4}) (\w+)(?: (\w+))?$/gm)].map((match) => ({
    tag: match[1] ?? "",
    api: match[2] ?? "",
    pool: match[3] ?? null,
  }));
  const all = (kind: string): string[] =>
    [...source.matchAll(new RegExp(`^// ${kind}: (.{4})$`, "gm"))].map((match) => match[1] ?? "");
  return { proven, predicted: all("predicted"), patterns: all("pattern"), notProven: all("not proven") };
}

/** Compiler flags that a source asks for: `// flags: ...`. */
function sourceFlags(source: string): string[] {
  return /^\/\/ flags: (.*)$/m.exec(readFileSync(source, "utf8"))?.[1]?.split(" ") ?? [];
}

function importLibraries(object: string, toolchain: Toolchain, work: string): string[] {
  const machine = toolchain.slice(toolchain.indexOf("-") + 1) as keyof typeof DLLTOOL_MACHINE;
  const symbols = execFileSync("llvm-nm", ["-u", object], { encoding: "utf8" });
  const byDll = new Map<string, string[]>();
  for (const [, , name = ""] of symbols.matchAll(/(__imp_|U )(\S+)/g)) {
    const plain = name.replace(/^__imp_/, "").replace(machine === "x86" ? /^_/ : /^$/, "");
    const dll = LIBRARIES.find(([prefix]) => plain.startsWith(prefix))?.[1] ?? "ntoskrnl.exe";
    byDll.set(dll, [...new Set([...(byDll.get(dll) ?? []), plain])]);
  }
  return [...byDll].map(([dll, names]) => {
    const definition = join(work, `${dll}.def`);
    const library = join(work, `${dll}.lib`);
    writeFileSync(definition, `LIBRARY ${dll}\nEXPORTS\n${names.join("\n")}\n`);
    const strip = machine === "x86" ? ["-k"] : [];
    // Each linker only takes the import libraries of its own tool.
    const llvm = toolchain.startsWith("clang");
    run(llvm ? "llvm-dlltool" : `${gccPrefix(toolchain)}-dlltool`, [
      ...(llvm ? ["-m", DLLTOOL_MACHINE[machine]] : []),
      ...strip,
      "-d",
      definition,
      "-l",
      library,
    ]);
    return library;
  });
}

function gccPrefix(toolchain: Toolchain): string {
  return toolchain === "gcc-x64" ? "x86_64-w64-mingw32" : "i686-w64-mingw32";
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ["ignore", "ignore", "pipe"] });
}
