// Where the blocks of one tag are, beyond its counters: idle in lookaside lists, and those larger than a page one by one.

import type { Gap, PoolKind } from "./snapshot.ts";

/** Blocks that lie idle in lookaside lists of one pool: taken from the pool, kept by a driver for reuse. */
export interface IdleBlocks {
  readonly kind: PoolKind;
  readonly lists: number;
  readonly blocks: number;
  readonly bytes: number;
}

/** Blocks larger than a page. */
export interface BigBlocks {
  /** Absent where Windows hid which pool they are in. */
  readonly kind?: PoolKind;
  readonly blocks: number;
  readonly bytes: number;
  /** The most frequent sizes, in bytes. */
  readonly sizes: readonly { readonly bytes: number; readonly blocks: number }[];
}

/** What could be asked; a part that could not is a gap. An empty list is an answer: there are none. */
export interface TagBlocks {
  readonly idle?: readonly IdleBlocks[];
  readonly big?: readonly BigBlocks[];
  readonly gaps: readonly Gap[];
}
