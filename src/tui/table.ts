// The table: which columns a width has room for, the cells of a row, and totals.

import { PAGED } from "../model/snapshot.ts";
import { formatTagFixed } from "../model/tag.ts";
import { plural } from "../model/units.ts";
import type { Field } from "./board.ts";
import { sparkline } from "./graph.ts";
import { bytesPerBlock, rateOf } from "./order.ts";
import type { SortKey, State } from "./state.ts";
import { Line, type Role } from "./style.ts";
import { fit, fitNumber, shortRate } from "./text.ts";
import { STATE_WORDS } from "../words/states.ts";
import { stateRole } from "./words.ts";

type Cell = readonly [text: string, role: Role];

interface Column {
  readonly title: string;
  readonly width: number;
  readonly align: "left" | "right";
  /** Low numbers stay longest when the window narrows. */
  readonly rank: number;
  readonly sort?: SortKey;
  readonly cell: (state: State, slot: number, width: number) => Cell;
}

function count(field: Field): Column["cell"] {
  return (state, slot, width) => [fitNumber(state.board.value(slot, field), width), "plain"];
}

function change(field: Field): Column["cell"] {
  return (state, slot, width) => {
    const change = state.board.change(slot, field);
    if (Number.isNaN(change) || change === 0) return ["", "plain"];
    const text = fitNumber(Math.abs(change), width - 1);
    return change > 0 ? [`+${text}`, "grow"] : [`-${text}`, "shrink"];
  };
}

const COLUMNS: readonly Column[] = [
  {
    title: "Tag",
    width: 4,
    align: "left",
    rank: 0,
    sort: "tag",
    cell: (state, slot) => [formatTagFixed(state.board.tag(slot)), "strong"],
  },
  {
    title: "Type",
    width: 5,
    align: "left",
    rank: 1,
    cell: (state, slot) => [state.board.kind(slot) === PAGED ? "Paged" : "Nonp", "plain"],
  },
  { title: "Allocs", width: 10, align: "right", rank: 6, sort: "allocs", cell: count("allocs") },
  { title: "(chg)", width: 8, align: "right", rank: 12, sort: "allocs", cell: change("allocs") },
  { title: "Frees", width: 10, align: "right", rank: 7, sort: "frees", cell: count("frees") },
  { title: "(chg)", width: 8, align: "right", rank: 13, sort: "frees", cell: change("frees") },
  { title: "Diff", width: 8, align: "right", rank: 5, sort: "diff", cell: count("outstanding") },
  { title: "Bytes", width: 10, align: "right", rank: 2, sort: "bytes", cell: count("bytes") },
  { title: "(chg)", width: 8, align: "right", rank: 4, sort: "bytes", cell: change("bytes") },
  {
    title: "PerAlloc",
    width: 8,
    align: "right",
    rank: 10,
    sort: "perAlloc",
    cell: (state, slot, width) => [fitNumber(bytesPerBlock(state.board, slot), width), "plain"],
  },
  {
    title: "Rate/h",
    width: 8,
    align: "right",
    rank: 8,
    sort: "rate",
    cell: (state, slot) => {
      const rate = rateOf(state, slot);
      if (rate === undefined || Math.abs(rate) < 0.5) return ["", "plain"];
      return [shortRate(rate).replace("/h", ""), rate > 0 ? "grow" : "shrink"];
    },
  },
  {
    title: "Trend",
    width: 10,
    align: "right",
    rank: 9,
    cell: (state, slot, width) => [sparkline(state.board.trend(slot), width, state.look), "fill"],
  },
  {
    title: "Verdict",
    width: 8,
    align: "left",
    rank: 3,
    sort: "verdict",
    cell: (state, slot) => {
      const verdict = state.verdicts.get(state.board.key(slot));
      return verdict === undefined ? ["", "plain"] : [STATE_WORDS[verdict.state].word, stateRole(verdict.state)];
    },
  },
  {
    title: "Owner",
    width: 12,
    align: "left",
    rank: 11,
    cell: (state, slot, width) => {
      const owner = state.ownerOf(state.board.tag(slot));
      if (owner === undefined) return ["", "plain"];
      const { component, description } = owner;
      return [width >= 30 && description !== "" ? `${component}  ${description}` : component, "dim"];
    },
  },
];

