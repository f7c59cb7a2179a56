// One verdict in plain words: whom it points to, how fast, since when, until when, why, and what to do.

import type { JSX } from "preact";
import { formatBytes, formatCount, formatRate } from "../../model/units.ts";
import { formatTag } from "../../model/tag.ts";
import type { TagRef, Verdict } from "../../model/verdict.ts";
import type { Overview, Points } from "../contract.ts";
import {
  adviceOf,
  fileName,
  GROWS_WORDS,
  intervalWords,
  EXHAUSTION_LABELS,
  exhaustionWords,
  groupRate,
  STATE_WORDS,
  subjectOf,
  suspectOf,
  tierWords,
} from "../wording.ts";
import { formatMoment } from "./local-time.ts";
import { Sparkline } from "./sparkline.tsx";

export function StateBadge({ state }: { readonly state: Verdict["state"] }): JSX.Element {
  const { label, tone, sign } = STATE_WORDS[state];
  return (
    <span class={`badge ${tone}`}>
      <span aria-hidden="true">{sign}</span> {label}
    </span>
  );
}

const SHOWN_MEMBERS = 8;
/** So much faster at the end than on the whole is worth a word. */
const SPEEDS_UP = 1.2;

interface CardProps {
  readonly verdict: Verdict;
  readonly overview: Overview;
  readonly boots: readonly number[];
  readonly bytes: Points;
  readonly openTag: (ref: TagRef) => void;
}

export function VerdictCard({ verdict, overview, boots, bytes, openTag }: CardProps): JSX.Element {
  const { tag, kind, state, confidence, group } = verdict;
  const suspect = suspectOf(verdict);
  const name = formatTag(tag);
  const others = group.filter((member) => member.tag !== tag || member.kind !== kind);
  return (
    <article class={`card ${STATE_WORDS[state].tone}`}>
      <div class="card-top">
        <span>
          <StateBadge state={state} /> <code>{name}</code> <span class="muted">in {kind} pool</span>
        </span>
        <span class="sure">{Math.round(confidence * 100)} % sure</span>
      </div>
      <h2>{subjectOf(verdict)}</h2>
      <p class="who">
        {suspect === undefined ? (
          <>{unknownWords(verdict)}</>
        ) : (
          <>
            {suspect.detail !== "" && <>{suspect.detail}. </>}
            <b>
              {suspect.certainty === "proven" ? "Proven" : suspect.certainty === "likely" ? "Likely" : "Possible"}
            </b>:{" "}
            {suspect.why}.
          </>
        )}
      </p>
      <Sparkline
        times={overview.times}
        values={bytes}
        boots={boots}
        missing={overview.missing}
        since={verdict.since}
        label={`Bytes held under ${name} over the record`}
      />
      <Facts verdict={verdict} />
      <p class="do">
        <b>What to do</b> {adviceOf(verdict)}
      </p>
      <details>
        <summary>Why we say so</summary>
        <Reasons verdict={verdict} />
      </details>
      <p class="open">
        <button type="button" class="link" onClick={() => openTag({ tag, kind })}>
          Open <code>{name}</code>
        </button>
        {others.length > 0 && (
          <span class="muted">
            {" "}
            grows together with{" "}
            {others.slice(0, SHOWN_MEMBERS).map((member, index) => (
              <span key={index}>
                {index > 0 && ", "}
                <code>{formatTag(member.tag)}</code>
              </span>
            ))}
            {others.length > SHOWN_MEMBERS && ` and ${others.length - SHOWN_MEMBERS} more`}, in all{" "}
            {formatRate(groupRate(verdict))}
          </span>
        )}
      </p>
    </article>
  );
}

/** What is said where nobody can be named. */
function unknownWords(verdict: Verdict): string {
  const description = verdict.owner?.description ?? "";
  if (description === "") return "Which driver uses this tag is not known here.";
  return `${description === subjectOf(verdict) ? "" : `${description.replace(/\.$/, "")}. `}Who causes it is not known yet.`;
}

