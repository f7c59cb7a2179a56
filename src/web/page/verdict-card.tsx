// One verdict in plain words: whom it points to, how fast, since when, until when, why, and what to do.

import type { JSX } from "preact";
import type { KnownLeak, Step } from "../../model/attribution.ts";
import { baseName } from "../../model/file-path.ts";
import type { KnownCase } from "../../model/known-case.ts";
import { formatBytes, formatRate, plural } from "../../model/units.ts";
import { formatTag } from "../../model/tag.ts";
import { needsAction, type Diagnosis, type TagRef, type Verdict } from "../../model/verdict.ts";
import type { Overview, Points } from "../contract.ts";
import { evidenceWords } from "../../words/evidence.ts";
import { exhaustionWords, LIMIT_WORDS } from "../../words/exhaustion.ts";
import { GROWS_CLAUSE, poolRates, rateInterval, rateSpanWords, rateWords, sureWords } from "../../words/findings.ts";
import { STATE_WORDS } from "../../words/states.ts";
import { stepWords, withStop } from "../../words/steps.ts";
import { besideWords } from "../../words/beside.ts";
import { ownerWords, poolWords, subjectWords, whoSentence } from "../../words/suspects.ts";
import { SCOPE_WORDS, TIER_WORDS } from "../../words/tiers.ts";
import { CardCopy } from "./card-copy.tsx";
import { Explained } from "./term.tsx";
import { TagLink } from "./tag-link.tsx";
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
  readonly diagnosis: Diagnosis;
  /** End of the record. */
  readonly end: number;
  readonly openTag: (ref: TagRef) => void;
}

export function VerdictCard({ verdict, overview, boots, bytes, diagnosis, end, openTag }: CardProps): JSX.Element {
  const { tag, kind, state, group, attribution } = verdict;
  const sure = sureWords(verdict);
  const [step] = attribution?.steps ?? [];
  const name = formatTag(tag);
  return (
    <article class={`card ${STATE_WORDS[state].tone}`}>
      <div class="card-top">
        <span>
          <StateBadge state={state} /> <code>{name}</code> <span class="muted">in {poolWords(verdict)}</span>
        </span>
        {sure !== undefined && (
          <span class="sure">
            <Explained term="sure">{sure}</Explained>
          </span>
        )}
        {state === "too-early" && (
          <span class="sure">
            <Explained term="too early" />
          </span>
        )}
      </div>
      <h2>{subjectWords(verdict)}</h2>
      <p class="who">{whoSentence(attribution)}</p>
      {(attribution?.beside ?? []).map(besideWords).map(({ label, sentence, refutedBy }) => (
        <p key={label} title={`Refuted by: ${refutedBy}.`}>
          {sentence}
        </p>
      ))}
      <Sparkline
        times={overview.times}
        values={bytes}
        boots={boots}
        missing={overview.missing}
        since={verdict.since}
        label={`Bytes held under ${name} over the record`}
      />
      <Facts verdict={verdict} end={end} />
      {step !== undefined && (
        <p class="do">
          <b>What to do</b> <StepText step={step} />
        </p>
      )}
      <details>
        <summary>Why we say so</summary>
        <Reasons verdict={verdict} />
      </details>
      {needsAction(state) && <CardCopy verdict={verdict} diagnosis={diagnosis} version={overview.version} />}
      <p class="open">
        <TagLink tagRef={{ tag, kind }} openTag={openTag} before="Open " />
        {group.length > 0 && (
          <span class="muted">
            {" "}
            grows in <Explained term="lockstep" /> with{" "}
            {group.slice(0, SHOWN_MEMBERS).map((member, index) => (
              <span key={index}>
                {index > 0 && ", "}
                <code>{formatTag(member.tag)}</code>
              </span>
            ))}
            {group.length > SHOWN_MEMBERS && ` and ${group.length - SHOWN_MEMBERS} more`}, in all {rateWords(verdict)}
          </span>
        )}
      </p>
    </article>
  );
}

