// A table of a few hundred rows at most that is sorted by its headings and filtered by text; order and filter are in the address.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { formatCount, plural } from "../../model/units.ts";
import { SortHead } from "./sort-head.tsx";
import { TableExport } from "./table-export.tsx";
import type { ChangeView } from "./use-view.ts";
import type { ViewState } from "./view-state.ts";

type Value = string | number | undefined;

export interface ListColumn<Row> {
  /** In the address. */
  readonly key: string;
  readonly label: string;
  /** What is sorted by and taken along; a number sorts downward first. */
  readonly value: (row: Row) => Value;
  /** What is shown, where that is not the value itself. */
  readonly show?: (row: Row) => JSX.Element | string;
  readonly isNumber?: boolean;
  /** Folded away first where there is no room: p4 before p3 before p2. */
  readonly fold?: "p2" | "p3" | "p4";
}

/** A column of figures, worded where they are known; `more` sets what differs. */
export function figureColumn<Row>(
  key: string,
  label: string,
  value: (row: Row) => number | undefined,
  more: Partial<ListColumn<Row>> = {},
  words: (value: number) => string = formatCount,
): ListColumn<Row> {
  const show = (row: Row): string => {
    const figure = value(row);
    return figure === undefined ? "" : words(figure);
  };
  return { key, label, value, show, isNumber: true, ...more };
}

interface ListTableProps<Row> {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly columns: readonly ListColumn<Row>[];
  /** Key of the column that it is sorted by at first. */
  readonly start: string;
  readonly view: ViewState;
  readonly changeView: ChangeView;
  /** Of how many the rows are, where they are a choice. */
  readonly of?: number;
}

export function ListTable<Row>(props: ListTableProps<Row>): JSX.Element {
  const { name, rows, start, view, changeView, of } = props;
  // A column that nothing was told of would only take room from the others.
  const columns = useMemo(
    () => props.columns.filter(({ key, value }) => key === start || rows.some((row) => value(row) !== undefined)),
    [props.columns, rows, start],
  );
  const asked = (view.by ?? start).replace(/^-/, "");
  const column = columns.find(({ key }) => key === asked) ?? columns.find(({ key }) => key === start);
  const isReversed = view.by?.startsWith("-") === true;
  const shown = useMemo(() => {
    const wanted = view.filter.toLowerCase();
    const matches = rows.filter((row) => columns.some(({ value }) => textOf(value(row)).includes(wanted)));
    return column === undefined ? matches : sorted(matches, column, isReversed);
  }, [rows, columns, view.filter, column, isReversed]);
  const sortBy = (key: string): void =>
    changeView({ by: column?.key === key ? `${isReversed ? "" : "-"}${key}` : key });
  return (
    <>
      <div class="tools" role="search">
        <label>
          <span>Filter</span>
          <input
            type="search"
            class="find"
            value={view.filter}
            onInput={(event) => changeView({ filter: event.currentTarget.value })}
          />
        </label>
        <TableExport
          name={`poolscope ${name}`}
          rows={() => [
            columns.map(({ label }) => label),
            ...shown.map((row) => columns.map(({ value }) => value(row) ?? null)),
          ]}
        />
        <span class="muted" role="status">
          {shown.length === rows.length
            ? plural(rows.length, "row")
            : `${formatCount(shown.length)} of ${plural(rows.length, "row")}`}
          {of !== undefined && of > rows.length && `, chosen from ${formatCount(of)}`}
        </span>
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label={`Rows of ${name}`}>
        <table>
          <thead>
            <tr>
              {columns.map(({ key, label, isNumber, fold }) => (
                <SortHead
                  key={key}
                  label={label}
                  class={`${isNumber === true ? "num" : ""} ${fold ?? ""}`}
                  order={column?.key !== key ? undefined : isDown(column, isReversed) ? "descending" : "ascending"}
                  onSort={() => sortBy(key)}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => (
              <tr key={index}>
                {columns.map(({ key, value, show, isNumber, fold }) => (
                  <td key={key} class={`${isNumber === true ? "num" : ""} ${fold ?? ""}`}>
                    {show === undefined ? value(row) : show(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <p class="none">No row matches this filter.</p>}
      </div>
    </>
  );
}

function isDown<Row>({ isNumber }: ListColumn<Row>, isReversed: boolean): boolean {
  return (isNumber === true) !== isReversed;
}

function textOf(value: Value): string {
  return value === undefined ? "" : String(value).toLowerCase();
}

/** What is not known comes last either way. */
function sorted<Row>(rows: readonly Row[], column: ListColumn<Row>, isReversed: boolean): Row[] {
  const sign = isDown(column, isReversed) ? -1 : 1;
  const keyed = rows.map((row) => ({ row, key: column.value(row) }));
  keyed.sort((a, b) => {
    if (a.key === undefined || b.key === undefined) return Number(a.key === undefined) - Number(b.key === undefined);
    const order =
      typeof a.key === "number" && typeof b.key === "number" ? a.key - b.key : textOf(a.key) < textOf(b.key) ? -1 : 1;
    return sign * order;
  });
  return keyed.map(({ row }) => row);
}
