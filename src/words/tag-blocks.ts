// Where the blocks of a tag are, as sentences.

import { formatBytes, formatCount, plural } from "../model/units.ts";
import type { BigBlocks, IdleBlocks, TagBlocks } from "../model/tag-blocks.ts";

/** Idle blocks and big blocks, a sentence each; a part that was not asked says nothing. */
export function tagBlockWords({ idle, big }: TagBlocks): { readonly idle: string[]; readonly big: string[] } {
  return {
    idle: idle?.length === 0 ? ["no lookaside list bears this tag"] : (idle ?? []).map(idleWords),
    big: big?.length === 0 ? ["no block larger than a page"] : (big ?? []).map(bigWords),
  };
}

function idleWords({ kind, lists, blocks, bytes }: IdleBlocks): string {
  return `${plural(blocks, "block")} (${formatBytes(bytes)}, ${kind}) in ${plural(lists, "lookaside list")}: taken from the pool and kept for reuse, in the counters but not in use`;
}

function bigWords({ kind, blocks, bytes, sizes }: BigBlocks): string {
  const most = sizes.map((each) => `${formatCount(each.blocks)} of ${formatCount(each.bytes)} bytes`).join(", ");
  const pool = kind === undefined ? "which pool is hidden: run elevated" : kind;
  return `${plural(blocks, "block")} larger than a page hold ${formatBytes(bytes)} (${pool}): ${most}`;
}
