// What is said of what was measured: evidence, verdicts, and the diagnosis that every output renders.

import type { Gap, Milliseconds, Origin, PoolKind, SystemTotals } from "./snapshot.ts";
import type { Tag } from "./tag.ts";

/** One (tag, kind). */
export interface TagRef {
  readonly tag: Tag;
  readonly kind: PoolKind;
}

/** Verdict states, in the order of urgency in which outputs list them. */
export const VERDICT_STATES = [
  "leaking",
  "stopped-held",
  "too-early",
  "load-driven",
  "step",
  "cache",
  "given-back",
  "steady",
] as const;

/**
 * leaking: memory is allocated and not freed, still going on; stopped-held: it was, it stopped, and the memory is still
 * held; given-back: it was and has been freed since; cache: cache or warm-up that levels off; step: one jump, then flat;
 * load-driven: follows what the machine does; too-early: grows, but the record is too short to say; steady: none of these.
 */
export type VerdictState = (typeof VERDICT_STATES)[number];

/** A value with the interval in which it lies at about 95 %. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One reason for a statement. `text` is one plain sentence without a trailing newline. */
export interface Evidence {
  readonly kind:
    | "growth"
    | "shape"
    | "load"
    | "lockstep"
    | "frees"
    | "call-site"
    | "known-leak"
    | "owner"
    | "limits"
    | "doubt";
  readonly text: string;
}

/** When a pool runs out if nothing changes, and against which limit. */
export interface Exhaustion {
  /** Hours from the end of the record. `high` is Infinity where the interval is open. */
  readonly hours: Estimate;
  readonly at: Milliseconds;
  readonly against: "nonpaged-limit" | "paged-limit" | "ram" | "commit";
  readonly limitBytes: number;
  /** How the limit is known, in words: told by Windows, by the log, or derived from the Windows version and RAM. */
  readonly limitBasis: string;
}

/** A member of a group of tags whose outstanding counts grow in lockstep. */
export interface GroupMember extends TagRef {
  /** Growth of its outstanding count per block of the lead's growth: 1 for 1 : 1. */
  readonly ratio: number;
  readonly bytesPerHour: number;
  /** In the group for its bytes, its rarity, or as root; one short phrase. */
  readonly role: string;
}

/** Who allocates under a tag, as far as lists and our own notes know. */
export interface Owner {
  /** Driver or component, e.g. `afd.sys`; empty where unknown. */
  readonly component: string;
  readonly description: string;
  /** Where this is from: `pooltag.txt`, `poolscope notes`. */
  readonly from: string;
  /** Object tags and shared tags name the allocator, not the culprit; then this says what to look for instead. */
  readonly caution?: string;
}

/** A driver on this machine (or in this dump) that uses a tag, with the strongest tier of proof found. */
export interface DriverMatch {
  readonly file: string;
  readonly tier: "proven" | "code" | "predicted" | "text";
  readonly company?: string;
  readonly product?: string;
  readonly version?: string;
  readonly signer?: string;
  readonly fileTime?: Milliseconds;
  /** Whether the file lies where the machine of the index loads its drivers from; absent where that is not known. */
  readonly installed?: boolean;
  /** The tag comes from a static library found in many vendors' drivers. */
  readonly library?: string;
  readonly uses: readonly {
    readonly api: string;
    readonly rva: number;
    readonly function: number;
    readonly pool: PoolKind | null;
  }[];
}

/** A published leak of this tag. */
export interface KnownLeak {
  readonly id: string;
  readonly tags: readonly string[];
  readonly culprit: string;
  readonly cause: string;
  /** Fixed version, workaround or status. */
  readonly remedy: string;
  readonly source: string;
}

/** What is said of one tag or group. */
export interface Verdict extends TagRef {
  readonly state: VerdictState;
  /** Rate of retained growth over the verdict's window, bytes per hour. */
  readonly bytesPerHour: Estimate;
  /** Rate at the end of the record, where growth speeds up; else the same as `bytesPerHour.value` or absent. */
  readonly bytesPerHourNow?: number;
  readonly blocksPerHour: number;
  /** Which factor grows: the number of outstanding blocks, the bytes per block, or both. */
  readonly grows: "count" | "size" | "both" | "nothing";
  /** Bytes retained per allocation made, where growth follows load. */
  readonly bytesPerAllocation?: number;
  readonly since?: Milliseconds;
  /** End of the growth for stopped-held and given-back. */
  readonly until?: Milliseconds;
  readonly heldBytes: number;
  readonly outstanding: number;
  /** Bytes gained over the verdict's window. */
  readonly grownBytes: number;
  readonly exhaustion?: Exhaustion;
  /** 0 to 1. */
  readonly confidence: number;
  readonly evidence: readonly Evidence[];
  /** Other tags in lockstep, empty where the tag stands alone. The verdict's own tag leads the group. */
  readonly group: readonly GroupMember[];
  /** Filled in from knowledge and the driver index, empty where nothing is known. */
  readonly owner?: Owner;
  readonly drivers: readonly DriverMatch[];
  readonly knownLeaks: readonly KnownLeak[];
  /** What to type or do next, one step a line. */
  readonly next: readonly string[];
}

/** The forecast of one pool total against its limit. */
export interface PoolOutlook {
  readonly kind: PoolKind;
  readonly bytes: number;
  readonly limitBytes?: number;
  readonly limitBasis?: string;
  readonly bytesPerHour: Estimate;
  readonly exhaustion?: Exhaustion;
}

/** What the record covers. */
export interface Span {
  readonly from: Milliseconds;
  readonly to: Milliseconds;
  readonly snapshots: number;
  /** (tag, kind) pairs seen. */
  readonly series: number;
  /** Times at which a new boot was seen, the first snapshot excluded. */
  readonly boots: readonly Milliseconds[];
}

/** Origin, span, verdicts, gaps: the one value that every output renders. */
export interface Diagnosis {
  readonly origin: Origin;
  readonly span: Span;
  readonly totals: SystemTotals;
  readonly pools: readonly PoolOutlook[];
  /** Ranked: what runs out first comes first. Steady tags are counted, not listed. */
  readonly verdicts: readonly Verdict[];
  readonly steadyCount: number;
  /** What the record cannot answer, in sentences; why nothing is said where nothing is. */
  readonly abstentions: readonly string[];
  readonly gaps: readonly Gap[];
}
