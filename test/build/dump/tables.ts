// Byte recipes of tag tables and tables of large allocations. Independent on purpose: written out from the tables in
// docs/sources/crash-dump.md, with a hash of its own in whole numbers of any size.

export type TagRecipe = "A32" | "A64" | "B32" | "B64" | "C32" | "C64";

/** One tag on one CPU: allocations, frees and bytes, nonpaged first. */
export interface TagCounts {
  readonly tag: string;
  readonly nonpaged: readonly [bigint, bigint, bigint];
  readonly paged: readonly [bigint, bigint, bigint];
}

export const STRIDE: Readonly<Record<TagRecipe, number>> = {
  A32: 28,
  A64: 40,
  B32: 48,
  B64: 56,
  C32: 64,
  C64: 80,
};

function tagNumber(tag: string): number {
  let value = 0;
  for (let i = 3; i >= 0; i--) value = value * 256 + (tag.charCodeAt(i) & 0xff);
  return value;
}

/** Where the kernel looks first: 40543 times the tag, both halves mixed, under a mask. */
function home(tag: string, slots: number): number {
  const product = 40543n * BigInt(tagNumber(tag));
  return Number(((product & 0xffffffffn) ^ (product >> 32n)) & BigInt(slots - 1));
}

/** Slots of tags, in the order in which they came; the next free one where the first is taken. */
export function slotsOf(tags: readonly string[], slots: number): Map<string, number> {
  const taken = new Map<number, string>();
  const places = new Map<string, number>();
  for (const tag of tags) {
    let slot = home(tag, slots);
    while (taken.has(slot)) slot = (slot + 1) % slots;
    taken.set(slot, tag);
    places.set(tag, slot);
  }
  return places;
}

/** The bytes of one CPU's table: a row for every slot and one more for what found no room. */
export function tagTableBytes(
  recipe: TagRecipe,
  slots: number,
  places: ReadonlyMap<string, number>,
  counts: readonly TagCounts[],
): Uint8Array {
  const stride = STRIDE[recipe];
  const bytes = new Uint8Array((slots + 1) * stride);
  const view = new DataView(bytes.buffer);
  const u32 = (at: number, value: bigint): void => view.setUint32(at, Number(BigInt.asUintN(32, value)), true);
  const u64 = (at: number, value: bigint): void => view.setBigUint64(at, BigInt.asUintN(64, value), true);
  for (const [tag, slot] of places) view.setUint32(slot * stride, tagNumber(tag), true);
  for (const { tag, nonpaged, paged } of counts) {
    const row = (places.get(tag) ?? slots) * stride;
    if (recipe === "A32") {
      u32(row + 0x04, nonpaged[0]);
      u32(row + 0x08, nonpaged[1]);
      u32(row + 0x0c, nonpaged[2]);
      u32(row + 0x10, paged[0]);
      u32(row + 0x14, paged[1]);
      u32(row + 0x18, paged[2]);
    } else if (recipe === "A64") {
      u32(row + 0x04, nonpaged[0]);
      u32(row + 0x08, nonpaged[1]);
      u64(row + 0x10, nonpaged[2]);
      u32(row + 0x18, paged[0]);
      u32(row + 0x1c, paged[1]);
      u64(row + 0x20, paged[2]);
    } else if (recipe === "B32" || recipe === "C32") {
      u32(row + 0x04, nonpaged[2]);
      u64(row + 0x08, nonpaged[0]);
      u64(row + 0x10, nonpaged[1]);
      u32(row + 0x18, paged[2]);
      u64(row + 0x20, paged[0]);
      u64(row + 0x28, paged[1]);
    } else {
      u64(row + 0x08, nonpaged[2]);
      u64(row + 0x10, nonpaged[0]);
      u64(row + 0x18, nonpaged[1]);
      u64(row + 0x20, paged[2]);
      u64(row + 0x28, paged[0]);
      u64(row + 0x30, paged[1]);
    }
  }
  return bytes;
}

export type BigRecipe = "xp32" | "2003-32" | "2003-64" | "vista-32" | "vista-64" | "ten-32" | "ten-64" | "new-64";

export interface BigRow {
  readonly address: bigint;
  readonly tag: string;
  readonly pages: number;
  readonly paged: boolean;
  readonly freed?: boolean;
}

const BIG_STRIDE: Readonly<Record<BigRecipe, number>> = {
  xp32: 12,
  "2003-32": 16,
  "vista-32": 16,
  "ten-32": 16,
  "2003-64": 24,
  "vista-64": 24,
  "ten-64": 24,
  "new-64": 32,
};

function bigHome(recipe: BigRecipe, address: bigint, rows: number): number {
  const page = address >> 12n;
  if (recipe === "new-64") {
    const product = 40543n * page;
    return Number((product ^ (product >> 32n)) & BigInt(rows - 1));
  }
  if (recipe.startsWith("ten")) {
    const product = 40543n * (page & 0xffffffffn);
    return Number(((product & 0xffffffffn) ^ (product >> 32n)) & BigInt(rows - 1));
  }
  const low = page & 0xffffffffn;
  return Number(((low >> 24n) ^ (low >> 16n) ^ (low >> 8n) ^ low) & BigInt(rows - 1));
}

/** The bytes of a table of large allocations. Empty rows have address 1, freed ones bit 0 set. */
export function bigTableBytes(recipe: BigRecipe, rows: number, list: readonly BigRow[]): Uint8Array {
  const stride = BIG_STRIDE[recipe];
  const bytes = new Uint8Array(rows * stride);
  const view = new DataView(bytes.buffer);
  const wide = recipe.endsWith("64");
  const pointer = (at: number, value: bigint): void =>
    wide ? view.setBigUint64(at, value, true) : view.setUint32(at, Number(value), true);
  for (let row = 0; row < rows; row++) pointer(row * stride, 1n);
  const taken = new Set<number>();
  for (const { address, tag, pages, paged, freed } of list) {
    let row = bigHome(recipe, address, rows);
    while (taken.has(row)) row = (row + 1) % rows;
    taken.add(row);
    const at = row * stride;
    pointer(at, freed === true ? address | 1n : address);
    view.setUint32(at + (wide ? 8 : 4), tagNumber(tag), true);
    const size = pages * 4096;
    const type = paged ? 1 : 0x200;
    if (recipe === "xp32" || recipe === "2003-32") view.setUint32(at + 8, pages, true);
    else if (recipe === "2003-64") view.setUint32(at + 12, pages, true);
    else if (recipe === "vista-32") {
      view.setUint32(at + 8, paged ? 1 : 0, true);
      view.setUint32(at + 12, size, true);
    } else if (recipe === "vista-64") {
      view.setUint32(at + 12, paged ? 1 : 0, true);
      view.setBigUint64(at + 16, BigInt(size), true);
    } else if (recipe === "ten-32") {
      view.setUint32(at + 8, 0x5a | (type << 8) | (0x10 << 20), true);
      view.setUint32(at + 12, size, true);
    } else {
      // New kernels keep flags instead of a type: 40 nonpaged, 100 paged.
      const word = recipe === "new-64" ? (paged ? 0x100 : 0x40) : type;
      view.setUint32(at + 12, (0xa5 | (word << 8) | (0x10 << 20)) >>> 0, true);
      view.setBigUint64(at + 16, BigInt(size), true);
      if (recipe === "new-64") view.setBigUint64(at + 24, 0x1234567890abcdefn, true);
    }
  }
  return bytes;
}
