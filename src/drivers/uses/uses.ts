// What a scan finds: uses of a tag, each with its proof.

import type { PoolKind } from "../../model/snapshot.ts";
import { isPrintableByte, type Tag } from "../../model/tag.ts";

/** A call that takes a tag. */
export interface FoundUse {
  readonly tag: Tag;
  /** The bytes of the tag that are known, as ones: all, or those of a tag that is computed in part. */
  readonly mask: number;
  readonly api: string;
  /** RVA of the call instruction. */
  readonly rva: number;
  /** RVA of the function that makes the call. */
  readonly function: number;
  readonly pool: PoolKind | null;
  /** Bytes of the block, where they are the same whenever the call is made. */
  readonly bytes: number | null;
  /** No proof of a pool tag by itself (see ApiRule.weak). */
  readonly weak: boolean;
}

/** All bytes of a tag are known. */
export const WHOLE_TAG = 0xffff_ffff;

/**
 * The bytes that are known as a whole of a tag known in part; 0 where they are too few to tell one tag from another: fewer
 * than two characters, or anything that is no text.
 */
export function patternMask(value: number, mask: number): number {
  let whole = 0;
  let characters = 0;
  for (let shift = 0; shift < 32; shift += 8) {
    // Bit 31 is no part of a tag.
    const needed = shift === 24 ? 0x7f : 0xff;
    if (((mask >>> shift) & needed) !== needed) continue;
    const byte = (value >>> shift) & needed;
    if (!isPrintableByte(byte)) return 0;
    if (byte > 0x20) characters += 1;
    whole |= 0xff << shift;
  }
  return characters >= 2 ? whole >>> 0 : 0;
}

/** A call that takes a tag which could not be told: computed, read from elsewhere, or zero. */
export type UnresolvedUse = Pick<FoundUse, "api" | "rva" | "function">;
