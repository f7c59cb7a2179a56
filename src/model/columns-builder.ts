// Builds the columns of a snapshot row by row, growing as needed; the one place that allocates them.

import { FormatError } from "./errors.ts";
import { kindCode, outstandingOf, type PoolColumns, type TagUse } from "./snapshot.ts";
import type { Tag } from "./tag.ts";

/** At most half of the slots are taken, so a longer search does not happen by chance; the bound keeps hostile input cheap. */
const MAX_PROBES = 250;

/** Collects rows; a (tag, kind) that is added twice is summed into one row, since a source that splits it means the same thing. */
export class ColumnsBuilder {
  #length = 0;
  #capacity: number;
  #tag: Uint32Array;
  #kind: Uint8Array;
  #allocs: Float64Array;
  #frees: Float64Array;
  #outstanding: Float64Array;
  #bytes: Float64Array;
  /** Open addressing: row + 1 at the slot of its (tag, kind), 0 where free. A Map costs three times as much here. */
  #slots: Int32Array;

  constructor(expectedRows = 256) {
    this.#capacity = Math.max(16, expectedRows);
    this.#tag = new Uint32Array(this.#capacity);
    this.#kind = new Uint8Array(this.#capacity);
    this.#allocs = new Float64Array(this.#capacity);
    this.#frees = new Float64Array(this.#capacity);
    this.#outstanding = new Float64Array(this.#capacity);
    this.#bytes = new Float64Array(this.#capacity);
    this.#slots = new Int32Array(slotCount(this.#capacity));
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a row. `allocs` and `frees` are NaN where unknown. Returns false where it was summed into an earlier row. */
  add(tag: Tag, code: number, allocs: number, frees: number, outstanding: number, bytes: number): boolean {
    const before = this.#put(tag, code, allocs, frees, outstanding, bytes);
    if (before < 0) return true;
    this.#allocs[before] = (this.#allocs[before] ?? 0) + allocs;
    this.#frees[before] = (this.#frees[before] ?? 0) + frees;
    this.#outstanding[before] = (this.#outstanding[before] ?? 0) + outstanding;
    this.#bytes[before] = (this.#bytes[before] ?? 0) + bytes;
    return false;
  }

  /** Puts a row where its (tag, kind) is new and answers -1, else the row that holds it. */
  #put(tag: Tag, code: number, allocs: number, frees: number, outstanding: number, bytes: number): number {
    if (this.#length === this.#capacity) this.#grow();
    const slot = this.#slotOf(tag, code);
    const before = (this.#slots[slot] ?? 0) - 1;
    if (before >= 0) return before;
    const row = this.#length++;
    this.#slots[slot] = row + 1;
    this.#tag[row] = tag;
    this.#kind[row] = code;
    this.#allocs[row] = allocs;
    this.#frees[row] = frees;
    this.#outstanding[row] = outstanding;
    this.#bytes[row] = bytes;
    return -1;
  }

  /** Adds a row of other columns as `addOnce` does. */
  copyOnce(from: PoolColumns, row: number): "added" | "same" | "differs" {
    return this.addOnce(
      from.tag[row] ?? 0,
      from.kind[row] ?? 0,
      from.allocs[row] ?? Number.NaN,
      from.frees[row] ?? Number.NaN,
      from.outstanding[row] ?? 0,
      from.bytes[row] ?? 0,
    );
  }

  /**
   * Adds a row that a listing must hold once: one that is there already is `same` where its values are, else it `differs`
   * and the first one stays. Values of one (tag, kind) and time are never summed in silence.
   */
  addOnce(
    tag: Tag,
    code: number,
    allocs: number,
    frees: number,
    outstanding: number,
    bytes: number,
  ): "added" | "same" | "differs" {
    const before = this.#put(tag, code, allocs, frees, outstanding, bytes);
    if (before < 0) return "added";
    return this.#outstanding[before] === outstanding && this.#bytes[before] === bytes ? "same" : "differs";
  }

  /** The columns, cut to length. The builder must not be used afterwards. */
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

  /** The slot that holds (tag, kind), or the free one where it belongs. Throws FormatError where tags are made to collide. */
  #slotOf(tag: Tag, code: number): number {
    const mask = this.#slots.length - 1;
    let slot = (scatter(tag) ^ code) & mask;
    for (let probes = 0; probes < MAX_PROBES; probes++) {
      const row = (this.#slots[slot] ?? 0) - 1;
      if (row < 0 || (this.#tag[row] === tag && this.#kind[row] === code)) return slot;
      slot = (slot + 1) & mask;
    }
    throw new FormatError("snapshot", "its tags are made to collide; no kernel lists such tags");
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#tag = grown(this.#tag, new Uint32Array(this.#capacity));
    this.#kind = grown(this.#kind, new Uint8Array(this.#capacity));
    this.#allocs = grown(this.#allocs, new Float64Array(this.#capacity));
    this.#frees = grown(this.#frees, new Float64Array(this.#capacity));
    this.#outstanding = grown(this.#outstanding, new Float64Array(this.#capacity));
    this.#bytes = grown(this.#bytes, new Float64Array(this.#capacity));
    this.#slots = new Int32Array(slotCount(this.#capacity));
    for (let row = 0; row < this.#length; row++) {
      this.#slots[this.#slotOf(this.#tag[row] ?? 0, this.#kind[row] ?? 0)] = row + 1;
    }
  }
}

/** Spreads the bits of a tag (the finalizer of MurmurHash3). */
function scatter(tag: number): number {
  let hash = Math.imul(tag ^ (tag >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** A power of two of at least twice the rows. */
function slotCount(capacity: number): number {
  return 2 ** Math.ceil(Math.log2(capacity * 2));
}

function grown<T extends Uint32Array | Uint8Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Columns from plain values; `outstanding` is derived from the counters where a use leaves it out. */
export function columnsFromUses(
  uses: readonly (Omit<TagUse, "outstanding"> & { readonly outstanding?: number })[],
  counterBits: 32 | 64 = 32,
): PoolColumns {
  const builder = new ColumnsBuilder(uses.length);
  for (const use of uses) {
    const allocs = use.allocs ?? Number.NaN;
    const frees = use.frees ?? Number.NaN;
    builder.add(
      use.tag,
      kindCode(use.kind),
      allocs,
      frees,
      use.outstanding ?? outstandingOf(allocs, frees, counterBits),
      use.bytes,
    );
  }
  return builder.finish();
}
