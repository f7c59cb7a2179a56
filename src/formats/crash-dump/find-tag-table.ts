// Finds the tag table of CPU 0 without symbols: a page-aligned array in the kernel's memory whose keys obey the tag hash.

import { bookedTag, isPrintableTag } from "../../model/tag.ts";
import { u32 } from "./bytes.ts";
import type { DebuggerData } from "./debugger-data.ts";
import { debuggerField } from "./debugger-data.ts";
import { kernelPointers, wordIn, type KernelData } from "./kernel-data.ts";
import { HOT_TAGS, tagHash } from "./tag-hash.ts";
import { TAG_LAYOUTS, type TagLayout } from "./tag-layouts.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

/** A tag table and how well its keys obey the hash. */
export interface TagTable {
  readonly address: bigint;
  readonly layout: TagLayout;
  /** Hashed slots, a power of two. One more row follows: the overflow row. */
  readonly slots: number;
  readonly keys: number;
  /** Share of keys that lie at their slot or behind it with no empty slot between. */
  readonly score: number;
  /** Address of the kernel variable that holds the table's address, where known. */
  readonly variable: bigint | undefined;
  readonly method: string;
  /** Whether the table's size or mask stands as a word near that variable; undefined where it could not be checked. */
  readonly sizeConfirmed: boolean | undefined;
}

type JudgedTable = Omit<TagTable, "variable" | "method" | "sizeConfirmed">;

const SMALLEST_SLOTS = 64;
const LARGEST_SLOTS = 65_536;
/** A table is accepted when this share of keys is in place. Measured: 1.0 on the real tables at hand. */
const ENOUGH = 0.95;
/** How far behind its slot a key may lie, as a share of the slots. */
const REACH = 1 / 4;
/**
 * A table without an empty slot: there keys lie far behind, and no empty slot speaks against any. Three of four must lie within
 * an eighth of the table, where by chance one of eight would. Tried with full tables of 128, 2048 and 4096 slots.
 */
const ENOUGH_FULL = 0.75;
const REACH_FULL = 1 / 8;
const PAGE = 4096;
/** Stands for a key that is not in the dump: no tag, but no empty slot either. */
const UNREADABLE = 0xffffffff;

/** The table: by the debugger data block where it is readable, else among all pointers in the kernel's data. */
export function findTagTable(
  space: VirtualMemory,
  data: KernelData,
  debuggerData: DebuggerData | undefined,
): TagTable | undefined {
  const variable =
    debuggerData === undefined ? undefined : debuggerField(debuggerData, "poolTrackTable", space.pointerSize);
  const named = variable === undefined ? undefined : space.readPointer(variable);
  if (named !== undefined) {
    const found = judgeTable(space, named);
    if (found !== undefined) {
      const method = "named by the kernel's debugger data block, confirmed by the tag hash";
      return { ...found, variable, method, sizeConfirmed: sizeNear(data, variable, found.slots) };
    }
  }
  return searchTable(space, data);
}

function searchTable(space: VirtualMemory, data: KernelData): TagTable | undefined {
  const judged = new Map<bigint, JudgedTable | undefined>();
  let best: TagTable | undefined;
  for (const { at, value } of kernelPointers(space, data)) {
    if ((value & 0xfffn) !== 0n) continue;
    let found = judged.get(value);
    if (!judged.has(value)) {
      found = judgeTable(space, value);
      judged.set(value, found);
    }
    if (found === undefined) continue;
    const method = `found by the tag hash among ${judged.size} arrays that the kernel's data points to`;
    const table = { ...found, variable: at, method, sizeConfirmed: sizeNear(data, at, found.slots) };
    // The tables of other CPUs obey the hash as well. CPU 0's is the one whose variable has the size beside it; without
    // such a sign it is the one with the most keys, since every key is entered there.
    if (best === undefined || rank(table) > rank(best)) best = table;
  }
  return best;
}

function rank(table: TagTable): number {
  return table.keys + (table.sizeConfirmed === true ? 0.5 : 0);
}

/** Words within half a KiB of the variable: the number of rows or the mask. */
function sizeNear(data: KernelData, variable: bigint | undefined, slots: number): boolean | undefined {
  if (variable === undefined || data.blocks.length === 0) return undefined;
  for (let distance = -0x200n; distance <= 0x200n; distance += 4n) {
    const word = wordIn(data, variable + distance, 4);
    if (word === BigInt(slots + 1) || word === BigInt(slots - 1)) return true;
  }
  return false;
}