interface Placed {
  readonly column: Column;
  readonly left: number;
  readonly width: number;
}

/** Which columns take the room to spare, in turn, and how many cells of it. */
const STRETCHED: readonly (readonly [title: string, most: number])[] = [
  ["Owner", 12],
  ["Trend", 14],
  ["Owner", 400],
];

/** Columns for a width, most important first until the room is used up, then stretched. One cell goes to the marker. */
function placeColumns(width: number): readonly Placed[] {
  let room = width - 1;
  const chosen = new Map<Column, number>();
  for (const column of COLUMNS.toSorted((a, b) => a.rank - b.rank)) {
    const needs = column.width + (chosen.size === 0 ? 0 : 1);
    if (needs > room) continue;
    room -= needs;
    chosen.set(column, column.width);
  }
  for (const [title, most] of STRETCHED) {
    const column = COLUMNS.find((each) => each.title === title);
    const has = column === undefined ? undefined : chosen.get(column);
    if (column === undefined || has === undefined) continue;
    const more = Math.min(room, most);
    chosen.set(column, has + more);
    room -= more;
  }
  const placed: Placed[] = [];
  let left = 1;
  for (const column of COLUMNS) {
    const wide = chosen.get(column);
    if (wide === undefined) continue;
    placed.push({ column, left, width: wide });
    left += wide + 1;
  }
  return placed;
}

const placedByWidth = new Map<number, readonly Placed[]>();

function columnsFor(width: number): readonly Placed[] {
  let placed = placedByWidth.get(width);
  if (placed === undefined) {
    placed = placeColumns(width);
    if (placedByWidth.size > 400) placedByWidth.clear();
    placedByWidth.set(width, placed);
  }
  return placed;
}

/** The sort key of the column title at a cell, for the mouse. */
export function sortKeyAt(_state: State, width: number, cell: number): SortKey | undefined {
  return columnsFor(width).find(({ left, width: wide }) => cell >= left && cell < left + wide)?.column.sort;
}

/** The line of column titles; the sorted one is marked. */
export function titleLine(state: State, width: number): string {
  const line = new Line(width, state.look);
  const mark = state.look.unicode ? "▼" : "*";
  for (const { column, left, width: wide } of columnsFor(width)) {
    const isChange = column.title === "(chg)";
    const sorted = column.sort === state.sort && isChange === (state.byChange && hasChange(state.sort));
    const title = isChange && state.board.baseTime !== undefined ? "(base)" : column.title;
    line.to(left).put(fit(sorted ? mark + title : title, wide, column.align, state.look.unicode), "head");
  }
  return line.done();
}

function hasChange(sort: SortKey): boolean {
  return sort === "allocs" || sort === "frees" || sort === "bytes";
}

/** One row; `isSelected` reverses it. */
export function rowLine(state: State, width: number, slot: number, isSelected: boolean): string {
  const line = new Line(width, state.look, isSelected);
  line.put(isSelected ? (state.look.unicode ? "▶" : ">") : " ");
  const lit = state.highlight && state.board.hasChanged(slot);
  for (const { column, left, width: wide } of columnsFor(width)) {
    const [text, role] = column.cell(state, slot, wide);
    if (text === "") continue;
    line.to(left).put(fit(text, wide, column.align, state.look.unicode), lit && role === "plain" ? "strong" : role);
  }
  return line.done();
}

/** Two lines of totals over the rows shown, as PoolMon's `e`. */
export function totalLines(state: State, width: number): string[] {
  const { board } = state;
  return ([0, 1] as const).map((kind) => {
    let rows = 0;
    let blocks = 0;
    let bytes = 0;
    for (const slot of state.order) {
      if (board.kind(slot) !== kind) continue;
      rows += 1;
      blocks += board.value(slot, "outstanding");
      bytes += board.value(slot, "bytes");
    }
    return new Line(width, state.look)
      .put(kind === PAGED ? " Total Paged " : " Total Nonp  ", "head")
      .put(
        `${bytes.toFixed(0)} bytes  ${blocks.toFixed(0)} ${blocks === 1 ? "block" : "blocks"}  ${plural(rows, "row")}`,
      )
      .done();
  });
}
