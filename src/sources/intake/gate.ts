// The gate that every snapshot passes, whatever its source: rows and totals that no kernel can count are gaps.

import { ColumnsBuilder } from "../../model/columns-builder.ts";
import { checkedTotals, counterProblem } from "../../model/counters.ts";
import type { Gap, PoolColumns, Snapshot } from "../../model/snapshot.ts";
import { formatTag } from "../../model/tag.ts";

/** At most so many bad rows of one snapshot are listed. */
const LISTED = 5;

/** The snapshot without what cannot be counters; `rejected` is told each row that was taken out. */
export function passGate(snapshot: Snapshot, rejected: (problem: string) => void): Snapshot {
  const { columns, totals } = snapshot;
  const checked = checkedTotals(totals);
  const bad = badRows(columns);
  if (bad.length === 0 && checked.problems.length === 0) return snapshot;
  const where = snapshot.origin.file ?? snapshot.origin.source;
  const gaps: Gap[] = checked.problems.map((problem) => ({ where, problem }));
  for (const [i, { row, problem }] of bad.entries()) {
    rejected(problem);
    if (i < LISTED) gaps.push({ where, problem: `${formatTag(columns.tag[row] ?? 0)}: ${problem}` });
  }
  if (bad.length > LISTED) gaps.push({ where, problem: `${bad.length - LISTED} more rows cannot be counters` });
  return {
    ...snapshot,
    totals: checked.totals,
    columns: bad.length === 0 ? columns : without(columns, new Set(bad.map(({ row }) => row))),
    gaps: [...snapshot.gaps, ...gaps],
  };
}

function badRows({ length, outstanding, bytes, allocs, frees }: PoolColumns): { row: number; problem: string }[] {
  const bad: { row: number; problem: string }[] = [];
  for (let row = 0; row < length; row++) {
    const problem = counterProblem(outstanding[row] ?? 0, bytes[row] ?? 0, allocs[row], frees[row]);
    if (problem !== undefined) bad.push({ row, problem });
  }
  return bad;
}

function without(columns: PoolColumns, rows: ReadonlySet<number>): PoolColumns {
  const builder = new ColumnsBuilder(columns.length);
  for (let row = 0; row < columns.length; row++) {
    if (rows.has(row)) continue;
    builder.copyOnce(columns, row);
  }
  return builder.finish();
}
