// Rows of a dump's pool as the debugger shows them: one a tag, both pools side by side.

import { PAGED, type PoolColumns } from "../../model/snapshot.ts";
import { compileTagPattern, type Tag } from "../../model/tag.ts";

export interface PoolFigures {
  readonly allocs: number;
  readonly frees: number;
  readonly outstanding: number;
  readonly bytes: number;
}

export interface TagRow {
  readonly tag: Tag;
  readonly nonpaged: PoolFigures;
  readonly paged: PoolFigures;
}

export const DUMP_SORT_KEYS = ["bytes", "nonpaged", "paged", "blocks", "allocs", "tag"] as const;
export type DumpSortKey = (typeof DUMP_SORT_KEYS)[number];

const NONE: PoolFigures = { allocs: 0, frees: 0, outstanding: 0, bytes: 0 };

/** Rows by tag, sorted; `patterns` as PoolMon's, all tags where there are none. */
export function tagRows(columns: PoolColumns, patterns: readonly string[], sort: DumpSortKey): TagRow[] {
  const matchers = patterns.map((pattern) => compileTagPattern(pattern));
  const rows = new Map<Tag, TagRow>();
  for (let row = 0; row < columns.length; row++) {
    const tag = columns.tag[row] ?? 0;
    if (matchers.length > 0 && !matchers.some((matches) => matches(tag))) continue;
    const figures: PoolFigures = {
      allocs: columns.allocs[row] ?? 0,
      frees: columns.frees[row] ?? 0,
      outstanding: columns.outstanding[row] ?? 0,
      bytes: columns.bytes[row] ?? 0,
    };
    const before = rows.get(tag) ?? { tag, nonpaged: NONE, paged: NONE };
    rows.set(tag, columns.kind[row] === PAGED ? { ...before, paged: figures } : { ...before, nonpaged: figures });
  }
  return [...rows.values()].sort((a, b) => sortValue(b, sort) - sortValue(a, sort) || textOrder(a.tag, b.tag));
}

function sortValue({ nonpaged, paged }: TagRow, key: DumpSortKey): number {
  if (key === "nonpaged") return nonpaged.bytes;
  if (key === "paged") return paged.bytes;
  if (key === "blocks") return nonpaged.outstanding + paged.outstanding;
  if (key === "allocs") return nonpaged.allocs + paged.allocs;
  return key === "tag" ? 0 : nonpaged.bytes + paged.bytes;
}

/** Tags in the order of their text: the first character is the low byte. */
function textOrder(a: Tag, b: Tag): number {
  const key = (tag: Tag): number =>
    (tag & 0xff) * 2 ** 24 + ((tag >>> 8) & 0xff) * 2 ** 16 + ((tag >>> 16) & 0xff) * 256 + (tag >>> 24);
  return key(a) - key(b);
}
