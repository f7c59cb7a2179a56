// Brings the derived parts of the state up to date: the order of rows, and a selection that stays on its tag and on screen.

import { layoutOf } from "./layout.ts";
import { orderRows } from "./order.ts";
import type { State } from "./state.ts";

/** The state with rows ordered anew and the selection put where its tag went. */
export function settle(state: State): State {
  return place({ ...state, order: orderRows(state), revision: state.board.revision });
}

/** The state with the selection on an existing row and the page around it; rows keep their order. */
export function place(state: State): State {
  const { order, board } = state;
  const last = Math.max(0, order.length - 1);
  let cursor = Math.min(state.cursor, last);
  if (state.selected !== undefined) {
    const slot = board.slotOf(state.selected);
    const found = slot === undefined ? -1 : order.indexOf(slot);
    if (found >= 0) cursor = found;
  }
  const page = layoutOf(state, state.size).rows;
  let top = Math.min(state.top, Math.max(0, order.length - page));
  if (cursor < top) top = cursor;
  if (cursor >= top + page) top = cursor - page + 1;
  return { ...state, cursor, top: Math.max(0, top) };
}

/** Selects the row at an index, clamped; index 0 lets go of the tag, so that the top stays the top. */
export function selectIndex(state: State, index: number): State {
  const cursor = Math.max(0, Math.min(index, state.order.length - 1));
  const slot = state.order[cursor];
  const selected = cursor === 0 || slot === undefined ? undefined : state.board.key(slot);
  return place({ ...state, cursor, selected });
}
