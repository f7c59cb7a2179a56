// A diagnosis for people: findings first, each as a colleague would write it, then what the record cannot answer.

import type { Milliseconds } from "../model/snapshot.ts";
import { formatTag } from "../model/tag.ts";
import { formatTime } from "../model/time.ts";
import { formatBytes, formatDuration, formatRate, plural } from "../model/units.ts";
import { needsAction, needsLook, type Diagnosis, type PoolOutlook, type Verdict } from "../model/verdict.ts";
import { joinedSentence } from "../words/stacks.ts";
import { abstentionWords, notJudgedWords } from "../words/abstentions.ts";
import { evidenceWords } from "../words/evidence.ts";
import { exhaustionLong, exhaustionWords } from "../words/exhaustion.ts";
import {
  figureWords,
  growsWords,
  headlineOf,
  poolRates,
  rateWords,
  sinceWords,
  sureWords,
  tellingTag,
  ratioWords,
} from "../words/findings.ts";
import { STATE_WORDS } from "../words/states.ts";
import { patternWords } from "../words/triage.ts";
import { withStop } from "../words/steps.ts";
import { VISIBLE_HEAD, visibleRate } from "../words/visible.ts";
import { besideWords } from "../words/beside.ts";
import { driverWords, mayHead, ownerWords, poolWords, suspectNames, tagWord, whoSentence } from "../words/suspects.ts";
import { nextStepsLines } from "./next-steps.ts";
import { basisNote, gapLines, originLines, totalsLines } from "./snapshot-report.ts";
import { labelled, visible, wrapText, type Paint } from "./terminal-text.ts";
import { renderTable, type TableColumn } from "./text-table.ts";
import { triageLines } from "./triage-report.ts";

export interface DiagnosisReportOptions {
  readonly width: number;
  readonly paint: Paint;
  /** List also what needs no action: cache, step, load-driven, given back. */
  readonly all: boolean;
}

export function renderDiagnosisText(diagnosis: Diagnosis, options: DiagnosisReportOptions): string {
  const { width, paint } = options;
  const findings = diagnosis.verdicts.filter(({ state }) => needsAction(state));
  const others = diagnosis.verdicts.filter(({ state }) => !needsAction(state));
  const shown = options.all ? others : others.filter(({ state }) => needsLook(state));
  const hidden = others.length - shown.length;
  return `${[
    ...originLines(diagnosis.origin, width).map(visible),
    ...[spanLine(diagnosis), ...totalsLines(diagnosis.totals)].flatMap((line) => wrapText(line, width)),
    "",
    ...wrapText(visible(headline(diagnosis, findings)), width).map(paint.bold),
    ...findings.flatMap((verdict, index) => ["", ...findingLines(verdict, index + 1, diagnosis.span.to, options)]),
    ...triageSection(diagnosis, options),
    ...stepsSection(diagnosis, findings, options),
    ...poolLines(diagnosis.pools, options),
    ...(shown.length > 0 ? ["", "Watched, no leak proven:", watchedTable(shown, width)] : []),
    ...visibleLines(diagnosis, options),
    "",
    ...restLine(diagnosis, hidden).map((line) => paint.dim(line)),
    ...diagnosis.abstentions.flatMap((each) => labelled("", abstentionWords(each), width, 0, 0)),
    ...gapLines(diagnosis.gaps, options),
  ].join("\n")}\n`;
}

function spanLine({ span, origin, intake }: Diagnosis): string {
  const boots = span.boots.length === 0 ? "" : `, ${plural(span.boots.length, "restart")} in it`;
  const period =
    span.to > span.from
      ? `${formatTime(span.from)} to ${formatTime(span.to)} (${formatDuration(span.to - span.from)})`
      : formatTime(span.from);
  const counted = `${plural(span.snapshots, "snapshot")}, ${plural(span.series, "row")} of tag and pool${boots}`;
  if (intake?.times.spacing === "unknown") return `In order, without times: ${counted}`;
  return `${period}${basisNote(origin)}: ${counted}`;
}

/** How many findings there are and what the first one is; else what can be said instead. */
function headline(diagnosis: Diagnosis, findings: readonly Verdict[]): string {
  const { title, detail } = headlineOf(diagnosis);
  if (findings.length === 0) return `${title}. ${withStop(detail)}`;
  const leaking = findings.filter(({ state }) => state === "leaking").length;
  const stopped = findings.length - leaking;
  const parts = [
    leaking > 0 ? `${plural(leaking, "leak")} found` : undefined,
    stopped > 0 ? `${plural(stopped, "leak")} stopped but still held` : undefined,
  ].filter((part) => part !== undefined);
  return `${parts.join(", ")}: ${withStop(title)}`;
}

