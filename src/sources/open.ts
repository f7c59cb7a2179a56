// Opens SOURCE...: files, folders and patterns become one time line of one machine, in time order.

import { globSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { AccessError, FormatError, UsageError, isKnownError } from "../model/errors.ts";
import type { Gap, Milliseconds, Snapshot } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";
import { formatBytes, formatDuration } from "../model/units.ts";
import type { FileFormat, ReadContext } from "./file-format.ts";
import { STANDARD_INPUT, openInputFile, toAccessError, type InputFile } from "./input-file.ts";
import { fileFormats } from "./registry.ts";
import { DEFAULT_INTERVAL, decodedHead } from "./text-file.ts";
import type { OpenOptions, Timeline } from "./timeline.ts";

interface Part {
  file: InputFile;
  readonly format: FileFormat;
  /** Time of its first snapshot. */
  first: Milliseconds;
  /** That time is only the file's modification date. */
  readonly untimed: boolean;
}

/** Modification dates closer than this are those of a copy, not of the measurement. */
const COPIED_WITHIN: Milliseconds = 2_000;

/**
 * Opens all paths as one time line. A folder stands for the files in it that are of a known format, the others are Gaps.
 * Throws AccessError or FormatError where a named file cannot be read at all, UsageError where nothing is left.
 */
export async function openSources(paths: readonly string[], options: OpenOptions = {}): Promise<Timeline> {
  const gaps: Gap[] = [];
  const problems: (FormatError | AccessError)[] = [];
  const mappedDrivers = new Map<Tag, string>();
  const files = await filesOf(paths, gaps);
  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  let finished = 0;
  const contextFor = (quiet: boolean): ReadContext => ({
    options,
    gap: (gap) => void (quiet || gaps.push(gap)),
    problem: (error) => void (quiet || problems.push(error)),
    mappedDriver: (tag, text) => {
      if (!mappedDrivers.has(tag)) mappedDrivers.set(tag, text);
    },
    progress: (bytes) => {
      if (!quiet) options.onProgress?.(Math.min(total, finished + bytes), total);
    },
  });
  const parts: Part[] = [];
  for (const { file, format } of files) {
    // One file needs no order: it is not read twice.
    const first = files.length === 1 ? undefined : await firstSnapshot(file, format, contextFor(true));
    if (files.length > 1 && first === undefined) gaps.push({ where: file.path, problem: "holds no snapshot" });
    else parts.push({ file, format, first: first?.time ?? 0, untimed: first?.origin.timeBasis === "file-modified" });
  }
  spaceUntimed(parts, options.assumedInterval, gaps);
  parts.sort((a, b) => a.first - b.first);
  async function* all(): AsyncIterable<Snapshot> {
    const machine = new SameMachine();
    for await (const snapshot of merge(
      parts,
      (part) => part.format.read(part.file, contextFor(false)),
      (part) => {
        finished += part.file.size;
      },
    )) {
      machine.check(snapshot);
      if (options.from !== undefined && snapshot.time < options.from) continue;
      if (options.to !== undefined && snapshot.time > options.to) continue;
      yield snapshot;
    }
  }
  return { snapshots: all, gaps, problems, mappedDrivers };
}

/** The format of a file's content. Throws FormatError where it is of none. */
export function formatOf(file: InputFile): FileFormat {
  const format = fileFormats.find((each) => each.isFormat(file));
  if (format !== undefined) return format;
  throw new FormatError("source", "of no known format", {
    file: file.path,
    expected: fileFormats.map((each) => each.title).join("; "),
    found: describeHead(file),
  });
}

function describeHead(file: InputFile): string {
  const line =
    decodedHead(file)
      .split(/[\r\n]/)
      .find((each) => each.trim() !== "") ?? "";
  const cut = line.trim().slice(0, 40);
  if (cut !== "" && /^[\x20-\x7e\t]+$/.test(cut)) return `text that begins ${JSON.stringify(cut)}`;
  const bytes = Array.from(file.head.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0"));
  return `binary data that begins ${bytes.join(" ")}`;
}

interface NamedFile {
  readonly file: InputFile;
  readonly format: FileFormat;
}

/** Expands folders and patterns. A file that a user named must be readable; one found in a folder becomes a Gap. */
async function filesOf(paths: readonly string[], gaps: Gap[]): Promise<NamedFile[]> {
  const files: NamedFile[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    const found = await expand(path);
    for (const each of found) {
      if (seen.has(each)) continue;
      seen.add(each);
      try {
        const file = await openInputFile(each);
        files.push({ file, format: formatOf(file) });
      } catch (error) {
        if (each === path || !isKnownError(error)) throw error;
        gaps.push({ where: each, problem: `left out: ${error.message}` });
      }
    }
    if (files.length === 0 && found.length !== 1) {
      throw new AccessError(
        `${path}: no file of a known format in it (subfolders are not searched)`,
        "name the files themselves",
      );
    }
  }
  return files;
}

async function expand(path: string): Promise<string[]> {
  if (path === STANDARD_INPUT) return [path];
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(path, entry.name))
      .sort();
  } catch (error) {
    // Windows shells hand patterns to the program as they were typed.
    const matches = /[*?]/.test(path) ? globSync(path).sort() : [];
    if (matches.length > 0) return matches;
    throw toAccessError(path, error);
  }
}

