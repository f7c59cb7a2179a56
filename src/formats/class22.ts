// Answers of NtQuerySystemInformation about pool tags: classes 22 (SystemPoolTagInformation) and 255 (its wider successor).
// Bytes in, columns out; asking Windows is left to sources/windows-live. Layouts as public headers (phnt) state them:
//
//   layout   size  array  tag  paged: allocs frees used   nonpaged: allocs frees used   where
//   narrow     28      4    0           4     8   12               16    20   24       classes 22 and 255, 32-bit
//   wide       40      8    0           4     8   16 (u64)         24    28   32 (u64) class 22, 64-bit; 12 is padding
//   wide64     56      8    0           8    16   24               32    40   48       class 255, 64-bit, all u64

import { FormatError } from "../model/errors.ts";
import { NONPAGED, PAGED, outstandingOf, type Gap, type PoolColumns } from "../model/snapshot.ts";
import { formatTag } from "../model/tag.ts";

/** How the rows of an answer are laid out; see the table at the head of the module. */
export type PoolTagLayout = "narrow" | "wide" | "wide64";

interface LayoutFacts {
  readonly rowBytes: number;
  readonly arrayOffset: number;
  readonly counterBits: 32 | 64;
}

const LAYOUTS: Readonly<Record<PoolTagLayout, LayoutFacts>> = {
  narrow: { rowBytes: 28, arrayOffset: 4, counterBits: 32 },
  wide: { rowBytes: 40, arrayOffset: 8, counterBits: 32 },
  wide64: { rowBytes: 56, arrayOffset: 8, counterBits: 64 },
};

/** What one answer says. */
export interface PoolTagAnswer {
  readonly layout: PoolTagLayout;
  readonly counterBits: 32 | 64;
  /** Rows of the answer, one per tag. */
  readonly entries: number;
  /**
   * (tag, kind) pairs that the answer lists but for which nothing was ever allocated: all three fields are zero. Every
   * entry has both kinds, so most have one such half. They are not TagUses (PoolMon lists none either), only counted:
   * columns.length + merged + unused = 2 * entries.
   */
  readonly unused: number;
  /** Pairs that were summed into an earlier row of the same tag and kind. */
  readonly merged: number;
  readonly columns: PoolColumns;
  readonly gaps: readonly Gap[];
}

const FORMAT = "class22";
const MAX_EXACT = 2 ** 53;
const TWO_32 = 2 ** 32;
/** At most half of the table is taken, so a longer search does not happen by chance; the bound keeps hostile files cheap. */
const MAX_PROBES = 250;

/** Bytes that an answer of `count` rows takes in a layout. */
export function answerBytes(layout: PoolTagLayout, count: number): number {
  const facts = LAYOUTS[layout];
  return facts.arrayOffset + facts.rowBytes * count;
}

/**
 * The layout of a raw answer that was saved to a file, from its length and its row count; undefined where none fits.
 * A file that is exactly as long as its count says decides; else the smallest layout after which only zeros follow.
 * `length` is that of the whole file where `bytes` are only its head.
 */
export function detectLayout(bytes: Uint8Array, length = bytes.length): PoolTagLayout | undefined {
  if (bytes.length < 4) return undefined;
  const count = viewOf(bytes).getUint32(0, true);
  const names = ["narrow", "wide", "wide64"] as const;
  if (count === 0) return bytes.length === 4 ? "narrow" : onlyZeros(bytes, 4) ? "wide" : undefined;
  const exact = names.find((name) => answerBytes(name, count) === length);
  if (exact !== undefined || bytes.length < length) return exact;
  return names.find((name) => answerBytes(name, count) < bytes.length && onlyZeros(bytes, answerBytes(name, count)));
}

/**
 * Whether bytes look like a saved raw answer: a layout fits, there are rows, and most tags are text. Binary files of
 * other kinds do not pass, since their first four bytes would have to say their length.
 */
