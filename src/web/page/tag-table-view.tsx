// The table of all tags: sortable, filterable, of any length, since only the rows in sight exist.

import type { JSX } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { kindOf } from "../../model/snapshot.ts";
import { formatBytes, formatCount, formatRate, plural } from "../../model/units.ts";
import type { TagRef } from "../../model/verdict.ts";
import type { TagRows } from "../contract.ts";
import { formatMoment } from "./local-time.ts";
import { MiniShape } from "./sparkline.tsx";
import { filterRows, rowRate, rowTexts, sortRows, tableRows } from "./table-rows.ts";
import { PRINTED, useRowCursor, useSight } from "./use-rows.ts";
import { SortHead } from "./sort-head.tsx";
import { TableExport } from "./table-export.tsx";
import { Explained } from "./term.tsx";
import { TagLink } from "./tag-link.tsx";
import type { ChangeView } from "./use-view.ts";
import { STATE_WORDS } from "../../words/states.ts";
import { StateBadge } from "./verdict-card.tsx";
import type { SortColumn, ViewState } from "./view-state.ts";

interface TableProps {
  readonly table: TagRows;
  readonly view: ViewState;
  readonly changeView: ChangeView;
  readonly openTag: (ref: TagRef) => void;
  readonly themeKey: string;
}

const COLUMNS: readonly { readonly sort: SortColumn; readonly label: string; readonly class: string }[] = [
  { sort: "tag", label: "Tag", class: "tag" },
  { sort: "kind", label: "Pool", class: "p3" },
  { sort: "bytes", label: "Holds", class: "num p2" },
  { sort: "blocks", label: "Blocks", class: "num p3" },
  { sort: "size", label: "Per block", class: "num p4" },
  { sort: "change", label: "Change", class: "num" },
  { sort: "rate", label: "Per hour", class: "num p3" },
  { sort: "state", label: "Verdict", class: "verdict" },
  { sort: "owner", label: "Owner", class: "owner" },
];

export function TagTableView({ table, view, changeView, openTag, themeKey }: TableProps): JSX.Element {
  const hidden = view.hidden ?? [];
  const columns = COLUMNS.filter(({ sort }) => !hidden.includes(sort));
  const texts = useMemo(() => rowTexts(table), [table]);
  const rows = useMemo(
    () => sortRows(filterRows(table, texts, view), table, texts, view),
    [table, texts, view.filter, view.pool, view.sort, view.isDescending],
  );
  const box = useRef<HTMLDivElement>(null);
  const isPrinting = themeKey.endsWith("print");
  const sight = useSight(box, rows.length, isPrinting);
  const cursor = useRowCursor(box, rows.length, sight);
  const sortBy = (sort: SortColumn): void => {
    const isSame = sort === view.sort;
    changeView({ sort, isDescending: isSame ? !view.isDescending : sort !== "tag" && sort !== "owner" });
    box.current?.scrollTo(0, 0);
  };
  const hours = Math.max(0, table.until - table.since) / 3_600_000;
  const shown = rows.slice(sight.first, sight.last);
  return (
    <section aria-labelledby="tags" class="tags">
      <h2 id="tags">All tags</h2>
      <p class="muted hint">
        What the columns mean: <Explained term="tag" />, <Explained term="per block" />, <Explained term="per hour" />,{" "}
        <Explained term="verdict" />
      </p>
      <TableTools table={table} rows={rows} view={view} changeView={changeView} hours={hours} />
      <div
        class="scroll"
        ref={box}
        onKeyDown={cursor.onKeyDown}
        tabIndex={0}
        role="region"
        aria-label="Rows of all tags"
      >
        <table aria-rowcount={rows.length + 1}>
          <thead>
            <tr>
              {columns.map((column) => (
                <SortHead
                  key={column.sort}
                  label={column.label}
                  class={`${column.class} c-${column.sort}`}
                  order={view.sort !== column.sort ? undefined : view.isDescending ? "descending" : "ascending"}
                  onSort={() => sortBy(column.sort)}
                />
              ))}
              <th scope="col" class="shape p4">
                Shape
              </th>
            </tr>
          </thead>
          <tbody>
            {sight.first > 0 && <Space height={sight.first * sight.rowHeight} />}
            {shown.map((row, index) => {
              const at = sight.first + index;
              const tag = table.tag[row] ?? 0;
              const kind = kindOf(table.kind[row] ?? 0);
              return (
                <Row
                  key={`${tag} ${kind}`}
                  table={table}
                  row={row}
                  at={at}
                  hours={hours}
                  hidden={hidden}
                  isCurrent={at === cursor.at}
                  onOpen={() => {
                    cursor.set(at);
                    openTag({ tag, kind });
                  }}
                />
              );
            })}
            {sight.last < rows.length && !isPrinting && <Space height={(rows.length - sight.last) * sight.rowHeight} />}
          </tbody>
        </table>
        {rows.length === 0 && <p class="none">No tag matches this filter.</p>}
      </div>
      {isPrinting && rows.length > PRINTED && <p>The first {PRINTED} rows; the page on screen has all.</p>}
    </section>
  );
}

