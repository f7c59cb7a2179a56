// Handle tables: up to three levels, leaves of one page. Every leaf is visited once, so that hostile tables end.

import { u32 } from "./bytes.ts";
import { HANDLE_LEVELS, type ObjectMemory, type PlainAddress } from "./object-memory.ts";
import { PAGE } from "./physical.ts";

/** What the walk of one table came to. */
export interface TableWalk {
  /** Pages of it that cannot be read: what they hold is missing. */
  missingPages: number;
}

/** Leaves walked at most, of all tables: 32 million handles. */
export const MOST_LEAVES = 2 ** 17;

/** The leaf pages of a table, each until the next is asked for, by the code that stands in it: the address of the top page, levels below it in the low bits. */
export function* leavesOf(
  memory: ObjectMemory,
  code: PlainAddress,
  seen: Set<number>,
  walk: TableWalk,
): Generator<Uint8Array> {
  const levels = code % 4;
  if (levels < HANDLE_LEVELS) yield* pagesBelow(memory, code - (code % PAGE), levels, seen, walk);
}

function* pagesBelow(
  memory: ObjectMemory,
  address: PlainAddress,
  levels: number,
  seen: Set<number>,
  walk: TableWalk,
): Generator<Uint8Array> {
  if (seen.has(address) || seen.size >= MOST_LEAVES) return;
  seen.add(address);
  const read = memory.page(address);
  const page = memory.levelPages[levels];
  if (read.length === 0 || page === undefined) {
    walk.missingPages += 1;
    return;
  }
  page.set(read);
  if (levels === 0) {
    yield page;
    return;
  }
  const size = memory.wide ? 8 : 4;
  for (let at = 0; at < PAGE; at += size) {
    const low = u32(page, at);
    if (low === 0 && (size === 4 || u32(page, at + 4) === 0)) continue;
    const next = size === 4 ? low : (u32(page, at + 4) & 0xffff) * 2 ** 32 + low;
    if (memory.isKernel(next) && next % PAGE === 0) yield* pagesBelow(memory, next, levels - 1, seen, walk);
    else walk.missingPages += 1;
  }
}
