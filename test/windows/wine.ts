// Runs the Windows build under Wine. What Wine 8 needs, each found by trying:
// - a prefix that says Windows 10 (its default is 7, which Node refuses);
// - a copy of the exe whose import VirtualAlloc2 is renamed: Wine has the function without placeholders, and V8 dies of
//   that, but takes another way where it is missing. The exe that ships is untouched;
// - stdout and stderr in files: pipes from Linux fail with EBADF.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CACHE = fileURLToPath(new URL("../../.cache/", import.meta.url));

export interface WineResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** A path of this machine as Windows programs under Wine see it. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll("/", "\\")}`;
}

/** The environment of a program under Wine. */
export function wineEnvironment(extra: Variables = {}): NodeJS.ProcessEnv {
  return {
    ...process.env,
    WINEPREFIX: join(CACHE, "wine-prefix"),
    WINEDEBUG: "-all",
    WINEDLLOVERRIDES: "mscoree,mshtml=d",
    DISPLAY: "",
    ...extra,
  };
}

/** Makes the prefix, once per checkout (about 10 s). */
export function prepareWine(): void {
  const env = wineEnvironment();
  const marker = join(CACHE, "wine-prefix", "ready");
  if (existsSync(marker)) return;
  mkdirSync(CACHE, { recursive: true });
  const version = (key: string, name: string): void => {
    execFileSync("wine", ["reg", "add", key, "/v", "Version", "/d", name, "/f"], { env, stdio: "ignore" });
  };
  execFileSync("wineboot", ["-i"], { env, stdio: "ignore" });
  version("HKCU\\Software\\Wine", "win10");
  version("HKCU\\Software\\Wine\\AppDefaults\\windows7.exe", "win7");
  execFileSync("wineserver", ["-w"], { env, stdio: "ignore" });
  writeFileSync(marker, "");
}

/** The copy of an exe that Wine can run, and further names for it, in a folder of its own. */
export function prepareExe(exe: string, names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-wine-"));
  const bytes = readFileSync(exe);
  const at = bytes.indexOf("\0VirtualAlloc2\0", 0, "latin1");
  if (at === -1)
    throw new Error("VirtualAlloc2 is not among the imports of the exe any more; see test/windows/wine.ts");
  bytes.write("VirtualAllocX", at + 1, "latin1");
  const [first = "poolscope.exe", ...others] = names;
  writeFileSync(join(folder, first), bytes, { mode: 0o755 });
  for (const other of others) linkSync(join(folder, first), join(folder, other));
  return folder;
}

/** A started program whose output goes to files in its folder. */
export interface Running {
  readonly process: ChildProcess;
  stdout(): string;
  stderr(): string;
  readonly ended: Promise<WineResult>;
}

export function startUnderWine(program: string, args: readonly string[], extra: Variables, cwd: string): Running {
  const folder = mkdtempSync(join(cwd, "out-"));
  const files = { stdout: join(folder, "stdout"), stderr: join(folder, "stderr") };
  const out = openSync(files.stdout, "w");
  const err = openSync(files.stderr, "w");
  const child = spawn("wine", [program, ...args], { cwd, env: wineEnvironment(extra), stdio: ["ignore", out, err] });
  closeSync(out);
  closeSync(err);
  const stdout = (): string => readFileSync(files.stdout, "utf8");
  const stderr = (): string => readFileSync(files.stderr, "utf8");
  const ended = new Promise<WineResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve({ code, stdout: stdout(), stderr: stderr() }));
  });
  return { process: child, stdout, stderr, ended };
}

/** Ends every program of this name without giving it a chance, as the loss of the machine would. */
export function killUnderWine(name: string): void {
  execFileSync("wine", ["taskkill", "/f", "/im", name], { env: wineEnvironment(), stdio: "ignore" });
}

/** Waits until a condition holds, asking ten times a second; fails after a minute with what was seen last. */
export async function until(what: string, condition: () => boolean, seen: () => string = () => ""): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (condition()) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  throw new Error(`${what} did not happen; seen last: ${seen()}`);
}
