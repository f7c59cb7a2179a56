// Which files of a folder are drivers: every .sys, and any other PE file that imports from the kernel or its libraries.

import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Gap } from "../model/snapshot.ts";
import type { FileFacts } from "./record.ts";

const MAX_DEPTH = 24;
const MAX_FILES = 200_000;
/** Extensions that are looked into beside .sys; files without an extension are, too. */
const PE_EXTENSION = /(?:^[^.]*|\.(?:exe|dll|drv|bin|efi|mui|sys_|[0-9a-f]{6,}))$/i;
const KERNEL_LIBRARY =
  /(?:ntoskrnl\.exe|hal\.dll|ndis\.sys|fltmgr\.sys|wdfldr\.sys|storport\.sys|scsiport\.sys|portcls\.sys|ks\.sys|videoprt\.sys|netio\.sys|win32k\.sys|tdi\.sys|usbd\.sys|usbport\.sys|dxgkrnl\.sys)/i;
/** As much of a file as import names are looked for in. */
const HEAD_BYTES = 4 * 1024 * 1024;

export interface FoundFiles {
  readonly files: readonly FileFacts[];
  readonly gaps: readonly Gap[];
}

/**
 * The drivers under some paths. A path that names a file is taken as it is. Folders are walked without following linked
 * folders; what is neither file nor folder, and what cannot be read, is a gap.
 */
export async function findDriverFiles(paths: readonly string[]): Promise<FoundFiles> {
  const files = new Map<string, FileFacts>();
  const gaps: Gap[] = [];
  const give = (what: string, error: unknown): void => {
    gaps.push({ where: what, problem: error instanceof Error ? error.message : String(error) });
  };
  const take = async (file: string, isNamed: boolean): Promise<void> => {
    try {
      const facts = await stat(file);
      if (!facts.isFile()) {
        if (isNamed) give(file, "neither a file nor a folder");
        return;
      }
      if (isNamed || /\.sys$/i.test(file) || (PE_EXTENSION.test(file) && (await importsFromKernel(file)))) {
        files.set(file, { file, size: facts.size, modified: Math.round(facts.mtimeMs) });
      }
    } catch (error) {
      give(file, error);
    }
  };
  const walk = async (folder: string, depth: number): Promise<void> => {
    if (files.size >= MAX_FILES) return;
    let entries;
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      give(folder, error);
      return;
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (depth < MAX_DEPTH) await walk(path, depth + 1);
        else give(path, `folders nested deeper than ${MAX_DEPTH}`);
      } else if (entry.isFile() || entry.isSymbolicLink()) await take(path, false);
    }
  };
  for (const path of paths) {
    const facts = await stat(path).catch((error: unknown) => {
      give(path, error);
    });
    if (facts === undefined) continue;
    if (facts.isDirectory()) await walk(path, 0);
    else await take(path, true);
  }
  return { files: [...files.values()], gaps };
}

async function importsFromKernel(file: string): Promise<boolean> {
  const handle = await open(file, "r");
  try {
    const magic = Buffer.alloc(2);
    await handle.read(magic, 0, 2, 0);
    if (magic.toString("latin1") !== "MZ") return false;
    const head = Buffer.alloc(Math.min(HEAD_BYTES, (await handle.stat()).size));
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    return KERNEL_LIBRARY.test(head.toString("latin1", 0, bytesRead));
  } finally {
    await handle.close();
  }
}
