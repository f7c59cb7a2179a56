// What the record covers and what it lacks: span, restarts, spans without data, what could not be read.

import type { JSX } from "preact";
import { formatCount, formatDuration, plural } from "../../model/units.ts";
import type { Diagnosis } from "../../model/verdict.ts";
import type { Overview } from "../contract.ts";
import { baseName } from "../../model/file-path.ts";
import { notJudgedWords } from "../../words/abstentions.ts";
import { silentWords } from "../../words/missing.ts";
import { formatFull, zoneName } from "./local-time.ts";

const SHOWN_GAPS = 20;

export function RecordNotes({ overview, diagnosis }: { overview: Overview; diagnosis: Diagnosis }): JSX.Element {
  const { span, origin, gaps, steadyCount, notJudged } = diagnosis;
  const { missing } = overview;
  const isInstant = span.from === span.to;
  const machine = [
    origin.host,
    origin.windowsBuild === undefined ? undefined : `Windows build ${origin.windowsBuild}`,
    origin.architecture,
  ].filter((part) => part !== undefined);
  return (
    <section aria-labelledby="record" class="record">
      <h2 id="record">What this rests on</h2>
      <dl class="facts">
        <div>
          <dt>{isInstant ? "Taken" : "Record"}</dt>
          <dd>{isInstant ? formatFull(span.to) : formatDuration(span.to - span.from)}</dd>
          <dd class="muted">
            {!isInstant && `${formatFull(span.from)} to ${formatFull(span.to)} `}({zoneName(span.to)})
          </dd>
        </div>
        <div>
          <dt>Snapshots</dt>
          <dd>{formatCount(span.snapshots)}</dd>
          <dd class="muted">
            {plural(span.series, "row")} of tag and pool
            {steadyCount > 0 && `, ${formatCount(steadyCount)} of them steady`}
            {notJudged.count > 0 && `; ${notJudgedWords(notJudged) ?? ""}`}
          </dd>
        </div>
        <div>
          <dt>Machine</dt>
          <dd>{machine.length === 0 ? "not named by the source" : machine.join(", ")}</dd>
          <dd class="muted">
            {origin.file === undefined ? overview.source : baseName(origin.file)} ({origin.source})
          </dd>
        </div>
        <div>
          <dt>Restarts</dt>
          <dd>{span.boots.length === 0 ? "none seen" : span.boots.map(formatFull).join("; ")}</dd>
        </div>
      </dl>
      {(missing.length > 0 || gaps.length > 0) && (
        <>
          <h3>What could not be read</h3>
          <ul class="plain">
            {missing.slice(0, SHOWN_GAPS).map((span) => (
              <li key={span.from}>
                {silentWords(span)}: {formatFull(span.from)} to {formatFull(span.to)}.
              </li>
            ))}
            {gaps.slice(0, SHOWN_GAPS).map(({ where, problem }, index) => (
              <li key={index}>
                {where}: {problem}
              </li>
            ))}
            {missing.length + gaps.length > 2 * SHOWN_GAPS && (
              <li>And {formatCount(missing.length + gaps.length - 2 * SHOWN_GAPS)} more.</li>
            )}
          </ul>
        </>
      )}
      <p class="muted">
        poolscope {overview.version}. Times are in {zoneName(span.to)}.
      </p>
    </section>
  );
}
