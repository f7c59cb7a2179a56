// What limits a triage as a whole: a partial listing, a young boot, counters that cannot be used, no times.

import { kindCode, sumBytes, type PoolKind, type Snapshot } from "../../model/snapshot.ts";
import type { TriageLimit } from "../../model/triage.ts";
import type { TriageRow } from "./rows.ts";

/** Windows lists a thousand rows and more; fewer than this are the top of a listing. */
export const WHOLE_LISTING = 200;
/** A listing whose rows add up to less than this share of the pool's total is not all of it. */
export const COVERED = 0.9;
/** For so long after a boot services start and nothing has been freed yet, in milliseconds. */
export const YOUNG_BOOT = 10 * 60_000;

/** What is known of the snapshots beside their rows. */
export interface Circumstances {
  readonly partial: boolean;
  readonly restarted: boolean;
  readonly identical: boolean;
  readonly untimed: boolean;
  /** Milliseconds since the boot. */
  readonly uptime: number | undefined;
}

/** The limits that hold, in the order in which they are told. */
export function limitsOf(rows: readonly TriageRow[], known: Circumstances): readonly TriageLimit[] {
  const limits: TriageLimit[] = [];
  if (known.partial) limits.push("partial-listing");
  if (known.uptime !== undefined && known.uptime < YOUNG_BOOT) limits.push("young-boot");
  if (known.restarted) limits.push("restarted");
  if (known.identical) limits.push("identical");
  if (rows.some((row) => row.counters === "wrapped")) limits.push("wrapped-counters");
  if (rows.length > 0 && rows.every((row) => row.counters === "unknown")) limits.push("no-counters");
  if (known.untimed) limits.push("no-times");
  return limits;
}

/** Whether a snapshot is the top of a listing: it does not add up to its pool, or is shorter than any Windows' is. */
export function isPartial({ totals, columns, origin }: Snapshot): boolean {
  if (origin.listing !== undefined) return true;
  const { nonpagedBytes, pagedBytes } = totals;
  const short = (total: number | undefined, kind: PoolKind): boolean =>
    total !== undefined && sumBytes(columns, kindCode(kind)) < COVERED * total;
  if (short(nonpagedBytes, "nonpaged") || short(pagedBytes, "paged")) return true;
  return nonpagedBytes === undefined && pagedBytes === undefined && columns.length < WHOLE_LISTING;
}

/** Whether two snapshots hold the same numbers in the same order: the same listing twice. */
export function isSameListing(a: Snapshot, b: Snapshot): boolean {
  const [x, y] = [a.columns, b.columns];
  if (x.length !== y.length || x.length === 0) return false;
  for (let i = 0; i < x.length; i++) {
    const same =
      x.tag[i] === y.tag[i] &&
      x.kind[i] === y.kind[i] &&
      x.bytes[i] === y.bytes[i] &&
      x.outstanding[i] === y.outstanding[i] &&
      Object.is(x.allocs[i], y.allocs[i]);
    if (!same) return false;
  }
  return true;
}
