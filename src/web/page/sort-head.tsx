// The heading of a column that sorts by it, with an arrow and the words for screen readers.

import type { JSX } from "preact";

interface SortHeadProps {
  readonly label: string;
  readonly class: string;
  /** Which way the table is sorted by this column; undefined where it is sorted by another. */
  readonly order: "ascending" | "descending" | undefined;
  readonly onSort: () => void;
}

export function SortHead({ label, class: classes, order, onSort }: SortHeadProps): JSX.Element {
  return (
    <th scope="col" class={classes} aria-sort={order ?? "none"}>
      <button type="button" onClick={onSort}>
        {label}
        <span class="arrow" aria-hidden="true">
          {order === undefined ? "" : order === "descending" ? "▾" : "▴"}
        </span>
      </button>
    </th>
  );
}
