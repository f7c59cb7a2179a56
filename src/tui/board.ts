// The table's data: what every (tag, kind) holds now, held at the sample before and at the baseline, and a short history
// for trends. Buffers are kept from sample to sample; `revision` says when anything may have changed.

import { bootByTimes, compareCounter, isBootByCounts } from "../detect/series/boots.ts";
import {
  NONPAGED,
  PAGED,
  counterGrowth,
  rowKey,
  sumBytes,
  type Milliseconds,
  type PoolColumns,
  type Snapshot,
} from "../model/snapshot.ts";
import type { ObjectCount } from "../model/surroundings.ts";

/** Points of history per row. They cover everything since the start (or boot), thinned evenly when full. */
export const TREND_POINTS = 48;

interface Reading {
  readonly allocs: Float64Array;
  readonly frees: Float64Array;
  readonly outstanding: Float64Array;
  readonly bytes: Float64Array;
}

export type Field = keyof Reading;

/** Rows live in slots: a (tag, kind) keeps its slot for the life of the board. */
export class Board {
  readonly #slots = new Map<number, number>();
  #capacity = 0;
  #count = 0;
  #tag = new Uint32Array(0);
  #kind = new Uint8Array(0);
  /** Number of the last sample that listed the slot. */
  #seen = new Int32Array(0);
  #changed = new Uint8Array(0);
  #now = newReading(0);
  #before = newReading(0);
  #base: Reading | undefined;
  #baseTime: Milliseconds | undefined;
  /** Bytes by slot, one column a point in time: a sample then writes one stretch of memory, not a cell here and there. */
  #trend: Float64Array[] = [];
  /** Bytes of each pool as a whole, nonpaged then paged: as the source tells, else the sum of its rows. */
  readonly #poolTrends = [new Float64Array(TREND_POINTS), new Float64Array(TREND_POINTS)] as const;
  readonly #trendTimes = new Float64Array(TREND_POINTS);
  #trendLength = 0;
  #stride = 1;
  #sinceBoot = 0;
  #sample = 0;
  #revision = 0;
  #counterBits: 32 | 64 = 32;
  #snapshot: Omit<Snapshot, "columns"> | undefined;
  /** The newest counts of objects and handles; undefined where none were measured. */
  objects: readonly ObjectCount[] | undefined;
  /** Slot of each row of the last snapshot: sources list rows in the same order again and again. */
  #rowSlots = new Int32Array(0);

  /** Rises whenever what is shown may have changed. */
  get revision(): number {
    return this.#revision;
  }

  /** Slots in use; not all of them need be in the last sample. */
  get count(): number {
    return this.#count;
  }

  /** The last sample without its rows. */
  get snapshot(): Omit<Snapshot, "columns"> | undefined {
    return this.#snapshot;
  }

  get baseTime(): Milliseconds | undefined {
    return this.#baseTime;
  }

  /** Times of the kept history, oldest first. */
  get trendTimes(): Float64Array {
    return this.#trendTimes.subarray(0, this.#trendLength);
  }

  tag(slot: number): number {
    return this.#tag[slot] ?? 0;
  }

  kind(slot: number): number {
    return this.#kind[slot] ?? NONPAGED;
  }

  key(slot: number): number {
    return rowKey(this.tag(slot), this.kind(slot));
  }

  slotOf(key: number): number | undefined {
    return this.#slots.get(key);
  }

  /** Whether the last sample listed the row. */
  isPresent(slot: number): boolean {
    return slot < this.#count && this.#seen[slot] === this.#sample;
  }

  /** Whether any figure of the row differs from the sample before. */
  hasChanged(slot: number): boolean {
    return this.#changed[slot] === 1;
  }

  /** A column of the last sample by slot, NaN where a row was not listed; to read, not to keep or change. */
  column(field: Field): Float64Array {
    return this.#now[field];
  }

  value(slot: number, field: Field): number {
    return this.#now[field][slot] ?? Number.NaN;
  }

