// What a scan finds: uses of a tag, each with its proof.

import type { PoolKind } from "../../model/snapshot.ts";
import type { Tag } from "../../model/tag.ts";

/** A call that takes a tag. */
export interface FoundUse {
  readonly tag: Tag;
  readonly api: string;
  /** RVA of the call instruction. */
  readonly rva: number;
  /** RVA of the function that makes the call. */
  readonly function: number;
  readonly pool: PoolKind | null;
  /** No proof of a pool tag by itself (see ApiRule.weak). */
  readonly weak: boolean;
}

/**
 * Whether a value reads as a tag: printable, at most NULs at its end, two characters or more. What lies in data or arrives
 * among other values has to; a constant that is the argument of a call does not.
 */
export function isTagLike(value: number): boolean {
  let characters = 0;
  let ended = false;
  for (let shift = 0; shift < 32; shift += 8) {
    const byte = (value >>> shift) & 0xff;
    if (byte === 0) ended = true;
    else if (ended || byte < 0x20 || byte > 0x7e) return false;
    else characters += 1;
  }
  return characters >= 2;
}
