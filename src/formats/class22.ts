// Answers of NtQuerySystemInformation about pool tags: classes 22 (SystemPoolTagInformation) and 255 (its wider successor).
// Bytes in, columns out; asking Windows is left to sources/windows-live. Layouts as public headers (phnt) state them:
//
//   layout   size  array  tag  paged: allocs frees used   nonpaged: allocs frees used   where
//   narrow     28      4    0           4     8   12               16    20   24       classes 22 and 255, 32-bit
//   wide       40      8    0           4     8   16 (u64)         24    28   32 (u64) class 22, 64-bit; 12 is padding
//   wide64     56      8    0           8    16   24               32    40   48       class 255, 64-bit, all u64

import { ColumnsBuilder } from "../model/columns-builder.ts";
import { FormatError } from "../model/errors.ts";
import { NONPAGED, PAGED, outstandingOf, type Gap, type PoolColumns } from "../model/snapshot.ts";
import { formatTag, isPrintableByte } from "../model/tag.ts";

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
    if (isPrintableByte(first)) text += 1;
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
  const rows = new ColumnsBuilder(count * 2);
  const odd = new OddCounters();
  let unused = 0;
  let merged = 0;
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
      if (used < 0 || used >= MAX_EXACT || Math.abs(allocs) >= MAX_EXACT || Math.abs(frees) >= MAX_EXACT) {
        odd.note(tag);
        used = believable(used);
        allocs = believable(allocs);
        frees = believable(frees);
      }
      let held = outstandingOf(allocs, frees, counterBits);
      if (held < 0) {
        // Only with 64-bit counters, where nothing wraps: then it is no count.
        odd.note(tag);
        held = 0;
      }
      if (!rows.add(tag, kind, allocs, frees, held, used)) merged += 1;
    }
  }
  return { layout, counterBits, entries: count, unused, merged, columns: rows.finish(), gaps: odd.gaps() };
}

/** An unsigned 64-bit number; from 2^63 on it is read as negative, for that is what a counter below zero looks like. */
function wideNumber(view: DataView, offset: number): number {
  const high = view.getInt32(offset + 4, true);
  return high * TWO_32 + view.getUint32(offset, true);
}

/** Counters that cannot be real, with the first tag that has one. */
class OddCounters {
  #count = 0;
  #example = "";

  note(tag: number): void {
    if (this.#count === 0) this.#example = formatTag(tag);
    this.#count += 1;
  }

  gaps(): Gap[] {
    if (this.#count === 0) return [];
    // Folklore: Windows keeps these counters per processor and adds them up while they change, so a sum can be off for an
    // instant and even come out below zero.
    return [
      {
        where: `class-22 answer, tag ${this.#example}${this.#count === 1 ? "" : ` and ${this.#count - 1} more`}`,
        problem: "a counter is below zero or too large to be real; taken as 0",
      },
    ];
  }
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