export function isPoolTagAnswer(bytes: Uint8Array, length = bytes.length): boolean {
  const layout = detectLayout(bytes, length);
  if (layout === undefined) return false;
  const view = viewOf(bytes);
  const count = view.getUint32(0, true);
  const { rowBytes, arrayOffset } = LAYOUTS[layout];
  const probes = Math.min(count, 64, Math.floor((bytes.length - arrayOffset) / rowBytes));
  let text = 0;
  for (let row = 0; row < probes; row++) {
    const first = view.getUint8(arrayOffset + row * rowBytes);
    if (first >= 0x20 && first <= 0x7e) text += 1;
  }
  return probes > 0 && text * 2 > probes;
}

/**
 * Decodes an answer. `layout` is detected from length and count where it is not given. Throws FormatError where the
 * count does not fit the length, which also bounds the work: nothing larger than `bytes` is ever allocated for.
 */
export function parsePoolTagAnswer(bytes: Uint8Array, layout = detectLayout(bytes)): PoolTagAnswer {
  if (bytes.length < 4) {
    throw new FormatError(FORMAT, "no row count", { expected: "at least 4 bytes", found: `${bytes.length} bytes` });
  }
  const view = viewOf(bytes);
  const count = view.getUint32(0, true);
  if (layout === undefined) {
    throw new FormatError(FORMAT, "length and row count agree in no known layout", {
      expected: `${answerBytes("narrow", count)}, ${answerBytes("wide", count)} or ${answerBytes("wide64", count)} bytes for ${count} rows`,
      found: `${bytes.length} bytes`,
    });
  }
  if (answerBytes(layout, count) > bytes.length && !(count === 0 && bytes.length >= 4)) {
    throw new FormatError(FORMAT, "answer is cut off", {
      offset: bytes.length,
      expected: `${answerBytes(layout, count)} bytes for ${count} rows`,
      found: `${bytes.length} bytes`,
    });
  }
  return decode(view, layout, count);
}

function decode(view: DataView, layout: PoolTagLayout, count: number): PoolTagAnswer {
  const { rowBytes, arrayOffset, counterBits } = LAYOUTS[layout];
  const rows = new RowWriter(count);
  let unused = 0;
  for (let entry = 0, at = arrayOffset; entry < count; entry++, at += rowBytes) {
    const tag = view.getUint32(at, true);
    for (let half = 0; half < 2; half++) {
      // Nonpaged first, as PoolMon lists a tag that has both.
      const kind = half === 0 ? NONPAGED : PAGED;
      let allocs: number, frees: number, used: number;
      if (layout === "wide") {
        const base = at + (kind === PAGED ? 4 : 24);
        allocs = view.getUint32(base, true);
        frees = view.getUint32(base + 4, true);
        used = wideNumber(view, at + (kind === PAGED ? 16 : 32));
      } else if (layout === "narrow") {
        const base = at + (kind === PAGED ? 4 : 16);
        allocs = view.getUint32(base, true);
        frees = view.getUint32(base + 4, true);
        used = view.getUint32(base + 8, true);
      } else {
        const base = at + (kind === PAGED ? 8 : 32);
        allocs = wideNumber(view, base);
        frees = wideNumber(view, base + 8);
        used = wideNumber(view, base + 16);
      }
      if (allocs === 0 && frees === 0 && used === 0) {
        unused += 1;
        continue;
      }
      rows.add(tag, kind, allocs, frees, used, counterBits);
    }
  }
  const columns = rows.finish();
  return { layout, counterBits, entries: count, unused, merged: rows.merged, columns, gaps: rows.gaps() };
}

/** An unsigned 64-bit number; from 2^63 on it is read as negative, for that is what a counter below zero looks like. */
function wideNumber(view: DataView, offset: number): number {
  const high = view.getInt32(offset + 4, true);
  return high * TWO_32 + view.getUint32(offset, true);
}

/** Fills the columns. Looks a tag up only to find one listed twice, in an open-addressing table: a Map costs ten times as much. */
class RowWriter {
  merged = 0;
  readonly #tag: Uint32Array;
  readonly #kind: Uint8Array;
  readonly #allocs: Float64Array;
  readonly #frees: Float64Array;
  readonly #outstanding: Float64Array;
  readonly #bytes: Float64Array;
  /** Row + 1 by hash of (tag, kind); 0 is free. */
  readonly #slots: Int32Array;
  readonly #mask: number;
  #length = 0;
  #odd = 0;
  #oddExample = "";

