// Finds and reads the pooltag.txt that came with the user's own WDK or Debugging Tools. Parsing is formats/pooltag-file.ts.
// Places: learn.microsoft.com "PoolMon Display" and "Debugging Tools for Windows"; the list belongs to the debugger's triage folder.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { win32 } from "node:path";
import { MAX_POOLTAG_BYTES, parsePoolTagFile, type PoolTagFile } from "../formats/pooltag-file.ts";
import { AccessError } from "../model/errors.ts";

/** What the search touches of the outside world; tests pass their own. */
export interface PoolTagFiles {
  isFile(path: string): Promise<boolean>;
  read(path: string): Promise<Uint8Array>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const PROGRAM_FOLDERS = ["ProgramFiles(x86)", "ProgramFiles", "ProgramW6432"];
const KITS = ["10", "8.1", "8.0"];
const ARCHITECTURES = ["x64", "x86", "arm64", "arm"];
const OLD_TOOLS = [
  "Debugging Tools for Windows (x64)",
  "Debugging Tools for Windows (x86)",
  "Debugging Tools for Windows",
];

/** Versions of the driver kits that installed themselves beside the program folders, newest first. */
const OLD_KITS = ["7600.16385.1", "7600.16385.0", "6001.18002", "6001.18001", "6001.18000", "6000", "3790.1830"];

const diskFiles: PoolTagFiles = {
  isFile: async (path) => {
    try {
      return (await stat(path)).isFile();
    } catch {
      return false;
    }
  },
  // One byte more than the parser takes, so that an endless file (a device, a pipe) is refused and costs no memory.
  read: async (path) => {
    const stats = await stat(path);
    // A pipe that nobody writes to would be waited for without end.
    if (!stats.isFile()) throw new AccessError(`${path}: not a regular file`, "name a readable pooltag.txt");
    const chunks: Uint8Array[] = [];
    for await (const chunk of createReadStream(path, { end: MAX_POOLTAG_BYTES })) chunks.push(chunk);
    return Buffer.concat(chunks);
  },
};

/** The places where pooltag.txt may be, the newest kit first. Variable names are matched in any case, as Windows does. */
export function poolTagPlaces(env: Environment): readonly string[] {
  const folders = new Set<string>();
  for (const wanted of PROGRAM_FOLDERS) {
    const folder = Object.entries(env).find(([name]) => name.toLowerCase() === wanted.toLowerCase())?.[1];
    if (folder !== undefined && folder !== "") folders.add(folder);
  }
  const list = [...folders];
  const drive = list[0]?.slice(0, 2) ?? "C:";
  return [
    ...KITS.flatMap((kit) =>
      list.flatMap((folder) => ARCHITECTURES.map((cpu) => win32.join(folder, "Windows Kits", kit, "Debuggers", cpu))),
    ),
    ...list.flatMap((folder) => OLD_TOOLS.map((tools) => win32.join(folder, tools))),
  ]
    .map((folder) => win32.join(folder, "triage", "pooltag.txt"))
    .concat(
      KITS.flatMap((kit) =>
        list.flatMap((folder) =>
          ARCHITECTURES.map((cpu) => win32.join(folder, "Windows Kits", kit, "Tools", cpu, "pooltag.txt")),
        ),
      ),
      list.length === 0
        ? []
        : OLD_KITS.map((version) => win32.join(drive, "\\WinDDK", version, "tools", "other", "pooltag.txt")),
    );
}

/** The user's pooltag.txt, where one is installed. */
export async function findPoolTagFile(env: Environment, files = diskFiles): Promise<string | undefined> {
  for (const place of poolTagPlaces(env)) if (await files.isFile(place)) return place;
  return undefined;
}

/**
 * Reads a pooltag.txt.
 * @throws AccessError where the file cannot be read, FormatError where it is no such list.
 */
export async function readPoolTagFile(path: string, files = diskFiles): Promise<PoolTagFile> {
  let bytes: Uint8Array;
  try {
    bytes = await files.read(path);
  } catch (error) {
    if (error instanceof AccessError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new AccessError(`${path}: cannot be read (${code})`, "name a readable pooltag.txt", error);
  }
  return parsePoolTagFile(bytes, path);
}
