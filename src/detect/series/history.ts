// Bounded history of every (tag, kind) of one machine since one boot: unwrapped allocation counts, outstanding blocks and
// bytes at kept snapshots, thinned evenly when full. Derived from snapshots, never stored.

import { carryCounterOn, kindCodeOfKey, kindOf, rowKey, tagOfKey, type Snapshot } from "../../model/snapshot.ts";
import type { TagRef } from "../../model/verdict.ts";

/** One (tag, kind) over time. Where a snapshot did not list it the values are NaN. */
export interface Series extends TagRef {
  readonly times: Float64Array;
  readonly outstanding: Float64Array;
  readonly bytes: Float64Array;
  /** Cumulative and unwrapped: grows past 2^32 where the kernel's counter starts over. NaN where unknown. */
  readonly allocs: Float64Array;
  readonly frees: Float64Array;
}

interface Columns {
  allocs: Float64Array;
  outstanding: Float64Array;
  bytes: Float64Array;
  /** Points written so far; later ones are NaN until written. */
  length: number;
  /** The counter as last read, to unwrap the next reading. */
  raw: number;
  total: number;
}

/** All series together keep at most this many points (24 bytes each), so that 100,000 tags stay within bounds too. */
const MAX_CELLS = 6_000_000;
const MIN_POINTS = 32;

/**
 * Keeps at most `maxPoints` snapshots: when full, every second one is dropped (the first is kept) and later ones are
 * taken half as often. The newest snapshot is always part of the history. A push between kept points costs nothing.
 */
export class History {
  readonly #maxPoints: number;
  #times = new Float64Array(64);
  readonly #series = new Map<number, Columns>();
  #length = 0;
  #stride = 1;
  #seen = 0;
  /** The newest snapshot where it is not on the stride; written when somebody looks. */
  #pending: Snapshot | undefined;
  #layout: { tag: Uint32Array; kind: Uint8Array; columns: Columns[] } | undefined;

  constructor(maxPoints = 1024) {
    this.#maxPoints = Math.max(MIN_POINTS, maxPoints - (maxPoints % 2));
  }

  get length(): number {
    this.#settlePending();
    return this.#length;
  }

  get seriesCount(): number {
    return this.#series.size;
  }

  get times(): Float64Array {
    this.#settlePending();
    return this.#times.subarray(0, this.#length);
  }

  /** Row keys (tag * 2 + kind code) of all series seen. */
  keys(): Iterable<number> {
    this.#settlePending();
    return this.#series.keys();
  }

  /** Takes a snapshot. Times must increase. */
  push(snapshot: Snapshot): void {
    const onStride = this.#seen % this.#stride === 0;
    this.#seen += 1;
    if (!onStride) {
      this.#pending = snapshot;
      return;
    }
    this.#pending = undefined;
    this.#append(snapshot);
  }

  series(key: number): Series | undefined {
    this.#settlePending();
    const columns = this.#series.get(key);
    if (columns === undefined) return undefined;
    this.#pad(columns);
    const n = this.#length;
    const allocs = columns.allocs.subarray(0, n);
    const outstanding = columns.outstanding.subarray(0, n);
    return {
      tag: tagOfKey(key),
      kind: kindOf(kindCodeOfKey(key)),
      times: this.#times.subarray(0, n),
      outstanding,
      bytes: columns.bytes.subarray(0, n),
      allocs,
      frees: allocs.map((value, i) => value - (outstanding[i] ?? Number.NaN)),
    };
  }

  /** The columns of one series without copying: allocs, outstanding, bytes, each of `length` points. */
  columns(key: number): { allocs: Float64Array; outstanding: Float64Array; bytes: Float64Array } | undefined {
    this.#settlePending();
    const columns = this.#series.get(key);
    if (columns === undefined) return undefined;
    this.#pad(columns);
    const n = this.#length;
    return {
      allocs: columns.allocs.subarray(0, n),
      outstanding: columns.outstanding.subarray(0, n),
      bytes: columns.bytes.subarray(0, n),
    };
  }

