// What is said of what was measured: evidence, verdicts, and the diagnosis that every output renders.

import type { BesideSummary } from "./beside.ts";
import type { Attribution } from "./attribution.ts";
import type { Abstention, Evidence } from "./evidence.ts";
import type { Intake } from "./intake.ts";
import type { Gap, Milliseconds, Origin, PoolKind, SystemTotals } from "./snapshot.ts";
import type { Estimate, TagRef } from "./figures.ts";
import type { Triage } from "./triage.ts";

export type { Estimate, TagRef } from "./figures.ts";

/** States of a finding, in the order of urgency in which outputs list them. */
export const VERDICT_STATES = [
  "leaking",
  "stopped-held",
  "held-not-freed",
  "undecided",
  "too-early",
  "load-driven",
  "step",
  "cache",
  "moved",
  "given-back",
  "steady",
  "not-judged",
] as const;

/**
 * leaking: memory is allocated and not freed, still going on; stopped-held: it was, it stopped, the memory is still held, and
 * reuse does not explain it; held-not-freed: levels and since-boot counters of one or two snapshots say so, no model looked;
 * undecided: grows, two explanations within the margin; too-early: grows, and only time can tell; load-driven: follows what
 * the machine does; step: one jump, then flat; cache: cache or warm-up that levels off; moved: another tag lost as much;
 * given-back: it was and has been freed since; steady: looked at, no growth worth a line; not-judged: no model looked.
 */
export type VerdictState = (typeof VERDICT_STATES)[number];

/** States that call for action. */
export function needsAction(state: VerdictState): boolean {
  return state === "leaking" || state === "stopped-held";
}

/** States that deserve a look, whether or not something has to be done. */
export function needsLook(state: VerdictState): boolean {
  return needsAction(state) || UNDECIDED.has(state);
}

const UNDECIDED: ReadonlySet<VerdictState> = new Set(["held-not-freed", "undecided", "too-early"]);

/** What a gate makes of a state where no limit decides: 0 pass, 1 fail, 2 cannot tell. */
export function gateCode(state: VerdictState): 0 | 1 | 2 {
  if (needsAction(state)) return 1;
  return UNDECIDED.has(state) || state === "not-judged" ? 2 : 0;
}

/** How a limit is known. `stated`: in the words of who told it; the others: what is left of RAM or commit, and why. */
export type LimitBasis =
  | { readonly kind: "stated"; readonly text: string }
  | { readonly kind: "available"; readonly bytes: number }
  | { readonly kind: "in-use"; readonly bytes: number }
  | { readonly kind: "less-pools" };

/** When a pool runs out if nothing changes, and against which limit. */
export interface Exhaustion {
  /** Hours from the end of the record. `high` is Infinity where the interval is open. */
  readonly hours: Estimate;
  readonly at: Milliseconds;
  readonly against: "nonpaged-limit" | "paged-limit" | "ram" | "commit";
  readonly limitBytes: number;
  readonly limitBasis: LimitBasis;
}

/** A member of a group of tags whose outstanding counts grow in lockstep. The lead of the group is not among them. */
export interface GroupMember extends TagRef {
  /** Growth of its outstanding count per block of the lead's growth: 1 for 1 : 1. */
  readonly ratio: number;
  /** The ratio lies within this of it, at about 95 %; absent where the record is too short, or lists of two findings were joined. */
  readonly ratioMargin?: number;
  readonly bytesPerHour: number;
  readonly heldBytes: number;
  readonly outstanding: number;
  readonly grownBytes: number;
  /** Share of its allocations that were never freed, 0 to 1; absent where the source has no counters. */
  readonly keptShare?: number;
}

/** What a whole finding amounts to: lead and members together. */
export interface FindingTotal {
  readonly bytesPerHour: Estimate;
  readonly heldBytes: number;
  readonly grownBytes: number;
  readonly outstanding: number;
  /** The same rate per pool, for the pools that the finding has tags in. */
  readonly pools: Readonly<Partial<Record<PoolKind, number>>>;
}

/** Findings of one kind on recordings with known truth: the kind, how many were right, how many there were. */
export type CalibrationRow = readonly [cell: string, right: number, all: number];

