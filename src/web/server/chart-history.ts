// What the charts draw: bytes and blocks of every (tag, kind) and the pool totals over the whole record, boots included,
// thinned evenly to a bounded number of points. Spans without snapshots are remembered, however short they look.

import { NONPAGED, PAGED, rowKey, sumBytes, type Milliseconds, type Snapshot } from "../../model/snapshot.ts";
import type { MissingSpan } from "../contract.ts";
import { Intervals } from "./intervals.ts";

/** (tag, kind) pairs that are kept; Windows has 5,000 at most, a damaged or hostile source any number. */
export const MAX_SERIES = 20_000;
/** Points for which room is made at first: a dump has many tags and one time. */
const FIRST_POINTS = 32;

interface Columns {
  bytes: Float64Array;
  blocks: Float64Array;
}

/** Takes snapshots in time order. Costs nothing for those that thinning leaves out; the newest is always part of the answer. */
export class ChartHistory {
  readonly #maxPoints: number;
  readonly #times: Float64Array;
  readonly #totals: readonly [Float64Array, Float64Array];
  readonly #series = new Map<number, Columns>();
  readonly #leftOut = new Set<number>();
  readonly #intervals = new Intervals();
  #length = 0;
  #stride = 1;
  #seen = 0;
  #last: Snapshot | undefined;
  #lastIsKept = false;

  constructor(maxPoints = 720) {
    this.#maxPoints = Math.max(16, maxPoints - (maxPoints % 2));
    // One more than are kept: the newest snapshot is written there when somebody looks.
    this.#times = new Float64Array(this.#maxPoints + 1);
    this.#totals = [new Float64Array(this.#maxPoints + 1), new Float64Array(this.#maxPoints + 1)];
  }

  /** Row keys (tag * 2 + kind code) of everything seen. */
  keys(): number[] {
    this.#settle();
    return [...this.#series.keys()];
  }

  get last(): Snapshot | undefined {
    return this.#last;
  }

  get times(): Float64Array {
    return this.#times.subarray(0, this.#settle());
  }

  /** Bytes of a whole pool; as the source told them, else the sum of the tags. */
  total(code: number): Float64Array {
    return this.#totals[code === PAGED ? 1 : 0].subarray(0, this.#settle());
  }

  /** The median interval between snapshots; 0 before there are two. */
  get usualInterval(): Milliseconds {
    return this.#intervals.usual;
  }

  /** How many (tag, kind) pairs there was no room for, at least. */
  get leftOut(): number {
    return this.#leftOut.size;
  }

  get missing(): readonly MissingSpan[] {
    return this.#intervals.missing;
  }

  push(snapshot: Snapshot): void {
    const last = this.#last;
    if (last !== undefined) {
      if (snapshot.time <= last.time) return;
      this.#intervals.push(last.time, snapshot.time, sleptBetween(last, snapshot));
    }
    this.#last = snapshot;
    this.#lastIsKept = this.#seen % this.#stride === 0;
    this.#seen += 1;
    if (!this.#lastIsKept) return;
    if (this.#length === this.#maxPoints) {
      this.#thin();
      this.#lastIsKept = (this.#seen - 1) % this.#stride === 0;
      if (!this.#lastIsKept) return;
    }
    this.#write(this.#length, snapshot);
    this.#length += 1;
  }

  /** Values of one (tag, kind), NaN where it was not listed; undefined where it never was. */
  series(key: number): Readonly<Columns> | undefined {
    const n = this.#settle();
    const columns = this.#series.get(key);
    return columns === undefined
      ? undefined
      : { bytes: columns.bytes.subarray(0, n), blocks: columns.blocks.subarray(0, n) };
  }

  /** Writes the newest snapshot behind the kept ones where it is not one of them, and answers the number of points. */
  #settle(): number {
    if (this.#last === undefined) return 0;
    if (this.#lastIsKept) return this.#length;
    if (this.#times[this.#length] !== this.#last.time) this.#write(this.#length, this.#last);
    return this.#length + 1;
  }

  #write(at: number, { time, columns, totals }: Snapshot): void {
    this.#times[at] = time;
    this.#totals[0][at] = totals.nonpagedBytes ?? sumBytes(columns, NONPAGED);
    this.#totals[1][at] = totals.pagedBytes ?? sumBytes(columns, PAGED);
    for (const series of this.#series.values()) {
      if (at >= series.bytes.length) {
        series.bytes = grown(series.bytes, this.#roomFor(at));
        series.blocks = grown(series.blocks, this.#roomFor(at));
      }
      series.bytes[at] = Number.NaN;
      series.blocks[at] = Number.NaN;
    }
    for (let row = 0; row < columns.length; row++) {
      const key = rowKey(columns.tag[row] ?? 0, columns.kind[row] ?? 0);
      let series = this.#series.get(key);
      if (series === undefined) {
        if (this.#series.size >= MAX_SERIES) {
          if (this.#leftOut.size < MAX_SERIES) this.#leftOut.add(key);
          continue;
        }
        const size = this.#roomFor(at);
        series = { bytes: emptyColumn(size), blocks: emptyColumn(size) };
        this.#series.set(key, series);
      }
      series.bytes[at] = columns.bytes[row] ?? Number.NaN;
      series.blocks[at] = columns.outstanding[row] ?? Number.NaN;
    }
  }

  /** Room is doubled as it is needed, up to all points and the newest. */
  #roomFor(at: number): number {
    let size = FIRST_POINTS;
    while (size <= at) size *= 2;
    return Math.min(size, this.#maxPoints + 1);
  }

  #thin(): void {
    const half = this.#maxPoints / 2;
    for (const column of [this.#times, ...this.#totals]) halve(column, half);
    for (const { bytes, blocks } of this.#series.values()) {
      halve(bytes, half);
      halve(blocks, half);
    }
    this.#length = half;
    this.#stride *= 2;
  }
}

function emptyColumn(size: number): Float64Array {
  return new Float64Array(size).fill(Number.NaN);
}

function grown(column: Float64Array, size: number): Float64Array {
  const larger = emptyColumn(size);
  larger.set(column);
  return larger;
}

function halve(column: Float64Array, half: number): void {
  for (let i = 0; i < half; i++) column[i] = column[2 * i] ?? Number.NaN;
  column.fill(Number.NaN, half);
}

/** How long the machine slept between two snapshots of one boot; undefined where that is not told. */
function sleptBetween(before: Snapshot, now: Snapshot): Milliseconds | undefined {
  const [was, is] = [before.totals.sleptMilliseconds, now.totals.sleptMilliseconds];
  if (was === undefined || is === undefined || is < was) return undefined;
  // More sleep than time passed: the two are not of one boot.
  return is - was <= now.time - before.time + CLOCK_SLACK ? is - was : undefined;
}

/** Clock and counter are read one after the other, and a clock is set right after a sleep. */
const CLOCK_SLACK = 5_000;
