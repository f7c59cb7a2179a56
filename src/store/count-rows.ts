// Rows of a few counts each, known by slot, as nibbles against the rows before them, and back: for object types and
// programs, of which few change between two snapshots. Described in docs/recording-format.md.

import { crc32 } from "node:zlib";
import { FormatError } from "../model/errors.ts";
import { NibbleReader, type NibbleWriter } from "./nibbles.ts";

/** Counts by slot. A count is a whole number below 2^53, or NaN where it is not known. */
export type CountRows = ReadonlyMap<number, Float64Array>;

/** More rows than a machine has object types or programs worth recording; a blob that claims more is damaged. */
const MAX_COUNT_ROWS = 1 << 16;

const CRC_BYTES = 4;

/** What is coded for a count: one more than it, 0 for one that is not known or no whole number below 2^53. */
function coded(count: number | undefined): number {
  return count !== undefined && count >= 0 && Number.isSafeInteger(count + 1) ? count + 1 : 0;
}

function decoded(code: number): number {
  return code === 0 ? Number.NaN : code - 1;
}

/** The change of a list of counts from one time to the next. */
export function writeCounts(nibbles: NibbleWriter, before: Float64Array | undefined, now: Float64Array): void {
  let mask = 0;
  for (let i = 0; i < now.length; i++) if (coded(now[i]) !== coded(before?.[i] ?? Number.NaN)) mask += 2 ** i;
  nibbles.unsigned(mask);
  for (let i = 0; i < now.length; i++)
    if ((mask & (2 ** i)) !== 0) nibbles.signed(coded(now[i]) - coded(before?.[i] ?? Number.NaN));
}

/** The counts after a change. */
export function readCounts(nibbles: NibbleReader, before: Float64Array | undefined, fields: number): Float64Array {
  const mask = nibbles.unsigned();
  if (mask >= 2 ** fields) throw damaged("a count of a field that is not known");
  const now = new Float64Array(fields);
  for (let i = 0; i < fields; i++) {
    const code = coded(before?.[i] ?? Number.NaN) + ((mask & (2 ** i)) === 0 ? 0 : nibbles.signed());
    if (code < 0 || !Number.isSafeInteger(code)) throw damaged("a count below zero or too large");
    now[i] = decoded(code);
  }
  return now;
}

/** Writes the rows that went, and those that came or changed, by ascending slot. */
export function writeCountRows(nibbles: NibbleWriter, before: CountRows, now: CountRows): void {
  const gone = ascending(before).filter((slot) => !now.has(slot));
  nibbles.unsigned(gone.length);
  writeSlots(nibbles, gone, () => undefined);
  const changed = ascending(now).filter((slot) => differs(before.get(slot), now.get(slot)));
  nibbles.unsigned(changed.length);
  writeSlots(nibbles, changed, (slot) => {
    writeCounts(nibbles, before.get(slot), now.get(slot) ?? new Float64Array(0));
  });
}

/** The rows after a blob; `slots` is how many slots there are. Throws FormatError where the blob is damaged. */
export function readCountRows(nibbles: NibbleReader, before: CountRows, fields: number, slots: number): CountRows {
  const now = new Map(before);
  readSlots(nibbles, slots, (slot) => now.delete(slot));
  readSlots(nibbles, slots, (slot) => {
    now.set(slot, readCounts(nibbles, before.get(slot), fields));
  });
  if (now.size > MAX_COUNT_ROWS) throw damaged("more rows of counts than a machine has");
  return now;
}

/** A blob of nibbles behind a byte of flags, with a checksum at its end. */
export function sealedBlob(flags: number, nibbles: NibbleWriter): Uint8Array {
  const blob = nibbles.toBytes(1, CRC_BYTES);
  blob[0] = flags;
  new DataView(blob.buffer).setUint32(blob.length - CRC_BYTES, crc32(blob.subarray(0, -CRC_BYTES)), true);
  return blob;
}

/** The flags and nibbles of a blob. Throws FormatError where the checksum does not match. */
export function openBlob(blob: Uint8Array): { readonly flags: number; readonly nibbles: NibbleReader } {
  const end = blob.length - CRC_BYTES;
  if (end < 1) throw damaged("a blob of counts is too short");
  const stored = new DataView(blob.buffer, blob.byteOffset + end, CRC_BYTES).getUint32(0, true);
  if (stored !== crc32(blob.subarray(0, end))) throw damaged("a blob of counts does not match its checksum");
  return { flags: blob[0] ?? 0, nibbles: new NibbleReader(blob, 1, end) };
}

/** Throws FormatError where more was read than the blob holds. */
export function checkEnd(nibbles: NibbleReader): void {
  if (nibbles.overrun) throw damaged("a blob of counts ends early");
}

function ascending(rows: CountRows): number[] {
  return [...rows.keys()].sort((a, b) => a - b);
}

function differs(before: Float64Array | undefined, now: Float64Array | undefined): boolean {
  return before === undefined || now === undefined || now.some((count, i) => coded(count) !== coded(before[i]));
}

function writeSlots(nibbles: NibbleWriter, slots: readonly number[], write: (slot: number) => void): void {
  let expected = 0;
  for (const slot of slots) {
    nibbles.unsigned(slot - expected);
    expected = slot + 1;
    write(slot);
  }
}

function readSlots(nibbles: NibbleReader, slots: number, take: (slot: number) => void): void {
  const count = nibbles.unsigned();
  if (count > nibbles.left || count > slots) throw damaged("more rows of counts than the blob has room for");
  let expected = 0;
  for (let i = 0; i < count; i++) {
    const slot = expected + nibbles.unsigned();
    if (slot >= slots) throw damaged("a row of counts of something that is not in its table");
    expected = slot + 1;
    take(slot);
  }
}

function damaged(problem: string): FormatError {
  return new FormatError("recording", problem);
}