/** Filter, pool, columns, files to take along, and how many rows are shown. */
function TableTools({
  table,
  rows,
  view,
  changeView,
  hours,
}: Pick<TableProps, "table" | "view" | "changeView"> & {
  readonly rows: readonly number[];
  readonly hours: number;
}): JSX.Element {
  return (
    <div class="tools" role="search">
      <label>
        <span>Filter</span>
        <input
          id="filter"
          class="find"
          type="search"
          placeholder="tag or owner, e.g. Nt?? or tcpip"
          value={view.filter}
          onInput={(event) => changeView({ filter: event.currentTarget.value })}
        />
      </label>
      <label>
        <span>Pool</span>
        <select
          value={view.pool ?? ""}
          onChange={({ currentTarget: { value } }) =>
            changeView({ pool: value === "paged" || value === "nonpaged" ? value : undefined })
          }
        >
          <option value="">both</option>
          <option value="nonpaged">nonpaged</option>
          <option value="paged">paged</option>
        </select>
      </label>
      <ColumnChoice hidden={view.hidden ?? []} changeView={changeView} />
      <TableExport name="poolscope tags" rows={() => tableRows(table, rows)} />
      <span class="muted" role="status">
        {rows.length === table.tag.length
          ? plural(rows.length, "row")
          : `${formatCount(rows.length)} of ${plural(table.tag.length, "row")}`}
        {hours > 0 &&
          `, change since ${formatMoment(table.since)}; per hour since then, of findings over the time of their growth`}
      </span>
    </div>
  );
}

/** Which columns are shown; the choice is part of the address, so a link keeps it. */
function ColumnChoice({
  hidden,
  changeView,
}: {
  readonly hidden: readonly SortColumn[];
  readonly changeView: ChangeView;
}): JSX.Element {
  const choose = (sort: SortColumn, isShown: boolean): void => {
    const next = isShown ? hidden.filter((each) => each !== sort) : [...hidden, sort];
    changeView({ hidden: next.length === 0 ? undefined : next });
  };
  return (
    <details class="choice">
      <summary>Columns</summary>
      <div role="group" aria-label="Columns shown">
        {COLUMNS.slice(1).map(({ sort, label }) => (
          <label key={sort}>
            <input
              type="checkbox"
              checked={!hidden.includes(sort)}
              onChange={({ currentTarget: { checked } }) => choose(sort, checked)}
            />{" "}
            {label}
          </label>
        ))}
      </div>
    </details>
  );
}

/** Stands for the rows out of sight. One cell: it may not count columns that are folded away. */
function Space({ height }: { readonly height: number }): JSX.Element {
  return (
    <tr aria-hidden="true" class="space">
      <td style={{ height: `${height}px` }} />
    </tr>
  );
}

interface RowProps {
  readonly table: TagRows;
  readonly row: number;
  readonly at: number;
  readonly hours: number;
  readonly hidden: readonly SortColumn[];
  readonly isCurrent: boolean;
  readonly onOpen: () => void;
}

function Row({ table, row, at, hours, hidden, isCurrent, onOpen }: RowProps): JSX.Element {
  const bytes = table.bytes[row] ?? 0;
  const blocks = table.blocks[row] ?? 0;
  const change = table.changeBytes[row] ?? 0;
  const rate = rowRate(table, row);
  const state = table.state[row] ?? "not-judged";
  const has = (column: SortColumn): boolean => !hidden.includes(column);
  return (
    <tr aria-rowindex={at + 2} class={state === "leaking" ? "bad" : undefined} onClick={onOpen}>
      <th scope="row" class="tag cut">
        <TagLink
          tagRef={{ tag: table.tag[row] ?? 0, kind: kindOf(table.kind[row] ?? 0) }}
          openTag={onOpen}
          at={at}
          isInOrder={isCurrent}
        />
      </th>
      {has("kind") && <td class="p3">{kindOf(table.kind[row] ?? 0)}</td>}
      {has("bytes") && <td class="num p2">{formatBytes(bytes)}</td>}
      {has("blocks") && <td class="num p3">{formatCount(blocks)}</td>}
      {has("size") && <td class="num p4">{blocks === 0 ? "–" : formatBytes(bytes / blocks)}</td>}
      {has("change") && (
        <td class="num">{hours === 0 ? "–" : change === 0 ? "0" : `${change > 0 ? "+" : ""}${formatBytes(change)}`}</td>
      )}
      {has("rate") && <td class="num p3">{rate === undefined || rate === 0 ? "–" : formatRate(rate)}</td>}
      {has("state") && (
        <td class="verdict cut">
          {state === "steady" ? (
            ""
          ) : state === "not-judged" ? (
            <span class="muted">{STATE_WORDS[state].label}</span>
          ) : (
            <StateBadge state={state} />
          )}
        </td>
      )}
      {has("owner") && (
        <td class="owner cut" title={table.owner[row] ?? ""}>
          {table.owner[row]}
        </td>
      )}
      <td class="shape p4">
        <MiniShape shape={table.shape[row] ?? ""} />
      </td>
    </tr>
  );
}
