// Finds the tag table of CPU 0 without symbols: a page-aligned array in the kernel's memory whose keys obey the tag hash.

import { u32 } from "./bytes.ts";
import type { DebuggerData } from "./debugger-data.ts";
import { debuggerField } from "./debugger-data.ts";
import { judgeKeys, UNREADABLE, WRONG_KEY, type JudgedKeys } from "./judge-keys.ts";
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
  /** Share of all keys that lie at their slot or behind it with no empty slot between. */
  readonly score: number;
  readonly judged: JudgedKeys;
  /** Address of the kernel variable that holds the table's address, where known. */
  readonly variable: bigint | undefined;
  readonly method: string;
  /** The number of slots that the kernel's own variables say; undefined where none do. */
  readonly slotsSaid: number | undefined;
  /** Whether that is the number found; undefined where they say nothing. */
  readonly sizeConfirmed: boolean | undefined;
}

export type JudgedTable = Omit<TagTable, "variable" | "method" | "slotsSaid" | "sizeConfirmed">;

const SMALLEST_SLOTS = 64;
const LARGEST_SLOTS = 65_536;
/** A table is accepted when this share of keys is in place. Measured: 1.0 on the real tables at hand. */
const ENOUGH = 0.95;
/** Where the kernel's own variables say the size, half is enough: by chance one key of eight would be in place. */
const ENOUGH_SAID = 0.5;
/** A full table: three of four keys must lie within an eighth of it. Tried with full tables of 128, 2048 and 4096 slots. */
const ENOUGH_FULL = 0.75;
/** Share of the pages that may hold other memory. */
const MOST_FOREIGN = 1 / 4;
const FEWEST_KEYS = 16;
/** How far from the table's variable its size and mask are looked for. Seen: 28 bytes (NT 5.2), 0x58 (22000). */
const NEAR = 0x200n;
const PAGE = 4096;

/** Where the debugger data block says that the table is, and the fewest bytes it then has; for whoever fetches it beforehand. */
export function namedTableRange(
  space: VirtualMemory,
  data: KernelData,
  debuggerData: DebuggerData | undefined,
): { readonly address: bigint; readonly length: number } | undefined {
  const variable =
    debuggerData === undefined ? undefined : debuggerField(debuggerData, "poolTrackTable", space.pointerSize);
  const address = variable === undefined ? undefined : space.readPointer(variable);
  const slots = slotsNear(data, variable);
  if (address === undefined || slots === undefined) return undefined;
  const strides = TAG_LAYOUTS.flatMap(({ pointerSize, stride }) => (pointerSize === space.pointerSize ? [stride] : []));
  return { address, length: (slots + 1) * Math.min(...strides) };
}

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
    const said = slotsNear(data, variable);
    const found = judgeTable(space, named, said, true);
    if (found !== undefined) {
      const method = "named by the kernel's debugger data block, confirmed by the tag hash";
      return { ...found, variable, method, ...confirmed(found.slots, said) };
    }
  }
  return searchTable(space, data, false) ?? searchTable(space, data, true);
}

function searchTable(space: VirtualMemory, data: KernelData, bySeeds: boolean): TagTable | undefined {
  const judged = new Map<bigint, JudgedTable | undefined>();
  let best: TagTable | undefined;
  for (const { at, value } of kernelPointers(space, data)) {
    if ((value & 0xfffn) !== 0n) continue;
    let found = judged.get(value);
    if (!judged.has(value)) {
      found = judgeTable(space, value, undefined, bySeeds);
      judged.set(value, found);
    }
    if (found === undefined) continue;
    const said = slotsNear(data, at);
    if (said !== undefined && said > found.slots) found = judgeTable(space, value, said, bySeeds) ?? found;
    const method = `found by the tag hash among ${judged.size} arrays that the kernel's data points to`;
    const table = { ...found, variable: at, method, ...confirmed(found.slots, said) };
    // The tables of other CPUs obey the hash as well. CPU 0's is the one whose variable has the size beside it; without
    // such a sign it is the one with the most keys, since every key is entered there.
    if (best === undefined || rank(table) > rank(best)) best = table;
  }
  return best;
}

