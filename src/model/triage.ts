// What levels and since-boot counters of one or a few snapshots say: findings of their own kind, beside the verdicts.
// No model of growth has looked at them, so none of them is called a leak. Words for them are in src/words/triage.ts.

import type { Attribution } from "./attribution.ts";
import type { Milliseconds } from "./snapshot.ts";
import type { Estimate, TagRef } from "./figures.ts";

/**
 * held-not-freed: allocated and practically never freed, since boot or between the snapshots; too-early: grew between
 * the snapshots with frees going on, so that only time can tell; not-judged: holds much, and nothing more is known.
 */
export const TRIAGE_STATES = ["held-not-freed", "too-early", "not-judged"] as const;
export type TriageState = (typeof TRIAGE_STATES)[number];

/** What was looked at, and holds or does not: the certainty of a triage finding is how many of its signs hold. */
export type TriageSignName =
  /** Practically no block was freed since the boot. */
  | "never-freed"
  /** Practically no block allocated between the snapshots was freed. */
  | "kept"
  /** It grew in every step between the snapshots. */
  | "grew"
  /** Other tags have the same number of blocks, beyond what chance explains. */
  | "equal-counts"
  /** It holds much memory: absolutely, of its pool or of RAM. */
  | "large"
  /** Above what public listings of the same tag show. */
  | "above-usual"
  /** A published case has this tag as its own. */
  | "known-case";

/** `undefined` says that the source has not what it takes to look. */
export type TriageSigns = Readonly<Record<TriageSignName, boolean | undefined>>;

/** How the cumulative counters of a row can be used. */
export type CounterState = "known" | "unknown" | "wrapped";

/** What a (tag, kind) gained from the first to the last snapshot of one boot. */
export interface TriageGain {
  readonly blocks: number;
  readonly bytes: number;
  /** Between the snapshots; absent where the counters are unknown. */
  readonly allocs?: number;
  readonly frees?: number;
  /** Blocks gained per allocation made, 0 to 1: the share that was never freed in between. */
  readonly keptShare?: number;
  /** Mean rate with the lowest and the highest step; absent where the times are unknown. */
  readonly bytesPerHour?: Estimate;
  /** Steps between snapshots, and those in which the count rose. */
  readonly steps: number;
  readonly stepsUp: number;
}

/** Another tag whose count (or gain) is the same beyond what chance explains. */
export interface EqualTag extends TagRef {
  readonly blocks: number;
  readonly bytes: number;
  readonly gainedBlocks?: number;
  readonly gainedBytes?: number;
}

/** What the next snapshot decides: at `at`, or `after` milliseconds from the last, more than `blocks` means it goes on. */
export interface NextSnapshot {
  readonly blocks: number;
  /** Absent where the times are unknown; then the next snapshot is one such step later. */
  readonly after?: Milliseconds;
  readonly at?: Milliseconds;
}

/** Shares of what the machine has, 0 to 1; absent where the whole is unknown. */
export interface TriageShares {
  /** Of its pool. */
  readonly pool?: number;
  readonly ram?: number;
  readonly commit?: number;
}

/** The usual range of a tag in public listings. */
export interface UsualRange {
  readonly maxBytes: number;
  /** How many public listings it is from, at least three. */
  readonly listings: number;
}

/** What triage says of one (tag, kind) with the tags that have the same count. */
export interface TriageFinding extends TagRef {
  readonly state: TriageState;
  readonly blocks: number;
  readonly bytes: number;
  readonly counters: CounterState;
  /** Since boot; absent unless the counters are known. */
  readonly allocs?: number;
  readonly frees?: number;
  readonly shares: TriageShares;
  readonly gain?: TriageGain;
  readonly equal: readonly EqualTag[];
  /** Whether `equal` is by what was gained rather than by what is held. */
  readonly equalBy: "level" | "gain";
  readonly signs: TriageSigns;
  readonly usual?: UsualRange;
  readonly next?: NextSnapshot;
  /** Who is behind it; absent where nobody looked. */
  readonly attribution?: Attribution;
}

/** What limits the whole triage. */
export type TriageLimit =
  /** Fewer rows than any Windows has: the top of a listing. Sums are "at least". */
  | "partial-listing"
  /** Booted minutes ago: that nothing was freed yet says nothing. */
  | "young-boot"
  /** The machine restarted between the snapshots: only the last boot's were compared. */
  | "restarted"
  /** All snapshots hold the same numbers: the same listing twice. */
  | "identical"
  /** 32-bit counters that went round: shares of them are unknown. */
  | "wrapped-counters"
  /** No cumulative counters at all: whether blocks are freed is unknown. */
  | "no-counters"
  /** Snapshots without times: no rates. */
  | "no-times";

/** The triage of one or a few snapshots of one boot. */
export interface Triage {
  /** Snapshots of the last boot that were looked at. */
  readonly snapshots: number;
  readonly from: Milliseconds;
  readonly to: Milliseconds;
  /** Time since the boot, where the source tells it. */
  readonly uptime?: Milliseconds;
  readonly limits: readonly TriageLimit[];
  /** Ranked: the first is the first suspect. */
  readonly findings: readonly TriageFinding[];
  /** (tag, kind) rows of the last snapshot that are in no finding: not judged. */
  readonly rest: number;
}
