// Selecting and ordering rows for any listing: by tag pattern, pool, a sort key and a count.

import { PAGED, useAt, type PoolColumns, type PoolKind, type TagUse } from "../model/snapshot.ts";
import { compileTagPattern } from "../model/tag.ts";

export const SORT_KEYS = ["bytes", "outstanding", "allocs", "frees", "per-block", "tag"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface RowSelection {
  /** Patterns with PoolMon's wildcards; a row passes where any of them matches. Empty for all. */
  readonly tags?: readonly string[];
  readonly kind?: PoolKind;
  readonly sort?: SortKey;
  /** At most this many rows. */
  readonly top?: number;
}

/** Bytes per outstanding block, 0 where nothing is outstanding. */
export function bytesPerBlock(use: Pick<TagUse, "bytes" | "outstanding">): number {
  return use.outstanding > 0 ? use.bytes / use.outstanding : 0;
}

/** The rows that pass, largest first (tags in byte order). */
export function selectRows(columns: PoolColumns, selection: RowSelection): TagUse[] {
  const matchers = (selection.tags ?? []).map((pattern) => compileTagPattern(pattern));
  const rows: TagUse[] = [];
  for (let row = 0; row < columns.length; row++) {
    if (selection.kind !== undefined && (columns.kind[row] === PAGED) !== (selection.kind === "paged")) continue;
    const tag = columns.tag[row] ?? 0;
    if (matchers.length > 0 && !matchers.some((matches) => matches(tag))) continue;
    rows.push(useAt(columns, row));
  }
  const key = selection.sort ?? "bytes";
  rows.sort(
    (a, b) => valueOf(b, key) - valueOf(a, key) || byteOrder(a.tag) - byteOrder(b.tag) || a.kind.localeCompare(b.kind),
  );
  return selection.top === undefined ? rows : rows.slice(0, selection.top);
}

function valueOf(use: TagUse, key: SortKey): number {
  if (key === "tag") return -byteOrder(use.tag);
  if (key === "per-block") return bytesPerBlock(use);
  return use[key] ?? -1;
}

/** Tags in the order of their text: the first character is the low byte. */
function byteOrder(tag: number): number {
  return (tag & 0xff) * 2 ** 24 + ((tag >>> 8) & 0xff) * 2 ** 16 + ((tag >>> 16) & 0xff) * 256 + (tag >>> 24);
}
