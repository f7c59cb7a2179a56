// The JSON that the server and a saved report hand to the page; documented for everyone in docs/dashboard.md.
// Infinity is written as null (JSON has no other word for it); tags are the kernel's 32-bit numbers.

import type { BesideTables } from "../model/beside.ts";
import type { Milliseconds, PoolKind } from "../model/snapshot.ts";
import type { DriverMatch, KnownLeak, Owner } from "../model/attribution.ts";
import type { Diagnosis, TagRef, VerdictState } from "../model/verdict.ts";

/** reading: a file is being read; complete: it was read to its end; live: snapshots arrive; stalled: they stopped arriving. */
export type Phase = "reading" | "complete" | "live" | "stalled" | "failed";

/** How the source fares; sent with every answer and as server-sent event whenever it changes. */
export interface Status {
  readonly phase: Phase;
  /** Rises with every snapshot taken; an answer with the same revision is the same answer. */
  readonly revision: number;
  readonly snapshots: number;
  /** Time of the newest snapshot; absent before the first. */
  readonly lastTime?: Milliseconds;
  /** Interval of a live source. */
  readonly everyMs?: Milliseconds;
  /** Share read so far, 0 to 1, where it is known. */
  readonly progress?: number;
  /** Why it failed or stalled, one sentence. */
  readonly message?: string;
}

/** A value per time; null where nothing was measured. */
export type Points = readonly (number | null)[];

/** A span in which nothing was measured. */
export interface MissingSpan {
  readonly from: Milliseconds;
  readonly to: Milliseconds;
  /** How long of it the machine slept; absent where the source does not tell. */
  readonly slept?: Milliseconds;
}

/** Everything the first view draws. */
export interface Overview {
  readonly version: string;
  /** The source in the user's words: a file name, `this machine`. */
  readonly source: string;
  readonly status: Status;
  /** Zone of the machine's own clock, as IANA name or offset, where it is known. */
  readonly machineZone?: string;
  /** Absent while a source is being read and where it holds no snapshot. */
  readonly diagnosis: Diagnosis | null;
  readonly times: readonly Milliseconds[];
  readonly missing: readonly MissingSpan[];
  readonly pools: readonly { readonly kind: PoolKind; readonly bytes: Points }[];
  /** Bytes of the largest tags and of every tag with a verdict. */
  readonly series: readonly (TagRef & { readonly bytes: Points })[];
}

/** The table of all tags as columns of equal length, by held bytes. */
export interface TagRows {
  readonly revision: number;
  /** From this time on, the start of the newest boot at the earliest, `changeBytes` and `changeBlocks` count. */
  readonly since: Milliseconds;
  readonly until: Milliseconds;
  readonly tag: readonly number[];
  /** 0 nonpaged, 1 paged. */
  readonly kind: readonly number[];
  readonly bytes: readonly number[];
  readonly blocks: readonly number[];
  /** Cumulative since boot; null where the source does not know it. */
  readonly allocs: Points;
  readonly frees: Points;
  readonly changeBytes: readonly number[];
  readonly changeBlocks: readonly number[];
  /** Bytes per hour as the finding of the tag tells them; null where none does, then the change over the time counts. */
  readonly rate: Points;
  /** Verdict; without one `steady` where a model looked, else `not-judged`. */
  readonly state: readonly VerdictState[];
  /** Component that owns the tag, else what is said of the tag, else empty. */
  readonly owner: readonly string[];
  /** Held bytes over the record as one character a point, see {@link SHAPE_LEVELS}; space where nothing was measured. */
  readonly shape: readonly string[];
}

/** Characters of a shape from 0 to the row's maximum. */
export const SHAPE_LEVELS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#%";

/** What is known of a tag whatever it does. */
export interface TagFacts {
  readonly owner?: Owner;
  readonly drivers: readonly DriverMatch[];
  readonly knownLeaks: readonly KnownLeak[];
}

/** One tag over time. */
export interface TagDetail extends TagRef, TagFacts {
  readonly times: readonly Milliseconds[];
  readonly bytes: Points;
  readonly blocks: Points;
}

/** All tags at two times. */
export interface Comparison {
  /** The measured times next to those asked for. */
  readonly from: Milliseconds;
  readonly to: Milliseconds;
  readonly tag: readonly number[];
  readonly kind: readonly number[];
  readonly bytesFrom: readonly number[];
  readonly bytesTo: readonly number[];
  readonly blocksFrom: readonly number[];
  readonly blocksTo: readonly number[];
}

/** Integers of which all but the first are differences to the one before; null where nothing was measured. */
export type Deltas = readonly (number | null)[];

/** What a saved report holds: the overview and the table as they were, a few tags finely and all of them coarsely. */
export interface ReportData {
  readonly overview: Overview;
  readonly table: TagRows;
  /** Without times: theirs are those of the overview. */
  readonly fine: readonly TagDetail[];
  /** Absent in reports of older versions. */
  readonly beside?: BesideTables;
  readonly coarse: {
    readonly times: readonly Milliseconds[];
    /** In the order of the table; a row that never changed is one number. */
    readonly bytes: readonly Deltas[];
    readonly blocks: readonly Deltas[];
  };
}
