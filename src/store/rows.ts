// The rows of a snapshot as one blob against the rows of the snapshot before it, and back. Lossless for every value a
// double can hold; small for what counters of pool tags really do. Described in docs/recording-format.md.

import { crc32 } from "node:zlib";
import { FormatError } from "../model/errors.ts";
import { outstandingOf, type PoolColumns } from "../model/snapshot.ts";
import { NibbleReader, NibbleWriter } from "./nibbles.ts";

/** The rows at the end of a chain of blobs: the base of the next one. A slot is a row id of table `tag`. */
export interface Rows {
  length: number;
  slots: Int32Array;
  tag: Uint32Array;
  kind: Uint8Array;
  allocs: Float64Array;
  frees: Float64Array;
  outstanding: Float64Array;
  bytes: Float64Array;
}

/** What a slot stands for. */
export interface TagDictionary {
  readonly tag: readonly number[];
  readonly kind: readonly number[];
}

/** More rows than any kernel has tags; a blob that claims more is damaged. */
export const MAX_ROWS = 1 << 20;

const HAS_ORDER = 1;
const NO_COUNTERS = 2;
const CRC_BYTES = 4;

export function noRows(): Rows {
  return rowsOf(0);
}

function rowsOf(length: number): Rows {
  return {
    length,
    slots: new Int32Array(length),
    tag: new Uint32Array(length),
    kind: new Uint8Array(length),
    allocs: new Float64Array(length),
    frees: new Float64Array(length),
    outstanding: new Float64Array(length),
    bytes: new Float64Array(length),
  };
}

/** The rows as columns of their own, which later blobs do not touch. Tags and kinds are shared: they are never written again. */
export function columnsOf(rows: Rows): PoolColumns {
  return {
    length: rows.length,
    tag: rows.tag,
    kind: rows.kind,
    allocs: rows.allocs.slice(),
    frees: rows.frees.slice(),
    outstanding: rows.outstanding.slice(),
    bytes: rows.bytes.slice(),
  };
}

/** The same rows in a new order; rows that were not there before start at zero. */
function reordered(rows: Rows, slots: Int32Array, table: TagDictionary): Rows {
  const next = rowsOf(slots.length);
  const positions = new Map<number, number>();
  for (let i = 0; i < rows.length; i++) positions.set(rows.slots[i] ?? 0, i);
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i] ?? 0;
    next.slots[i] = slot;
    next.tag[i] = table.tag[slot] ?? 0;
    next.kind[i] = table.kind[slot] ?? 0;
    const from = positions.get(slot);
    if (from === undefined) continue;
    next.allocs[i] = rows.allocs[from] ?? 0;
    next.frees[i] = rows.frees[from] ?? 0;
    next.outstanding[i] = rows.outstanding[from] ?? 0;
    next.bytes[i] = rows.bytes[from] ?? 0;
  }
  return next;
}

/** A value that deltas can start from; NaN and fractions count as zero. */
function base(value: number | undefined): number {
  return Number.isSafeInteger(value) ? (value ?? 0) : 0;
}

function differs(a: number, b: number): boolean {
  return a !== b && (a === a || b === b);
}

/** Blocks in units of 2^shift bytes that one block of a row holds on average: what a change of the count predicts. */
function blockUnits(bytes: number, outstanding: number, unit: number): number {
  return outstanding > 0 ? Math.floor(bytes / unit / outstanding) : 0;
}

/** Writes blobs one after another. */
export class RowsEncoder {
  readonly #nibbles = new NibbleWriter();
  #rows = noRows();

  /** Where the chain stands: what the next blob is written against. */
  get rows(): Rows {
    return this.#rows;
  }

  /** Starts from the given rows, or from nothing: the next blob is a keyframe then. */
  restart(rows: Rows = noRows()): void {
    this.#rows = rows;
  }