  /** The pending newest snapshot becomes a point of its own; the next one on the stride follows it. */
  #settlePending(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    this.#append(pending);
  }

  #append(snapshot: Snapshot): void {
    while (this.#length >= this.#limit()) this.#thin();
    const at = this.#length;
    if (at === this.#times.length) this.#times = grown(this.#times, at * 2);
    this.#times[at] = snapshot.time;
    this.#length = at + 1;
    const { columns } = snapshot;
    const layout = this.#layoutOf(snapshot);
    for (let row = 0; row < columns.length; row++) {
      const series = layout[row];
      if (series === undefined) continue;
      this.#writePoint(series, at, snapshot, row);
    }
  }

  #writePoint(series: Columns, at: number, snapshot: Snapshot, row: number): void {
    if (at >= series.bytes.length) {
      const size = Math.max(16, at + 1, Math.min(series.bytes.length * 2, this.#maxPoints + 2));
      series.allocs = grown(series.allocs, size);
      series.outstanding = grown(series.outstanding, size);
      series.bytes = grown(series.bytes, size);
    }
    for (let i = series.length; i < at; i++) blank(series, i);
    const { columns } = snapshot;
    const raw = columns.allocs[row] ?? Number.NaN;
    series.total = carryCounterOn(series.total, series.raw, raw, snapshot.counterBits);
    series.raw = raw;
    series.allocs[at] = series.total;
    series.outstanding[at] = columns.outstanding[row] ?? Number.NaN;
    series.bytes[at] = columns.bytes[row] ?? Number.NaN;
    series.length = at + 1;
  }

  /** The series of each row. Sources list the same rows in the same order nearly always, so the last layout is tried first. */
  #layoutOf(snapshot: Snapshot): Columns[] {
    const { tag, kind, length } = snapshot.columns;
    const last = this.#layout;
    if (last !== undefined && last.columns.length === length && sameRows(last, snapshot)) return last.columns;
    const columns: Columns[] = [];
    for (let row = 0; row < length; row++) {
      const key = rowKey(tag[row] ?? 0, kind[row] ?? 0);
      let series = this.#series.get(key);
      if (series === undefined) {
        series = {
          allocs: new Float64Array(0),
          outstanding: new Float64Array(0),
          bytes: new Float64Array(0),
          length: 0,
          raw: Number.NaN,
          total: Number.NaN,
        };
        this.#series.set(key, series);
      }
      columns.push(series);
    }
    this.#layout = { tag: tag.slice(0, length), kind: kind.slice(0, length), columns };
    return columns;
  }

  #limit(): number {
    const fair = Math.floor(MAX_CELLS / Math.max(1, this.#series.size));
    return Math.max(MIN_POINTS, Math.min(this.#maxPoints, fair - (fair % 2)));
  }

  #pad(series: Columns): void {
    if (series.bytes.length < this.#length) {
      series.allocs = grown(series.allocs, this.#length);
      series.outstanding = grown(series.outstanding, this.#length);
      series.bytes = grown(series.bytes, this.#length);
    }
    for (let i = series.length; i < this.#length; i++) blank(series, i);
    series.length = Math.max(series.length, this.#length);
  }

  #thin(): void {
    const half = Math.ceil(this.#length / 2);
    for (let i = 0; i < half; i++) this.#times[i] = this.#times[2 * i] ?? Number.NaN;
    for (const columns of this.#series.values()) {
      this.#pad(columns);
      for (const column of [columns.allocs, columns.outstanding, columns.bytes]) {
        for (let i = 0; i < half; i++) column[i] = column[2 * i] ?? Number.NaN;
      }
      columns.length = half;
    }
    this.#length = half;
    this.#stride *= 2;
  }
}

function sameRows(layout: { tag: Uint32Array; kind: Uint8Array }, snapshot: Snapshot): boolean {
  const { tag, kind, length } = snapshot.columns;
  for (let i = 0; i < length; i++) {
    if (tag[i] !== layout.tag[i] || kind[i] !== layout.kind[i]) return false;
  }
  return true;
}

function blank(series: Columns, at: number): void {
  series.allocs[at] = Number.NaN;
  series.outstanding[at] = Number.NaN;
  series.bytes[at] = Number.NaN;
}

function grown(from: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(size);
  to.set(from);
  return to;
}
