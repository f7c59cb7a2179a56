// Whether the keys of an array obey the tag hash, row by row and page by page: what is foreign, what is empty where it should
// not be, and which rows may be counted.

import { bookedTag, isPrintableTag } from "../../model/tag.ts";
import { PAGE } from "./physical.ts";
import { tagHash } from "./tag-hash.ts";

/** Stands for a key that is not in the dump: no tag, but no empty slot either. */
export const UNREADABLE = 0xffffffff;
/** What a row whose key really is {@link UNREADABLE} is judged as: a key like any other that is wrong. */
export const WRONG_KEY = 0xfffffffe;

/** A page of the table without a key that obeys, where the others hold `expected` on average. */
export interface EmptyPage {
  readonly page: number;
  readonly expected: number;
}

export interface JudgedKeys {
  /** Keys that stand in the array, right or wrong. */
  readonly keys: number;
  /** Of these: at their slot or behind it, with no empty slot between. */
  readonly inPlace: number;
  /** Share of the keys on pages that are not foreign that are in place. */
  readonly score: number;
  /** By slot: 1 where the key may not be counted. */
  readonly setAside: Uint8Array;
  /** Pages most of whose keys do not obey the hash: other memory in the place of the table's. */
  readonly foreignPages: readonly number[];
  readonly emptyPages: readonly EmptyPage[];
  /** Pages of the array, and whether they hold keys enough for an emptied one to be noticed. */
  readonly pages: number;
  readonly emptyWouldShow: boolean;
  readonly isFull: boolean;
}

/** How far behind its slot a key may lie, as a share of the slots. */
const REACH = 1 / 4;
/**
 * A table without an empty slot: there keys lie far behind, and no empty slot speaks against any, so that only those within an
 * eighth of the table count as in place.
 */
const REACH_FULL = 1 / 8;
/** Across a page that cannot be believed a key may be this far from its slot; real tables have shorter ways. */
const REACH_ACROSS_GAP = 32;
/** A page with fewer keys is not called foreign: a few single rows may be damaged. */
const FOREIGN_KEYS = 4;
/** An empty page is told where the others hold this many keys: by chance once in e^7 = 1,100. */
export const TELLING_DENSITY = 7;

/** Judges the keys of an array of `slots` rows. */
export function judgeKeys(keys: Uint32Array, stride: number): JudgedKeys {
  const slots = keys.length;
  const pages = Math.ceil((slots * stride) / PAGE);
  const pageOf = (slot: number): number => Math.floor((slot * stride) / PAGE);
  const isFull = !keys.includes(0);
  const doubted = new Uint8Array(pages);
  let reached = reach(keys, isFull, pageOf, doubted);
  let counts = countByPage(keys, reached, pageOf, pages);
  const foreign = isFull ? [] : foreignPages(counts);
  for (const page of foreign) doubted[page] = 1;
  const empty = isFull ? { pages: [], tells: false } : emptyPages(counts, keys, pageOf, foreign);
  for (const { page } of empty.pages) doubted[page] = 1;
  if (foreign.length + empty.pages.length > 0) {
    // Keys behind a page that cannot be believed are judged anew: its empty slots say nothing.
    reached = reach(keys, isFull, pageOf, doubted);
    counts = countByPage(keys, reached, pageOf, pages);
  }
  const setAside = new Uint8Array(slots);
  let inPlace = 0;
  let printable = 0;
  let total = 0;
  let onOwnPages = 0;
  const places = new Map<number, number>();
  for (let slot = 0; slot < slots; slot++) {
    const key = keys[slot] ?? 0;
    if (key === 0 || key === UNREADABLE) continue;
    total += 1;
    const own = doubted[pageOf(slot)] === 0 || !foreign.includes(pageOf(slot));
    // The figures of a row may reach onto the next page.
    if (doubted[Math.floor(((slot + 1) * stride - 1) / PAGE)] === 1) setAside[slot] = 1;
    if (own) onOwnPages += 1;
    if (own && isPrintableTag(bookedTag(key))) printable += 1;
    if (own && reached[slot] === 1) inPlace += 1;
    else if (!isFull || !own) setAside[slot] = 1;
    const before = places.get(key);
    // The kernel enters a tag once: of two rows the one nearer to its slot is it.
    if (before !== undefined && setAside[before] === 0 && setAside[slot] === 0) {
      setAside[distance(key, before, slots) <= distance(key, slot, slots) ? slot : before] = 1;
    }
    if (before === undefined || setAside[before] === 1) places.set(key, slot);
  }
  // A few kernels use tags that are no text; a table of such keys alone is none.
  const score = onOwnPages === 0 || printable < 0.8 * onOwnPages ? 0 : inPlace / onOwnPages;
  return {
    keys: total,
    inPlace,
    score,
    setAside,
    foreignPages: foreign,
    emptyPages: empty.pages,
    pages,
    emptyWouldShow: empty.tells,
    isFull,
  };
}

