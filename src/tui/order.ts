// Which rows are shown and in which order: filter, kinds, only growing, only unknown, sorted as PoolMon sorts.

import { NONPAGED, PAGED } from "../model/snapshot.ts";
import { compileTagPattern, formatTag, type Tag } from "../model/tag.ts";
import type { Owner } from "../model/attribution.ts";
import { needsLook, type Verdict } from "../model/verdict.ts";
import { slopePerHour, type Board } from "./board.ts";
import type { SortKey, State } from "./state.ts";

/** Whether a verdict is worth interrupting for. */
export function isSuspect(verdict: Verdict | undefined): verdict is Verdict {
  return verdict !== undefined && needsLook(verdict.state);
}

/**
 * A matcher for what is typed after `/`: words apart by spaces; a row must match one of the plain words (where there
 * are any) and none of those that begin with `!`. A word with `*` or `?` is a whole tag by PoolMon's rules; one without
 * matches tags that begin with it, and owners that contain it in any case.
 */
export function compileFilter(text: string): (tag: Tag, owner: () => Owner | undefined) => boolean {
  const words = text.split(" ").filter((word) => word !== "" && word !== "!");
  const wanted = words.filter((word) => !word.startsWith("!")).map(compileWord);
  const unwanted = words.filter((word) => word.startsWith("!")).map((word) => compileWord(word.slice(1)));
  return (tag, owner) =>
    (wanted.length === 0 || wanted.some((matches) => matches(tag, owner))) &&
    !unwanted.some((matches) => matches(tag, owner));
}

function compileWord(word: string): (tag: Tag, owner: () => Owner | undefined) => boolean {
  if (word.includes("*") || word.includes("?")) return compileTagPattern(word);
  const lower = word.toLowerCase();
  return (tag, owner) => {
    if (formatTag(tag).startsWith(word)) return true;
    const known = owner();
    return known !== undefined && word.length > 1 && known.component.toLowerCase().includes(lower);
  };
}

/** Bytes per block held; 0 where nothing is held. */
export function bytesPerBlock(board: Board, slot: number): number {
  const blocks = board.value(slot, "outstanding");
  return blocks > 0 ? board.value(slot, "bytes") / blocks : 0;
}

/** Bytes per hour of a row now: as the detector says of what leaks, else by the kept history. */
export function rateOf({ board, verdicts }: Pick<State, "board" | "verdicts">, slot: number): number | undefined {
  const verdict = verdicts.get(board.key(slot));
  if (verdict?.state === "leaking" && board.key(slot) === verdictKey(verdict)) {
    return verdict.bytesPerHour.value;
  }
  return slopePerHour(board.trendTimes, board.trend(slot));
}

/** The row key of a verdict's own tag. */
export function verdictKey(verdict: Verdict): number {
  return verdict.tag * 2 + (verdict.kind === "paged" ? PAGED : NONPAGED);
}

/** Slots of the rows to show, in order. Ties go by tag, then kind, so that the order is the same every time. */
export function orderRows(state: State): Int32Array {
  const { board } = state;
  const isShown = rowFilter(state);
  const taken = scratchBytes(board.count).fill(0);
  const shown = new Int32Array(board.count);
  let length = 0;
  // Rows in the order they had first: nearly sorted already, which is what the sort is quickest with.
  for (const slot of state.order) {
    if (slot >= board.count || taken[slot] === 1) continue;
    taken[slot] = 1;
    if (isShown(slot)) shown[length++] = slot;
  }
  for (let slot = 0; slot < board.count; slot++) if (taken[slot] === 0 && isShown(slot)) shown[length++] = slot;
  const weights = weigh(state, scratchNumbers(board.count));
  return sortSlots(shown.subarray(0, length), weights, board, state.order.length > 0);
}

/** Buffers that are used within one call only and kept for the next: orders are made twice a second for hours. */
let bytes = new Uint8Array(0);
let numbers = new Float64Array(0);

function scratchBytes(length: number): Uint8Array {
  if (bytes.length < length) bytes = new Uint8Array(length + 64);
  return bytes;
}

function scratchNumbers(length: number): Float64Array {
  if (numbers.length < length) numbers = new Float64Array(length + 64);
  return numbers;
}