function rank(table: TagTable): number {
  return table.judged.inPlace + (table.sizeConfirmed === true ? 0.5 : 0);
}

function confirmed(slots: number, said: number | undefined): Pick<TagTable, "slotsSaid" | "sizeConfirmed"> {
  return { slotsSaid: said, sizeConfirmed: said === undefined ? undefined : said === slots };
}

/**
 * The number of slots that the kernel's variables say: the number of rows (one more) and the mask (one less) stand near the
 * table's variable. One word alone says nothing, since other tables' masks stand there too; of several pairs the largest counts.
 */
function slotsNear(data: KernelData, variable: bigint | undefined): number | undefined {
  if (variable === undefined || data.blocks.length === 0) return undefined;
  const words = new Set<bigint>();
  for (let distance = -NEAR; distance <= NEAR; distance += 4n) {
    const word = wordIn(data, variable + distance, 4);
    if (word !== undefined) words.add(word);
  }
  for (let slots = LARGEST_SLOTS; slots >= SMALLEST_SLOTS; slots /= 2) {
    if (words.has(BigInt(slots + 1)) && words.has(BigInt(slots - 1))) return slots;
  }
  return undefined;
}

/**
 * Judges an address as a tag table; undefined where it is none. `said`: the slots that the kernel's variables say.
 * `bySeeds`: the tags seeded at start may speak for it where the first page does not.
 */
export function judgeTable(
  space: VirtualMemory,
  address: bigint,
  said?: number,
  bySeeds = true,
): JudgedTable | undefined {
  const page = space.readExact(address, PAGE);
  let best: JudgedTable | undefined;
  for (const layout of TAG_LAYOUTS) {
    if (layout.pointerSize !== space.pointerSize) continue;
    for (const slots of possibleSizes(space, address, page, layout, bySeeds)) {
      const judged = judgeKeys(readKeys(space, address, layout.stride, slots), layout.stride);
      if (!isAccepted(judged, slots === said)) continue;
      // Every smaller power of two fits as well, with fewer keys: the largest that fits is the table's size.
      if (best !== undefined && judged.inPlace <= best.judged.inPlace) continue;
      best = { address, layout, slots, keys: judged.keys, score: judged.inPlace / judged.keys, judged };
    }
  }
  return best;
}

function isAccepted(judged: JudgedKeys, isSaid: boolean): boolean {
  if (judged.inPlace < FEWEST_KEYS) return false;
  if (isSaid && judged.score > 0 && judged.inPlace >= ENOUGH_SAID * judged.keys) return true;
  const foreign = judged.foreignPages.length;
  return judged.score >= (judged.isFull ? ENOUGH_FULL : ENOUGH) && foreign <= MOST_FOREIGN * judged.pages;
}

/** Sizes under which the first page, or the seeded tags where the first page says nothing, fit a layout. */
function possibleSizes(
  space: VirtualMemory,
  address: bigint,
  page: Uint8Array | undefined,
  layout: TagLayout,
  bySeeds: boolean,
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
    const clear = hashes.length >= 3 && near >= 0.8 * hashes.length;
    // Where few keys are near, the table may be full, or its first page other memory: the tags seeded at start are near
    // their slots even then, all but one on a page that is lost.
    const mayBe = bySeeds || hashes.length < 3 || near >= 0.3 * hashes.length;
    const seeds =
      clear || !mayBe ? 0 : HOT_TAGS.filter((tag) => holdsKey(space, address, layout.stride, slots, tag)).length;
    if (clear || seeds >= (bySeeds ? HOT_TAGS.length - 1 : HOT_TAGS.length)) sizes.push(slots);
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
    keys[slot] = lost ? UNREADABLE : key === UNREADABLE ? WRONG_KEY : key;
  }
  return keys;
}
