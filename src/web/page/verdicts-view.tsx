// The answer and what it rests on: headline, a card for each verdict that asks for something, a line for each other.

import type { JSX } from "preact";
import { formatCount } from "../../model/units.ts";
import { needsAction, needsLook, type Diagnosis, type Verdict } from "../../model/verdict.ts";
import { headlineOf } from "../../words/findings.ts";
import { VerdictCard, VerdictLine } from "./verdict-card.tsx";
import type { ViewProps } from "./view-props.ts";

/** Cards in sight at once, one row of a wide screen, so that the first chart is on the first screen. */
const FIRST_CARDS = 3;
/** Cards in all; what is beyond has a line. */
const MAX_CARDS = 12;
const MAX_LINES = 40;

/** Whether anything asks for action or patience. */
export function hasCards({ verdicts }: Diagnosis): boolean {
  return verdicts.some(({ state }) => needsLook(state));
}

/** The answer in one heading and a sentence or two. */
export function Answer({ diagnosis }: { readonly diagnosis: Diagnosis }): JSX.Element {
  const headline = headlineOf(diagnosis);
  return (
    <section class={`headline ${headline.tone}`} aria-label="Result">
      <h1>{headline.title}</h1>
      <p>{headline.detail}</p>
    </section>
  );
}

export function Verdicts({ overview, diagnosis, openTag }: ViewProps): JSX.Element {
  const urgent = diagnosis.verdicts.filter(({ state }) => needsLook(state));
  const shapes = new Map(overview.series.map((series) => [`${series.tag} ${series.kind}`, series.bytes]));
  // What asks for action stands open; what only asks for patience does where there is nothing else.
  const acting = urgent.filter(({ state }) => needsAction(state)).slice(0, FIRST_CARDS);
  const first = acting.length > 0 ? acting : urgent.slice(0, FIRST_CARDS);
  const later = urgent.filter((each) => !first.includes(each)).slice(0, MAX_CARDS);
  const card = (verdict: Verdict): JSX.Element => (
    <VerdictCard
      key={`${verdict.tag} ${verdict.kind}`}
      verdict={verdict}
      overview={overview}
      boots={diagnosis.span.boots}
      bytes={shapes.get(`${verdict.tag} ${verdict.kind}`) ?? []}
      diagnosis={diagnosis}
      end={diagnosis.span.to}
      openTag={openTag}
    />
  );
  const lists = [
    { id: "more", title: "More of these", verdicts: urgent.slice(FIRST_CARDS + MAX_CARDS) },
    {
      id: "others",
      title: "Also moved, but no leak",
      verdicts: diagnosis.verdicts.filter(({ state }) => !needsLook(state)),
    },
  ];
  return (
    <>
      {first.length > 0 && (
        <section aria-label="Verdicts" class="cards">
          {first.map(card)}
        </section>
      )}
      {later.length > 0 && (
        <details class="folded">
          <summary>
            More findings and what only time can tell <span class="muted">({formatCount(later.length)})</span>
          </summary>
          <div class="cards">{later.map(card)}</div>
        </details>
      )}
      {lists.map(
        ({ id, title, verdicts }) =>
          verdicts.length > 0 && (
            <details key={id} class="folded">
              <summary>
                {title} <span class="muted">({formatCount(verdicts.length)})</span>
              </summary>
              <ul class="lines">
                {verdicts.slice(0, MAX_LINES).map((verdict) => (
                  <VerdictLine key={`${verdict.tag} ${verdict.kind}`} verdict={verdict} openTag={openTag} />
                ))}
              </ul>
              {verdicts.length > MAX_LINES && (
                <p class="muted">And {formatCount(verdicts.length - MAX_LINES)} more; sort the table by verdict.</p>
              )}
            </details>
          ),
      )}
    </>
  );
}
