// Which rows are shown and in which order: filter, kinds, only growing, only unknown, sorted as PoolMon sorts.

import { NONPAGED, PAGED } from "../model/snapshot.ts";
import { compileTagPattern, formatTag, type Tag } from "../model/tag.ts";
import { VERDICT_STATES, type Owner, type Verdict } from "../model/verdict.ts";
import { slopePerHour, type Board } from "./board.ts";
import type { SortKey, State } from "./state.ts";

/** Verdicts that someone should look at, in the order of {@link VERDICT_STATES}. */
const SUSPECT_STATES: ReadonlySet<Verdict["state"]> = new Set(["leaking", "stopped-held", "too-early"]);

/** Whether a verdict is worth interrupting for. */
export function isSuspect(verdict: Verdict | undefined): verdict is Verdict {
  return verdict !== undefined && SUSPECT_STATES.has(verdict.state);
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

/** Bytes per hour of a row: as the detector says where it says something, else by the kept history. */
export function rateOf(state: State, slot: number): number | undefined {
  const { board } = state;
  const verdict = state.verdicts.get(board.key(slot));
  if (verdict !== undefined && board.key(slot) === verdictKey(verdict) && verdict.state !== "too-early") {
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
  const matches = state.filter === "" ? undefined : compileFilter(state.filter);
  const kind = state.kinds === "both" ? -1 : state.kinds === "paged" ? PAGED : NONPAGED;
  // Rows in the order they had: nearly sorted already, which is what the sort is quickest with.
  const candidates = state.order.length === 0 ? undefined : state.order;
  const shown = new Int32Array(board.count);
  const taken = new Uint8Array(board.count);
  let length = 0;
  const consider = (slot: number): void => {
    if (taken[slot] === 1 || !board.isPresent(slot)) return;
    taken[slot] = 1;
    if (kind >= 0 && board.kind(slot) !== kind) return;
    const tag = board.tag(slot);
    if (state.unknownOnly && state.ownerOf(tag) !== undefined) return;
    if (state.growingOnly && !board.isGrowing(slot) && !isSuspect(state.verdicts.get(board.key(slot)))) return;
    if (matches !== undefined && !matches(tag, () => state.ownerOf(tag))) return;
    shown[length++] = slot;
  };
  if (candidates !== undefined) for (const slot of candidates) consider(slot);
  for (let slot = 0; slot < board.count; slot++) consider(slot);
  const order = shown.subarray(0, length);
  const weights = new Float64Array(board.count);
  const weigh = weight(state);
  for (const slot of order) weights[slot] = weigh(slot);
  return order.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || compareTags(board, a, b));
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

/** A number per slot; larger comes first. */
function weight(state: State): (slot: number) => number {
  const { board, byChange } = state;
  const known = (value: number): number => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value);
  if (state.sort === "tag") return byChange ? (slot) => (board.hasChanged(slot) ? 1 : 0) : () => 0;
  if (state.sort === "perAlloc") return (slot) => bytesPerBlock(board, slot);
  if (state.sort === "rate") return (slot) => rateOf(state, slot) ?? Number.NEGATIVE_INFINITY;
  if (state.sort === "verdict") {
    const rank = new Map<number, number>();
    for (const [key, verdict] of state.verdicts) if (isSuspect(verdict)) rank.set(key, rank.size);
    return (slot) => {
      const place = rank.get(board.key(slot));
      return place === undefined ? board.value(slot, "bytes") : FIRST - place;
    };
  }
  const field = state.sort === "diff" ? "outstanding" : state.sort;
  return (slot) => known(byChange ? board.change(slot, field) : board.value(slot, field));
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

/** Rank of a verdict state, most urgent first. */
export function urgency(state: Verdict["state"]): number {
  return VERDICT_STATES.indexOf(state);
}
