// NtQuerySystemInformation class 45: every lookaside list of the kernel and of drivers, one entry of 20 bytes (hexadecimal) each,
// as geoffchappell.com states it: depth now (u16) 0, target depth (u16) 2, type 14 (bit 0: paged), tag 18, size of a block 1C.

import { PAGED, NONPAGED, kindOf } from "../../model/snapshot.ts";
import type { IdleBlocks } from "../../model/tag-blocks.ts";
import { bookedTag, type Tag } from "../../model/tag.ts";
import { Answer } from "./answer.ts";

export const LOOKASIDE_BYTES = 0x20;
const DEPTH = 0x00;
const TYPE = 0x14;
const TAG = 0x18;
const SIZE = 0x1c;

/** A lookaside list caches small blocks; a larger size is another layout. */
const LARGEST_BLOCK = 1 << 20;

/** Idle blocks of one tag, by pool. Throws FormatError where the answer is of another layout. */
export function idleBlocksOf(bytes: Uint8Array, tag: Tag): readonly IdleBlocks[] {
  const answer = new Answer("lookaside lists (class 45)", bytes, 8);
  if (bytes.length % LOOKASIDE_BYTES !== 0)
    throw answer.fault("a layout that is not known: no whole number of entries", 0, `${bytes.length} bytes`);
  const wanted = bookedTag(tag);
  const pools = [NONPAGED, PAGED].map((code) => ({ kind: kindOf(code), lists: 0, blocks: 0, bytes: 0 }));
  for (let at = 0; at < bytes.length; at += LOOKASIDE_BYTES) {
    const size = answer.u32(at + SIZE);
    if (size > LARGEST_BLOCK) throw answer.fault("a layout that is not known: blocks of that size", at, `${size}`);
    const pool = pools[answer.u32(at + TYPE) & 1];
    if (bookedTag(answer.u32(at + TAG)) !== wanted || pool === undefined) continue;
    const depth = answer.u16(at + DEPTH);
    pool.lists += 1;
    pool.blocks += depth;
    pool.bytes += depth * size;
  }
  return pools.filter(({ lists }) => lists > 0);
}
