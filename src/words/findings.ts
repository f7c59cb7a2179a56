// A finding and a diagnosis in words: title, rate, times, what grows, the one-line and the one-paragraph form.

import type { Milliseconds } from "../model/snapshot.ts";
import { formatTime } from "../model/time.ts";
import { formatBytes, formatCount, formatDuration, formatRate, plural } from "../model/units.ts";
import { needsAction, type Diagnosis, type Estimate, type GroupMember, type Verdict } from "../model/verdict.ts";
import { LIMIT_WORDS, exhaustionShort, exhaustionWords, intervalWords } from "./exhaustion.ts";
import { STATE_WORDS, type Tone } from "./states.ts";
import { nextSnapshotWords, triageTitle } from "./triage.ts";
import { findingTitle, mayHead, poolWords, suspectNames, tagWord, whoSentence } from "./suspects.ts";

/** `WCsc` or `WCsc with 9 more tags`: the tag that says most first. */
export function tagsWords(verdict: Verdict): string {
  const others = verdict.group.length;
  const first = tellingTag(verdict);
  return `${tagWord(first)}${others === 0 ? "" : ` with ${plural(others, "more tag")}`}`;
}

/** The suspect's tag where the finding has it, else the lead's. */
export function tellingTag(verdict: Verdict): number {
  const tag = verdict.attribution?.suspect?.tag;
  return verdict.group.some((member) => member.tag === tag) && tag !== undefined ? tag : verdict.tag;
}

/** The rate of the whole finding. */
export function rateWords({ total, perStep }: Verdict): string {
  return formatRate(total.bytesPerHour.value, perStep);
}

/** Over which time a finding's rate holds: `over 14 h`; undefined where the time of its growth is not known. */
export function rateSpanWords(
  { since, until }: Pick<Verdict, "since" | "until">,
  end: Milliseconds,
): string | undefined {
  const span = since === undefined ? 0 : (until ?? end) - since;
  return span > 0 ? `over ${formatDuration(span)}` : undefined;
}

/** `+2.0 to +2.4 MiB/h`; undefined where the interval is a point. */
export function rateInterval({ low, high }: Estimate, perStep = false): string | undefined {
  return high > low ? intervalWords(formatRate(low, perStep), formatRate(high, perStep)) : undefined;
}

/** `0.982 ± 0.014`: a member's ratio to the lead with its margin, where that shows at so many decimals. */
export function ratioWords(
  { ratio, ratioMargin = 0 }: Pick<GroupMember, "ratio" | "ratioMargin">,
  decimals: number,
): string {
  const margin = ratioMargin.toFixed(decimals);
  return Number(margin) > 0 ? `${ratio.toFixed(decimals)} ± ${margin}` : ratio.toFixed(decimals);
}

/** The figure that a finding is told by: its rate while it grows, what it holds once it stopped. */
export function figureWords(verdict: Verdict): string {
  return verdict.state === "stopped-held" ? formatBytes(verdict.total.heldBytes) : rateWords(verdict);
}

/** `97 % sure`; growth that is not proven has no certainty to show. */
export function sureWords({ state, confidence }: Pick<Verdict, "state" | "confidence">): string | undefined {
  return needsAction(state) ? `${Math.round(confidence * 100)} % sure` : undefined;
}

/** When it began and ended, with what it was in that time: `2026-03-21 ..., for 3 h`. */
export function sinceWords(verdict: Verdict, end: number): string | undefined {
  const { since, until } = verdict;
  if (since === undefined) return undefined;
  return until === undefined
    ? `${formatTime(since)}, for ${formatDuration(end - since)}`
    : `${formatTime(since)} until ${formatTime(until)}, at ${rateWords(verdict)} in that time`;
}

/** Blocks per hour, or per day where that reads as a number. */
function blocksWords({ blocksPerHour: perHour, perStep }: Verdict): string {
  if (perStep === true) return `${formatCount(perHour)} more a step`;
  return perHour < 1 ? `${(perHour * 24).toPrecision(2)} more a day` : `${formatCount(perHour)} more an hour`;
}

/** Which factor grows, and what is held now. */
export function growsWords(verdict: Verdict): string {
  const held = `holds ${formatBytes(verdict.heldBytes)} in ${plural(verdict.outstanding, "block")}`;
  const interval = rateInterval(verdict.bytesPerHour, verdict.perStep);
  const between = interval === undefined ? "" : ` (${interval})`;
  const of = verdict.group.length > 0 ? ` of ${tagWord(verdict.tag)}` : "";
  switch (verdict.grows) {
    case "count":
      return `the number of blocks${of}, ${blocksWords(verdict)}${between}; ${held}`;
    case "size":
      return `the size of the blocks${of}, not their number${between}; ${held}`;
    case "both":
      return `number and size of the blocks${of}${between}; ${held}`;
    case "nothing":
      return `nothing any more; ${held}`;
  }
}

/** The same for a card: one clause, empty where nothing grows. */
export const GROWS_CLAUSE: Readonly<Record<Verdict["grows"], string>> = {
  count: "The number of blocks grows, not their size.",
  size: "The blocks get larger, their number does not grow: one structure that is extended.",
  both: "Both the number of blocks and their size grow.",
  nothing: "",
};

/** The rates of a finding's pools where it spans both: `paged +3.1 MiB/h, nonpaged +5.9 MiB/h`. */
export function poolRates({ total, perStep }: Verdict): string | undefined {
  const { paged, nonpaged } = total.pools;
  if (paged === undefined || nonpaged === undefined) return undefined;
  return `paged ${formatRate(paged, perStep)}, nonpaged ${formatRate(nonpaged, perStep)}`;
}

