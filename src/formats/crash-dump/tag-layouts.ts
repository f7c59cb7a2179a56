// The layouts of a tag-table row (POOL_TRACKER_TABLE) that kernels have used, by pointer size. ARM64 is as x64.

/** Offsets of one pool's figures in a row. */
export interface PoolOffsets {
  readonly allocs: number;
  readonly frees: number;
  readonly bytes: number;
}

export interface TagLayout {
  readonly id: "A32" | "A64" | "B32" | "B64" | "C32" | "C64";
  readonly stride: number;
  readonly pointerSize: 4 | 8;
  /** Width of the counts of allocations and frees. */
  readonly counterBits: 32 | 64;
  /** Width of the sum of bytes. */
  readonly byteBits: 32 | 64;
  readonly nonpaged: PoolOffsets;
  readonly paged: PoolOffsets;
  readonly builds: string;
}

const B32 = {
  pointerSize: 4,
  counterBits: 64,
  byteBits: 32,
  nonpaged: { allocs: 0x08, frees: 0x10, bytes: 0x04 },
  paged: { allocs: 0x20, frees: 0x28, bytes: 0x18 },
} as const;

const B64 = {
  pointerSize: 8,
  counterBits: 64,
  byteBits: 64,
  nonpaged: { allocs: 0x10, frees: 0x18, bytes: 0x08 },
  paged: { allocs: 0x28, frees: 0x30, bytes: 0x20 },
} as const;

/** The key is the u32 at 0 in all of them. */
export const TAG_LAYOUTS: readonly TagLayout[] = [
  {
    id: "A32",
    stride: 0x1c,
    pointerSize: 4,
    counterBits: 32,
    byteBits: 32,
    nonpaged: { allocs: 0x04, frees: 0x08, bytes: 0x0c },
    paged: { allocs: 0x10, frees: 0x14, bytes: 0x18 },
    builds: "x86, XP to 15063",
  },
  {
    id: "A64",
    stride: 0x28,
    pointerSize: 8,
    counterBits: 32,
    byteBits: 64,
    nonpaged: { allocs: 0x04, frees: 0x08, bytes: 0x10 },
    paged: { allocs: 0x18, frees: 0x1c, bytes: 0x20 },
    builds: "x64, 2003 to 15063",
  },
  { id: "B32", stride: 0x30, ...B32, builds: "x86, 16299 to 19045" },
  { id: "B64", stride: 0x38, ...B64, builds: "x64 and ARM64, 16299 to 19045" },
  { id: "C32", stride: 0x40, ...B32, builds: "x86, 21292" },
  { id: "C64", stride: 0x50, ...B64, builds: "x64 and ARM64, 22000 and later" },
];
