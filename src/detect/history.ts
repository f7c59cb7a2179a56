// Bounded history of every (tag, kind) of one machine: columns of time, outstanding, bytes, allocs and frees that are
// thinned evenly when they are full. Derived from snapshots, never stored.

import { indexRows, kindCodeOfKey, kindOf, tagOfKey, type Snapshot } from "../model/snapshot.ts";
import type { TagRef } from "../model/verdict.ts";

/** One (tag, kind) over time. Where a snapshot did not list it the values are NaN; a boot starts a new segment. */
export interface Series extends TagRef {
  readonly times: Float64Array;
  readonly outstanding: Float64Array;
  readonly bytes: Float64Array;
  /** Cumulative, as the source gave them (they may wrap); NaN where unknown. */
  readonly allocs: Float64Array;
  readonly frees: Float64Array;
}

interface Columns {
  readonly outstanding: Float64Array;
  readonly bytes: Float64Array;
  readonly allocs: Float64Array;
  readonly frees: Float64Array;
}

/** Keeps at most `maxPoints` snapshots: when full, every second one is dropped (the first is kept) and later ones are taken half as often. */
export class History {
  readonly #maxPoints: number;
  readonly #times: Float64Array;
  readonly #series = new Map<number, Columns>();
  #length = 0;
  #stride = 1;
  #seen = 0;

  constructor(maxPoints = 2048) {
    this.#maxPoints = Math.max(16, maxPoints - (maxPoints % 2));
    this.#times = new Float64Array(this.#maxPoints);
  }

  get length(): number {
    return this.#length;
  }

  get seriesCount(): number {
    return this.#series.size;
  }

  get times(): Float64Array {
    return this.#times.subarray(0, this.#length);
  }

  /** Row keys (tag * 2 + kind code) of all series seen. */
  keys(): Iterable<number> {
    return this.#series.keys();
  }

  /** Takes a snapshot. Times must not decrease; the newest snapshot is always in the history. */
  push(snapshot: Snapshot): void {
    // Between strides the newest snapshot overwrites the previous newest, so that the end of the record is never missing.
    const newestIsKept = (this.#seen - 1) % this.#stride === 0;
    if (this.#length === 0 || newestIsKept) {
      if (this.#length === this.#maxPoints) this.#thin();
      this.#length += 1;
    }
    this.#write(this.#length - 1, snapshot);
    this.#seen += 1;
  }

  series(key: number): Series | undefined {
    const columns = this.#series.get(key);
    if (columns === undefined) return undefined;
    const n = this.#length;
    return {
      tag: tagOfKey(key),
      kind: kindOf(kindCodeOfKey(key)),
      times: this.times,
      outstanding: columns.outstanding.subarray(0, n),
      bytes: columns.bytes.subarray(0, n),
      allocs: columns.allocs.subarray(0, n),
      frees: columns.frees.subarray(0, n),
    };
  }

  #write(at: number, snapshot: Snapshot): void {
    this.#times[at] = snapshot.time;
    const index = indexRows(snapshot.columns);
    for (const [key, columns] of this.#series) if (!index.has(key)) fill(columns, at, Number.NaN);
    for (const [key, row] of index) {
      let columns = this.#series.get(key);
      if (columns === undefined) {
        columns = newColumns(this.#maxPoints);
        this.#series.set(key, columns);
      }
      columns.outstanding[at] = snapshot.columns.outstanding[row] ?? Number.NaN;
      columns.bytes[at] = snapshot.columns.bytes[row] ?? Number.NaN;
      columns.allocs[at] = snapshot.columns.allocs[row] ?? Number.NaN;
      columns.frees[at] = snapshot.columns.frees[row] ?? Number.NaN;
    }
  }

  #thin(): void {
    const half = this.#maxPoints / 2;
    for (let i = 0; i < half; i++) this.#times[i] = this.#times[2 * i] ?? Number.NaN;
    for (const columns of this.#series.values()) {
      for (const column of [columns.outstanding, columns.bytes, columns.allocs, columns.frees]) {
        for (let i = 0; i < half; i++) column[i] = column[2 * i] ?? Number.NaN;
      }
    }
    this.#length = half;
    this.#stride *= 2;
  }
}

function newColumns(size: number): Columns {
  return {
    outstanding: new Float64Array(size).fill(Number.NaN),
    bytes: new Float64Array(size).fill(Number.NaN),
    allocs: new Float64Array(size).fill(Number.NaN),
    frees: new Float64Array(size).fill(Number.NaN),
  };
}

function fill(columns: Columns, at: number, value: number): void {
  columns.outstanding[at] = value;
  columns.bytes[at] = value;
  columns.allocs[at] = value;
  columns.frees[at] = value;
}
