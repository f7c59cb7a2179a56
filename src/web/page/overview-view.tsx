// The first view: the answer, the verdicts, the pools, the largest tags, all tags, and what the record covers.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Diagnosis } from "../../model/verdict.ts";
import { abstentionWords } from "../../words/abstentions.ts";
import type { TagRows } from "../contract.ts";
import { TimeBar } from "./time-bar.tsx";
import { Compare } from "./compare.tsx";
import { hasTrend, Pools } from "./pools.tsx";
import { RecordNotes } from "./record-notes.tsx";
import { TagTableView } from "./tag-table-view.tsx";
import { TopTags } from "./top-tags.tsx";
import { Answer, hasCards, Verdicts } from "./verdicts-view.tsx";
import type { ViewProps } from "./view-props.ts";

export function OverviewView(props: ViewProps & { readonly table: TagRows }): JSX.Element {
  const { source, overview, diagnosis, table, view, changeView, openTag, themeKey } = props;
  const { range, zoom, drag } = view;
  // A key stroke in the table's filter must not draw the rest of the page again.
  const verdicts = useMemo(() => <Verdicts {...props} />, [overview, openTag, themeKey]);
  const charts = useMemo(
    () => (
      <>
        <Pools {...props} />
        {hasTrend(diagnosis) && <TopTags {...props} />}
      </>
    ),
    [overview, openTag, themeKey, range?.from, range?.to, zoom?.from, zoom?.to, drag],
  );
  const doubts = useMemo(() => <Abstentions diagnosis={diagnosis} />, [overview]);
  const notes = useMemo(() => <RecordNotes overview={overview} diagnosis={diagnosis} />, [overview, themeKey]);
  const isFound = hasCards(diagnosis);
  return (
    <>
      <Answer diagnosis={diagnosis} />
      <div class={isFound ? "board" : undefined}>
        <div>{verdicts}</div>
        <div>
          {!isFound && doubts}
          {hasTrend(diagnosis) && <TimeBar view={view} changeView={changeView} />}
          {charts}
        </div>
      </div>
      {range !== undefined && <Compare source={source} range={range} changeView={changeView} openTag={openTag} />}
      <TagTableView table={table} view={view} changeView={changeView} openTag={openTag} themeKey={themeKey} />
      {isFound && doubts}
      {notes}
    </>
  );
}

/** Where nothing was found they qualify the answer and stand high; else they follow what was found. */
function Abstentions({ diagnosis: { abstentions } }: { readonly diagnosis: Diagnosis }): JSX.Element | null {
  if (abstentions.length === 0) return null;
  return (
    <section aria-labelledby="abstentions">
      <h2 id="abstentions">What this record cannot answer</h2>
      <ul class="plain">
        {abstentions.map((each) => (
          <li key={each.kind}>{abstentionWords(each)}</li>
        ))}
      </ul>
    </section>
  );
}
