// Lookaside lists: freed blocks that a driver keeps for its next allocation, still counted as in use by the tag table. All lists
// of a kind hang on one ring whose head lies in the kernel's data; the ring is found by what each of its members must hold.

import type { PoolKind } from "../../model/snapshot.ts";
import { bookedTag, isPrintableTag, type Tag } from "../../model/tag.ts";
import { moduleAt } from "./block-contents.ts";
import { pointer, u16, u32 } from "./bytes.ts";
import { kernelPointers, wordIn } from "./kernel-data.ts";
import type { KernelMemory } from "./kernel-memory.ts";
import { readModules, type ListedModule } from "./modules.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

/*
 GENERAL_LOOKASIDE (public, wdm.h; seen on NT 5.2 of both sizes, unchanged to 11):
 | field                                | x64 | x86 |
 | list of idle blocks: next, depth u16 | 8, 0 | 0, 4 |
 | depth wanted, at most (u16)          | 10, 12 | 8, A |
 | allocations, of them missed (u32)    | 14, 18 | C, 10 |
 | frees, of them missed (u32)          | 1C, 20 | 14, 18 |
 | pool type, tag, size (u32)           | 24, 28, 2C | 1C, 20, 24 |
 | functions that allocate and free     | 30, 38 | 28, 2C |
 | links of the ring                    | 40  | 30  |
 The pool's own lists count what was found where the others count what was missed.
*/
const LAYOUTS = {
  8: { next: 8, idle: 0, depth: 0x10, counts: 0x14, type: 0x24, tag: 0x28, size: 0x2c, functions: 0x30, links: 0x40 },
  4: { next: 0, idle: 4, depth: 0x08, counts: 0x0c, type: 0x1c, tag: 0x20, size: 0x24, functions: 0x28, links: 0x30 },
} as const;

/** One lookaside list. */
export interface Lookaside {
  readonly address: bigint;
  readonly tag: Tag;
  readonly kind: PoolKind;
  /** Bytes of each block. */
  readonly size: number;
  /** Blocks that lie idle in it, and at most. */
  readonly idle: number;
  readonly maximumDepth: number;
  readonly allocations: number;
  readonly frees: number;
  /** Of the allocations: not served by an idle block. Undefined where the counters contradict each other. */
  readonly missed: number | undefined;
  /** Blocks found by following the links of the idle ones, and in how many of them a block's header with a tag stands in front. */
  readonly followed: number;
  readonly tagged: number;
}

export interface Lookasides {
  readonly lists: readonly Lookaside[];
  /** Rings found; of them broken: a link of theirs leads to no entry, so that lists may be missing. */
  readonly rings: number;
  readonly broken: number;
  /** Entries of the rings that are no lists, other than the heads. */
  readonly foreign: number;
  /** Lists whose counters agree with the number of idle blocks. */
  readonly countsAgree: number;
  /** Addresses of the headers of idle blocks. */
  readonly idleBlocks: ReadonlySet<bigint>;
  /** Of these: in the pool's own lists, so that they are free for the tag table. */
  readonly freeBlocks: ReadonlySet<bigint>;
  /** Idle blocks by the tag under which the tag table counts them, most bytes first; those of the pool's own lists are left out. */
  readonly idleTags: readonly IdleTag[];
}

/** Figures that the lists rest on, sums over all lists. */
export type LookasideBasis = Pick<Lookasides, "rings" | "broken" | "foreign" | "countsAgree"> &
  Pick<Lookaside, "idle" | "followed" | "tagged"> & { readonly lists: number };

export function lookasideBasis({ rings, broken, foreign, lists, countsAgree }: Lookasides): LookasideBasis {
  const sum = (of: "idle" | "followed" | "tagged"): number => lists.reduce((total, list) => total + list[of], 0);
  return {
    rings,
    broken,
    foreign,
    lists: lists.length,
    countsAgree,
    idle: sum("idle"),
    followed: sum("followed"),
    tagged: sum("tagged"),
  };
}

