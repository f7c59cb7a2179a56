// What a gate for tests makes of one tag: passed, failed or undecided, by which rule. src/detect/findings/growth-limits.ts
// decides, src/words/check.ts words it.

import type { TagRef, Verdict, VerdictState } from "./verdict.ts";

/** Limits that decide. A tag without one is decided by its verdict. */
export interface GrowthLimits {
  readonly maxBytesPerHour?: number;
  /** Blocks that may be outstanding at the end, in all or (with `relative`) more than at the start. */
  readonly maxOutstanding?: { readonly blocks: number; readonly relative: boolean };
  /** Bytes that may be gained from the first snapshot to the last. */
  readonly maxGainedBytes?: number;
  /** Blocks that may be left behind by one operation, of so many that were made between the snapshots. */
  readonly perOperation?: { readonly operations: number; readonly maxBlocks: number };
}

/** What `--default-limits` stands for: a driver's own tags around its own test. */
export const DEFAULT_LIMITS: GrowthLimits = {
  maxOutstanding: { blocks: 100, relative: true },
  maxGainedBytes: 64 * 1024,
};

/** Blocks per operation that `--per` allows: one in a hundred operations. */
export const MAX_BLOCKS_PER_OPERATION = 0.01;

export type CheckOutcome = "passed" | "failed" | "undecided";

/** A limit that was broken or could not be held against anything. */
export type LimitResult =
  | { readonly limit: "outstanding"; readonly blocks: number; readonly allowed: number; readonly relative: boolean }
  | { readonly limit: "gained-bytes"; readonly bytes: number; readonly allowed: number }
  | { readonly limit: "rate"; readonly bytesPerHour: number; readonly allowed: number; readonly byVerdict: boolean }
  | {
      readonly limit: "per-operation";
      readonly allowed: number;
      readonly leak: LeakPerOperation;
    };

/** Blocks left behind by one operation, with the interval of the counting error at 95 %. */
export interface LeakPerOperation {
  readonly operations: number;
  readonly blocks: number;
  readonly low: number;
  readonly high: number;
}

/** What one side of the comparison holds. */
export interface Held {
  readonly blocks: number;
  readonly bytes: number;
}

/** One (tag, kind) with its outcome. */
export interface CheckedTag extends TagRef {
  readonly outcome: CheckOutcome;
  /** What decided: a limit, a verdict, or nothing could. */
  readonly decidedBy: "limit" | "verdict" | "nothing";
  readonly before: Held;
  readonly after: Held;
  /** State of its finding; `steady` where a model looked and found no growth, `not-judged` where none did. */
  readonly state: VerdictState;
  /** The finding that it leads or is a member of. */
  readonly finding?: Verdict;
  /** Bytes per hour: its own share of the finding where there is one, else from the first snapshot to the last; absent without times. */
  readonly bytesPerHour?: number;
  readonly perOperation?: LeakPerOperation;
  readonly broken: readonly LimitResult[];
  /** Limits that could not be held against anything: a rate without times, an interval across the limit. */
  readonly open: readonly LimitResult[];
}
