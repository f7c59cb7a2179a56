// What a snapshot holds beside its counters, as the blobs `counts` and `programs`, and back. A keyframe starts from nothing,
// any other blob from what the chain held before. Described in docs/recording-format.md.

import { FormatError } from "../model/errors.ts";
import type { Milliseconds } from "../model/snapshot.ts";
import type { LiveCounts, ObjectCount, Program, ProgramList } from "../model/surroundings.ts";
import type { BesideNames } from "./beside-names.ts";
import {
  checkEnd,
  openBlob,
  readCountRows,
  readCounts,
  sealedBlob,
  writeCountRows,
  writeCounts,
  type CountRows,
} from "./count-rows.ts";
import { NibbleWriter } from "./nibbles.ts";

/** The counts of an object type, in the order in which they are coded. */
const OBJECT_FIELDS = ["objects", "handles", "peakObjects", "peakHandles"] as const;

/** The counts of a program; what changes most comes first, so that the mask of what changed stays short. */
const PROGRAM_FIELDS = [
  "otherOperations",
  "otherBytes",
  "handles",
  "threads",
  "nonpagedQuota",
  "pagedQuota",
  "privateBytes",
  "workingSet",
] as const;

const LIVE_FIELDS = ["processes", "threads", "handles"] as const;

const IS_WHOLE = 1;

/** Object types and live sums of one snapshot, by slot. */
export interface CountsAt {
  readonly live: Float64Array;
  readonly objects: CountRows;
}

/** Programs of one snapshot, by slot; `age` is how long before the snapshot they were measured. */
export interface ProgramsAt {
  readonly age: Milliseconds;
  readonly isWhole: boolean;
  readonly rows: CountRows;
}

const NOTHING: CountRows = new Map();

/** Where the chain of blobs stands, for writing as for reading. */
export class BesideChain {
  #live: Float64Array = new Float64Array(LIVE_FIELDS.length).fill(Number.NaN);
  #objects: CountRows = NOTHING;
  #programs: CountRows = NOTHING;
  readonly #nibbles = new NibbleWriter();

  /** Starts from nothing, as a keyframe does. */
  restart(): void {
    this.#live = new Float64Array(LIVE_FIELDS.length).fill(Number.NaN);
    this.#objects = NOTHING;
    this.#programs = NOTHING;
  }

  encodeCounts({ live, objects }: CountsAt): Uint8Array {
    this.#nibbles.clear();
    writeCounts(this.#nibbles, this.#live, live);
    writeCountRows(this.#nibbles, this.#objects, objects);
    this.#live = live;
    this.#objects = objects;
    return sealedBlob(0, this.#nibbles);
  }

  encodePrograms({ age, isWhole, rows }: ProgramsAt): Uint8Array {
    this.#nibbles.clear();
    this.#nibbles.unsigned(age);
    writeCountRows(this.#nibbles, this.#programs, rows);
    this.#programs = rows;
    return sealedBlob(isWhole ? IS_WHOLE : 0, this.#nibbles);
  }

  /** Throws FormatError where the blob is damaged; the chain must be restarted then. */
  decodeCounts(blob: Uint8Array, names: BesideNames): CountsAt {
    const { nibbles } = openBlob(blob);
    this.#live = readCounts(nibbles, this.#live, LIVE_FIELDS.length);
    this.#objects = readCountRows(nibbles, this.#objects, OBJECT_FIELDS.length, names.types.length);
    checkEnd(nibbles);
    return { live: this.#live, objects: this.#objects };
  }

  /** Throws FormatError where the blob is damaged; the chain must be restarted then. */
  decodePrograms(blob: Uint8Array, names: BesideNames): ProgramsAt {
    const { flags, nibbles } = openBlob(blob);
    if (flags > IS_WHOLE) throw new FormatError("recording", "programs in a form that is not known");
    const age = nibbles.unsigned();
    this.#programs = readCountRows(nibbles, this.#programs, PROGRAM_FIELDS.length, names.programs.length);
    checkEnd(nibbles);
    return { age, isWhole: flags === IS_WHOLE, rows: this.#programs };
  }
}

/** Counts by slot; undefined where a snapshot has none. */
export function countsIn(
  objects: readonly ObjectCount[] | undefined,
  live: LiveCounts | undefined,
  names: BesideNames,
): CountsAt | undefined {
  if (objects === undefined && live === undefined) return undefined;
  return {
    live: Float64Array.from(LIVE_FIELDS, (field) => live?.[field] ?? Number.NaN),
    objects: new Map(
      (objects ?? []).map((one) => [
        names.slotOfType(one.type),
        Float64Array.from(OBJECT_FIELDS, (field) => one[field] ?? Number.NaN),
      ]),
    ),
  };
}

/** Programs by slot. */
export function programsIn(list: ProgramList, time: Milliseconds, names: BesideNames): ProgramsAt {
  return {
    age: Math.max(0, Math.round(time - list.time)),
    isWhole: list.isWhole,
    rows: new Map(
      list.programs.map((one) => [
        names.slotOfProgram(one),
        Float64Array.from(PROGRAM_FIELDS, (field) => one[field] ?? Number.NaN),
      ]),
    ),
  };
}

/** Counts as plain values, object types in the order in which they were first seen. */
export function countsAsValues(
  { live, objects }: CountsAt,
  names: BesideNames,
): { readonly objects?: readonly ObjectCount[]; readonly live?: LiveCounts } {
  const [processes = Number.NaN, threads = Number.NaN, handles = Number.NaN] = live;
  const isLive = !Number.isNaN(processes) && !Number.isNaN(threads) && !Number.isNaN(handles);
  return {
    ...(isLive && { live: { processes, threads, handles } }),
    ...(objects.size > 0 && {
      objects: [...objects].map(([slot, counts]) => ({
        type: names.types[slot] ?? "",
        // In the order of the fields; a handle count that is not known counts as none.
        ...known(["objects"], counts),
        handles: 0,
        ...known(OBJECT_FIELDS, counts),
      })),
    }),
  };
}

/** Programs as plain values. */
export function programsAsValues(at: ProgramsAt, time: Milliseconds, names: BesideNames): ProgramList {
  return {
    time: time - at.age,
    isWhole: at.isWhole,
    programs: [...at.rows].map(([slot, counts]): Program => ({
      ...(names.programs[slot] ?? { pid: 0, name: "" }),
      ...known(PROGRAM_FIELDS, counts),
    })),
  };
}

function known<Field extends string>(fields: readonly Field[], counts: Float64Array): { [F in Field]?: number } {
  const values: { [F in Field]?: number } = {};
  for (const [i, field] of fields.entries()) {
    const count = counts[i] ?? Number.NaN;
    if (!Number.isNaN(count)) values[field] = count;
  }
  return values;
}
