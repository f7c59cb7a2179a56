// A `.prom` file for the textfile collector of windows_exporter (node_exporter reads the same): written beside and renamed,
// so that the collector never sees half of it. Facts: windows_exporter, docs/collector.textfile.md.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { AccessError, UsageError } from "../../model/errors.ts";

/** One name for every machine: the same name twice under the collector's folder is an error of the collector. */
const FILE = "poolscope.prom";

/** Throws UsageError where the folder is not there: making it would hide that the collector reads another one. */
export function requireTextfileFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new UsageError(
    `--textfile: ${folder} is not a folder; name the one that the collector reads, of windows_exporter as installed ` +
      String.raw`C:\Program Files\windows_exporter\textfile_inputs`,
  );
}

/** Writes the page. Throws AccessError where the disk does not take it; the file of before then stays. */
export function writeTextfile(folder: string, text: string): void {
  const target = join(folder, FILE);
  // Only `*.prom` is read, so that the temporary file is no file for the collector.
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    const handle = openSync(temporary, "w", 0o644);
    try {
      writeSync(handle, text.endsWith("\n") ? text : `${text}\n`);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new AccessError(`${target} cannot be written: ${(error as Error).message}`, "check rights and space", error);
  }
}
