// What stands beside the counters over the time of a record, in bounded memory: a few hundred points, evenly thinned, of the
// last boot; and every change of a driver.

import type { DriverChangeAt } from "../../model/beside.ts";
import { changesBetween, type DriverList } from "./drivers.ts";
import { rowKey, type Milliseconds, type Snapshot } from "../../model/snapshot.ts";
import type { LiveCounts, LoadedDriver, ObjectCount, Program, ProgramList } from "../../model/surroundings.ts";

/** Points kept; when they are full every second one goes. 256 tell growth and an onset of a week within an hour. */
const MOST_OBJECT_POINTS = 256;

/** The same for programs, of which each point holds the blocks of all tags: 128 are 4 MB for 4,000 rows. */
const MOST_PROGRAM_POINTS = 128;

export interface ObjectPoint {
  readonly time: Milliseconds;
  readonly types: ReadonlyMap<string, ObjectCount>;
  readonly live: LiveCounts | undefined;
}

export interface ProgramPoint {
  readonly time: Milliseconds;
  readonly programs: ReadonlyMap<string, Program>;
  /** Outstanding blocks of a row key; undefined where it was not listed. */
  readonly blocks: (key: number) => number | undefined;
}

/** What {@link BesideRecord.newest} answers. */
export interface NewestLists {
  readonly drivers: DriverList | undefined;
  readonly objects: (Omit<ObjectPoint, "types"> & { readonly list: readonly ObjectCount[] }) | undefined;
  readonly programs: ProgramList | undefined;
}

/** More changes than a record of any sense has; the newest are kept. */
const MOST_CHANGES = 4096;

/** Collects what stands beside the counters, snapshot by snapshot. */
export class BesideRecord {
  readonly objects: ObjectPoint[] = [];
  readonly programs: ProgramPoint[] = [];
  readonly changes: DriverChangeAt[] = [];
  #objectStride = 1;
  #programStride = 1;
  #objectsSeen = 0;
  #programsSeen = 0;
  readonly #slots = new Map<number, number>();
  readonly #isNewBoot: (before: Snapshot, after: Snapshot) => boolean;
  #last: Snapshot | undefined;
  #drivers: DriverList | undefined;
  #newestObjects: NewestLists["objects"];
  #newestPrograms: ProgramList | undefined;

  /** `isNewBoot` is the rule of the whole program. At a new boot counts start anew; drivers are compared across it. */
  constructor(isNewBoot: (before: Snapshot, after: Snapshot) => boolean) {
    this.#isNewBoot = isNewBoot;
  }

  /** The newest list of loaded drivers; undefined where none was measured. */
  get drivers(): readonly LoadedDriver[] | undefined {
    return this.#drivers?.list;
  }

  /** The newest list of each kind in the last boot, also where thinning left its point out. */
  get newest(): NewestLists {
    return { drivers: this.#drivers, objects: this.#newestObjects, programs: this.#newestPrograms };
  }

  /** Takes in the next snapshot; one that carries nothing beside its counters costs nothing. */
  push(snapshot: Snapshot): void {
    if (snapshot.surroundings === undefined) return;
    const last = this.#last;
    this.#last = snapshot;
    if (last !== undefined && this.#isNewBoot(last, snapshot)) {
      this.objects.length = 0;
      this.programs.length = 0;
      this.#objectStride = this.#programStride = 1;
      this.#objectsSeen = this.#programsSeen = 0;
      this.#newestObjects = this.#newestPrograms = undefined;
    }
    const { surroundings, time } = snapshot;
    const { objects, live, programs, drivers } = surroundings;
    if (objects !== undefined) this.#newestObjects = { time, list: objects, live };
    if (programs !== undefined) this.#newestPrograms = programs;
    if (objects !== undefined && this.#objectsSeen++ % this.#objectStride === 0) {
      this.objects.push({ time, types: new Map(objects.map((one) => [one.type, one])), live });
      if (thinned(this.objects, MOST_OBJECT_POINTS)) this.#objectStride *= 2;
    }
    if (programs !== undefined && this.#programsSeen++ % this.#programStride === 0) {
      this.programs.push({
        time,
        programs: new Map(programs.programs.map((program) => [programKey(program), program])),
        blocks: this.#blocksOf(snapshot),
      });
      if (thinned(this.programs, MOST_PROGRAM_POINTS)) this.#programStride *= 2;
    }
    if (drivers !== undefined) this.#compare(drivers, time);
  }

  /** The blocks of all rows, by a slot that a row key keeps over the points. */
  #blocksOf({ columns }: Snapshot): ProgramPoint["blocks"] {
    const slots = this.#slots;
    for (let row = 0; row < columns.length; row++) {
      const key = rowKey(columns.tag[row] ?? 0, columns.kind[row] ?? 0);
      if (!slots.has(key)) slots.set(key, slots.size);
    }
    const values = new Float64Array(slots.size).fill(Number.NaN);
    for (let row = 0; row < columns.length; row++) {
      const slot = slots.get(rowKey(columns.tag[row] ?? 0, columns.kind[row] ?? 0)) ?? 0;
      values[slot] = columns.outstanding[row] ?? 0;
    }
    return (key) => {
      const value = values[slots.get(key) ?? -1];
      return value === undefined || Number.isNaN(value) ? undefined : value;
    };
  }

  #compare(list: readonly LoadedDriver[], time: Milliseconds): void {
    const last = this.#drivers;
    this.#drivers = { list, time };
    if (last === undefined || last.list === list) return;
    this.changes.push(...changesBetween(last, this.#drivers));
    if (this.changes.length > MOST_CHANGES) this.changes.splice(0, this.changes.length - MOST_CHANGES);
  }
}

/** Drops every second point where there are too many; the first and the newest stay. */
function thinned(points: unknown[], most: number): boolean {
  if (points.length <= most) return false;
  let kept = 0;
  for (let i = 0; i < points.length; i += 2) points[kept++] = points[i];
  points.length = kept;
  return true;
}

/** What a program is known by over the lists of a record. */
export function programKey({ pid, name, started }: Program): string {
  return `${pid} ${started ?? ""} ${name}`;
}
