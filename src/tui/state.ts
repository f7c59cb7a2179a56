// The state of the view: one value that a frame is drawn from and a key changes. Nothing here reads a clock or a terminal.

import type { BesideTables } from "../model/beside.ts";
import type { Milliseconds, PoolKind } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";
import type { DriverMatch, KnownLeak, Owner, Step as NextStep } from "../model/attribution.ts";
import type { Diagnosis, TagRef, Verdict } from "../model/verdict.ts";
import { Board } from "./board.ts";
import type { Look } from "./style.ts";

/** Orders of the programs, in the order in which a key steps through them. */
export const PROGRAM_ORDERS = ["handles", "gained", "charged", "io"] as const;
export type ProgramOrder = (typeof PROGRAM_ORDERS)[number];

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** PoolMon's sort keys, and `verdict`: what runs out first comes first, then by bytes. */
export type SortKey = "verdict" | "tag" | "allocs" | "frees" | "diff" | "bytes" | "perAlloc" | "rate";

/** What is asked for on the bottom line. */
export interface Prompt {
  readonly purpose: "filter" | "session";
  readonly text: string;
  /** What Esc goes back to. */
  readonly before: string;
}

/** Blocks by their size, where the source can tell (Windows lists blocks larger than a page). */
export interface SizeClass {
  readonly bytes: number;
  readonly blocks: number;
}

/** What is known of a tag besides what is measured; looked up when its detail is opened. */
export interface TagFacts {
  readonly owner?: Owner;
  readonly drivers: readonly DriverMatch[];
  readonly knownLeaks: readonly KnownLeak[];
  readonly sizeClasses?: readonly SizeClass[];
  readonly next: readonly NextStep[];
  /** What could not be looked up, in sentences. */
  readonly remarks: readonly string[];
}

/** History of one (tag, kind), drawn as a chart. */
export interface DetailSeries {
  readonly times: ArrayLike<number>;
  readonly bytes: ArrayLike<number>;
  readonly outstanding: ArrayLike<number>;
}

export interface Detail {
  readonly ref: TagRef;
  readonly scroll: number;
  readonly facts: TagFacts | "pending" | undefined;
  readonly series: DetailSeries | undefined;
}

/** How the samples arrive: from this machine, or played from a recording. */
export type Feed =
  | { readonly kind: "live"; readonly intervalMs: number }
  | {
      readonly kind: "replay";
      /** Times as fast as it was recorded; Infinity is as fast as it can be read. */
      readonly speed: number;
      readonly name: string;
      /** Number of the shown snapshot from 1, and how many there are where that is known already. */
      readonly at: number;
      readonly of: number | undefined;
      readonly from: Milliseconds | undefined;
      readonly to: Milliseconds | undefined;
      readonly ended: boolean;
    };

/** Which pools the rows come from: the system's, or those of terminal sessions. */
export type SessionChoice = "system" | "all" | number;

export interface State {
  readonly look: Look;
  readonly size: Size;
  readonly screen: "table" | "detail" | "help" | "drivers" | "programs";
  readonly board: Board;
  /** Revision of the board that `order` was made from. */
  readonly revision: number;
  /** Slots of the shown rows, in order. */
  readonly order: Int32Array;
  readonly sort: SortKey;
  /** Sort by change instead of by value. */
  readonly byChange: boolean;
  readonly kinds: PoolKind | "both";
  readonly highlight: boolean;
  readonly totals: boolean;
  readonly filter: string;
  readonly growingOnly: boolean;
  readonly unknownOnly: boolean;
  readonly session: SessionChoice;
  readonly prompt: Prompt | undefined;
  /** Row key of the selected row, and the index that row had: what is selected stays selected when rows move. */
  readonly selected: number | undefined;
  readonly cursor: number;
  /** First shown row. */
  readonly top: number;
  readonly helpScroll: number;
  /** What stands beside the counters, while a list of it is shown. */
  readonly beside: BesideTables | undefined;
  readonly programOrder: ProgramOrder;
  readonly listScroll: number;
  readonly paused: boolean;
  readonly feed: Feed;
  readonly recording: string | undefined;
  /** Leaving was asked for and asked back: the next q or Esc leaves. */
  readonly isLeaving: boolean;
  /** A sentence for the bottom line until the next key. */
  readonly message: string | undefined;
  /** What the source last failed with; the last good sample stays on screen. */
  readonly failure: string | undefined;
  readonly diagnosis: Diagnosis | undefined;
  /** Verdicts by row key, group members included with the verdict of their lead. */
  readonly verdicts: ReadonlyMap<number, Verdict>;
  readonly detail: Detail | undefined;
  readonly ownerOf: (tag: Tag) => Owner | undefined;
  /** Whether a list has the tag: pooltag.txt where there is one, else our notes. */
  readonly isKnown: (tag: Tag) => boolean;
}

/** What a key asks of the outside world. */
export type Effect =
  | { readonly type: "quit" }
  | { readonly type: "redraw" }
  | { readonly type: "suspend" }
  | { readonly type: "sample-now" }
  | { readonly type: "interval"; readonly plus: boolean }
  | { readonly type: "pause"; readonly paused: boolean }
  | { readonly type: "seek"; readonly unit: "snapshot" | "tenth"; readonly steps: number }
  | { readonly type: "session"; readonly session: SessionChoice }
  | { readonly type: "baseline" }
  | { readonly type: "record" }
  | { readonly type: "save" }
  | { readonly type: "zone" }
  | { readonly type: "facts"; readonly tag: Tag };

export interface Step {
  readonly state: State;
  readonly effect?: Effect;
}

/** The state before the first sample. */
export function initialState(look: Look, size: Size, feed: Feed): State {
  return {
    look,
    size,
    screen: "table",
    board: new Board(),
    revision: 0,
    order: new Int32Array(0),
    sort: "verdict",
    byChange: false,
    kinds: "both",
    highlight: true,
    totals: false,
    filter: "",
    growingOnly: false,
    unknownOnly: false,
    session: "system",
    prompt: undefined,
    selected: undefined,
    cursor: 0,
    top: 0,
    helpScroll: 0,
    beside: undefined,
    programOrder: "handles",
    listScroll: 0,
    paused: false,
    feed,
    recording: undefined,
    isLeaving: false,
    message: undefined,
    failure: undefined,
    diagnosis: undefined,
    verdicts: new Map(),
    detail: undefined,
    ownerOf: () => undefined,
    isKnown: () => false,
  };
}
