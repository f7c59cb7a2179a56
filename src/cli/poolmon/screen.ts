// PoolMon's screen as text: totals, title, columns with the change since the last update in parentheses. Pure: a view and
// a size in, lines out. Column ends as on 64-bit Windows: tag 1-5, type 6-11, allocs ->21 (->28), frees ->38 (->45),
// diff ->54, bytes ->66 (->80), per alloc ->92, mapped driver 93->; longer numbers push what follows to the right.

import { counterGrowth, indexRows, rowKey, type PoolColumns, type Snapshot } from "../../model/snapshot.ts";
import type { Tag } from "../../model/tag.ts";
import {
  fieldsAt,
  perAlloc,
  poolmonHeader,
  selectRows,
  sortRows,
  totalsOf,
  typeOf,
  type PoolmonFields,
  type PoolmonSort,
} from "../../reports/poolmon-text.ts";

export interface ScreenView {
  readonly snapshot: Snapshot;
  /** The one before it; changes are zero without it. */
  readonly before: Snapshot | undefined;
  readonly filter: (tag: Tag, kind: number) => boolean;
  readonly sort: PoolmonSort;
  readonly byChange: boolean;
  readonly totals: boolean;
  readonly mappedDriver?: (tag: Tag) => string;
  /** Rows scrolled out at the top. */
  readonly top: number;
  /** Shown in place of the last line. */
  readonly message?: string;
}

export interface ScreenLine {
  readonly text: string;
  /** A row whose outstanding blocks changed. */
  readonly changed: boolean;
}

/** Lines above the first row. */
export const SCREEN_HEAD_LINES = 5;

interface Change {
  readonly allocs: number;
  readonly frees: number;
  readonly diff: number;
  readonly bytes: number;
}

const NO_CHANGE: Change = { allocs: 0, frees: 0, diff: 0, bytes: 0 };

/** Which pools the rows are of, as PoolMon titles its screen. */
function poolTitle(session: number | "all" | undefined): string {
  if (session === undefined) return "System";
  return session === "all" ? "All sessions" : `Session ${session}`;
}

/** The lines of the screen, at most `height`, each at most `width` long, and how many rows there are in all. */
export function renderPoolmonScreen(
  view: ScreenView,
  width: number,
  height: number,
): { readonly lines: ScreenLine[]; readonly rows: number } {
  const { columns, totals } = view.snapshot;
  const changes = changesOf(view.snapshot, view.before);
  const rows = inOrder(columns, selectRows(columns, view.filter), changes, view);
  const faults = (totals.pageFaults ?? 0) - (view.before?.totals.pageFaults ?? totals.pageFaults ?? 0);
  const plain = (text: string): ScreenLine => ({ text: text.slice(0, width), changed: false });
  const lines: ScreenLine[] = [
    ...poolmonHeader(totals, ((faults % 2 ** 32) + 2 ** 32) % 2 ** 32).map(plain),
    plain(` ${poolTitle(view.snapshot.origin.session)} pool information`),
    plain(
      " Tag  Type     Allocs            Frees            Diff       Bytes                 Per Alloc" +
        (view.mappedDriver === undefined ? "" : " Mapped_Driver"),
    ),
    plain(""),
  ];
  const bottom = [
    ...(view.totals ? totalRows(columns, rows, changes) : []),
    ...(view.message === undefined ? [] : [` ${view.message}`]),
  ];
  const room = Math.max(0, height - lines.length - bottom.length);
  for (const row of rows.slice(view.top, view.top + room)) {
    const change = changes[row] ?? NO_CHANGE;
    const tag = columns.tag[row] ?? 0;
    const text = rowText(fieldsAt(columns, row), change);
    const mapped = view.mappedDriver === undefined ? "" : ` ${view.mappedDriver(tag).replace(/[^\x20-\x7e]/g, ".")}`;
    lines.push({ text: (text + mapped).slice(0, width), changed: change.diff !== 0 || change.bytes !== 0 });
  }
  while (bottom.length > 0 && lines.length + bottom.length < height) lines.push(plain(""));
  lines.push(...bottom.map(plain));
  return { lines: lines.slice(0, height), rows: rows.length };
}

function changesOf(now: Snapshot, before: Snapshot | undefined): Change[] {
  if (before === undefined) return [];
  const rowsBefore = indexRows(before.columns);
  const { columns, counterBits } = now;
  return Array.from({ length: columns.length }, (_, row) => {
    const old = rowsBefore.get(rowKey(columns.tag[row] ?? 0, columns.kind[row] ?? 0));
    if (old === undefined) return NO_CHANGE;
    const grown = (column: "allocs" | "frees"): number =>
      counterGrowth(before.columns[column][old] ?? 0, columns[column][row] ?? 0, counterBits);
    return {
      allocs: grown("allocs"),
      frees: grown("frees"),
      diff: (columns.outstanding[row] ?? 0) - (before.columns.outstanding[old] ?? 0),
      bytes: (columns.bytes[row] ?? 0) - (before.columns.bytes[old] ?? 0),
    };
  });
}

function inOrder(columns: PoolColumns, rows: number[], changes: readonly Change[], view: ScreenView): number[] {
  const sorted = sortRows(columns, rows, view.sort);
  const { sort } = view;
  if (!view.byChange || sort === "tag" || sort === "per-alloc") return sorted;
  return sorted.sort((a, b) => (changes[b] ?? NO_CHANGE)[sort] - (changes[a] ?? NO_CHANGE)[sort]);
}

function rowText({ tag, type, allocs, frees, outstanding, bytes }: PoolmonFields, change: Change): string {
  return (
    ` ${tag} ${type.padEnd(5)}${whole(allocs, 10)} (${whole(change.allocs, 4)})${whole(frees, 10)}` +
    ` (${whole(change.frees, 4)})${whole(outstanding, 9)}${whole(bytes, 12)} (${whole(change.bytes, 11)})` +
    whole(perAlloc(bytes, outstanding), 12)
  );
}

function totalRows(columns: PoolColumns, rows: readonly number[], changes: readonly Change[]): string[] {
  return totalsOf(columns, rows).map((total) => {
    const own = rows
      .filter((row) => typeOf(columns.kind[row] ?? 0) === total.type)
      .map((row) => changes[row] ?? NO_CHANGE);
    const sum = (key: keyof Change): number => own.reduce((result, change) => result + change[key], 0);
    const change = { allocs: sum("allocs"), frees: sum("frees"), diff: sum("diff"), bytes: sum("bytes") };
    // One character longer than a tag, so that what follows keeps its columns without the leading blank.
    return rowText(total, change).slice(1);
  });
}

function whole(value: number, width: number): string {
  return value.toFixed(0).padStart(width);
}
