// Sentences about the lists that a kernel keeps of blocks and of requests: lookaside lists.

import { formatTag, type Tag } from "../model/tag.ts";
import { formatBytes, formatCount, plural } from "../model/units.ts";

export interface LookasideFacts {
  readonly lists: number;
  readonly rings: number;
  readonly broken: number;
  readonly foreign: number;
  readonly countsAgree: number;
  /** Blocks that the lists count as idle, those that were found by following them, and those with a block's header in front. */
  readonly idle: number;
  readonly followed: number;
  readonly tagged: number;
}

/** What the lookaside lists rest on. */
export function lookasideBasisText(facts: LookasideFacts): string {
  const gap =
    facts.broken === 0
      ? "every ring of them closes"
      : `at least: ${plural(facts.broken, "ring")} of them cannot be followed to the end, lists may be missing`;
  return [
    `${plural(facts.lists, "list")} on ${plural(facts.rings, "ring")}, found by what each must hold (tag, size, functions in modules)`,
    `the counters of ${facts.countsAgree} agree with the number of their idle blocks`,
    `${formatCount(facts.followed)} of ${plural(facts.idle, "idle block")} found by following the lists, ${formatCount(facts.tagged)} of them with a block's header in front`,
    gap,
    ...(facts.foreign === 0
      ? []
      : [`${plural(facts.foreign, "entry", "entries")} of the rings are no lists and are left out`]),
  ].join("; ");
}

/** How much lies idle, and what that means for the tag table. */
export function lookasideText(idle: { readonly blocks: number; readonly bytes: number }): string {
  return (
    `${plural(idle.blocks, "block")} (${formatBytes(idle.bytes)}) lie idle in lookaside lists of the kernel and its drivers: ` +
    "the tag table counts them as in use"
  );
}

/** The pool's own lists, whose blocks are free. */
export function poolListsText(own: {
  readonly lists: number;
  readonly blocks: number;
  readonly bytes: number;
}): string {
  return (
    `${plural(own.lists, "list")} of the pool's own (Pool) hold ${plural(own.blocks, "block")} (${formatBytes(own.bytes)}): ` +
    "freed blocks, not counted in the tag table"
  );
}

/** Blocks of a tag that lie idle: `MDL: 4 of 8 blocks (1.0 KiB) lie idle in lookaside lists: no leak in these`. */
export function idleText(idle: {
  readonly tag: Tag;
  readonly blocks: number;
  readonly bytes: number;
  /** Blocks by the tag table. */
  readonly of: number;
}): string {
  return (
    `${formatCount(idle.blocks)} of ${plural(idle.of, "block")} of ${formatTag(idle.tag).trim()} (${formatBytes(idle.bytes)}) ` +
    "lie idle in lookaside lists, ready for the next allocation: these are no leak"
  );
}
