// NtQuerySystemInformation class 66: every pool block larger than a page. SYSTEM_BIGPOOL_INFORMATION as public headers (phnt) and
// geoffchappell.com state it; offsets in hexadecimal: count 0, entries at 4 (x86) / 8 (x64), C / 18 bytes each: address 0 (bit 0:
// nonpaged), size 4 / 8, tag 8 / 10. Without debug privilege new builds tell no address, and perhaps no bit 0.

import type { PoolKind } from "../../model/snapshot.ts";
import type { BigBlocks } from "../../model/tag-blocks.ts";
import { bookedTag, type Tag } from "../../model/tag.ts";
import { Answer, type PointerBytes } from "./answer.ts";

const LAYOUTS = {
  4: { first: 4, entry: 0x0c, size: 0x4, tag: 0x08 },
  8: { first: 8, entry: 0x18, size: 0x8, tag: 0x10 },
} as const;

const NONPAGED_BIT = 1;
const PAGE_BYTES = 4096;

/** Sizes that are told of each pool. */
const MOST_SIZES = 5;

/** Big blocks of one tag, by pool. Throws FormatError where the answer is cut off or of another layout. */
export function bigBlocksOf(bytes: Uint8Array, pointerBytes: PointerBytes, tag: Tag): readonly BigBlocks[] {
  const answer = new Answer("big pool blocks (class 66)", bytes, pointerBytes);
  const { first, entry, size, tag: tagAt } = LAYOUTS[pointerBytes];
  const count = answer.u32(0);
  if (count * entry > answer.length - first) throw answer.fault("the answer is cut off", 0, `${count} blocks`);
  const wanted = bookedTag(tag);
  const sizes: Readonly<Record<PoolKind, Map<number, number>>> = { nonpaged: new Map(), paged: new Map() };
  let tellsPool = false;
  for (let i = 0, at: number = first; i < count; i++, at += entry) {
    // The low half holds the bits of the page; the rest is not needed and may be hidden.
    const low = answer.u32(at) % PAGE_BYTES;
    const bytesOfBlock = answer.pointer(at + size);
    if (low > NONPAGED_BIT || bytesOfBlock === 0)
      throw answer.fault("a layout that is not known: no block of whole pages", at, `${bytesOfBlock} bytes`);
    if (low === NONPAGED_BIT) tellsPool = true;
    if (bookedTag(answer.u32(at + tagAt)) !== wanted) continue;
    const counts = sizes[low === NONPAGED_BIT ? "nonpaged" : "paged"];
    counts.set(bytesOfBlock, (counts.get(bytesOfBlock) ?? 0) + 1);
  }
  return (["nonpaged", "paged"] as const).flatMap((kind) => {
    const counts = [...sizes[kind]].sort(([, a], [, b]) => b - a);
    if (counts.length === 0) return [];
    return [
      {
        ...(tellsPool && { kind }),
        blocks: counts.reduce((sum, [, blocks]) => sum + blocks, 0),
        bytes: counts.reduce((sum, [each, blocks]) => sum + each * blocks, 0),
        sizes: counts.slice(0, MOST_SIZES).map(([each, blocks]) => ({ bytes: each, blocks })),
      },
    ];
  });
}