/** Blocks and bytes of a tag that lie idle. */
export interface IdleTag {
  readonly tag: Tag;
  readonly blocks: number;
  readonly bytes: number;
}

/** The tag of the pool's own lists: blocks in them are free for the tag table. */
export const POOL_TAG = 0x6c6f6f50;
/** A ring is accepted with this many lists. Seen: 5 to 64. */
const FEWEST_LISTS = 3;
/** One entry is the head; of the others at most this share may be none. */
const MOST_FOREIGN = 0.1;
/** Entries of all rings, and idle blocks, that are followed at most. */
const MOST_ENTRIES = 2 ** 16;
const MOST_IDLE = 2 ** 20;
/** Largest block: bigger ones are no business of a list of blocks ready to use. Seen: 784 bytes. */
const LARGEST_BLOCK = 2 ** 20;
/** Bits of a pool type, flags of quota and of raising included. */
const MOST_POOL_TYPE = 0x1000;

/** The lists; undefined where no ring of them was found. */
export function readLookasides({ space, kernel }: KernelMemory): Lookasides | undefined {
  const modules = readModules(space, kernel.moduleList).modules.toSorted((a, b) => (a.base < b.base ? -1 : 1));
  const p = space.pointerSize;
  const seen = new Set<bigint>();
  const entries: bigint[] = [];
  let rings = 0;
  let broken = 0;
  let foreign = 0;
  for (const { at, value } of kernelPointers(space, kernel.data)) {
    if (seen.size >= MOST_ENTRIES) break;
    if (value === at || seen.has(at) || seen.has(value)) continue;
    const back = wordIn(kernel.data, at + BigInt(p), p);
    if (back === undefined || !space.isKernelAddress(back)) continue;
    if (space.readPointer(value + BigInt(p)) !== at || !isList(space, value, modules)) continue;
    const ring = walkRing(space, at, back);
    for (const each of ring.entries) seen.add(each);
    const lists = ring.entries.filter((each) => isList(space, each, modules));
    const others = ring.entries.length - lists.length;
    if (lists.length < FEWEST_LISTS || others > 1 + MOST_FOREIGN * lists.length) continue;
    rings += 1;
    foreign += Math.max(0, others - 1);
    if (!ring.isWhole) broken += 1;
    entries.push(...lists);
  }
  if (rings === 0) return undefined;
  const idle: Idle = { blocks: new Set(), free: new Set(), tags: new Map() };
  const lists = entries.flatMap((entry) => readList(space, entry, idle) ?? []);
  const countsAgree = lists.filter((list) => list.missed !== undefined).length;
  const idleTags = [...idle.tags.values()].sort((a, b) => b.bytes - a.bytes);
  return { lists, rings, broken, foreign, countsAgree, idleBlocks: idle.blocks, freeBlocks: idle.free, idleTags };
}

interface Idle {
  readonly blocks: Set<bigint>;
  readonly free: Set<bigint>;
  readonly tags: Map<Tag, IdleTag>;
}

/** All entries of a ring, from one of them: forward, and where a link leads nowhere also backward. */
function walkRing(
  space: VirtualMemory,
  start: bigint,
  back: bigint,
): { readonly entries: readonly bigint[]; readonly isWhole: boolean } {
  const p = BigInt(space.pointerSize);
  const entries = new Set([start]);
  const follow = (first: bigint | undefined, way: bigint, reverse: bigint): bigint | undefined => {
    let from = start;
    let at = first;
    while (at !== undefined && at !== start && entries.size < MOST_ENTRIES) {
      // Each entry must lead back to where it was reached from: no ring within the ring can be walked twice.
      if (!space.isKernelAddress(at) || entries.has(at) || space.readPointer(at + reverse) !== from) return undefined;
      entries.add(at);
      from = at;
      at = space.readPointer(at + way);
    }
    return at;
  };
  const isWhole = follow(space.readPointer(start), 0n, p) === start;
  if (!isWhole) follow(back, p, 0n);
  return { entries: [...entries], isWhole };
}

