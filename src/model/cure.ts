// Whether a change (an update of a driver) ended a growth: two records of the same work, before and after.

import type { Estimate, TagRef } from "./verdict.ts";

/**
 * cured: grew before, and after the change at most a tenth of that; less: grows clearly more slowly; same: the rates cannot be
 * told apart and it still grows; worse: grows clearly faster, or only now; undecided: the intervals are too wide to say.
 */
export const CURE_OUTCOMES = ["cured", "less", "same", "worse", "undecided"] as const;
export type CureOutcome = (typeof CURE_OUTCOMES)[number];

/** One (tag, kind) in both records; rates in bytes per hour with their intervals at 95 %. */
export interface CuredTag extends TagRef {
  readonly outcome: CureOutcome;
  readonly before: Estimate;
  readonly after: Estimate;
  /** How much slower it grows after the change, as a difference. */
  readonly fell: Estimate;
}

/** Share of the allocations per hour before, from which on a lower rate counts as a cure: under half of the work it does not. */
export const LESS_WORK = 0.5;