/** The figures of a verdict. */
export function Facts({ verdict }: { readonly verdict: Verdict }): JSX.Element {
  const { bytesPerHour: rate, bytesPerHourNow: now, exhaustion, since, until, heldBytes, outstanding } = verdict;
  const end = exhaustion === undefined ? undefined : exhaustionWords(exhaustion);
  return (
    <dl class="facts">
      <div>
        <dt>{until === undefined ? "Grows by" : "Grew by"}</dt>
        <dd class="big">{formatRate(rate.value)}</dd>
        {rate.high > rate.low && <dd class="muted">{intervalWords(formatRate(rate.low), formatRate(rate.high))}</dd>}
        {now !== undefined && now > rate.value * SPEEDS_UP && <dd class="muted">by now {formatRate(now)}</dd>}
      </div>
      {exhaustion !== undefined && end !== undefined && (
        <div>
          <dt>{EXHAUSTION_LABELS[exhaustion.against]}</dt>
          <dd class="big">{end.value}</dd>
          {end.interval !== undefined && (
            <dd class="muted">
              {formatMoment(exhaustion.at)}; {end.interval}
            </dd>
          )}
        </div>
      )}
      {since !== undefined && (
        <div>
          <dt>Since</dt>
          <dd>{formatMoment(since)}</dd>
          {until !== undefined && <dd class="muted">until {formatMoment(until)}</dd>}
        </div>
      )}
      <div>
        <dt>Holds</dt>
        <dd>{formatBytes(heldBytes)}</dd>
        <dd class="muted">{formatCount(outstanding)} blocks</dd>
      </div>
    </dl>
  );
}

/** Evidence, drivers with proof, known leaks, next steps. */
export function Reasons({ verdict }: { readonly verdict: Verdict }): JSX.Element {
  const { evidence, drivers, knownLeaks, next, owner } = verdict;
  const grows = GROWS_WORDS[verdict.grows];
  const kept = verdict.bytesPerAllocation;
  return (
    <>
      <p class="muted">
        {STATE_WORDS[verdict.state].label}: {STATE_WORDS[verdict.state].meaning}.
      </p>
      {(evidence.length > 0 || grows !== "") && (
        <ul>
          {grows !== "" && <li>{grows}.</li>}
          {kept !== undefined && <li>{formatBytes(kept)} stay behind for each allocation made.</li>}
          {evidence.map(({ text }, index) => (
            <li key={index}>{text}</li>
          ))}
        </ul>
      )}
      {owner !== undefined && (
        <p>
          Owner of the tag: <b>{owner.component === "" ? "not known" : owner.component}</b>
          {owner.description !== "" && `, ${owner.description}`} ({owner.from}).{" "}
          {owner.caution !== undefined && <em>{owner.caution}</em>}
        </p>
      )}
      {drivers.map(({ file, tier, uses }) => (
        <p key={file}>
          <b>{fileName(file)}</b>: {tierWords(tier)}
          {uses.length > 0 && ` (${uses.length === 1 ? "1 place" : `${uses.length} places`})`}.
        </p>
      ))}
      {knownLeaks.map(({ id, culprit, cause, remedy, source }) => (
        <p key={id}>
          <b>Published leak</b> of {culprit}: {cause}. What helps: {remedy}. <cite>{source}</cite>
        </p>
      ))}
      {next.length > 0 && (
        <>
          <h3>Next steps</h3>
          <ol>
            {next.map((step, index) => (
              <li key={index}>
                <Step text={step} />
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}

/** A step; what is to be typed stands before three spaces and its reason. */
function Step({ text }: { readonly text: string }): JSX.Element {
  const [command = "", ...reason] = text.split(/ {3,}/);
  if (!command.startsWith("poolscope ")) return <>{text}</>;
  return (
    <>
      <code class="path">{command}</code> {reason.join(" ")}
    </>
  );
}

/** A verdict that needs no action, in one line. */
export function VerdictLine({ verdict, openTag }: { verdict: Verdict; openTag: CardProps["openTag"] }): JSX.Element {
  const { tag, kind, state, heldBytes, evidence } = verdict;
  return (
    <li>
      <StateBadge state={state} />
      <button type="button" class="link" onClick={() => openTag({ tag, kind })}>
        <code>{formatTag(tag)}</code>
      </button>
      <span class="muted">
        {kind}, {formatBytes(heldBytes)}. {evidence[0]?.text ?? STATE_WORDS[state].meaning}
      </span>
    </li>
  );
}