  /**
   * The blob for the next snapshot. `slotOf` finds the slot of a (tag, kind), making it where it is new; it is asked only
   * where rows came, went or moved.
   */
  encode(
    columns: PoolColumns,
    counterBits: 32 | 64,
    table: TagDictionary,
    slotOf: (tag: number, kind: number) => number,
  ): Uint8Array {
    const nibbles = this.#nibbles;
    nibbles.clear();
    let flags = 0;
    if (!this.#hasOrderOf(columns)) {
      flags |= HAS_ORDER;
      const slots = new Int32Array(columns.length);
      for (let i = 0; i < columns.length; i++) slots[i] = slotOf(columns.tag[i] ?? 0, columns.kind[i] ?? 0);
      writeOrder(nibbles, slots);
      this.#rows = reordered(this.#rows, slots, table);
    }
    const noCounters = columns.length > 0 && Number.isNaN(columns.allocs[0]);
    if (noCounters) flags |= NO_COUNTERS;
    const changed = this.#changedRows(columns, counterBits, noCounters);
    const shift = changed.shift;
    const unit = 2 ** shift;
    const rows = this.#rows;
    nibbles.unsigned(changed.plain.length);
    let expected = 0;
    for (const at of changed.plain) {
      nibbles.unsigned(at - expected);
      expected = at + 1;
      const outstanding = base(rows.outstanding[at]);
      const bytes = base(rows.bytes[at]);
      const blocks = (columns.outstanding[at] ?? 0) - outstanding;
      if (!noCounters) nibbles.signed((columns.allocs[at] ?? 0) - base(rows.allocs[at]));
      nibbles.signed(blocks);
      nibbles.signed(((columns.bytes[at] ?? 0) - bytes) / unit - blocks * blockUnits(bytes, outstanding, unit));
    }
    nibbles.unsigned(changed.raw.length);
    expected = 0;
    for (const at of changed.raw) {
      nibbles.unsigned(at - expected);
      expected = at + 1;
      nibbles.float64(columns.allocs[at] ?? 0);
      nibbles.float64(columns.frees[at] ?? 0);
      nibbles.float64(columns.outstanding[at] ?? 0);
      nibbles.float64(columns.bytes[at] ?? 0);
    }
    rows.allocs.set(columns.allocs);
    rows.frees.set(columns.frees);
    rows.outstanding.set(columns.outstanding);
    rows.bytes.set(columns.bytes);
    const blob = nibbles.toBytes(1, CRC_BYTES);
    blob[0] = flags | (shift << 4);
    new DataView(blob.buffer).setUint32(blob.length - CRC_BYTES, crc32(blob.subarray(0, -CRC_BYTES)), true);
    return blob;
  }

  #hasOrderOf(columns: PoolColumns): boolean {
    const { length, tag, kind } = this.#rows;
    if (length !== columns.length) return false;
    for (let i = 0; i < length; i++) if (tag[i] !== columns.tag[i] || kind[i] !== columns.kind[i]) return false;
    return true;
  }

  #changedRows(
    columns: PoolColumns,
    counterBits: 32 | 64,
    noCounters: boolean,
  ): { plain: number[]; raw: number[]; shift: number } {
    const rows = this.#rows;
    const plain: number[] = [];
    const raw: number[] = [];
    let bits = 1 << 15;
    for (let i = 0; i < columns.length; i++) {
      const allocs = columns.allocs[i] ?? 0;
      const frees = columns.frees[i] ?? 0;
      const outstanding = columns.outstanding[i] ?? 0;
      const bytes = columns.bytes[i] ?? 0;
      if (
        !differs(allocs, rows.allocs[i] ?? 0) &&
        !differs(frees, rows.frees[i] ?? 0) &&
        !differs(outstanding, rows.outstanding[i] ?? 0) &&
        !differs(bytes, rows.bytes[i] ?? 0)
      )
        continue;
      const wasBytes = base(rows.bytes[i]);
      if (isPlain(allocs, frees, outstanding, bytes, counterBits, noCounters) && fits(rows, i, outstanding, bytes)) {
        bits |= bytes | wasBytes;
        plain.push(i);
      } else {
        raw.push(i);
      }
    }
    return { plain, raw, shift: 31 - Math.clz32(bits & -bits) };
  }
}

/** Whether a row can be told by allocs, outstanding and bytes alone, frees following from them. */
function isPlain(
  allocs: number,
  frees: number,
  outstanding: number,
  bytes: number,
  counterBits: 32 | 64,
  noCounters: boolean,
): boolean {
  if (!Number.isSafeInteger(outstanding) || !Number.isSafeInteger(bytes) || outstanding < 0 || bytes < 0) return false;
  if (noCounters) return Number.isNaN(allocs) && Number.isNaN(frees);
  return Number.isSafeInteger(allocs) && allocs >= 0 && outstandingOf(allocs, outstanding, counterBits) === frees;
}

/** Whether the prediction of the bytes stays exact; it always does for sizes that memory can have. */
function fits(rows: Rows, at: number, outstanding: number, bytes: number): boolean {
  const wasOutstanding = base(rows.outstanding[at]);
  const wasBytes = base(rows.bytes[at]);
  const predicted = Math.abs(outstanding - wasOutstanding) * blockUnits(wasBytes, wasOutstanding, 1);
  return predicted + Math.abs(bytes - wasBytes) <= Number.MAX_SAFE_INTEGER;
}

