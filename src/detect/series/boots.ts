// Where a machine restarted within a time line: counters restart at a boot, and a wrap must not look like one.

import { indexRows, type Milliseconds, type Snapshot } from "../../model/snapshot.ts";

/**
 * Whether `after` belongs to a later boot than `before`. Known boot times decide where both have one (clocks drift, so
 * they must differ by more than a minute); else a boot is when most tags' cumulative allocs fall, as facts of the
 * counters: a 32-bit wrap makes one tag fall, a boot makes all of them.
 */
export function isNewBoot(before: Snapshot, after: Snapshot): boolean {
  const told = bootByTimes(before.origin.bootTime, after.origin.bootTime);
  if (told !== undefined) return told;
  const count = { fell: 0, compared: 0 };
  if (!compareInOrder(before, after, count)) compareByKey(before, after, count);
  return isBootByCounts(count);
}

/** Boot times that differ by less are one boot, told twice with rounding. */
const SAME_BOOT: Milliseconds = 60_000;

/** What known boot times say; undefined where one is not known. */
export function bootByTimes(before: Milliseconds | undefined, after: Milliseconds | undefined): boolean | undefined {
  return before === undefined || after === undefined ? undefined : after - before > SAME_BOOT;
}

/** A boot is when most cumulative counters fell: a wrap makes one of them fall. */
export function isBootByCounts({ fell, compared }: BootCount): boolean {
  return compared > 0 && fell * 2 > compared;
}

/** Cumulative counters of two snapshots that tell, and how many of them fell. */
export interface BootCount {
  fell: number;
  compared: number;
}

/** Counters below this say nothing: a handful of blocks may be all that a tag ever made. */
const MIN_ALLOCS = 16;

/** The usual case: both list the same rows in the same order. False where they do not. */
function compareInOrder(before: Snapshot, after: Snapshot, count: BootCount): boolean {
  const a = before.columns;
  const b = after.columns;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a.tag[i] !== b.tag[i] || a.kind[i] !== b.kind[i]) {
      count.fell = 0;
      count.compared = 0;
      return false;
    }
    compareCounter(a.allocs[i], b.allocs[i], count);
  }
  return true;
}

function compareByKey(before: Snapshot, after: Snapshot, count: BootCount): void {
  const index = indexRows(before.columns);
  for (const [key, row] of indexRows(after.columns)) {
    const old = index.get(key);
    if (old !== undefined) compareCounter(before.columns.allocs[old], after.columns.allocs[row], count);
  }
}

/** From here on a 32-bit counter may wrap before the next look. */
const NEAR_WRAP = 3 * 2 ** 30;
const TWO_32 = 2 ** 32;

/** Takes one tag's cumulative allocations at both times into the count. */
export function compareCounter(was: number | undefined, is: number | undefined, count: BootCount): void {
  // NaN compares false, so unknown counters count for nothing.
  if (was === undefined || is === undefined || !(was >= MIN_ALLOCS) || Number.isNaN(is)) return;
  // A fall from near the top to near the bottom is a wrap as likely as a boot: it says nothing.
  if (was >= NEAR_WRAP && was < TWO_32 && is < TWO_32 - NEAR_WRAP) return;
  count.compared += 1;
  if (is < was) count.fell += 1;
}
