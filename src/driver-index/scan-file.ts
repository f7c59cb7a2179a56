// Reads one file and scans it. Whatever is wrong with the file is said in the record; nothing is thrown for it.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { scanDriver, type ScanTools } from "../drivers/scan.ts";
import { toRecord, unreadRecord, type DriverRecord, type FileFacts } from "./record.ts";

/** Larger files are no drivers; the largest known ones have about 100 MB. */
const MAX_BYTES = 512 * 1024 * 1024;

export async function scanFile(facts: FileFacts, tools: ScanTools): Promise<DriverRecord> {
  if (facts.size > MAX_BYTES) return unreadRecord(facts, `not read: ${facts.size} bytes is too large for a driver`);
  let bytes: Buffer;
  try {
    bytes = await readFile(facts.file);
  } catch (error) {
    return unreadRecord(facts, `not read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const name = basename(facts.file, extname(facts.file));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  try {
    return toRecord(facts, sha256, scanDriver(bytes, name, tools));
  } catch (error) {
    // A bug in the scanner must not cost the scan of a thousand other drivers; the file that shows it is named.
    return unreadRecord(
      facts,
      `not analysed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
}
