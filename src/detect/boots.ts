// Where a machine restarted within a time line: counters restart at a boot, and a wrap must not look like one.

import { indexRows, type Snapshot } from "../model/snapshot.ts";

/**
 * Whether `after` belongs to a later boot than `before`. Known boot times decide where both have one (clocks drift, so
 * they must differ by more than a minute); else a boot is when most tags' cumulative allocs fall, as facts of the
 * counters: a 32-bit wrap makes one tag fall, a boot makes all of them.
 */
export function isNewBoot(before: Snapshot, after: Snapshot): boolean {
  const a = before.origin.bootTime;
  const b = after.origin.bootTime;
  if (a !== undefined && b !== undefined) return b - a > 60_000;
  const index = indexRows(before.columns);
  let fell = 0;
  let compared = 0;
  for (const [key, row] of indexRows(after.columns)) {
    const old = index.get(key);
    if (old === undefined) continue;
    const was = before.columns.allocs[old] ?? Number.NaN;
    const is = after.columns.allocs[row] ?? Number.NaN;
    if (Number.isNaN(was) || Number.isNaN(is) || was < 16) continue;
    compared += 1;
    if (is < was) fell += 1;
  }
  return compared > 0 && fell * 2 > compared;
}
