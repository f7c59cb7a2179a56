// Where the drivers of this Windows machine are: the drivers folder, the driver store, and every file that a service names.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const SERVICES = String.raw`HKLM\SYSTEM\CurrentControlSet\Services`;
/** Kernel files that live outside the drivers folder. */
const KERNEL_FILES = ["ntoskrnl.exe", "hal.dll", "win32k.sys", "win32kbase.sys", "win32kfull.sys", "cdd.dll", "ci.dll"];

/** Folders and files to scan on Windows, whether what they hold is loaded or not. */
export async function machineDriverPaths(env: Readonly<Record<string, string | undefined>>): Promise<string[]> {
  const root = env["SystemRoot"] ?? env["windir"] ?? String.raw`C:\Windows`;
  const system = join(root, "System32");
  const folders = [join(system, "drivers"), join(system, "DriverStore", "FileRepository")];
  // Not every Windows has all of these. A service whose file is gone, though, is worth a word: it is left in.
  const files = KERNEL_FILES.map((name) => join(system, name)).filter((path) => existsSync(path));
  const services = await serviceImages(join(system, "reg.exe"), root);
  const isCovered = (path: string): boolean =>
    folders.some((folder) => path.toLowerCase().startsWith(`${folder.toLowerCase()}\\`));
  return [...folders, ...new Set([...files, ...services].filter((path) => !isCovered(path)))];
}

async function serviceImages(reg: string, root: string): Promise<string[]> {
  return parseImagePaths(await queryServices(reg), root);
}

/** What `reg query` says of the services' image paths; empty where it cannot be asked. */
async function queryServices(reg: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(reg, ["query", SERVICES, "/s", "/v", "ImagePath"], {
      maxBuffer: 64 * 1024 * 1024,
      windowsHide: true,
    });
    return stdout;
  } catch {
    return "";
  }
}

/** The service that loads each driver file, by the file's path in lower case; empty elsewhere than on Windows. */
export async function machineServices(
  env: Readonly<Record<string, string | undefined>>,
  platform: string,
): Promise<ReadonlyMap<string, string>> {
  if (platform !== "win32") return new Map();
  const root = env["SystemRoot"] ?? env["windir"] ?? String.raw`C:\Windows`;
  return parseServices(await queryServices(join(root, "System32", "reg.exe")), root);
}

/** Services by the path of their .sys file (lower case) in `reg query` output: a key's line, then its value's. */
export function parseServices(output: string, root: string): Map<string, string> {
  const services = new Map<string, string>();
  let service = "";
  for (const line of output.split(/\r?\n/)) {
    if (line.startsWith("HKEY_")) service = line.trim().slice(line.trim().lastIndexOf("\\") + 1);
    for (const path of parseImagePaths(line, root)) if (service !== "") services.set(path.toLowerCase(), service);
  }
  return services;
}

/** The .sys files of `reg query` output. Services write their paths in half a dozen ways. */
export function parseImagePaths(output: string, root: string): string[] {
  const paths = new Set<string>();
  for (const line of output.split(/\r?\n/)) {
    const value = /^\s+ImagePath\s+REG_(?:EXPAND_)?SZ\s+(\S.*)/.exec(line)?.[1]?.trimEnd();
    const file = value === undefined ? undefined : /^"?(?:\\\?\?\\)?(.*?\.sys)(?:"|\s|$)/i.exec(value)?.[1];
    if (file === undefined) continue;
    const full = file
      .replace(/^\\?SystemRoot(?=\\)/i, () => root)
      .replace(/^%(?:SystemRoot|windir)%/i, () => root)
      .replace(/^(?=System32\\)/i, () => `${root}\\`);
    if (/^[A-Za-z]:\\|^\\\\/.test(full)) paths.add(full);
  }
  return [...paths];
}
