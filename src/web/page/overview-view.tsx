// The first view: the answer, the verdicts, the pools, the largest tags, all tags, and what the record covers.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { formatCount } from "../../model/units.ts";
import type { Diagnosis } from "../../model/verdict.ts";
import type { TagTable } from "../contract.ts";
import { headlineOf } from "../wording.ts";
import { Compare } from "./compare.tsx";
import { hasTrend, Pools } from "./pools.tsx";
import { RecordNotes } from "./record-notes.tsx";
import { TagTableView } from "./tag-table-view.tsx";
import { TopTags } from "./top-tags.tsx";
import type { ViewProps } from "./view-props.ts";
import { VerdictCard, VerdictLine } from "./verdict-card.tsx";

/** States that deserve a card; the others get a line. */
const URGENT: ReadonlySet<string> = new Set(["leaking", "stopped-held", "too-early"]);
const MAX_CARDS = 12;
const MAX_LINES = 40;

export function OverviewView(props: ViewProps & { readonly table: TagTable }): JSX.Element {
  const { overview, diagnosis, table, view, changeView, openTag } = props;
  const headline = headlineOf(diagnosis);
  const cards = diagnosis.verdicts.filter(({ state }) => URGENT.has(state)).slice(0, MAX_CARDS);
  const rest = diagnosis.verdicts.filter((verdict) => !cards.includes(verdict));
  const lists = [
    { id: "more", title: "More of these", verdicts: rest.filter(({ state }) => URGENT.has(state)) },
    { id: "others", title: "Also moved, but no leak", verdicts: rest.filter(({ state }) => !URGENT.has(state)) },
  ];
  const shapes = useMemo(
    () => new Map(overview.series.map((series) => [`${series.tag} ${series.kind}`, series.bytes])),
    [overview],
  );
  const range = view.range;
  return (
    <>
      <section class={`headline ${headline.tone}`} aria-label="Result">
        <h1>{headline.title}</h1>
        <p>{headline.detail}</p>
      </section>
      {cards.length > 0 && (
        <section aria-label="Verdicts" class="cards">
          {cards.map((verdict) => (
            <VerdictCard
              key={`${verdict.tag} ${verdict.kind}`}
              verdict={verdict}
              overview={overview}
              boots={diagnosis.span.boots}
              bytes={shapes.get(`${verdict.tag} ${verdict.kind}`) ?? []}
              openTag={openTag}
            />
          ))}
        </section>
      )}
      {lists.map(
        ({ id, title, verdicts }) =>
          verdicts.length > 0 && (
            <section key={id} aria-labelledby={id}>
              <h2 id={id}>{title}</h2>
              <ul class="lines">
                {verdicts.slice(0, MAX_LINES).map((verdict) => (
                  <VerdictLine key={`${verdict.tag} ${verdict.kind}`} verdict={verdict} openTag={openTag} />
                ))}
              </ul>
              {verdicts.length > MAX_LINES && (
                <p class="muted">And {formatCount(verdicts.length - MAX_LINES)} more; sort the table by verdict.</p>
              )}
            </section>
          ),
      )}
      {cards.length === 0 && <Abstentions diagnosis={diagnosis} />}
      <Pools {...props} />
      {hasTrend(diagnosis) && <TopTags {...props} />}
      {range !== undefined && <Compare source={props.source} range={range} changeView={changeView} openTag={openTag} />}
      <TagTableView table={table} view={view} changeView={changeView} openTag={openTag} themeKey={props.themeKey} />
      {cards.length > 0 && <Abstentions diagnosis={diagnosis} />}
      <RecordNotes overview={overview} diagnosis={diagnosis} />
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
        {abstentions.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </section>
  );
}