/** Judges an address as a tag table; undefined where it is none. */
export function judgeTable(space: VirtualMemory, address: bigint): JudgedTable | undefined {
  const page = space.readExact(address, PAGE);
  let best: { layout: TagLayout; slots: number; keys: number; score: number } | undefined;
  for (const layout of TAG_LAYOUTS) {
    if (layout.pointerSize !== space.pointerSize) continue;
    for (const slots of possibleSizes(space, address, page, layout)) {
      const judged = judgeKeys(readKeys(space, address, layout.stride, slots), slots);
      if (judged.score < (judged.keys === slots ? ENOUGH_FULL : ENOUGH) || judged.keys < 16) continue;
      if (best === undefined || judged.keys * judged.score > best.keys * best.score)
        best = { layout, slots, ...judged };
    }
  }
  return best === undefined ? undefined : { address, ...best };
}

/** Sizes under which the first page, or the seeded tags where the first page says nothing, fit a layout. */
function possibleSizes(
  space: VirtualMemory,
  address: bigint,
  page: Uint8Array | undefined,
  layout: TagLayout,
): readonly number[] {
  const sizes: number[] = [];
  const hashes: number[] = [];
  const rows: number[] = [];
  if (page !== undefined) {
    for (let row = 0; (row + 1) * layout.stride <= PAGE; row++) {
      const key = u32(page, row * layout.stride);
      if (key === 0) continue;
      hashes.push(tagHash(key));
      rows.push(row);
    }
  }
  for (let slots = SMALLEST_SLOTS; slots <= LARGEST_SLOTS; slots *= 2) {
    const near = hashes.filter((hash, i) => distance(hash, rows[i] ?? 0, slots) <= 32).length;
    // Where few keys are near, the table may be full: the tags seeded at start are near their slots even then.
    if (hashes.length >= 3 && near < 0.3 * hashes.length) continue;
    const clear = hashes.length >= 3 && near >= 0.8 * hashes.length;
    if (clear || HOT_TAGS.every((tag) => holdsKey(space, address, layout.stride, slots, tag))) sizes.push(slots);
  }
  return sizes;
}

function distance(hash: number, row: number, slots: number): number {
  return (row - (hash & (slots - 1)) + slots) % slots;
}

function holdsKey(space: VirtualMemory, address: bigint, stride: number, slots: number, tag: number): boolean {
  const home = tagHash(tag) & (slots - 1);
  for (let step = 0; step < 8; step++) {
    const key = space.readU32(address + BigInt(((home + step) % slots) * stride));
    if (key === tag) return true;
    if (key === undefined || key === 0) return false;
  }
  return false;
}

/** The keys; {@link UNREADABLE} where the dump does not hold the row. */
function readKeys(space: VirtualMemory, address: bigint, stride: number, slots: number): Uint32Array {
  const { bytes, missing } = space.read(address, slots * stride);
  const keys = new Uint32Array(slots);
  for (let slot = 0; slot < slots; slot++) {
    const key = u32(bytes, slot * stride);
    const lost = key === 0 && missing > 0 && space.readU32(address + BigInt(slot * stride)) === undefined;
    keys[slot] = lost ? UNREADABLE : key;
  }
  return keys;
}

/** How many keys there are, and which share of them is printable and reached from its slot without crossing an empty one. */
function judgeKeys(keys: Uint32Array, slots: number): { keys: number; score: number } {
  const reach = slots * (keys.includes(0) ? REACH : REACH_FULL);
  let count = 0;
  let inPlace = 0;
  let printable = 0;
  for (let slot = 0; slot < slots; slot++) {
    const key = keys[slot] ?? 0;
    if (key === 0 || key === UNREADABLE) continue;
    count += 1;
    if (isPrintableTag(bookedTag(key))) printable += 1;
    const steps = distance(tagHash(key), slot, slots);
    let reached = steps <= reach;
    for (let back = 1; reached && back <= steps; back++) reached = keys[(slot - back + slots) % slots] !== 0;
    if (reached) inPlace += 1;
  }
  // A few kernels use tags that are no text; a table of such keys alone is none.
  if (count === 0 || printable < 0.8 * count) return { keys: count, score: 0 };
  return { keys: count, score: inPlace / count };
}
