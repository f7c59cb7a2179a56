// Two times compared: which tags hold more at the second, and by how much.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { kindOf } from "../../model/snapshot.ts";
import { formatTag } from "../../model/tag.ts";
import { formatIso } from "../../model/time.ts";
import { formatBytes, formatCount, formatDuration, formatRate } from "../../model/units.ts";
import type { TagRef } from "../../model/verdict.ts";
import type { Comparison } from "../contract.ts";
import { TableExport } from "./table-export.tsx";
import { TagLink } from "./tag-link.tsx";
import { formatMoment } from "./local-time.ts";
import { LostConnection, type PageSource } from "./source.ts";
import type { ChangeView } from "./use-view.ts";
import type { ViewState } from "./view-state.ts";

interface CompareProps {
  readonly source: PageSource;
  readonly range: NonNullable<ViewState["range"]>;
  readonly changeView: ChangeView;
  readonly openTag: (ref: TagRef) => void;
}

const SHOWN = 15;

export function Compare({ source, range, changeView, openTag }: CompareProps): JSX.Element {
  const [comparison, setComparison] = useState<Comparison | string>();
  useEffect(() => {
    let isCurrent = true;
    source.compare(range.from, range.to).then(
      (found) => isCurrent && setComparison(found),
      (error: unknown) => {
        // Where the connection is lost the banner says so, and the last answer stays.
        if (isCurrent && !(error instanceof LostConnection))
          setComparison(error instanceof Error ? error.message : String(error));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [source, range.from, range.to]);
  const close = (): void => changeView({ range: undefined });
  const heading = useRef<HTMLHeadingElement>(null);
  const isFirst = useRef(true);
  // A new choice brings its answer into sight; a reloaded page stays where it is.
  useEffect(() => {
    if (!isFirst.current || document.activeElement !== document.body) {
      heading.current?.focus({ preventScroll: true });
      heading.current?.scrollIntoView({ block: "start" });
    }
    isFirst.current = false;
  }, [range.from, range.to]);
  return (
    <section
      aria-labelledby="compare"
      class="compare"
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <div class="compare-top">
        <h2 id="compare" ref={heading} tabIndex={-1}>
          Two times compared
        </h2>
        <button type="button" class="quiet" onClick={close}>
          Close
        </button>
      </div>
      {comparison === undefined && <p aria-busy="true">Comparing.</p>}
      {typeof comparison === "string" && <p class="bar bad">{comparison}</p>}
      {typeof comparison === "object" && <Result comparison={comparison} openTag={openTag} />}
    </section>
  );
}

function Result({ comparison, openTag }: { comparison: Comparison; openTag: CompareProps["openTag"] }): JSX.Element {
  const { from, to, tag, kind, bytesFrom, bytesTo, blocksFrom, blocksTo } = comparison;
  const hours = (to - from) / 3_600_000;
  const change = (row: number): number => (bytesTo[row] ?? 0) - (bytesFrom[row] ?? 0);
  const rows = tag.map((_, row) => row).filter((row) => change(row) !== 0);
  rows.sort((a, b) => Math.abs(change(b)) - Math.abs(change(a)));
  const sum = rows.reduce((total, row) => total + change(row), 0);
  return (
    <>
      <p>
        From <b>{formatMoment(from)}</b> to <b>{formatMoment(to)}</b>, {formatDuration(to - from)}:{" "}
        {formatCount(rows.length)} of {formatCount(tag.length)} rows changed, together{" "}
        <b>
          {sum > 0 ? "+" : ""}
          {formatBytes(sum)}
        </b>
        {rows.length > SHOWN && `. The ${SHOWN} largest changes:`}
      </p>
      <TableExport name="poolscope comparison" rows={() => comparisonRows(comparison, rows)} />
      <div class="scroll short" tabIndex={0} role="region" aria-label="Changes">
        <table>
          <thead>
            <tr>
              <th scope="col" class="tag">
                Tag
              </th>
              <th scope="col" class="p3">
                Pool
              </th>
              <th scope="col" class="num p2">
                Before
              </th>
              <th scope="col" class="num">
                After
              </th>
              <th scope="col" class="num">
                Change
              </th>
              <th scope="col" class="num p2">
                Per hour
              </th>
              <th scope="col" class="num p3">
                Blocks
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, SHOWN).map((row) => {
              const ref = { tag: tag[row] ?? 0, kind: kindOf(kind[row] ?? 0) };
              const more = change(row);
              const blocks = (blocksTo[row] ?? 0) - (blocksFrom[row] ?? 0);
              return (
                <tr key={row}>
                  <th scope="row" class="tag">
                    <TagLink tagRef={ref} openTag={openTag} />
                  </th>
                  <td class="p3">{ref.kind}</td>
                  <td class="num p2">{formatBytes(bytesFrom[row] ?? 0)}</td>
                  <td class="num">{formatBytes(bytesTo[row] ?? 0)}</td>
                  <td class="num">
                    {more > 0 ? "+" : ""}
                    {formatBytes(more)}
                  </td>
                  <td class="num p2">{hours === 0 ? "–" : formatRate(more / hours)}</td>
                  <td class="num p3">
                    {blocks > 0 ? "+" : ""}
                    {formatCount(blocks)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** All changed rows with exact bytes, for files and clipboards. */
function comparisonRows(comparison: Comparison, rows: readonly number[]): (string | number)[][] {
  const { from, to, tag, kind, bytesFrom, bytesTo, blocksFrom, blocksTo } = comparison;
  return [
    ["tag", "pool", `bytes at ${formatIso(from)}`, `bytes at ${formatIso(to)}`, "blocks before", "blocks after"],
    ...rows.map((row) => [
      formatTag(tag[row] ?? 0),
      kindOf(kind[row] ?? 0),
      bytesFrom[row] ?? 0,
      bytesTo[row] ?? 0,
      blocksFrom[row] ?? 0,
      blocksTo[row] ?? 0,
    ]),
  ];
}
