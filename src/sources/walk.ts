// From the paths a user names to files: folders with their subfolders, patterns, standard input.

import { globSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { UsageError } from "../model/errors.ts";
import type { Gap } from "../model/snapshot.ts";
import { STANDARD_INPUT, toAccessError } from "./input-file.ts";

/** Deeper folders are not what collectors of logs make. */
const MOST_DEPTH = 8;
/** More files than a year of hourly logs; a folder with more is not what was meant. */
const MOST_FILES = 10_000;

/** The files of a path, sorted so that `snap2` comes before `snap10`. Hidden files and folders are skipped, and it is said. */
export async function walk(path: string, gaps: Gap[]): Promise<string[]> {
  if (path === STANDARD_INPUT) return [path];
  try {
    if (!(await stat(path)).isDirectory()) return [path];
  } catch (error) {
    // Windows shells hand patterns to the program as they were typed.
    const matches = /[*?]/.test(path) ? globSync(path) : [];
    if (matches.length > 0) return inOrder(matches);
    throw toAccessError(path, error);
  }
  const files: string[] = [];
  const hidden: string[] = [];
  await walkFolder(path, 0, files, hidden, gaps);
  const [first] = hidden;
  if (first !== undefined)
    gaps.push({
      where: path,
      problem: `hidden files are not read (${first}${hidden.length > 1 ? ` and ${hidden.length - 1} more` : ""})`,
    });
  return inOrder(files);
}

async function walkFolder(
  folder: string,
  depth: number,
  files: string[],
  hidden: string[],
  gaps: Gap[],
): Promise<void> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (depth === 0) throw toAccessError(folder, error);
    const reason = toAccessError(folder, error);
    gaps.push({ where: folder, problem: reason instanceof Error ? reason.message : String(reason) });
    return;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (
      entry.name.startsWith(".") ||
      entry.name === "__MACOSX" ||
      entry.name === "Thumbs.db" ||
      entry.name === "desktop.ini"
    ) {
      hidden.push(entry.name);
    } else if (entry.isDirectory()) {
      if (depth + 1 < MOST_DEPTH) await walkFolder(path, depth + 1, files, hidden, gaps);
      else gaps.push({ where: path, problem: `more than ${MOST_DEPTH} folders deep; not read` });
    } else if (entry.isFile()) {
      if (files.push(path) > MOST_FILES) {
        throw new UsageError(
          `${folder}: more than ${MOST_FILES} files; name the subfolder or the pattern of the logs that belong together`,
        );
      }
    }
  }
}

function inOrder(paths: readonly string[]): string[] {
  return paths.toSorted(
    (a, b) => a.localeCompare(b, "en", { numeric: true }) || basename(a).localeCompare(basename(b)),
  );
}