/** The order of the rows as runs of consecutive slots. */
function writeOrder(nibbles: NibbleWriter, slots: Int32Array): void {
  const starts: number[] = [];
  for (let i = 0; i < slots.length; i++) if (i === 0 || slots[i] !== (slots[i - 1] ?? 0) + 1) starts.push(i);
  nibbles.unsigned(starts.length);
  let expected = 0;
  for (const [run, start] of starts.entries()) {
    const first = slots[start] ?? 0;
    const length = (starts[run + 1] ?? slots.length) - start;
    nibbles.signed(first - expected);
    nibbles.unsigned(length - 1);
    expected = first + length;
  }
}

function readOrder(nibbles: NibbleReader, table: TagDictionary): Int32Array {
  const runs = nibbles.unsigned();
  if (runs > nibbles.left) throw damaged("more runs of rows than the blob has room for");
  const slots: number[] = [];
  let expected = 0;
  for (let run = 0; run < runs; run++) {
    const first = expected + nibbles.signed();
    const length = nibbles.unsigned() + 1;
    if (first < 0 || first + length > table.tag.length) throw damaged("a row of a tag that is not in the tag table");
    if (slots.length + length > MAX_ROWS) throw damaged("more rows than a snapshot can have");
    for (let i = 0; i < length; i++) slots.push(first + i);
    expected = first + length;
  }
  return Int32Array.from(slots);
}

/**
 * The rows after a blob. Works on `rows` in place where no row came, went or moved.
 * Throws FormatError where the blob is damaged; `rows` must not be used any more then.
 */
export function decodeRows(blob: Uint8Array, rows: Rows, counterBits: 32 | 64, table: TagDictionary): Rows {
  const end = blob.length - CRC_BYTES;
  if (end < 1) throw damaged("a blob of rows is too short", `${blob.length} bytes`);
  const stored = new DataView(blob.buffer, blob.byteOffset + end, CRC_BYTES).getUint32(0, true);
  if (stored !== crc32(blob.subarray(0, end))) throw damaged("a blob of rows does not match its checksum");
  const head = blob[0] ?? 0;
  const nibbles = new NibbleReader(blob, 1, end);
  const next = (head & HAS_ORDER) === 0 ? rows : reordered(rows, readOrder(nibbles, table), table);
  readPlain(nibbles, next, counterBits, (head & NO_COUNTERS) !== 0, 2 ** (head >> 4));
  readRaw(nibbles, next);
  if (nibbles.overrun) throw damaged("a blob of rows ends early");
  return next;
}

function readPlain(nibbles: NibbleReader, rows: Rows, counterBits: 32 | 64, noCounters: boolean, unit: number): void {
  const { length, allocs, frees, outstanding, bytes } = rows;
  const count = nibbles.unsigned();
  if (count > length) throw damaged("more changed rows than rows");
  let at = 0;
  for (let i = 0; i < count; i++, at++) {
    at += nibbles.unsigned();
    if (at >= length) throw damaged("a changed row behind the last row");
    const wasOutstanding = base(outstanding[at]);
    const wasBytes = base(bytes[at]);
    const nowAllocs = noCounters ? Number.NaN : base(allocs[at]) + nibbles.signed();
    const blocks = nibbles.signed();
    const units = nibbles.signed() + blocks * blockUnits(wasBytes, wasOutstanding, unit);
    const now = wasOutstanding + blocks;
    allocs[at] = nowAllocs;
    frees[at] = outstandingOf(nowAllocs, now, counterBits);
    outstanding[at] = now;
    bytes[at] = wasBytes + units * unit;
  }
}

function readRaw(nibbles: NibbleReader, rows: Rows): void {
  const count = nibbles.unsigned();
  if (count > rows.length) throw damaged("more changed rows than rows");
  let at = 0;
  for (let i = 0; i < count; i++, at++) {
    at += nibbles.unsigned();
    if (at >= rows.length) throw damaged("a changed row behind the last row");
    rows.allocs[at] = nibbles.float64();
    rows.frees[at] = nibbles.float64();
    rows.outstanding[at] = nibbles.float64();
    rows.bytes[at] = nibbles.float64();
  }
}

function damaged(problem: string, found?: string): FormatError {
  return new FormatError("recording", problem, found === undefined ? {} : { found });
}
