// The lines of collect.ps1 that tell what stands beside the counters, and how its fields are written.

import { baseName } from "../model/file-path.ts";
import type { Milliseconds } from "../model/snapshot.ts";
import type { LiveCounts, LoadedDriver, ObjectCount, Program, Surroundings } from "../model/surroundings.ts";
import { timeFromFields } from "../model/time.ts";
import { decodeUtf8 } from "./utf8.ts";

/** Bounds of what a hostile file can make us keep: more than any Windows has. */
const MOST_TYPES = 1024;
const MOST_PROGRAMS = 4096;
const MOST_DRIVERS = 8192;

const WHOLE = /^\d{1,15}$/;

const PROGRAM_FIELDS = {
  handles: "handles",
  threads: "threads",
  nonpaged: "nonpagedQuota",
  paged: "pagedQuota",
  otherops: "otherOperations",
  otherbytes: "otherBytes",
} as const satisfies Readonly<Record<string, keyof Program>>;

/** Collects the lines of one snapshot; object counts and drivers stay those of the snapshot before where nothing is said. */
export class CollectorBeside {
  readonly #objects = new Map<string, ObjectCount>();
  #told = false;
  #live: LiveCounts | undefined;
  #programs: Program[] = [];
  #drivers: LoadedDriver[] | undefined;
  #pending: { readonly count: number; readonly list: LoadedDriver[] } | undefined;

  /** Before a snapshot with all its rows. */
  clear(): void {
    this.#objects.clear();
    this.#drivers = undefined;
  }

  begin(): void {
    this.#told = false;
    this.#live = undefined;
    this.#programs = [];
    this.#pending = undefined;
  }

  /** Whether a line was one of these, and whole. */
  takes(word: string, fields: readonly string[]): boolean {
    if (word === "@object") return this.#object(fields);
    if (word === "@live") return this.#sums(valuesOf(fields));
    if (word === "@process") return this.#program(fields);
    if (word === "@drivers" && WHOLE.test(fields[0] ?? "")) {
      this.#pending = { count: Number(fields[0]), list: [] };
      return true;
    }
    return word === "@driver" && this.#driver(fields);
  }

  /** What was told; undefined where nothing was. */
  finish(time: Milliseconds): Surroundings | undefined {
    const { count, list } = this.#pending ?? {};
    if (list !== undefined && list.length === count) this.#drivers = list;
    if (!this.#told && this.#drivers === undefined) return undefined;
    return {
      ...(this.#objects.size > 0 && { objects: [...this.#objects.values()] }),
      ...(this.#live !== undefined && { live: this.#live }),
      ...(this.#programs.length > 0 && { programs: { time, programs: this.#programs, isWhole: false } }),
      ...(this.#drivers !== undefined && { drivers: this.#drivers }),
    };
  }

  #object([name = "", ...counts]: readonly string[]): boolean {
    if (counts.length !== 4 || !counts.every((count) => WHOLE.test(count)) || this.#objects.size >= MOST_TYPES)
      return false;
    const [objects = 0, handles = 0, peakObjects = 0, peakHandles = 0] = counts.map(Number);
    const type = nameOf(name);
    this.#objects.set(type, { type, objects, handles, peakObjects, peakHandles });
    this.#told = true;
    return true;
  }

  #sums(values: ReadonlyMap<string, string>): boolean {
    const [processes, threads, handles] = ["processes", "threads", "handles"].map((name) => values.get(name) ?? "");
    if (![processes, threads, handles].every((value) => WHOLE.test(value ?? ""))) return false;
    this.#live = { processes: Number(processes), threads: Number(threads), handles: Number(handles) };
    this.#told = true;
    return true;
  }

  #program([pid = "", name = "", ...fields]: readonly string[]): boolean {
    if (!WHOLE.test(pid) || name === "" || this.#programs.length >= MOST_PROGRAMS) return false;
    const values = valuesOf(fields);
    const started = parseTime(values.get("started") ?? "");
    const counts: { [Field in (typeof PROGRAM_FIELDS)[keyof typeof PROGRAM_FIELDS]]?: number } = {};
    for (const [key, field] of Object.entries(PROGRAM_FIELDS)) {
      const value = values.get(key);
      if (value !== undefined && WHOLE.test(value)) counts[field] = Number(value);
    }
    this.#programs.push({ pid: Number(pid), name: nameOf(name), ...(started !== undefined && { started }), ...counts });
    this.#told = true;
    return true;
  }

  #driver([bytes = "", path = ""]: readonly string[]): boolean {
    const list = this.#pending?.list;
    if (list === undefined || !WHOLE.test(bytes) || path === "" || list.length >= MOST_DRIVERS) return false;
    const whole = unescape(path);
    list.push({ file: baseName(whole), path: whole, imageBytes: Number(bytes) });
    return true;
  }
}

/** `name=value` fields by name. */
export function valuesOf(fields: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const field of fields) {
    const equals = field.indexOf("=");
    if (equals > 0) values.set(field.slice(0, equals), field.slice(equals + 1));
  }
  return values;
}

export function parseTime(text: string): Milliseconds | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millisecond = 0] = match.slice(1).map(Number);
  return timeFromFields(year, month, day, hour, minute, second, millisecond);
}

/** Bytes written as `\\xNN`, one character each. */
export function unescape(text: string): string {
  return text.replace(/\\x([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** A name whose bytes are UTF-8. */
function nameOf(text: string): string {
  return decodeUtf8(Uint8Array.from(unescape(text), (letter) => letter.charCodeAt(0)));
}