function distance(key: number, slot: number, slots: number): number {
  return (slot - (tagHash(key) & (slots - 1)) + slots) % slots;
}

/** By slot: 1 where the key is reached from its slot without crossing an empty one. */
function reach(keys: Uint32Array, isFull: boolean, pageOf: (slot: number) => number, doubted: Uint8Array): Uint8Array {
  const slots = keys.length;
  const most = slots * (isFull ? REACH_FULL : REACH);
  const reached = new Uint8Array(slots);
  for (let slot = 0; slot < slots; slot++) {
    const key = keys[slot] ?? 0;
    if (key === 0 || key === UNREADABLE) continue;
    const steps = distance(key, slot, slots);
    let good = steps <= most;
    for (let back = 1; good && back <= steps; back++) {
      const on = (slot - back + slots) % slots;
      if (keys[on] === 0) good = doubted[pageOf(on)] === 1 && steps <= REACH_ACROSS_GAP;
    }
    if (good) reached[slot] = 1;
  }
  return reached;
}

interface PageCounts {
  readonly keys: Uint32Array;
  readonly good: Uint32Array;
}

function countByPage(
  keys: Uint32Array,
  reached: Uint8Array,
  pageOf: (slot: number) => number,
  pages: number,
): PageCounts {
  const counts = { keys: new Uint32Array(pages), good: new Uint32Array(pages) };
  for (let slot = 0; slot < keys.length; slot++) {
    if (keys[slot] === 0 || keys[slot] === UNREADABLE) continue;
    const page = pageOf(slot);
    counts.keys[page] = (counts.keys[page] ?? 0) + 1;
    counts.good[page] = (counts.good[page] ?? 0) + (reached[slot] ?? 0);
  }
  return counts;
}

function foreignPages({ keys, good }: PageCounts): number[] {
  const foreign: number[] = [];
  for (let page = 0; page < keys.length; page++) {
    const count = keys[page] ?? 0;
    if (count >= FOREIGN_KEYS && (good[page] ?? 0) < count / 2) foreign.push(page);
  }
  return foreign;
}

/** Pages without a key in place where so many are expected that this is no chance. */
function emptyPages(
  { good }: PageCounts,
  keys: Uint32Array,
  pageOf: (slot: number) => number,
  foreign: readonly number[],
): { pages: EmptyPage[]; tells: boolean } {
  const unreadable = new Set<number>();
  const rows = new Uint32Array(good.length);
  for (let slot = 0; slot < keys.length; slot++) {
    const page = pageOf(slot);
    rows[page] = (rows[page] ?? 0) + 1;
    if (keys[slot] === UNREADABLE) unreadable.add(page);
  }
  const judged = [...good.keys()].filter((page) => !foreign.includes(page) && !unreadable.has(page));
  const filled = judged.filter((page) => (good[page] ?? 0) > 0);
  const sum = (of: Uint32Array): number => filled.reduce((total, page) => total + (of[page] ?? 0), 0);
  const keysPerRow = sum(good) / Math.max(1, sum(rows));
  const expectedOn = (page: number): number => keysPerRow * (rows[page] ?? 0);
  return {
    // The last page may hold a few rows only.
    tells: judged.every((page) => expectedOn(page) >= TELLING_DENSITY || page === good.length - 1),
    pages: judged
      .filter((page) => good[page] === 0 && expectedOn(page) >= TELLING_DENSITY)
      .map((page) => ({ page, expected: expectedOn(page) })),
  };
}