async function firstSnapshot(file: InputFile, format: FileFormat, context: ReadContext): Promise<Snapshot | undefined> {
  for await (const snapshot of format.read(file, context)) return snapshot;
  return undefined;
}

/**
 * Files that tell no time and were copied together have the time of the copy. They are put in the order of their names
 * (`snap2` before `snap10`) at even distances instead, and it is said; so they are where the user told the distance.
 */
function spaceUntimed(parts: Part[], told: Milliseconds | undefined, gaps: Gap[]): void {
  const untimed = parts.filter((part) => part.untimed).sort((a, b) => a.first - b.first);
  const copied = untimed.some((part, i) => i > 0 && part.first - (untimed[i - 1]?.first ?? 0) < COPIED_WITHIN);
  const earliest = untimed[0];
  if (untimed.length < 2 || earliest === undefined || (told === undefined && !copied)) return;
  const start = earliest.first;
  const interval = told ?? DEFAULT_INTERVAL;
  const byName = untimed.sort((a, b) => a.file.path.localeCompare(b.file.path, "en", { numeric: true }));
  for (const [index, part] of byName.entries()) {
    part.first = start + index * interval;
    part.file = { ...part.file, modified: part.first };
  }
  if (told !== undefined) return;
  gaps.push({
    where: `${byName[0]?.file.path} and ${byName.length - 1} more`,
    problem: `these files tell no times and were copied together; taken in the order of their names, ${formatDuration(interval)} apart: no rate is sure unless --interval says how far apart they really are`,
  });
}

/** Merges parts by time. A part is opened only when its turn comes: a thousand files that follow each other need one at a time. */
async function* merge(
  parts: readonly Part[],
  read: (part: Part) => AsyncIterable<Snapshot>,
  onEnd: (part: Part) => void,
): AsyncIterable<Snapshot> {
  const waiting = [...parts];
  const open: { part: Part; rest: AsyncIterator<Snapshot>; next: Snapshot }[] = [];
  const advance = async (part: Part, rest: AsyncIterator<Snapshot>): Promise<void> => {
    const step = await rest.next();
    if (step.done === true) onEnd(part);
    else open.push({ part, rest, next: step.value });
  };
  while (waiting.length > 0 || open.length > 0) {
    let earliest = 0;
    for (let i = 1; i < open.length; i++)
      if ((open[i]?.next.time ?? 0) < (open[earliest]?.next.time ?? 0)) earliest = i;
    const part = waiting[0];
    if (part !== undefined && (open.length === 0 || part.first <= (open[earliest]?.next.time ?? 0))) {
      waiting.shift();
      await advance(part, read(part)[Symbol.asyncIterator]());
      continue;
    }
    const [entry] = open.splice(earliest, 1);
    if (entry === undefined) continue;
    yield entry.next;
    await advance(entry.part, entry.rest);
  }
}

/** Refuses snapshots of two machines in one time line: by host name, else by an amount of RAM that is plainly another machine's. */
class SameMachine {
  #host: Snapshot | undefined;
  #ram: Snapshot | undefined;

  check(snapshot: Snapshot): void {
    const { host } = snapshot.origin;
    if (host !== undefined) {
      this.#host ??= snapshot;
      const known = this.#host.origin.host;
      if (known?.toLowerCase() !== host.toLowerCase()) refuse(known ?? "", this.#host, host, snapshot);
    }
    const ram = snapshot.totals.physicalBytes;
    if (ram === undefined) return;
    this.#ram ??= snapshot;
    const known = this.#ram.totals.physicalBytes ?? ram;
    // Windows reports a little less after a firmware update; memory added to a virtual machine keeps its host name.
    const differs = Math.abs(ram - known) > 0.05 * known;
    if (differs && host === undefined)
      refuse(`${formatBytes(known)} of RAM`, this.#ram, `${formatBytes(ram)} of RAM`, snapshot);
  }
}

function refuse(a: string, first: Snapshot, b: string, second: Snapshot): never {
  const file = (snapshot: Snapshot): string => snapshot.origin.file ?? snapshot.origin.source;
  throw new UsageError(
    `two machines in one time line: ${a} (${file(first)}) and ${b} (${file(second)}); name the files of one machine at a time`,
  );
}