  /** The change since the baseline, or since the sample before where none is set; NaN where the row was not there. */
  change(slot: number, field: Field): number {
    const then = (this.#base ?? this.#before)[field][slot] ?? Number.NaN;
    const now = this.value(slot, field);
    return field === "allocs" || field === "frees" ? counterGrowth(then, now, this.#counterBits) : now - then;
  }

  /** Bytes of a row over the kept history; NaN where it was not listed. */
  trend(slot: number): Float64Array {
    const trend = new Float64Array(this.#trendLength);
    for (let point = 0; point < trend.length; point++) trend[point] = this.trendAt(slot, point);
    return trend;
  }

  /** Bytes of a row at one point of the kept history. */
  trendAt(slot: number, point: number): number {
    return this.#trend[point]?.[slot] ?? Number.NaN;
  }

  /** Bytes of a pool as a whole over the kept history. */
  poolTrend(kind: number): Float64Array {
    return this.#poolTrends[kind === PAGED ? 1 : 0].subarray(0, this.#trendLength);
  }

  /** Bytes of a pool as a whole now. */
  poolBytes(kind: number): number {
    return this.#poolTrends[kind === PAGED ? 1 : 0][this.#trendLength - 1] ?? 0;
  }

  /** Whether the row ended higher than it began and its later half never fell below its earlier one. */
  isGrowing(slot: number): boolean {
    const trend = this.trend(slot);
    const middle = trend.length >> 1;
    let first = Number.NaN;
    let high = Number.NEGATIVE_INFINITY;
    let low = Number.POSITIVE_INFINITY;
    for (let i = 0; i < trend.length; i++) {
      const bytes = trend[i] ?? Number.NaN;
      if (Number.isNaN(bytes)) continue;
      if (Number.isNaN(first)) first = bytes;
      if (i < middle) high = Math.max(high, bytes);
      else low = Math.min(low, bytes);
    }
    return middle > 0 && low >= high && this.value(slot, "bytes") > first;
  }

  /** Counts changes from the present sample on, or from sample to sample again. */
  setBaseline(on: boolean): void {
    this.#base = on ? mapReading(this.#now, (column) => column.slice()) : undefined;
    this.#baseTime = on ? this.#snapshot?.time : undefined;
    this.#revision += 1;
  }

  /** Takes a sample. Of the snapshot only origin, totals and gaps are kept by reference. Answers whether a new boot began. */
  update(snapshot: Snapshot): boolean {
    const { columns, ...rest } = snapshot;
    this.#assignSlots(columns);
    const newBoot = this.#isNewBoot(snapshot);
    if (newBoot) this.#forget();
    this.#sample += 1;
    this.#revision += 1;
    this.#counterBits = snapshot.counterBits;
    this.#snapshot = rest;
    // Counted less often than tags: the last counts stand until there are new ones, or a new boot.
    this.objects = rest.surroundings?.objects ?? (newBoot ? undefined : this.objects);
    [this.#now, this.#before] = [this.#before, this.#now];
    this.#take(columns);
    for (let slot = 0; slot < this.#count; slot++) if (this.#seen[slot] !== this.#sample) this.#clear(slot);
    this.#keepTrend(snapshot);
    return newBoot;
  }

  #assignSlots(columns: PoolColumns): void {
    if (this.#rowSlots.length < columns.length) this.#rowSlots = new Int32Array(columns.length);
    // Room for a few more from the start: growing by doubling would leave as much again to be collected.
    if (this.#count === 0 && columns.length > this.#capacity) this.#reserve(Math.ceil(columns.length * 1.1));
    for (let row = 0; row < columns.length; row++) {
      const tag = columns.tag[row] ?? 0;
      const kind = columns.kind[row] ?? NONPAGED;
      const guess = this.#rowSlots[row] ?? 0;
      if (guess < this.#count && this.#tag[guess] === tag && this.#kind[guess] === kind) continue;
      const key = rowKey(tag, kind);
      let slot = this.#slots.get(key);
      if (slot === undefined) {
        if (this.#count === this.#capacity) this.#reserve(Math.ceil(this.#capacity * 1.5) + 16);
        slot = this.#count++;
        this.#slots.set(key, slot);
        this.#tag[slot] = tag;
        this.#kind[slot] = kind;
      }
      this.#rowSlots[row] = slot;
    }
  }

  #take(columns: PoolColumns): void {
    const now = this.#now;
    const before = this.#before;
    for (let row = 0; row < columns.length; row++) {
      const slot = this.#rowSlots[row] ?? 0;
      const allocs = columns.allocs[row] ?? Number.NaN;
      const bytes = columns.bytes[row] ?? 0;
      const outstanding = columns.outstanding[row] ?? 0;
      now.allocs[slot] = allocs;
      now.frees[slot] = columns.frees[row] ?? Number.NaN;
      now.outstanding[slot] = outstanding;
      now.bytes[slot] = bytes;
      this.#seen[slot] = this.#sample;
      const was = before.bytes[slot] ?? Number.NaN;
      const moved =
        bytes !== was ||
        outstanding !== before.outstanding[slot] ||
        (allocs !== before.allocs[slot] && !Number.isNaN(allocs));
      this.#changed[slot] = moved && !Number.isNaN(was) ? 1 : 0;
    }
  }

  #clear(slot: number): void {
    for (const column of Object.values(this.#now) as Float64Array[]) column[slot] = Number.NaN;
    this.#changed[slot] = 0;
  }

  /** The rule of detect/series/boots.ts over the slots. */
  #isNewBoot(snapshot: Snapshot): boolean {
    const told = bootByTimes(this.#snapshot?.origin.bootTime, snapshot.origin.bootTime);
    if (told !== undefined) return told;
    const count = { fell: 0, compared: 0 };
    for (let row = 0; row < snapshot.columns.length; row++) {
      compareCounter(this.#now.allocs[this.#rowSlots[row] ?? 0], snapshot.columns.allocs[row], count);
    }
    return isBootByCounts(count);
  }

  /** Starts the history anew; changes across a boot mean nothing. */
  #forget(): void {
    for (const column of Object.values(this.#now) as Float64Array[]) column.fill(Number.NaN);
    this.#base = undefined;
    this.#baseTime = undefined;
    this.#trendLength = 0;
    this.#stride = 1;
    this.#sinceBoot = 0;
  }

  #keepTrend({ time, totals, columns }: Snapshot): void {
    // Between strides the newest sample overwrites the newest kept one, so that the trend always ends at the present.
    if (this.#trendLength === 0 || (this.#sinceBoot - 1) % this.#stride === 0) {
      if (this.#trendLength === TREND_POINTS) this.#thinTrend();
      this.#trendLength += 1;
    }
    const at = this.#trendLength - 1;
    this.#trendTimes[at] = time;
    this.#poolTrends[0][at] = totals.nonpagedBytes ?? sumBytes(columns, NONPAGED);
    this.#poolTrends[1][at] = totals.pagedBytes ?? sumBytes(columns, PAGED);
    (this.#trend[at] ??= unknowns(this.#capacity)).set(this.#now.bytes);
    this.#sinceBoot += 1;
  }

  #thinTrend(): void {
    const half = TREND_POINTS / 2;
    for (const column of [this.#trendTimes, ...this.#poolTrends]) {
      for (let i = 0; i < half; i++) column[i] = column[2 * i] ?? Number.NaN;
    }
    // The dropped columns are used again for the points to come.
    this.#trend = [
      ...this.#trend.filter((_, point) => point % 2 === 0),
      ...this.#trend.filter((_, point) => point % 2 === 1),
    ];
    this.#trendLength = half;
    this.#stride *= 2;
  }

  #reserve(capacity: number): void {
    this.#capacity = capacity;
    this.#tag = resized(this.#tag, new Uint32Array(capacity));
    this.#kind = resized(this.#kind, new Uint8Array(capacity));
    this.#seen = resized(this.#seen, new Int32Array(capacity));
    this.#changed = resized(this.#changed, new Uint8Array(capacity));
    this.#now = mapReading(this.#now, (column) => resized(column, unknowns(capacity)));
    this.#before = mapReading(this.#before, (column) => resized(column, unknowns(capacity)));
    this.#trend = this.#trend.map((column) => resized(column, unknowns(capacity)));
  }
}

function unknowns(length: number): Float64Array<ArrayBuffer> {
  return new Float64Array(length).fill(Number.NaN);
}

function newReading(length: number): Reading {
  const empty = { allocs: undefined, frees: undefined, outstanding: undefined, bytes: undefined };
  return mapReading(empty, () => unknowns(length));
}

function mapReading<T>(reading: Readonly<Record<Field, T>>, make: (column: T) => Float64Array): Reading {
  return {
    allocs: make(reading.allocs),
    frees: make(reading.frees),
    outstanding: make(reading.outstanding),
    bytes: make(reading.bytes),
  };
}

function resized<T extends Uint32Array | Uint8Array | Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Least squares of values over times in milliseconds, per hour; undefined below five points or ten seconds. */
export function slopePerHour(times: Float64Array, values: Float64Array): number | undefined {
  const first = times[0] ?? 0;
  if (times.length < 5 || (times[times.length - 1] ?? 0) - first < 10_000) return undefined;
  let n = 0;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  for (let i = 0; i < times.length; i++) {
    const y = values[i] ?? Number.NaN;
    if (Number.isNaN(y)) continue;
    const x = ((times[i] ?? 0) - first) / 3_600_000;
    n += 1;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  const spread = sxx - (sx * sx) / n;
  if (n < 5 || spread <= 0) return undefined;
  return (sxy - (sx * sy) / n) / spread;
}
