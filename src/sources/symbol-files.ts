// PDB files for the modules of a trace: found by name below given folders, taken only where their identity is the module's.

import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isPdbOf, parsePdb, symbolAt, type Pdb } from "../formats/pdb/pdb.ts";
import { isKnownError } from "../model/errors.ts";
import { baseName } from "../model/file-path.ts";
import type { TracedModule } from "../model/stacks.ts";
import { toAccessError } from "./input-file.ts";

/** A symbol store is three folders deep: name, identity, file. */
const MOST_DEPTH = 4;
const MOST_FILES = 100_000;
/** A larger PDB is not read: the kernel's own has 20 MB. */
const MOST_BYTES = 512 * 2 ** 20;
/** A public symbol has no size; a name farther below than any function is long is somebody else's. */
const MOST_DISTANCE = 0x1_0000;

export interface SymbolFiles {
  /** The function at an offset of a module with the distance from its start. */
  readonly functionAt: (module: string, offset: number) => string | undefined;
  /** Modules whose PDB was found. */
  readonly named: readonly string[];
  /** One line for each PDB that was there and could not be used. */
  readonly problems: readonly string[];
}

/** Reads the PDBs of these modules. Throws AccessError where a path cannot be read. */
export async function readSymbolFiles(
  paths: readonly string[],
  modules: readonly TracedModule[],
): Promise<SymbolFiles> {
  const wanted = new Map<string, TracedModule[]>();
  for (const module of modules) {
    if (module.pdb === undefined) continue;
    const name = baseName(module.pdb.file).toLowerCase();
    wanted.set(name, [...(wanted.get(name) ?? []), module]);
  }
  const pdbs = new Map<string, Pdb>();
  const problems: string[] = [];
  for (const file of await findFiles(paths)) {
    const candidates = (wanted.get(baseName(file).toLowerCase()) ?? []).filter((module) => !pdbs.has(module.module));
    if (candidates.length === 0) continue;
    try {
      if ((await stat(file)).size > MOST_BYTES) throw new RangeError("larger than any PDB of a driver");
      const pdb = parsePdb(new Uint8Array(await readFile(file)));
      const owners = candidates.filter((module) => module.pdb !== undefined && isPdbOf(pdb, module.pdb));
      if (owners.length === 0)
        problems.push(`${file}: not the PDB of the ${candidates[0]?.module ?? "module"} in this trace`);
      for (const module of owners) pdbs.set(module.module, pdb);
    } catch (error) {
      if (!isKnownError(error) && !(error instanceof RangeError)) throw error;
      problems.push(`${file}: ${error.message}`);
    }
  }
  return {
    named: [...pdbs.keys()],
    problems,
    functionAt: (module, offset) => {
      const pdb = pdbs.get(module);
      const place = pdb === undefined ? undefined : symbolAt(pdb, offset);
      if (place === undefined || place.displacement > MOST_DISTANCE) return undefined;
      return place.displacement === 0 ? place.symbol.name : `${place.symbol.name}+0x${place.displacement.toString(16)}`;
    },
  };
}

async function findFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  const visit = async (path: string, depth: number): Promise<void> => {
    let isFolder: boolean;
    try {
      isFolder = (await stat(path)).isDirectory();
    } catch (error) {
      if (depth > 0) return;
      throw toAccessError(path, error);
    }
    if (!isFolder) {
      if (path.toLowerCase().endsWith(".pdb") && files.length < MOST_FILES) files.push(path);
      return;
    }
    if (depth >= MOST_DEPTH) return;
    for (const name of (await readdir(path)).sort()) await visit(join(path, name), depth + 1);
  };
  for (const path of paths) await visit(path, 0);
  return files;
}