/** The figures of a verdict. */
export function Facts({ verdict, end: to }: { readonly verdict: Verdict; readonly end: number }): JSX.Element {
  const over = rateSpanWords(verdict, to);
  const { bytesPerHour, bytesPerHourNow: now, total, exhaustion, since, until } = verdict;
  const interval = rateInterval(total.bytesPerHour);
  const rates = poolRates(verdict);
  const end = exhaustion === undefined ? undefined : exhaustionWords(exhaustion);
  return (
    <dl class="facts">
      <div>
        <dt>{until === undefined ? "Grows by" : "Grew by"}</dt>
        <dd class="big">{rateWords(verdict)}</dd>
        {(over !== undefined || interval !== undefined) && (
          <dd class="muted">{[over, interval].filter((part) => part !== undefined).join(", ")}</dd>
        )}
        {rates !== undefined && <dd class="muted">{rates}</dd>}
        {now !== undefined && now > bytesPerHour.value * SPEEDS_UP && (
          <dd class="muted">
            {formatTag(verdict.tag)} by now {formatRate(now)}
          </dd>
        )}
      </div>
      {exhaustion !== undefined && end !== undefined && (
        <div>
          <dt>{LIMIT_WORDS[exhaustion.against].full} in</dt>
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
        <dd>{formatBytes(total.heldBytes)}</dd>
        <dd class="muted">{plural(total.outstanding, "block")}</dd>
      </div>
    </dl>
  );
}

/** Evidence, drivers with proof, known leaks, next steps. */
export function Reasons({ verdict }: { readonly verdict: Verdict }): JSX.Element {
  const { evidence, attribution } = verdict;
  const { members = [], cases = [], patterns = [], ruledOut = [], steps = [] } = attribution ?? {};
  const owner = members[0]?.owner;
  const drivers = members.flatMap((member) => member.drivers);
  const grows = GROWS_CLAUSE[verdict.grows];
  const kept = verdict.bytesPerAllocation;
  return (
    <>
      <p class="muted">
        {STATE_WORDS[verdict.state].label}: {STATE_WORDS[verdict.state].clause}.
      </p>
      {(evidence.length > 0 || grows !== "") && (
        <ul>
          {grows !== "" && <li>{grows}</li>}
          {kept !== undefined && <li>{formatBytes(kept)} stay behind for each allocation made.</li>}
          {evidence.map((each, index) => (
            <li key={index}>{evidenceWords(each)}</li>
          ))}
        </ul>
      )}
      {owner !== undefined && (
        <p>
          Owner of the tag {formatTag(verdict.tag)}: <b>{ownerWords(owner)}</b>.{" "}
          {owner.caution !== undefined && attribution?.suspect === undefined && <em>{owner.caution}</em>}
        </p>
      )}
      {drivers.map(({ file, tier, scope, uses }) => (
        <p key={file}>
          {SCOPE_WORDS[scope ?? "unknown"].clause}, <b>{baseName(file)}</b>: {TIER_WORDS[tier].long}
          {uses.length > 0 && ` (${plural(uses.length, "place")})`}.
        </p>
      ))}
      {cases.map((known) => (
        <PublishedCase key={known.id} known={known} />
      ))}
      {patterns.map(({ id, culprit, cause, source }) => (
        <p key={id}>
          A pattern seen with {culprit}: {withStop(cause)} <cite>{source}</cite>
        </p>
      ))}
      {ruledOut.map(({ id, culprit }) => (
        <p key={id} class="muted">
          Not {culprit}: it shares a tag, but its own tag is not in this record.
        </p>
      ))}
      {steps.length > 0 && (
        <>
          <h3>Next steps</h3>
          <ol>
            {steps.map((step, index) => (
              <li key={index}>
                <StepText step={step} />
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}

/** A step: what is to be typed, and why. */
function StepText({ step }: { readonly step: Step }): JSX.Element {
  const { command, why } = stepWords(step);
  if (command === undefined) return <>{why}</>;
  return (
    <>
      <code class="path">{command}</code> {why}
    </>
  );
}

/** A published leak with what helps. */
export function PublishedCase({ known }: { readonly known: KnownLeak | KnownCase }): JSX.Element {
  return (
    <p>
      <b>Published leak</b> of {known.culprit}: {withStop(known.cause)} What helps: {withStop(known.remedy)}{" "}
      <cite>{known.source}</cite>
    </p>
  );
}

/** A verdict that needs no action, in one line. */
export function VerdictLine({ verdict, openTag }: { verdict: Verdict; openTag: CardProps["openTag"] }): JSX.Element {
  const { tag, kind, state, heldBytes, evidence } = verdict;
  const [first] = evidence;
  return (
    <li>
      <StateBadge state={state} />
      <TagLink tagRef={{ tag, kind }} openTag={openTag} />
      <span class="muted">
        {kind}, {formatBytes(heldBytes)}. {first === undefined ? `${STATE_WORDS[state].clause}.` : evidenceWords(first)}
      </span>
    </li>
  );
}