/**
 * One suspect in a line: `wcifs.sys: WCsc with 9 more tags paged +9.01 MiB/h since ..., paged pool full in 19 days`. What does
 * not fit into `room` characters is left out, the times first.
 */
export function findingLine(verdict: Verdict, room: number, clock: (time: number) => string = formatTime): string {
  const since = verdict.since === undefined ? "" : ` since ${clock(verdict.since)}`;
  const until = verdict.until === undefined ? "" : ` until ${clock(verdict.until)}`;
  const forecast = verdict.exhaustion === undefined ? "" : `, ${exhaustionShort(verdict.exhaustion)}`;
  const suspect = verdict.attribution?.suspect;
  const name = mayHead(suspect) ? `${suspectNames(suspect)}: ` : "";
  const tags = `${tagsWords(verdict)} ${poolWords(verdict).replace(/ pool$/, "")} ${rateWords(verdict)}`;
  const short = `${tagWord(tellingTag(verdict))} ${verdict.kind} ${rateWords(verdict)}`;
  const versions = [
    name + tags + since + until + forecast,
    name + tags + forecast,
    tags + forecast,
    name + short,
    short + forecast,
    tags,
  ];
  return versions.find((text) => text.length <= room) ?? short;
}

/** A finding in one paragraph, for an event log or a ticket. */
export function findingParagraph(verdict: Verdict): string {
  const since = verdict.since === undefined ? "" : ` since ${formatTime(verdict.since)}`;
  const { exhaustion } = verdict;
  const end =
    exhaustion === undefined
      ? ""
      : ` At this rate ${LIMIT_WORDS[exhaustion.against].limit} is reached in ${exhaustionWords(exhaustion).value}.`;
  const stopped = verdict.state === "stopped-held" ? " The growth has stopped." : "";
  return (
    `${findingTitle(verdict)}. ${tagsWords(verdict)}: ${rateWords(verdict)}${since}, ` +
    `holds ${formatBytes(verdict.total.heldBytes)}.${stopped}${end} ${whoSentence(verdict.attribution)}`
  );
}

export interface Headline {
  readonly tone: Tone;
  readonly title: string;
  readonly detail: string;
}

/** Fewer snapshots than these show no growth over time. */
const FEWEST_SNAPSHOTS = 3;

/** Where no model could look, the first suspect of the triage heads. */
function triageHeadline({ triage, notJudged, span }: Diagnosis): Headline | undefined {
  const [first, ...more] = triage?.findings ?? [];
  if (triage === undefined || first === undefined || notJudged.count < span.series) return undefined;
  const others = more.length === 0 ? "" : ` ${plural(more.length, "other suspect")} below.`;
  const tone = first.state === "not-judged" ? "plain" : "warn";
  return { tone, title: triageTitle(first), detail: `${nextSnapshotWords(first)}${others}` };
}

/** The whole diagnosis in one heading and one sentence or two. Nothing is called clean that no model looked at. */
export function headlineOf(diagnosis: Diagnosis): Headline {
  const { verdicts, span, notJudged, intake } = diagnosis;
  const over = intake?.times.spacing === "unknown" ? "" : ` over ${formatDuration(span.to - span.from)}`;
  const covered = `${plural(span.series, "row")} of tag and pool${over}`;
  const findings = verdicts.filter(({ state }) => needsAction(state));
  const [first] = findings;
  if (first !== undefined) {
    const more = findings.length > 1 ? ` ${plural(findings.length - 1, "other finding")} below.` : "";
    const tone = STATE_WORDS[first.state].tone;
    if (first.state === "stopped-held") {
      const held = `${formatBytes(first.total.heldBytes)} are still held under ${tagsWords(first)}.`;
      return { tone, title: findingTitle(first), detail: held + more };
    }
    const end = first.exhaustion === undefined ? "" : ` At this rate: ${exhaustionShort(first.exhaustion)}.`;
    const over = rateSpanWords(first, span.to);
    const rate = `${rateWords(first)}${over === undefined ? "" : ` ${over}`}`;
    return { tone, title: findingTitle(first), detail: `${rate} under ${tagsWords(first)}.${end}${more}` };
  }
  const triaged = triageHeadline(diagnosis);
  if (triaged !== undefined) return triaged;
  if (span.snapshots < 2) {
    return {
      tone: "plain",
      title: "One snapshot shows what is held, not what grows",
      detail: `${plural(span.series, "row")} of tag and pool at one instant. Take a second snapshot, or record for an hour, to see growth.`,
    };
  }
  const open = verdicts.filter(({ state }) => STATE_WORDS[state].tone === "warn");
  const [candidate] = open;
  if (candidate !== undefined) {
    return {
      tone: "warn",
      title: "No leak proven; something grows",
      detail: `${plural(open.length, "row")} of ${covered} grew without proof, ${tagWord(candidate.tag)} first. A longer record tells more.`,
    };
  }
  if (notJudged.count >= span.series || span.snapshots < FEWEST_SNAPSHOTS) {
    return {
      tone: "plain",
      title: `Nothing can be said of growth from ${plural(span.snapshots, "snapshot")}`,
      detail: `${covered}: too few snapshots for a verdict.`,
    };
  }
  const rest = notJudged.count === 0 ? "" : ` ${plural(notJudged.count, "row")} could not be judged.`;
  return { tone: "ok", title: "No leak found in what could be judged", detail: `${covered}.${rest}` };
}
