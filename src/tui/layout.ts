// Where things stand on a screen of a given size: one place, so that drawing, paging and the mouse agree.

import type { Size, State } from "./state.ts";

export interface Layout {
  /** Lines of the header, banner included. */
  readonly header: number;
  /** Whether the memory line and the key hints have room. */
  readonly roomy: boolean;
  /** Line of the column titles, from 0. */
  readonly titles: number;
  /** First line and number of table rows. */
  readonly firstRow: number;
  readonly rows: number;
  /** Lines of totals under the table. */
  readonly totals: number;
  /** Lines for a full-screen text (help, detail), between title and bottom line. */
  readonly body: number;
}

export function layoutOf(state: State, size: Size): Layout {
  const roomy = size.rows >= 18;
  const header = size.rows < 9 ? 1 : roomy ? 5 : 4;
  const totals = state.totals && size.rows >= header + 6 ? 2 : 0;
  return {
    header,
    roomy,
    titles: header,
    firstRow: header + 1,
    rows: Math.max(1, size.rows - header - 2 - totals),
    totals,
    body: Math.max(1, size.rows - 2),
  };
}