  constructor(entries: number) {
    const capacity = entries * 2;
    this.#tag = new Uint32Array(capacity);
    this.#kind = new Uint8Array(capacity);
    this.#allocs = new Float64Array(capacity);
    this.#frees = new Float64Array(capacity);
    this.#outstanding = new Float64Array(capacity);
    this.#bytes = new Float64Array(capacity);
    let size = 64;
    while (size < capacity * 2) size *= 2;
    this.#slots = new Int32Array(size);
    this.#mask = size - 1;
  }

  add(tag: number, kind: number, allocs: number, frees: number, used: number, bits: 32 | 64): void {
    let bytes = used;
    if (bytes < 0 || bytes >= MAX_EXACT || Math.abs(allocs) >= MAX_EXACT || Math.abs(frees) >= MAX_EXACT) {
      this.#note(tag);
      bytes = believable(bytes);
      allocs = believable(allocs);
      frees = believable(frees);
    }
    let slot = (scatter(tag) ^ kind) & this.#mask;
    let probes = 0;
    for (let taken = this.#slots[slot] ?? 0; taken !== 0; taken = this.#slots[slot] ?? 0) {
      const row = taken - 1;
      if (this.#tag[row] === tag && this.#kind[row] === kind) {
        this.#sum(row, allocs, frees, bytes, bits);
        return;
      }
      if (++probes > MAX_PROBES) throw new FormatError(FORMAT, "tags are made to collide; no kernel's answer");
      slot = (slot + 1) & this.#mask;
    }
    const row = this.#length++;
    this.#slots[slot] = row + 1;
    this.#tag[row] = tag;
    this.#kind[row] = kind;
    this.#allocs[row] = allocs;
    this.#frees[row] = frees;
    this.#outstanding[row] = this.#held(tag, allocs, frees, bits);
    this.#bytes[row] = bytes;
  }

  /** Blocks held. Below zero it can only be with 64-bit counters, where nothing wraps: then it is no count. */
  #held(tag: number, allocs: number, frees: number, bits: 32 | 64): number {
    const held = outstandingOf(allocs, frees, bits);
    if (held >= 0) return held;
    this.#note(tag);
    return 0;
  }

  #sum(row: number, allocs: number, frees: number, bytes: number, bits: 32 | 64): void {
    this.merged += 1;
    const held = (this.#outstanding[row] ?? 0) + this.#held(this.#tag[row] ?? 0, allocs, frees, bits);
    const range = bits === 32 ? TWO_32 : MAX_EXACT;
    this.#allocs[row] = ((this.#allocs[row] ?? 0) + allocs) % range;
    this.#frees[row] = ((this.#frees[row] ?? 0) + frees) % range;
    this.#outstanding[row] = held;
    this.#bytes[row] = (this.#bytes[row] ?? 0) + bytes;
  }

  #note(tag: number): void {
    if (this.#odd === 0) this.#oddExample = formatTag(tag);
    this.#odd += 1;
  }

  gaps(): Gap[] {
    if (this.#odd === 0) return [];
    // Folklore: Windows keeps these counters per processor and adds them up while they change, so a sum can be off for an
    // instant and even come out below zero.
    return [
      {
        where: `class-22 answer, tag ${this.#oddExample}${this.#odd === 1 ? "" : ` and ${this.#odd - 1} more`}`,
        problem: "a counter is below zero or too large to be real; taken as 0",
      },
    ];
  }

  finish(): PoolColumns {
    const length = this.#length;
    return {
      length,
      tag: this.#tag.subarray(0, length),
      kind: this.#kind.subarray(0, length),
      allocs: this.#allocs.subarray(0, length),
      frees: this.#frees.subarray(0, length),
      outstanding: this.#outstanding.subarray(0, length),
      bytes: this.#bytes.subarray(0, length),
    };
  }
}

/** Spreads the bits of a tag (the finalizer of MurmurHash3). */
function scatter(tag: number): number {
  let hash = Math.imul(tag ^ (tag >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function believable(value: number): number {
  return value < 0 || value >= MAX_EXACT ? 0 : value;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function onlyZeros(bytes: Uint8Array, from: number): boolean {
  for (let i = from; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}
