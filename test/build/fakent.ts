// Builds the stand-in for ntdll (fakent.c) with whichever compiler the machine has, once per content, into .cache/.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("fakent.c", import.meta.url));
const CACHE = fileURLToPath(new URL("../../.cache/fakent/", import.meta.url));

const TARGETS = {
  linux: { compiler: "gcc", arguments: ["-fPIC"], extension: "so" },
  win64: { compiler: "x86_64-w64-mingw32-gcc", arguments: [], extension: "dll" },
} as const;

/** Path of the library for a target, or undefined where its compiler is missing. */
export function buildFakeNt(target: keyof typeof TARGETS = "linux"): string | undefined {
  const { compiler, arguments: extra, extension } = TARGETS[target];
  const hash = createHash("sha256").update(readFileSync(SOURCE)).digest("hex").slice(0, 16);
  const path = `${CACHE}fakent-${target}-${hash}.${extension}`;
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  const temporary = `${path}.${process.pid}`;
  try {
    execFileSync(compiler, ["-O2", "-Wall", "-shared", ...extra, "-o", temporary, SOURCE], { stdio: "pipe" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  renameSync(temporary, path);
  return path;
}
