// Which rows the detector is given on a machine with very many: those whose bytes trend upwards, and the busiest ones,
// from which it learns the machine's load. A row that never holds more than before cannot be a leak, and thousands of
// such rows would cost the view most of its memory.

import { NONPAGED, rowKey, type PoolColumns, type Snapshot } from "../model/snapshot.ts";
import type { Board } from "./board.ts";

/** Up to this many rows all are given. */
export const FEW_ROWS = 1_500;
/** Rows that show how busy the machine is; the detector wants at least eight. */
const BUSY_ROWS = 24;
/** A slope this many standard errors above zero lets a row in: low, since the detector is the judge and not the gate. */
const UPWARD = 2.5;
/** A shorter trend lets nobody in: the first teeth of a saw look like a slope. */
const MIN_POINTS = 24;
const MIN_SPAN_MS = 60_000;
/** Looking at the trends of all rows is not for every sample. */
const LOOK_EVERY_MS = 20_000;
/** From here on only rows that plainly grow are let in, so that memory stays bounded. */
const MANY_ROWS = 1_200;

/** Rows once let in stay in, so that the detector sees them without holes. */
export class Gate {
  readonly #open = new Set<number>();
  #hasBusy = false;
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** Rows let in so far; 0 while all are given. */
  get size(): number {
    return this.#open.size;
  }

  /** The sample with the rows to give; the sample itself where they are few. The board must have taken it already. */
  pass(snapshot: Snapshot, board: Board): Snapshot {
    if (snapshot.columns.length <= FEW_ROWS) return snapshot;
    if (Math.abs(snapshot.time - this.#lookedAt) >= LOOK_EVERY_MS) {
      this.#lookedAt = snapshot.time;
      this.#letIn(board);
    }
    return { ...snapshot, columns: select(snapshot.columns, this.#open) };
  }

  #letIn(board: Board): void {
    const times = board.trendTimes;
    if (times.length < MIN_POINTS || (times.at(-1) ?? 0) - (times[0] ?? 0) < MIN_SPAN_MS) return;
    if (!this.#hasBusy) {
      this.#hasBusy = true;
      for (const key of busiest(board)) this.#open.add(key);
    }
    for (let slot = 0; slot < board.count; slot++) {
      if (!board.isPresent(slot)) continue;
      if (!(board.value(slot, "bytes") > board.trendAt(slot, 0)) || this.#open.has(board.key(slot))) continue;
      const isUpward =
        this.#open.size < MANY_ROWS ? upwardness(times, board.trend(slot)) >= UPWARD : board.isGrowing(slot);
      if (isUpward) this.#open.add(board.key(slot));
    }
  }
}

function busiest(board: Board): number[] {
  const slots = Array.from({ length: board.count }, (_, slot) => slot).filter(
    (slot) => board.change(slot, "allocs") > 0,
  );
  slots.sort((a, b) => board.change(b, "allocs") - board.change(a, "allocs"));
  return slots.slice(0, BUSY_ROWS).map((slot) => board.key(slot));
}

/** The slope of values over times in its standard errors; Infinity for a line without scatter, NaN where unknown. */
function upwardness(times: Float64Array, values: Float64Array): number {
  const n = times.length;
  const first = times[0] ?? 0;
  let sx = 0;
  let sy = 0;
  for (let i = 0; i < n; i++) {
    sx += (times[i] ?? 0) - first;
    sy += values[i] ?? Number.NaN;
  }
  const meanX = sx / n;
  const meanY = sy / n;
  let sxx = 0;
  let sxy = 0;
  let syy = 0;
  for (let i = 0; i < n; i++) {
    const x = (times[i] ?? 0) - first - meanX;
    const y = (values[i] ?? 0) - meanY;
    sxx += x * x;
    sxy += x * y;
    syy += y * y;
  }
  const residual = Math.max(0, syy - (sxy * sxy) / sxx) / (n - 2);
  return sxy / sxx / Math.sqrt(residual / sxx);
}

function select(columns: PoolColumns, keys: ReadonlySet<number>): PoolColumns {
  const rows: number[] = [];
  for (let row = 0; row < columns.length; row++) {
    if (keys.has(rowKey(columns.tag[row] ?? 0, columns.kind[row] ?? NONPAGED))) rows.push(row);
  }
  return {
    length: rows.length,
    tag: Uint32Array.from(rows, (row) => columns.tag[row] ?? 0),
    kind: Uint8Array.from(rows, (row) => columns.kind[row] ?? NONPAGED),
    allocs: Float64Array.from(rows, (row) => columns.allocs[row] ?? Number.NaN),
    frees: Float64Array.from(rows, (row) => columns.frees[row] ?? Number.NaN),
    outstanding: Float64Array.from(rows, (row) => columns.outstanding[row] ?? 0),
    bytes: Float64Array.from(rows, (row) => columns.bytes[row] ?? 0),
  };
}