/** What the certainty of a finding is looked up by: what it says, and what it could be known from. */
export interface CalibrationFacts {
  readonly state: "leaking" | "stopped-held";
  /** Whether the source has cumulative counters for the tag. */
  readonly counters: boolean;
  /** log odds of the finding against everything harmless. */
  readonly logOdds: number;
  /** Points that were judged. */
  readonly points: number;
  /** Time that was judged. */
  readonly spanMs: Milliseconds;
}

/** What is said of one tag or group. */
export interface Verdict extends TagRef {
  readonly state: VerdictState;
  /** Rate of retained growth over the verdict's window, bytes per hour. */
  readonly bytesPerHour: Estimate;
  /** Rate at the end of the record, where growth speeds up; else the same as `bytesPerHour.value` or absent. */
  readonly bytesPerHourNow?: number;
  readonly blocksPerHour: number;
  /** The record has an order and no times: what is per hour elsewhere is per step here. */
  readonly perStep?: true;
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
  /** 0 to 1: of findings, the share of its kind that was right on recordings with known truth. */
  readonly confidence: number;
  /** What that was looked up by; absent for what is no finding. */
  readonly calibration?: CalibrationFacts;
  readonly evidence: readonly Evidence[];
  /** Other tags in lockstep, empty where the tag stands alone. */
  readonly group: readonly GroupMember[];
  /** Lead and group together; for a tag that stands alone its own figures. */
  readonly total: FindingTotal;
  /** Share of the lead's allocations in the window that were never freed; absent where the source has no counters. */
  readonly keptShare?: number;
  /** Look again after so long, where only time can tell. */
  readonly lookAgainAfterMs?: Milliseconds;
  /** Who is behind it; absent where nobody looked. */
  readonly attribution?: Attribution;
}

/** The forecast of one pool total against its limit. */
export interface PoolOutlook {
  readonly kind: PoolKind;
  readonly bytes: number;
  readonly limitBytes?: number;
  readonly limitBasis?: LimitBasis;
  /** What the leaks found add per hour; absent where no model looked, which is not the same as nothing. */
  readonly bytesPerHour?: Estimate;
  /** As in {@link Verdict.perStep}. */
  readonly perStep?: true;
  readonly exhaustion?: Exhaustion;
}

/** The smallest leak that could have been seen in a row without a finding. */
export interface VisibleLeak extends TagRef {
  readonly heldBytes: number;
  /** The judged time; the leak would have run through all of it. */
  readonly spanMs: Milliseconds;
  /** Absent where no leak of a size that makes sense would have been seen. */
  readonly bytesPerHour?: number;
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

/** Rows that no model looked at, by reason. */
export interface NotJudged {
  readonly count: number;
  /** The whole record has too few usable snapshots. */
  readonly tooFewSnapshots: number;
  /** Listed too briefly, or too late in the record. */
  readonly tooNew: number;
  /** More rows than are judged in one look. */
  readonly tooMany: number;
}

/** Origin, span, verdicts, gaps: the one value that every output renders. */
export interface Diagnosis {
  /** What was brought; absent for a live source. */
  readonly intake?: Intake;
  readonly origin: Origin;
  readonly span: Span;
  readonly totals: SystemTotals;
  readonly pools: readonly PoolOutlook[];
  /** Ranked: what runs out first comes first. Steady tags are counted, not listed. */
  readonly verdicts: readonly Verdict[];
  /** What levels and since-boot counters of one or a few snapshots say of tags that are in no verdict. */
  readonly triage?: Triage;
  /** Rows that were looked at and do not grow. */
  readonly steadyCount: number;
  readonly notJudged: NotJudged;
  /** The smallest leaks that could have been seen in the largest rows without a finding; absent where nobody asked. */
  readonly visible?: readonly VisibleLeak[];
  /** What the record cannot answer; why nothing is said where nothing is. */
  readonly abstentions: readonly Abstention[];
  /** Changes of drivers and programs; absent where none were measured. */
  readonly beside?: BesideSummary;
  readonly gaps: readonly Gap[];
}
