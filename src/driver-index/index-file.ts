// The index of drivers in the user's cache folder: a head line, then one line of JSON per driver. A look-up searches the
// bytes for the tag's hexadecimal form and parses only the lines that hold it, so that nothing is paid for the others.

import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Milliseconds } from "../model/snapshot.ts";
import { formatTagHex, type Tag } from "../model/tag.ts";
import { isRecordOf, shownTag, type DriverRecord } from "./record.ts";
import type { IndexMachine } from "./this-machine.ts";

/** Raised whenever a scan would find something else in the same file; an index of another version is not used. */
const VERSION = 5;

export interface IndexHead {
  readonly format: "poolscope-drivers";
  readonly version: number;
  /** When the index was last brought up to date. */
  readonly updated: Milliseconds;
  /** Where the scan ran: what the index proves, it proves of this machine at most. */
  readonly machine: IndexMachine;
}

export interface DriverIndex extends Pick<IndexHead, "updated" | "machine"> {
  readonly bytes: Buffer;
}

/** Where the index lives: `POOLSCOPE_CACHE`, or the system's own folder for caches. */
export function indexPath(env: Readonly<Record<string, string | undefined>>, platform: string): string {
  const home = homedir();
  const folder =
    env["POOLSCOPE_CACHE"] ??
    (platform === "win32"
      ? join(env["LOCALAPPDATA"] ?? join(home, "AppData", "Local"), "poolscope")
      : platform === "darwin"
        ? join(home, "Library", "Caches", "poolscope")
        : join(env["XDG_CACHE_HOME"] ?? join(home, ".cache"), "poolscope"));
  return join(folder, "drivers.jsonl");
}

/** The index, or undefined where there is none of this version. */
export async function readIndex(path: string): Promise<DriverIndex | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch {
    return undefined;
  }
  const head = parseLine(bytes, 0)?.value as Partial<IndexHead> | undefined;
  if (head?.format !== "poolscope-drivers" || head.version !== VERSION || typeof head.updated !== "number") {
    return undefined;
  }
  return isMachine(head.machine) ? { updated: head.updated, machine: head.machine, bytes } : undefined;
}

/** Replaces the index in one step: a reader sees the old one or the new one. */
export async function writeIndex(
  path: string,
  records: Iterable<DriverRecord>,
  { updated, machine }: Pick<IndexHead, "updated" | "machine">,
): Promise<void> {
  const head: IndexHead = { format: "poolscope-drivers", version: VERSION, updated, machine };
  const lines = [JSON.stringify(head)];
  for (const record of records) lines.push(JSON.stringify(record));
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  try {
    await writeFile(temporary, `${lines.join("\n")}\n`);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** All records, by file. A line that is damaged is left out. */
export function allRecords(index: DriverIndex): Map<string, DriverRecord> {
  const records = new Map<string, DriverRecord>();
  let at = index.bytes.indexOf(10) + 1;
  while (at > 0 && at < index.bytes.length) {
    const line = parseLine(index.bytes, at);
    if (line === undefined) break;
    if (isRecord(line.value)) records.set(line.value.file, line.value);
    at = line.next;
  }
  return records;
}

/** The records whose tags include this one, or a form that it fits. */
export function recordsWithTag(index: DriverIndex, tag: Tag): DriverRecord[] {
  const found = new Map<string, DriverRecord>();
  // Forms are few: every line that has one is looked into.
  for (const needle of [`"raw":"${formatTagHex(tag)}"`, '"tier":"pattern"']) {
    for (const record of recordsHolding(index, Buffer.from(needle))) {
      if (record.tags.some((recorded) => isRecordOf(recorded, tag))) found.set(record.file, record);
    }
  }
  return [...found.values()];
}

/**
 * The tags of an index that a driver is known or predicted to use (constants and text apart). A tag known in part stands
 * with question marks for the bytes that are not known, as it is shown.
 */
export function knownTags(index: DriverIndex): Set<Tag> {
  const found = new Set<Tag>();
  const entry = /"raw":"(0x[0-9a-f]{8})"(?:,"mask":"(0x[0-9a-f]{8})")?,"tier":"(?:proven|pattern|predicted)"/g;
  for (const [, raw, mask] of index.bytes.toString("latin1").matchAll(entry)) {
    if (raw !== undefined) found.add(shownTag(mask === undefined ? { raw } : { raw, mask }));
  }
  return found;
}

function recordsHolding(index: DriverIndex, needle: Buffer): DriverRecord[] {
  const found: DriverRecord[] = [];
  for (let at = index.bytes.indexOf(needle); at >= 0; at = index.bytes.indexOf(needle, at)) {
    const line = parseLine(index.bytes, index.bytes.lastIndexOf(10, at) + 1);
    if (line === undefined) break;
    if (isRecord(line.value)) found.push(line.value);
    at = line.next;
  }
  return found;
}

function isMachine(value: unknown): value is IndexMachine {
  const machine = value as Partial<IndexMachine> | null | undefined;
  const isTextOrNull = (text: unknown): boolean => text === null || typeof text === "string";
  return (
    typeof machine === "object" &&
    machine !== null &&
    typeof machine.host === "string" &&
    (machine.windowsBuild === null || typeof machine.windowsBuild === "number") &&
    isTextOrNull(machine.machineId) &&
    isTextOrNull(machine.systemRoot)
  );
}

/** What this program writes; a line that is damaged but still JSON is left out. */
function isRecord(value: unknown): value is DriverRecord {
  const record = value as Partial<DriverRecord> | null | undefined;
  return (
    typeof record === "object" &&
    record !== null &&
    typeof record.file === "string" &&
    typeof record.version === "object" &&
    record.version !== null &&
    Array.isArray(record.tags) &&
    record.tags.every((tag) => typeof tag === "object" && tag !== null && Array.isArray(tag.uses))
  );
}

function parseLine(bytes: Buffer, start: number): { value: unknown; next: number } | undefined {
  const found = bytes.indexOf(10, start);
  const end = found < 0 ? bytes.length : found;
  if (end <= start) return undefined;
  try {
    return { value: JSON.parse(bytes.toString("utf8", start, end)), next: end + 1 };
  } catch {
    return { value: undefined, next: end + 1 };
  }
}