/** The structure around a ring's links, where it is mapped. */
function listBytes(space: VirtualMemory, entry: bigint): Uint8Array | undefined {
  const { links } = LAYOUTS[space.pointerSize];
  return space.readExact(entry - BigInt(links), links);
}

/** Whether a lookaside list surrounds these links: tag, size and type make sense, and its functions are code of a module. */
function isList(space: VirtualMemory, entry: bigint, modules: readonly ListedModule[]): boolean {
  const p = space.pointerSize;
  const at = LAYOUTS[p];
  const bytes = listBytes(space, entry);
  if (bytes === undefined) return false;
  const size = u32(bytes, at.size);
  if (size === 0 || size > LARGEST_BLOCK || u32(bytes, at.type) > MOST_POOL_TYPE) return false;
  if (u16(bytes, at.depth) > u16(bytes, at.depth + 2) || !isPrintableTag(bookedTag(u32(bytes, at.tag)))) return false;
  return [at.functions, at.functions + p].every((offset) => {
    const code = pointer(bytes, offset, p);
    return space.isKernelAddress(code) && moduleAt(modules, code) !== undefined;
  });
}

function readList(space: VirtualMemory, entry: bigint, idle: Idle): Lookaside | undefined {
  const p = space.pointerSize;
  const at = LAYOUTS[p];
  // A copy: what is read is a view of a page that may be reused.
  const bytes = listBytes(space, entry)?.slice();
  if (bytes === undefined) return undefined;
  const tag = bookedTag(u32(bytes, at.tag));
  const size = u32(bytes, at.size);
  const depth = u16(bytes, at.idle);
  const [allocations = 0, second = 0, frees = 0, fourth = 0] = [0, 4, 8, 12].map((each) =>
    u32(bytes, at.counts + each),
  );
  const headerBytes = p === 8 ? 16n : 8n;
  let followed = 0;
  let tagged = 0;
  let block = pointer(bytes, at.next, p) & ~(p === 8 ? 15n : 0n);
  while (followed < depth && idle.blocks.size < MOST_IDLE && space.isKernelAddress(block)) {
    const header = block - headerBytes;
    const next = space.readPointer(block);
    if (next === undefined || idle.blocks.has(header)) break;
    idle.blocks.add(header);
    followed += 1;
    // The driver may ask for its blocks under another tag than the list's.
    const own = bookedTag(space.readU32(header + 4n) ?? 0);
    if (isPrintableTag(own)) tagged += 1;
    if (tag === POOL_TAG) idle.free.add(header);
    else addIdle(idle.tags, isPrintableTag(own) ? own : tag, size);
    block = next;
  }
  return {
    address: entry - BigInt(at.links),
    tag,
    kind: (u32(bytes, at.type) & 1) === 1 ? "paged" : "nonpaged",
    size,
    idle: depth,
    maximumDepth: u16(bytes, at.depth + 2),
    allocations,
    frees,
    missed: missedOf(allocations, second, frees, fourth, depth),
    followed,
    tagged,
  };
}

function addIdle(tags: Map<Tag, IdleTag>, tag: Tag, size: number): void {
  const known = tags.get(tag);
  tags.set(tag, { tag, blocks: (known?.blocks ?? 0) + 1, bytes: (known?.bytes ?? 0) + size });
}

/**
 * Allocations that no idle block served. Where misses are counted, what was made and not given back to the pool is in use or
 * idle; where hits are (the pool's own lists), what was put in and not taken out is idle. Counters are taken mod 2^32.
 */
function missedOf(
  allocations: number,
  second: number,
  frees: number,
  fourth: number,
  idle: number,
): number | undefined {
  if ((second - fourth) >>> 0 === (allocations - frees + idle) >>> 0) return second;
  return (fourth - second) >>> 0 === idle && second <= allocations ? allocations - second : undefined;
}
