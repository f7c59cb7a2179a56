// What findings are made of: a row of the counters, and a value with its interval.

import type { PoolKind } from "./snapshot.ts";
import type { Tag } from "./tag.ts";

/** One (tag, kind). */
export interface TagRef {
  readonly tag: Tag;
  readonly kind: PoolKind;
}

/** A value with the interval in which it lies at about 95 %. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}