function findingLines(
  verdict: Verdict,
  number: number,
  end: Milliseconds,
  { width, paint }: DiagnosisReportOptions,
): string[] {
  const { attribution, group, total } = verdict;
  const suspect = attribution?.suspect;
  const owner = attribution?.members[0]?.owner;
  const name = mayHead(suspect) ? `${visible(suspectNames(suspect))}: ` : "";
  const also = group.length === 0 ? "" : ` with ${plural(group.length, "more tag")}`;
  const paintState = verdict.state === "leaking" ? paint.alarm : paint.caution;
  const state = paintState(STATE_WORDS[verdict.state].label.toUpperCase());
  const since = sinceWords(verdict, end);
  const sure = sureWords(verdict);
  const rates = poolRates(verdict);
  const line = (label: string, text: string): string => labelled(label, visible(text), width);
  const list = (label: string, texts: readonly string[]): string[] =>
    texts.map((text, index) => line(index === 0 ? label : "", text));
  return [
    `${number}. ${name}${paint.bold(visible(tagWord(tellingTag(verdict))))}${also} ${poolWords(verdict)}  ${state}  ${figureWords(verdict)}`,
    line("Who", whoSentence(attribution)),
    ...(attribution?.beside ?? [])
      .map(besideWords)
      .flatMap(({ label, sentence, refutedBy }) => [line(label, sentence), line("", `Refuted by: ${refutedBy}.`)]),
    ...(since === undefined ? [] : [line("Since", since)]),
    ...(owner === undefined || group.length > 0 ? [] : [line("Owner", ownerWords(owner))]),
    ...(owner?.caution === undefined || suspect !== undefined ? [] : [line("", owner.caution)]),
    line("Grows", growsWords(verdict)),
    ...(rates === undefined ? [] : [line("", rates)]),
    ...(verdict.perStep === true ? [] : [line("Runs out", exhaustionLong(verdict))]),
    ...(sure === undefined ? [] : [line("Sure", sure)]),
    ...list("Because", verdict.evidence.map(evidenceWords)),
    ...list("Lockstep", group.length === 0 ? [] : memberLines(verdict)),
    ...(group.length === 0 ? [] : [line("", `together ${rateWords(verdict)}, ${formatBytes(total.heldBytes)} held`)]),
    ...list(
      "Stacks",
      (attribution?.chain ?? []).flatMap((link) => (link.kind === "stack" ? [joinedSentence(link.facts)] : [])),
    ),
    ...list(
      "Driver",
      (attribution?.members ?? [])
        .flatMap((member) => member.drivers)
        .slice(0, MOST_DRIVERS)
        .map(driverWords),
    ),
    ...list(
      "Known",
      (attribution?.cases ?? []).map(
        (leak) => `${leak.culprit}: ${withStop(leak.cause)} ${withStop(leak.remedy)} (${leak.source})`,
      ),
    ),
    ...list(
      attribution?.cases.length === 0 ? "Not" : "",
      (attribution?.ruledOut ?? []).map(
        (leak) => `not ${leak.culprit}: it shares a tag, but its own tag is not in this record`,
      ),
    ),
    ...list("Pattern", (attribution?.patterns ?? []).map(patternWords)),
  ];
}

/** Suspects of a triage shown in full: all of the first of a record that no model could judge, else a line each. */
const FULL_SUSPECTS = 3;

/** How many suspects of a triage are shown in full. */
function fullSuspects({ notJudged, span }: Diagnosis): number {
  return notJudged.count >= span.series ? FULL_SUSPECTS : 0;
}

function triageSection(diagnosis: Diagnosis, { width, paint }: DiagnosisReportOptions): string[] {
  if (diagnosis.triage === undefined) return [];
  const full = fullSuspects(diagnosis);
  // Where no model could judge, the heading of the report has told what the first suspect's next snapshot decides.
  const lines = triageLines(diagnosis.triage, { width, paint, full, isFirstTold: full > 0 });
  return lines.length === 0 ? [] : ["", ...lines];
}

/** What to do about all that is told in full, once. */
function stepsSection(diagnosis: Diagnosis, findings: readonly Verdict[], options: DiagnosisReportOptions): string[] {
  const suspects = diagnosis.triage?.findings.slice(0, fullSuspects(diagnosis)) ?? [];
  const lines = nextStepsLines(
    [...findings, ...suspects].flatMap(({ attribution }) => attribution?.steps ?? []),
    options,
  );
  return lines.length === 0 ? [] : ["", ...lines];
}

