// Tables of text that fit a width: the least important columns go first, then the widest text column is cut.

import { cellWidth, cut } from "./cells.ts";

export interface TableColumn {
  readonly title: string;
  readonly align: "left" | "right";
  /** Columns of the highest number are dropped first where the width does not suffice; 0 is never dropped. */
  readonly priority: number;
  /** May be cut to this many cells; columns without it are never cut. */
  readonly cutTo?: number;
}

const GAP = "  ";

/** A table with a heading line, painted once it is laid out; every row has one cell a column. Lines end without trailing spaces. */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
  paintHeading: (line: string) => string = (line) => line,
): string {
  const natural = columns.map((column, index) =>
    rows.reduce((widest, row) => Math.max(widest, cellWidth(row[index] ?? "")), cellWidth(column.title)),
  );
  const kept = columns.map((_, index) => index);
  const widths = [...natural];
  const total = (): number =>
    kept.reduce((sum, index) => sum + (widths[index] ?? 0), 0) + GAP.length * (kept.length - 1);
  const narrow = (): void => {
    for (const index of kept) {
      const least = columns[index]?.cutTo;
      if (least === undefined) continue;
      const excess = total() - width;
      if (excess > 0) widths[index] = Math.max(Math.min(least, natural[index] ?? 0), (widths[index] ?? 0) - excess);
    }
  };
  narrow();
  while (total() > width && kept.length > 1) {
    const droppable = kept.reduce((worst, index) =>
      (columns[index]?.priority ?? 0) > (columns[worst]?.priority ?? 0) ? index : worst,
    );
    if ((columns[droppable]?.priority ?? 0) === 0) break;
    kept.splice(kept.indexOf(droppable), 1);
    for (const index of kept) widths[index] = natural[index] ?? 0;
    narrow();
  }
  const line = (cells: readonly string[]): string =>
    kept
      .map((index) => {
        const room = widths[index] ?? 0;
        const text = cells[index] ?? "";
        const fitted = cellWidth(text) > room ? `${cut(text, Math.max(0, room - 3))}...` : text;
        const padding = " ".repeat(Math.max(0, room - cellWidth(fitted)));
        return columns[index]?.align === "right" ? padding + fitted : fitted + padding;
      })
      .join(GAP)
      .trimEnd();
  return [paintHeading(line(columns.map((column) => column.title))), ...rows.map((row) => line(row))].join("\n");
}
