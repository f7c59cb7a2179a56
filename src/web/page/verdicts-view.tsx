// The answer and what it rests on: headline, a card for each verdict that asks for something, a line for each other.

import type { JSX } from "preact";
import { formatCount } from "../../model/units.ts";
import { needsLook, type Diagnosis } from "../../model/verdict.ts";
import { headlineOf } from "../../words/findings.ts";
import { VerdictCard, VerdictLine } from "./verdict-card.tsx";
import type { ViewProps } from "./view-props.ts";

const MAX_CARDS = 12;
const MAX_LINES = 40;

/** Whether anything asks for action or patience. */
export function hasCards({ verdicts }: Diagnosis): boolean {
  return verdicts.some(({ state }) => needsLook(state));
}

export function Verdicts({ overview, diagnosis, openTag }: ViewProps): JSX.Element {
  const headline = headlineOf(diagnosis);
  const urgent = diagnosis.verdicts.filter(({ state }) => needsLook(state));
  const lists = [
    { id: "more", title: "More of these", verdicts: urgent.slice(MAX_CARDS) },
    {
      id: "others",
      title: "Also moved, but no leak",
      verdicts: diagnosis.verdicts.filter(({ state }) => !needsLook(state)),
    },
  ];
  const shapes = new Map(overview.series.map((series) => [`${series.tag} ${series.kind}`, series.bytes]));
  return (
    <>
      <section class={`headline ${headline.tone}`} aria-label="Result">
        <h1>{headline.title}</h1>
        <p>{headline.detail}</p>
      </section>
      {urgent.length > 0 && (
        <section aria-label="Verdicts" class="cards">
          {urgent.slice(0, MAX_CARDS).map((verdict) => (
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
    </>
  );
}
