// The page-table formats: x64 and ARM64 (four levels, 4 KiB granule), x86 with PAE, x86 without.
// Each entry is judged here; walking is left to address-space.ts. Facts: docs/sources/crash-dump.md.

export type EntryKind =
  /** Leads to the next table. */
  | "table"
  /** Maps a page. */
  | "page"
  /** No valid bit, but the page still lies in memory ("transition"). */
  | "transition"
  /** Leads to a prototype entry at a virtual address. */
  | "prototype"
  /** Demand-zero: reads as zeros. */
  | "zero"
  /** Nothing is mapped. */
  | "empty"
  /** In a page file, compressed, or otherwise not in memory. */
  | "paged-out";

export interface Entry {
  readonly kind: EntryKind;
  /** Physical address of the table or page. */
  readonly physical: number;
}

export type PagingId = "x64" | "arm64" | "x86-pae" | "x86";

export interface Paging {
  readonly id: PagingId;
  readonly entryBytes: 4 | 8;
  /** Lowest address bit of the index at each level, top first. */
  readonly shifts: readonly number[];
  readonly indexBits: readonly number[];
  /** The lowest address of the kernel's half. */
  readonly kernelStart: bigint;
  entry(level: number, low: number, high: number): Entry;
  prototypeAddress(low: number, high: number): bigint;
}

const TWO_32 = 2 ** 32;
const EMPTY: Entry = { kind: "empty", physical: 0 };
const PAGED_OUT: Entry = { kind: "paged-out", physical: 0 };
const ZERO: Entry = { kind: "zero", physical: 0 };
const PROTOTYPE: Entry = { kind: "prototype", physical: 0 };

function physicalOf(low: number, high: number, highMask: number): number {
  return (high & highMask) * TWO_32 + ((low & 0xfffff000) >>> 0);
}

/**
 * A last-level entry without its valid bit. Bit 10: prototype, bit 11: transition. On x64 bit 45 of a transition entry is
 * cleared: kernels since 2018 set it in invalid entries so that no speculative load finds real memory there.
 */
function invalidLeaf(low: number, high: number, highMask: number): Entry {
  if ((low & 0x400) !== 0) return PROTOTYPE;
  if ((low & 0x800) !== 0) return { kind: "transition", physical: physicalOf(low, high, highMask) };
  if (low === 0 && high === 0) return EMPTY;
  // A software entry: page-file number in bits 1 to 4, offset in the upper half; both zero means demand-zero.
  return (low & 0x1e) === 0 && high === 0 ? ZERO : PAGED_OUT;
}

const PROTOTYPE_64 = (low: number, high: number): bigint =>
  0xffff000000000000n | (BigInt(high) << 16n) | BigInt(low >>> 16);

export const X64: Paging = {
  id: "x64",
  entryBytes: 8,
  shifts: [39, 30, 21, 12],
  indexBits: [9, 9, 9, 9],
  kernelStart: 0xffff800000000000n,
  entry(level, low, high) {
    if ((low & 1) === 0) {
      if (level === 3) return invalidLeaf(low, high, 0xdfff);
      return low === 0 && high === 0 ? EMPTY : PAGED_OUT;
    }
    const physical = physicalOf(low, high, 0xffff);
    if (level === 3) return { kind: "page", physical };
    // Large pages: bit 12 is the memory type, not an address bit.
    if ((low & 0x80) !== 0 && level === 2) return { kind: "page", physical: physical - (physical % 2 ** 21) };
    if ((low & 0x80) !== 0 && level === 1) return { kind: "page", physical: physical - (physical % 2 ** 30) };
    return { kind: "table", physical };
  },
  prototypeAddress: PROTOTYPE_64,
};

export const ARM64: Paging = {
  ...X64,
  id: "arm64",
  entry(level, low, high) {
    if ((low & 1) === 0) {
      if (level === 3) return invalidLeaf(low, high, 0x3ffff);
      return low === 0 && high === 0 ? EMPTY : PAGED_OUT;
    }
    const physical = physicalOf(low, high, 0x3ffff);
    const isTable = (low & 2) !== 0;
    if (level === 3) return isTable ? { kind: "page", physical } : PAGED_OUT;
    if (isTable) return { kind: "table", physical };
    if (level === 2) return { kind: "page", physical: physical - (physical % 2 ** 21) };
    if (level === 1) return { kind: "page", physical: physical - (physical % 2 ** 30) };
    return PAGED_OUT;
  },
};

export const X86_PAE: Paging = {
  id: "x86-pae",
  entryBytes: 8,
  shifts: [30, 21, 12],
  indexBits: [2, 9, 9],
  kernelStart: 0x80000000n,
  entry(level, low, high) {
    if ((low & 1) === 0) {
      if (level === 2) return invalidLeaf(low, high, 0x3f);
      return low === 0 && high === 0 ? EMPTY : PAGED_OUT;
    }
    const physical = physicalOf(low, high, 0x3f);
    if (level === 2) return { kind: "page", physical };
    if (level === 1 && (low & 0x80) !== 0) return { kind: "page", physical: physical - (physical % 2 ** 21) };
    return { kind: "table", physical };
  },
  prototypeAddress: (_low, high) => BigInt(high),
};

export const X86: Paging = {
  id: "x86",
  entryBytes: 4,
  shifts: [22, 12],
  indexBits: [10, 10],
  kernelStart: 0x80000000n,
  entry(level, low) {
    if ((low & 1) === 0) {
      if (level === 1) return invalidLeaf(low, 0, 0);
      return low === 0 ? EMPTY : PAGED_OUT;
    }
    const physical = (low & 0xfffff000) >>> 0;
    if (level === 1) return { kind: "page", physical };
    if ((low & 0x80) !== 0) return { kind: "page", physical: (low & 0xffc00000) >>> 0 };
    return { kind: "table", physical };
  },
  // The address is spread over two fields of the entry, in units of 4 bytes from 0x80000000.
  prototypeAddress: (low) => BigInt((0x80000000 | ((low >>> 1) & 0x7ffffc00) | ((low << 1) & 0x3ff)) >>> 0),
};