/** Drivers listed with a finding. */
const MOST_DRIVERS = 5;

/** The tags of a group, the lead first: owner, ratio, rate. */
function memberLines({ tag, kind, bytesPerHour, group, attribution, perStep }: Verdict): string[] {
  const lead = { tag, kind, ratio: 1, bytesPerHour: bytesPerHour.value };
  return [lead, ...group].map((member, index) => {
    const owner = attribution?.members[index]?.owner?.component ?? "";
    return `${tagWord(member.tag)} ${member.kind}, ratio ${ratioWords(member, 3)}, ${formatRate(member.bytesPerHour, perStep)}${owner === "" ? "" : `, ${owner}`}`;
  });
}

const POOL_COLUMNS: readonly TableColumn[] = [
  { title: "Pool", align: "left", priority: 0 },
  { title: "Bytes", align: "right", priority: 0 },
  { title: "Limit", align: "right", priority: 1 },
  { title: "Leaks add", align: "right", priority: 0 },
  { title: "Runs out", align: "left", priority: 2 },
];

function poolLines(pools: readonly PoolOutlook[], { width, paint }: DiagnosisReportOptions): string[] {
  if (pools.length === 0) return [];
  const rows = pools.map((pool) => [
    pool.kind,
    formatBytes(pool.bytes),
    pool.limitBytes === undefined ? "unknown" : formatBytes(pool.limitBytes),
    poolRate(pool),
    poolEnd(pool),
  ]);
  return ["", renderTable(POOL_COLUMNS, rows, width, paint.bold)];
}

/** What the leaks found add; where none was found in it that is no rate of the pool. */
function poolRate({ bytesPerHour, perStep }: PoolOutlook): string {
  if (bytesPerHour === undefined) return "not known";
  return bytesPerHour.value === 0 ? "none found" : formatRate(bytesPerHour.value, perStep);
}

function poolEnd({ exhaustion, limitBytes, bytesPerHour }: PoolOutlook): string {
  if (exhaustion !== undefined) return `in ${exhaustionWords(exhaustion).value}`;
  return limitBytes === undefined || bytesPerHour === undefined ? "not known" : "not in sight";
}

const WATCHED_COLUMNS: readonly TableColumn[] = [
  { title: "Tag", align: "left", priority: 0 },
  { title: "Pool", align: "left", priority: 0 },
  { title: "State", align: "left", priority: 0 },
  { title: "Rate", align: "right", priority: 0 },
  { title: "Bytes", align: "right", priority: 1 },
  { title: "Why", align: "left", priority: 2, cutTo: 20 },
];

function watchedTable(verdicts: readonly Verdict[], width: number): string {
  return renderTable(
    WATCHED_COLUMNS,
    verdicts.map((verdict) => [
      formatTag(verdict.tag),
      verdict.kind,
      STATE_WORDS[verdict.state].label.toLowerCase(),
      formatRate(verdict.bytesPerHour.value, verdict.perStep),
      formatBytes(verdict.heldBytes),
      visible(verdict.evidence[0] === undefined ? "" : evidenceWords(verdict.evidence[0])),
    ]),
    width,
  );
}

const VISIBLE_COLUMNS: readonly TableColumn[] = [
  { title: "Tag", align: "left", priority: 0 },
  { title: "Pool", align: "left", priority: 0 },
  { title: "Bytes", align: "right", priority: 1 },
  { title: "Smallest leak seen", align: "right", priority: 0 },
];

function visibleLines({ visible: leaks }: Diagnosis, { width, paint }: DiagnosisReportOptions): string[] {
  if (leaks === undefined || leaks.length === 0) return [];
  const rows = leaks.map((leak) => [
    visible(formatTag(leak.tag)),
    leak.kind,
    formatBytes(leak.heldBytes),
    visibleRate(leak),
  ]);
  return ["", ...wrapText(VISIBLE_HEAD, width), renderTable(VISIBLE_COLUMNS, rows, width, paint.bold)];
}

function restLine(diagnosis: Diagnosis, hidden: number): string[] {
  const parts = [
    hidden > 0 ? `${plural(hidden, "tag")} grew for a harmless reason (--all lists them)` : undefined,
    diagnosis.steadyCount > 0 ? `${plural(diagnosis.steadyCount, "row")} steady` : undefined,
    // The suspects of a record that no model could judge are followed by what is said of its other rows.
    fullSuspects(diagnosis) > 0 && (diagnosis.triage?.findings.length ?? 0) > 0
      ? undefined
      : notJudgedWords(diagnosis.notJudged),
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? [`${parts.join("; ")}.`] : [];
}
