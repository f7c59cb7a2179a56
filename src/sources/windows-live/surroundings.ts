// What stands beside the counters on this machine: object types, processes, loaded drivers. Each part is asked by itself and
// fails by itself: a refusal costs that part, one note, and nothing else.

import { parseModuleList, parseModuleListEx } from "../../formats/kernel-lists/module-list.ts";
import { parseObjectTypes } from "../../formats/kernel-lists/object-types.ts";
import { parseLiveCounts, parseProcessList } from "../../formats/kernel-lists/process-list.ts";
import { isKnownError } from "../../model/errors.ts";
import type { Gap, Milliseconds } from "../../model/snapshot.ts";
import type { LiveCounts, LoadedDriver, Surroundings } from "../../model/surroundings.ts";
import { GrowingBuffer, type Asked } from "./growing-buffer.ts";
import type { NativeSystem } from "./native.ts";
import {
  STATUS_ACCESS_DENIED,
  STATUS_INVALID_INFO_CLASS,
  STATUS_NOT_IMPLEMENTED,
  formatStatus,
  statusError,
} from "./ntstatus.ts";

export interface SurroundingsOptions {
  /** Object types and processes at most this often; a snapshot in between carries none. */
  readonly every: Milliseconds;
  /** Programs at most this often: in between processes are only counted. As often as `every` where it is not given. */
  readonly programsEvery?: Milliseconds;
  /** The list of drivers at most this often. */
  readonly driversEvery: Milliseconds;
  /** What the files of drivers tell of themselves; without it only what the kernel's list says is known. */
  readonly describe?: (driver: LoadedDriver) => LoadedDriver;
}

export interface SurroundingsAt {
  readonly surroundings: Surroundings | undefined;
  /** What could not be read, each told once. */
  readonly gaps: readonly Gap[];
}

const OBJECT_TYPES = 3;
const PROCESSES = 5;
const MODULES = 11;
const MODULES_WITH_STAMPS = 77;

/** About 75 types of at most 200 bytes; the list never needs more than a fraction of this. */
const MOST_TYPE_BYTES = 1024 * 1024;

/** A list that Windows refuses for good is not asked for again. */
const FOR_GOOD: ReadonlySet<number> = new Set([
  STATUS_INVALID_INFO_CLASS,
  STATUS_NOT_IMPLEMENTED,
  STATUS_ACCESS_DENIED,
]);

/** Takes what stands beside the counters, not more often than the options say. */
export class SurroundingsSampler {
  readonly #native: NativeSystem;
  readonly #options: SurroundingsOptions;
  readonly #lists: GrowingBuffer;
  readonly #types: GrowingBuffer;
  readonly #refused = new Set<string>();
  readonly #told = new Set<string>();
  #gaps: Gap[] = [];
  #time: Milliseconds | undefined;
  #programsTime: Milliseconds | undefined;
  #driversTime: Milliseconds | undefined;
  #listed: readonly LoadedDriver[] = [];
  #drivers: readonly LoadedDriver[] | undefined;

