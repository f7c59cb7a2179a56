// Snapshots of one machine and one instant made one: a listing that is there twice, tags of two files, totals beside tags.

import { ColumnsBuilder } from "../../model/columns-builder.ts";
import {
  indexRows,
  type Gap,
  type Milliseconds,
  type PoolColumns,
  type Snapshot,
  type SystemTotals,
} from "../../model/snapshot.ts";
import { formatTime } from "../../model/time.ts";

/** Totals are given to tags that were read at most this far apart in time. */
const TOTALS_WITHIN: Milliseconds = 5 * 60_000;

export interface Joined {
  readonly snapshots: readonly Snapshot[];
  readonly duplicates: number;
  readonly gaps: readonly Gap[];
}

/** Joins snapshots in time order. Different values of one (tag, pool) at one time are never summed: both stay, and a gap says so. */
export function joinSnapshots(sorted: readonly Snapshot[]): Joined {
  const gaps: Gap[] = [];
  let duplicates = 0;
  let differing = 0;
  const out: Snapshot[] = [];
  for (const snapshot of sorted) {
    const before = out.at(-1);
    // Within one file equal times are those of a coarse clock; the file itself tells its snapshots apart.
    const isOneFile = before?.origin.file === snapshot.origin.file && before?.origin.timeBasis !== "marker";
    const isOther = before?.time !== snapshot.time || before.origin.session !== snapshot.origin.session;
    if (before === undefined || isOther || isOneFile) {
      out.push(snapshot);
      continue;
    }
    const relation = relate(before.columns, snapshot.columns);
    if (relation === "same") {
      duplicates += 1;
      out[out.length - 1] = { ...before, totals: { ...snapshot.totals, ...before.totals } };
    } else if (relation === "apart") {
      out[out.length - 1] = { ...merge(before, snapshot) };
    } else {
      differing += 1;
      if (differing === 1) {
        const where = snapshot.origin.file ?? snapshot.origin.source;
        const other = before.origin.file ?? before.origin.source;
        const problem = `its listing of ${formatTime(snapshot.time)} differs from that in ${other}; both are kept as moments of their own`;
        gaps.push({ where, problem });
      }
      out.push(snapshot);
    }
  }
  if (differing > 1) gaps.push({ where: "the input", problem: `${differing} pairs of listings of one time differ so` });
  return { snapshots: withTotals(out), duplicates, gaps };
}

function relate(a: PoolColumns, b: PoolColumns): "same" | "apart" | "differs" {
  const index = indexRows(a);
  let common = 0;
  let equal = 0;
  for (const [key, row] of indexRows(b)) {
    const other = index.get(key);
    if (other === undefined) continue;
    common += 1;
    if (a.outstanding[other] === b.outstanding[row] && a.bytes[other] === b.bytes[row]) equal += 1;
  }
  if (common === 0) return "apart";
  return equal === common && (common === a.length || common === b.length)
    ? a.length === b.length
      ? "same"
      : "apart"
    : "differs";
}

function merge(a: Snapshot, b: Snapshot): Snapshot {
  if (b.columns.length === 0) return { ...a, totals: { ...b.totals, ...a.totals } };
  if (a.columns.length === 0) return { ...b, totals: { ...a.totals, ...b.totals } };
  const builder = new ColumnsBuilder(a.columns.length + b.columns.length);
  const seen = indexRows(a.columns);
  for (const [from, columns] of [a.columns, b.columns].entries()) {
    for (const [key, row] of indexRows(columns)) {
      if (from === 1 && seen.has(key)) continue;
      builder.copyOnce(columns, row);
    }
  }
  return { ...a, columns: builder.finish(), totals: { ...b.totals, ...a.totals }, gaps: [...a.gaps, ...b.gaps] };
}

/** Snapshots without rows beside such with rows give these their totals, and are no moments of their own. */
function withTotals(snapshots: readonly Snapshot[]): readonly Snapshot[] {
  const bare = snapshots.filter(({ columns }) => columns.length === 0);
  const full = snapshots.filter(({ columns }) => columns.length > 0);
  if (bare.length === 0 || full.length === 0) return snapshots;
  return full.map((snapshot) => {
    const near = nearest(bare, snapshot.time);
    if (near === undefined) return snapshot;
    const lasting = lastingTotals(near.totals);
    const isNear = Math.abs(near.time - snapshot.time) <= TOTALS_WITHIN;
    return { ...snapshot, totals: { ...(isNear ? near.totals : lasting), ...snapshot.totals } };
  });
}

/** RAM and limits do not change from minute to minute. */
function lastingTotals(totals: SystemTotals): SystemTotals {
  const { physicalBytes, nonpagedLimitBytes, pagedLimitBytes, commitLimitBytes } = totals;
  return {
    ...(physicalBytes === undefined ? {} : { physicalBytes }),
    ...(nonpagedLimitBytes === undefined ? {} : { nonpagedLimitBytes }),
    ...(pagedLimitBytes === undefined ? {} : { pagedLimitBytes }),
    ...(commitLimitBytes === undefined ? {} : { commitLimitBytes }),
  };
}

function nearest(sorted: readonly Snapshot[], time: Milliseconds): Snapshot | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.time ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [sorted[low - 1], sorted[low]];
  if (before === undefined || after === undefined) return before ?? after;
  return time - before.time <= after.time - time ? before : after;
}
