// The signs of triage: which of them a row shows, whether that is worth a finding, and what it weighs.

import type { PoolKind } from "../../model/snapshot.ts";
import type { Tag } from "../../model/tag.ts";
import type { TriageLimit, TriageShares, TriageSigns, TriageState, UsualRange } from "../../model/triage.ts";
import type { TriageRow } from "./rows.ts";

/** What lists know and triage needs; all of it optional. */
export interface TriageKnowledge {
  /** Tags that a published case has as its own. */
  readonly caseTags?: ReadonlySet<Tag>;
  /** Tags whose blocks stay by design, such as loaded registry hives: that none is freed says nothing. */
  readonly staysByDesign?: (tag: Tag) => boolean;
  /** Usual ranges from public listings. */
  readonly usual?: (tag: Tag, kind: PoolKind) => UsualRange | undefined;
}

const MIB = 1024 ** 2;

/** Frees per allocation up to which blocks count as never freed: the handful that a driver frees when it stops. */
export const NEVER_FREED = 0.01;
/** Never freed says something from here on: below, structures of the boot are meant to stay. */
export const MIN_BLOCKS = 10_000;
export const MIN_HELD = 64 * MIB;
/** A published case's own tag that is never freed is worth a line however little it holds. */
export const MIN_CASE_BLOCKS = 100;
/** What a (tag, kind) holds to be called large: no usual tag of an idle machine does, file caches of servers do. */
export const LARGE = 512 * MIB;
/** Or this share of RAM together with this share of its pool, on small machines. */
export const LARGE_OF_RAM = 0.05;
export const LARGE_OF_POOL = 0.1;
/** Growth below this between two snapshots is the machine's own coming and going. */
export const MIN_GAIN = MIB;
export const MIN_GAINED_BLOCKS = 100;
/** Bytes that were never freed weigh as much as so many that are merely held. */
export const NEVER_FREED_WEIGHT = 4;
/** A byte that was there before the first snapshot weighs this much against one that was gained since. */
export const HELD_WHILE_WATCHED = 0.01;

/** The signs of one row; that of equal counts is found later, among all rows. */
export function signsOf(
  row: TriageRow,
  shares: TriageShares,
  limits: readonly TriageLimit[],
  knowledge: TriageKnowledge,
): TriageSigns {
  const { gain } = row;
  const usual = knowledge.usual?.(row.tag, row.kind);
  const staysByDesign = knowledge.staysByDesign?.(row.tag) === true;
  const looksAtFrees = row.counters === "known" && !limits.includes("young-boot") && !staysByDesign;
  const counted = gain?.allocs !== undefined && gain.frees !== undefined && !staysByDesign;
  return {
    "never-freed": looksAtFrees ? isNeverFreed(row.allocs ?? 0, row.frees ?? 0) : undefined,
    kept: counted ? gain.blocks >= MIN_GAINED_BLOCKS && isNeverFreed(gain.allocs ?? 0, gain.frees ?? 0) : undefined,
    grew: gain === undefined ? undefined : gain.steps > 0 && gain.stepsUp === gain.steps,
    "equal-counts": false,
    large: row.bytes >= LARGE || ((shares.ram ?? 0) >= LARGE_OF_RAM && (shares.pool ?? 0) >= LARGE_OF_POOL),
    "above-usual": usual === undefined ? undefined : row.bytes > usual.maxBytes,
    "known-case": knowledge.caseTags?.has(row.tag),
  };
}

function isNeverFreed(allocs: number, frees: number): boolean {
  return allocs > 0 && frees <= NEVER_FREED * allocs;
}

/** Whether a row is worth a finding. */
export function deservesFinding(row: TriageRow, signs: TriageSigns): boolean {
  if (signs.large === true) return true;
  const { gain } = row;
  if (signs["never-freed"] === true && row.blocks >= MIN_BLOCKS && row.bytes >= MIN_HELD) return true;
  if (signs["above-usual"] === true && row.bytes >= MIN_HELD) return true;
  if (gain !== undefined && gain.bytes >= MIN_GAIN && gain.blocks >= MIN_GAINED_BLOCKS) return true;
  const quiet = signs["never-freed"] === true || signs.kept === true || row.counters === "unknown";
  return signs["known-case"] === true && quiet && row.blocks >= MIN_CASE_BLOCKS;
}

/** The state that the signs allow. */
export function triageStateOf(signs: TriageSigns): TriageState {
  if (isHeld(signs)) return "held-not-freed";
  return signs.grew === true ? "too-early" : "not-judged";
}

/** What was watched decides where there is something of it; else what the counters since the boot say. */
function isHeld(signs: TriageSigns): boolean {
  return signs.kept === true || signs["never-freed"] === true;
}

/**
 * What a finding is ranked by: bytes gained where it was watched, so that growth comes before what merely is there, else
 * bytes held; more where they were never freed.
 */
export function weightOf(signs: TriageSigns, heldBytes: number, gainedBytes: number | undefined): number {
  const watched = gainedBytes === undefined ? heldBytes : Math.max(gainedBytes, heldBytes * HELD_WHILE_WATCHED);
  return watched * (isHeld(signs) ? NEVER_FREED_WEIGHT : 1);
}