function rowFilter(state: State): (slot: number) => boolean {
  const { board } = state;
  const matches = state.filter === "" ? undefined : compileFilter(state.filter);
  const kind = state.kinds === "both" ? -1 : state.kinds === "paged" ? PAGED : NONPAGED;
  return (slot) => {
    if (!board.isPresent(slot) || (kind >= 0 && board.kind(slot) !== kind)) return false;
    const tag = board.tag(slot);
    if (state.unknownOnly && state.isKnown(tag)) return false;
    if (state.growingOnly && !board.isGrowing(slot) && !isSuspect(state.verdicts.get(board.key(slot)))) return false;
    return matches === undefined || matches(tag, () => state.ownerOf(tag));
  };
}

/** Sorts in place: nearly sorted slots by insertion, which costs next to nothing where little has moved; others in full. */
function sortSlots(order: Int32Array, weights: Float64Array, board: Board, isNearly: boolean): Int32Array {
  let moves = isNearly ? order.length * 8 : -1;
  for (let at = 1; at < order.length; at++) {
    const slot = order[at] ?? 0;
    const weight = weights[slot] ?? 0;
    let to = at;
    while (to > 0) {
      const other = order[to - 1] ?? 0;
      const above = weights[other] ?? 0;
      if (above > weight || (above === weight && compareTags(board, other, slot) <= 0)) break;
      order[to] = other;
      to -= 1;
    }
    order[to] = slot;
    moves -= at - to;
    if (moves < 0) {
      return order.sort((a, b) => {
        const first = weights[a] ?? 0;
        const second = weights[b] ?? 0;
        // Not by difference: two unknown values are both -Infinity.
        return first > second ? -1 : first < second ? 1 : compareTags(board, a, b);
      });
    }
  }
  return order;
}

function compareTags(board: Board, a: number, b: number): number {
  return readingOrder(board.tag(a)) - readingOrder(board.tag(b)) || board.kind(a) - board.kind(b);
}

/** The tag as a number that sorts as its characters read. */
function readingOrder(tag: Tag): number {
  return (
    (tag & 0xff) * 0x1000000 + ((tag >>> 8) & 0xff) * 0x10000 + ((tag >>> 16) & 0xff) * 0x100 + ((tag >>> 24) & 0xff)
  );
}

/** More than any pool holds: suspects stand above what is ordered by bytes. */
const FIRST = 1e16;

/** Writes a number by slot; rows with larger ones come first. */
function weigh(state: State, weights: Float64Array): Float64Array {
  const { board, byChange, sort } = state;
  const { count } = board;
  if (sort === "verdict") {
    weights.set(board.column("bytes").subarray(0, count));
    let rank = 0;
    for (const [key, verdict] of state.verdicts) {
      const slot = isSuspect(verdict) ? board.slotOf(key) : undefined;
      if (slot !== undefined) weights[slot] = FIRST - rank++;
    }
    return weights;
  }
  const by = weightBySlot(state);
  if (sort === "tag" && !byChange) return weights.fill(0);
  for (let slot = 0; slot < count; slot++) {
    const weight = by(slot);
    weights[slot] = Number.isNaN(weight) ? Number.NEGATIVE_INFINITY : weight;
  }
  return weights;
}

function weightBySlot({ board, byChange, sort, ...state }: State): (slot: number) => number {
  switch (sort) {
    case "tag":
      return (slot) => (board.hasChanged(slot) ? 1 : 0);
    case "perAlloc":
      return (slot) => bytesPerBlock(board, slot);
    case "rate":
      return (slot) => rateOf({ board, verdicts: state.verdicts }, slot) ?? Number.NaN;
    case "diff":
      return byChange ? (slot) => board.change(slot, "outstanding") : (slot) => board.value(slot, "outstanding");
    case "allocs":
    case "frees":
      return byChange ? (slot) => board.change(slot, sort) : (slot) => board.value(slot, sort);
    default:
      return byChange ? (slot) => board.change(slot, "bytes") : (slot) => board.value(slot, "bytes");
  }
}

/** Names of the sort keys as the bottom line shows them. */
export const SORT_NAMES: Readonly<Record<SortKey, string>> = {
  verdict: "suspects, then bytes",
  tag: "tag",
  allocs: "allocs",
  frees: "frees",
  diff: "diff",
  bytes: "bytes",
  perAlloc: "bytes per alloc",
  rate: "rate",
};
