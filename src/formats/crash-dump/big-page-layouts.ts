// The layouts of the table of large allocations (POOL_TRACKER_BIG_PAGES) and the hashes that place its rows.

import type { PoolKind } from "../../model/snapshot.ts";
import { tagHash } from "./tag-hash.ts";

export interface BigPageLayout {
  readonly id: "xp" | "2003" | "vista" | "10" | "server-2022";
  readonly pointerSize: 4 | 8;
  readonly stride: number;
  readonly key: number;
  /** Offset of the allocation's size, and what one unit of it is. */
  readonly size: number;
  readonly unit: "pages" | "bytes";
  /** Offset of the pool type and where its bits start; undefined where the row has none. */
  readonly poolType: { readonly offset: number; readonly shift: 0 | 8; readonly mask: number } | undefined;
  readonly builds: string;
}

const PLAIN = { shift: 0, mask: 0xffffffff } as const;
/** Ten and later pack a pattern (8 bits), the pool type (12) and the unused rest of the last page (12) into one word. */
const PACKED = { shift: 8, mask: 0xfff } as const;

/** Where two share stride and key, the one that asks more of a row comes first. */
export const BIG_PAGE_LAYOUTS: readonly BigPageLayout[] = [
  {
    id: "vista",
    pointerSize: 8,
    stride: 0x18,
    key: 8,
    size: 0x10,
    unit: "bytes",
    poolType: { offset: 0xc, ...PLAIN },
    builds: "x64, Vista to 8.1",
  },
  {
    id: "10",
    pointerSize: 8,
    stride: 0x18,
    key: 8,
    size: 0x10,
    unit: "bytes",
    poolType: { offset: 0xc, ...PACKED },
    builds: "x64 and ARM64, 10240 to 19045",
  },
  {
    id: "server-2022",
    pointerSize: 8,
    stride: 0x20,
    key: 8,
    size: 0x10,
    unit: "bytes",
    poolType: { offset: 0xc, ...PACKED },
    builds: "x64 and ARM64, 20348 and later",
  },
  {
    id: "2003",
    pointerSize: 8,
    stride: 0x18,
    key: 8,
    size: 0xc,
    unit: "pages",
    poolType: undefined,
    builds: "x64, 2003",
  },
  {
    id: "vista",
    pointerSize: 4,
    stride: 0x10,
    key: 4,
    size: 0xc,
    unit: "bytes",
    poolType: { offset: 8, ...PLAIN },
    builds: "x86, Vista to 8.1",
  },
  {
    id: "10",
    pointerSize: 4,
    stride: 0x10,
    key: 4,
    size: 0xc,
    unit: "bytes",
    poolType: { offset: 8, ...PACKED },
    builds: "x86, 10240 to 19045",
  },
  {
    id: "2003",
    pointerSize: 4,
    stride: 0x10,
    key: 4,
    size: 8,
    unit: "pages",
    poolType: undefined,
    builds: "x86, 2003",
  },
  { id: "xp", pointerSize: 4, stride: 0xc, key: 4, size: 8, unit: "pages", poolType: undefined, builds: "x86, XP" },
];

/** Hashes from a page number to a slot (before the mask), as kernels have used them. */
export const BIG_PAGE_HASHES: readonly { readonly id: string; hash(page: bigint): number }[] = [
  { id: "multiplied, 32 bits", hash: (page) => tagHash(Number(page & 0xffffffffn)) },
  {
    id: "multiplied, 64 bits",
    hash: (page) => {
      const product = 40_543n * page;
      return Number((product ^ (product >> 32n)) & 0xffffffffn);
    },
  },
  {
    id: "folded bytes",
    hash: (page) => {
      const low = Number(page & 0xffffffffn);
      return ((low >>> 24) ^ (low >>> 16) ^ (low >>> 8) ^ low) >>> 0;
    },
  },
];

/** POOL_TYPE until early Windows 11 (bit 0 paged, 20 session, 200 no-execute), POOL_FLAGS after (40, 80 nonpaged, 100 paged). */
export type PoolTypeMeaning = "type" | "flags";

export function poolKindOf(value: number, meaning: PoolTypeMeaning): PoolKind | undefined {
  if (meaning === "type") return (value & 1) === 1 ? "paged" : "nonpaged";
  if ((value & 0x100) !== 0) return "paged";
  return (value & 0xc0) !== 0 ? "nonpaged" : undefined;
}
