// Builds the columns of a snapshot row by row, growing as needed; the one place that allocates them.

import { NONPAGED, PAGED, kindCode, outstandingOf, rowKey, type PoolColumns, type TagUse } from "./snapshot.ts";
import type { Tag } from "./tag.ts";

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
  #rows = new Map<number, number>();

  constructor(expectedRows = 256) {
    this.#capacity = Math.max(16, expectedRows);
    this.#tag = new Uint32Array(this.#capacity);
    this.#kind = new Uint8Array(this.#capacity);
    this.#allocs = new Float64Array(this.#capacity);
    this.#frees = new Float64Array(this.#capacity);
    this.#outstanding = new Float64Array(this.#capacity);
    this.#bytes = new Float64Array(this.#capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a row. `allocs` and `frees` are NaN where unknown. Returns false where it was summed into an earlier row. */
  add(tag: Tag, code: number, allocs: number, frees: number, outstanding: number, bytes: number): boolean {
    const key = rowKey(tag, code === PAGED ? PAGED : NONPAGED);
    const before = this.#rows.get(key);
    if (before !== undefined) {
      this.#allocs[before] = (this.#allocs[before] ?? 0) + allocs;
      this.#frees[before] = (this.#frees[before] ?? 0) + frees;
      this.#outstanding[before] = (this.#outstanding[before] ?? 0) + outstanding;
      this.#bytes[before] = (this.#bytes[before] ?? 0) + bytes;
      return false;
    }
    if (this.#length === this.#capacity) this.#grow();
    const row = this.#length++;
    this.#rows.set(key, row);
    this.#tag[row] = tag;
    this.#kind[row] = code;
    this.#allocs[row] = allocs;
    this.#frees[row] = frees;
    this.#outstanding[row] = outstanding;
    this.#bytes[row] = bytes;
    return true;
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

  #grow(): void {
    this.#capacity *= 2;
    this.#tag = grown(this.#tag, new Uint32Array(this.#capacity));
    this.#kind = grown(this.#kind, new Uint8Array(this.#capacity));
    this.#allocs = grown(this.#allocs, new Float64Array(this.#capacity));
    this.#frees = grown(this.#frees, new Float64Array(this.#capacity));
    this.#outstanding = grown(this.#outstanding, new Float64Array(this.#capacity));
    this.#bytes = grown(this.#bytes, new Float64Array(this.#capacity));
  }
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