  constructor(native: NativeSystem, options: SurroundingsOptions) {
    this.#native = native;
    this.#options = options;
    this.#lists = new GrowingBuffer((informationClass, buffer) => native.query(informationClass, buffer));
    this.#types = new GrowingBuffer(
      (informationClass, buffer) =>
        native.queryObject?.(informationClass, buffer) ?? { status: STATUS_NOT_IMPLEMENTED, length: 0 },
      MOST_TYPE_BYTES,
      64 * 1024,
    );
  }

  /** What is due at a time. Never throws for what Windows refuses or answers. */
  sample(time: Milliseconds): SurroundingsAt {
    this.#gaps = [];
    const due = isDue(this.#time, time, this.#options.every);
    if (due) this.#time = time;
    if (isDue(this.#driversTime, time, this.#options.driversEvery)) {
      this.#driversTime = time;
      this.#drivers = this.#loadedDrivers() ?? this.#drivers;
    }
    const drivers = this.#drivers;
    const objects = due ? this.#objects() : undefined;
    const wantsPrograms = due && isDue(this.#programsTime, time, this.#options.programsEvery ?? this.#options.every);
    if (wantsPrograms) this.#programsTime = time;
    const list = wantsPrograms ? this.#processes() : undefined;
    const live = list?.live ?? (due ? this.#liveCounts() : undefined);
    if (objects === undefined && live === undefined && drivers === undefined)
      return { surroundings: undefined, gaps: this.#gaps };
    return {
      surroundings: {
        ...(objects !== undefined && { objects }),
        ...(live !== undefined && { live }),
        ...(list !== undefined && { programs: { time, programs: list.programs, isWhole: true } }),
        ...(drivers !== undefined && { drivers }),
      },
      gaps: this.#gaps,
    };
  }

  #objects(): Surroundings["objects"] {
    const { pointerBytes } = this.#native;
    return this.#part("object and handle counts", OBJECT_TYPES, this.#types, (bytes) =>
      // Only what is kept: the index and the pool of a type matter to a live look alone.
      parseObjectTypes(bytes, pointerBytes).map(({ type, objects, handles, peakObjects, peakHandles }) => ({
        type,
        objects,
        handles,
        peakObjects,
        peakHandles,
      })),
    );
  }

  #processes(): ReturnType<typeof parseProcessList> | undefined {
    const { pointerBytes } = this.#native;
    return this.#part("the process list", PROCESSES, this.#lists, (bytes) => parseProcessList(bytes, pointerBytes));
  }

  #liveCounts(): LiveCounts | undefined {
    const { pointerBytes } = this.#native;
    return this.#part("the process list", PROCESSES, this.#lists, (bytes) => parseLiveCounts(bytes, pointerBytes));
  }

  /** The same array as before while nothing was loaded, unloaded or exchanged. */
  #loadedDrivers(): readonly LoadedDriver[] | undefined {
    const { pointerBytes } = this.#native;
    const listed =
      this.#part("loaded drivers with stamps", MODULES_WITH_STAMPS, this.#lists, (bytes) =>
        parseModuleListEx(bytes, pointerBytes),
      ) ?? this.#part("loaded drivers", MODULES, this.#lists, (bytes) => parseModuleList(bytes, pointerBytes));
    if (listed === undefined || sameDrivers(listed, this.#listed)) return this.#drivers;
    const before = new Map(this.#listed.map((driver, i) => [keyOf(driver), this.#drivers?.[i]]));
    this.#listed = listed;
    const { describe } = this.#options;
    return listed.map((driver) => before.get(keyOf(driver)) ?? describe?.(driver) ?? driver);
  }

  /** One part; undefined where Windows refuses it, or answers what makes no sense. */
  #part<Value>(
    what: string,
    informationClass: number,
    buffer: GrowingBuffer,
    parse: (bytes: Uint8Array) => Value,
  ): Value | undefined {
    if (this.#refused.has(what)) return undefined;
    const asked: Asked = buffer.ask(informationClass);
    if (asked.bytes === undefined) {
      if (FOR_GOOD.has(asked.status)) this.#refused.add(what);
      this.#note(what, refusal(what, informationClass, asked.status));
      return undefined;
    }
    try {
      return parse(asked.bytes);
    } catch (error) {
      if (!isKnownError(error)) throw error;
      this.#note(what, `not readable here: ${error.message}; pool tags are measured all the same`);
      return undefined;
    }
  }

  #note(where: string, problem: string): void {
    if (this.#told.has(`${where}\n${problem}`)) return;
    this.#told.add(`${where}\n${problem}`);
    this.#gaps.push({ where, problem });
  }
}

function refusal(what: string, informationClass: number, status: number): string {
  if (status === STATUS_INVALID_INFO_CLASS || status === STATUS_NOT_IMPLEMENTED)
    return `this system does not tell ${what} (${formatStatus(status)}); pool tags are measured all the same`;
  const { message } = statusError(`${what} (class ${informationClass})`, status);
  return `${message}; pool tags are measured all the same`;
}

function isDue(last: Milliseconds | undefined, now: Milliseconds, every: Milliseconds): boolean {
  return last === undefined || now < last || now >= last + every;
}

function keyOf({ path, file, imageBytes, stamp }: LoadedDriver): string {
  return `${path ?? file} ${imageBytes ?? ""} ${stamp ?? ""}`;
}

function sameDrivers(a: readonly LoadedDriver[], b: readonly LoadedDriver[]): boolean {
  return a.length === b.length && a.every((driver, i) => keyOf(driver) === keyOf(b[i] ?? { file: "" }));
}
