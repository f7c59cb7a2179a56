// A diagnosis for people: findings first, each as a colleague would write it, then what the record cannot answer.

import type { Milliseconds } from "../model/snapshot.ts";
import { formatTag } from "../model/tag.ts";
import { formatTime } from "../model/time.ts";
import { formatBytes, formatCount, formatDuration, formatRate, plural } from "../model/units.ts";
import type { Diagnosis, DriverMatch, Exhaustion, PoolOutlook, Verdict, VerdictState } from "../model/verdict.ts";
import { basisNote, gapLines, originLines, ownerText, totalsLines } from "./snapshot-report.ts";
import { labelled, visible, wrapText, type Paint } from "./terminal-text.ts";
import { renderTable, type TableColumn } from "./text-table.ts";

export interface DiagnosisReportOptions {
  readonly width: number;
  readonly paint: Paint;
  /** List also what needs no action: cache, step, load-driven, given back. */
  readonly all: boolean;
}

const HOUR = 3_600_000;

/** States in words, as outputs show them. */
export const STATE_WORDS: Readonly<Record<VerdictState, string>> = {
  leaking: "LEAKING",
  "stopped-held": "STOPPED, STILL HELD",
  "too-early": "GROWS, TOO EARLY TO TELL",
  "load-driven": "follows load",
  step: "one step, then flat",
  cache: "cache or warm-up",
  "given-back": "given back",
  steady: "steady",
};

/** States that call for action and are written out in full. */
export function isFinding(verdict: Verdict): boolean {
  return verdict.state === "leaking" || verdict.state === "stopped-held";
}

export function renderDiagnosisText(diagnosis: Diagnosis, options: DiagnosisReportOptions): string {
  const { width, paint } = options;
  const findings = diagnosis.verdicts.filter(isFinding);
  const others = diagnosis.verdicts.filter((verdict) => !isFinding(verdict));
  const shown = options.all ? others : others.filter((verdict) => verdict.state === "too-early");
  const hidden = others.length - shown.length;
  return `${[
    ...originLines(diagnosis.origin, width).map(visible),
    ...[spanLine(diagnosis), ...totalsLines(diagnosis.totals)].flatMap((line) => wrapText(line, width)),
    "",
    paint.bold(headline(findings, others, diagnosis.span.snapshots)),
    ...findings.flatMap((verdict, index) => ["", ...findingLines(verdict, index + 1, diagnosis.span.to, options)]),
    ...(diagnosis.span.snapshots < FEWEST_SNAPSHOTS ? [] : poolLines(diagnosis.pools, width)),
    ...(shown.length > 0 ? ["", "Watched, no leak proven:", watchedTable(shown, width)] : []),
    "",
    ...restLine(diagnosis, hidden).map((line) => paint.dim(line)),
    ...diagnosis.abstentions.flatMap((text) => labelled("", text, width, 0, 0)),
    ...gapLines(diagnosis.gaps, paint),
  ].join("\n")}\n`;
}

function spanLine({ span, origin }: Diagnosis): string {
  const boots = span.boots.length === 0 ? "" : `, ${plural(span.boots.length, "restart")} in it`;
  const length = span.to > span.from ? ` (${formatDuration(span.to - span.from)})` : "";
  return (
    `${formatTime(span.from)} to ${formatTime(span.to)}${length}${basisNote(origin)}: ` +
    `${plural(span.snapshots, "snapshot")}, ${plural(span.series, "row")} of tag and pool${boots}`
  );
}

/** Fewer snapshots than these show no growth at all. */
const FEWEST_SNAPSHOTS = 3;

function headline(findings: readonly Verdict[], others: readonly Verdict[], snapshots: number): string {
  const leaking = findings.filter((verdict) => verdict.state === "leaking").length;
  const stopped = findings.length - leaking;
  const parts = [
    leaking > 0 ? `${plural(leaking, "leak")} found` : undefined,
    stopped > 0 ? `${plural(stopped, "leak")} stopped but still held` : undefined,
  ].filter((part) => part !== undefined);
  if (parts.length > 0) return `${parts.join(", ")}.`;
  if (snapshots < FEWEST_SNAPSHOTS) return `Nothing can be said of growth from ${plural(snapshots, "snapshot")}.`;
  const early = others.some((verdict) => verdict.state === "too-early");
  return early ? "No leak proven; something grows, but the record is too short to say." : "No leak found.";
}

function findingLines(
  verdict: Verdict,
  number: number,
  end: Milliseconds,
  { width, paint }: DiagnosisReportOptions,
): string[] {
  const state = STATE_WORDS[verdict.state];
  const paintState = verdict.state === "leaking" ? paint.alarm : paint.caution;
  const figure = verdict.state === "leaking" ? formatRate(verdict.bytesPerHour.value) : formatBytes(verdict.heldBytes);
  const head = `${number}. ${paint.bold(formatTag(verdict.tag))} ${verdict.kind}  ${paintState(state)}  ${figure}`;
  const line = (label: string, text: string): string => labelled(label, visible(text), width);
  return [
    head,
    ...(verdict.since === undefined ? [] : [line("Since", sinceText(verdict.since, verdict, end))]),
    ...(verdict.owner === undefined ? [] : [line("Owner", `${ownerText(verdict.owner)} (${verdict.owner.from})`)]),
    ...(verdict.owner?.caution === undefined ? [] : [line("", verdict.owner.caution)]),
    line("Grows", growthText(verdict)),
    line("Runs out", exhaustionText(verdict)),
    line("Sure", `${Math.round(verdict.confidence * 100)} %`),
    ...verdict.evidence.map((evidence, index) => line(index === 0 ? "Because" : "", evidence.text)),
    ...verdict.group.map((member, index) =>
      line(
        index === 0 ? "Lockstep" : "",
        `${formatTag(member.tag)} ${member.kind}, ${member.ratio.toFixed(3)} blocks for each, ${formatRate(member.bytesPerHour)}${member.role === "" ? "" : `: ${member.role}`}`,
      ),
    ),
    ...verdict.drivers.slice(0, 5).map((match, index) => line(index === 0 ? "Driver" : "", driverText(match))),
    ...verdict.knownLeaks.map((leak, index) =>
      line(index === 0 ? "Known" : "", `${leak.culprit}: ${leak.cause} ${leak.remedy} (${leak.source})`),
    ),
    ...verdict.next.map((step, index) => line(index === 0 ? "Next" : "", step)),
  ];
}

function sinceText(since: Milliseconds, { until, bytesPerHour }: Verdict, end: Milliseconds): string {
  if (until === undefined) return `${formatTime(since)}, for ${formatDuration(end - since)}`;
  return `${formatTime(since)} until ${formatTime(until)}, at ${formatRate(bytesPerHour.value)} in that time`;
}

/** Blocks per hour, or per day where that reads as a number. */
function blocksText(perHour: number): string {
  return perHour < 1 ? `${(perHour * 24).toPrecision(2)} more a day` : `${formatCount(perHour)} more an hour`;
}

/** Which factor grows, in a sentence. */
export function growthText(verdict: Verdict): string {
  const held = `holds ${formatBytes(verdict.heldBytes)} in ${plural(verdict.outstanding, "block")}`;
  const { low, high } = verdict.bytesPerHour;
  const interval = high > low ? ` (between ${formatRate(low)} and ${formatRate(high)})` : "";
  if (verdict.grows === "count") {
    return `the number of blocks, ${blocksText(verdict.blocksPerHour)}${interval}; ${held}`;
  }
  if (verdict.grows === "size") return `the size of its blocks, not their number${interval}; ${held}`;
  if (verdict.grows === "both") return `number and size of its blocks${interval}; ${held}`;
  return `nothing any more; ${held}`;
}

const AGAINST: Readonly<Record<Exhaustion["against"], string>> = {
  "nonpaged-limit": "the nonpaged pool limit",
  "paged-limit": "the paged pool limit",
  ram: "RAM",
  commit: "the commit limit",
};

/** Time to exhaustion in a sentence. */
export function exhaustionText({ exhaustion, state }: Pick<Verdict, "exhaustion" | "state">): string {
  if (exhaustion === undefined) {
    return state === "leaking"
      ? "unknown: neither a limit nor the RAM of the machine is known"
      : "not at this rate: it has stopped";
  }
  const { hours } = exhaustion;
  const [value, low, high] = [hours.value, hours.low, hours.high].map((each) => formatDuration(each * HOUR));
  const interval =
    low === value && high === value ? "" : ` (${low} to ${Number.isFinite(hours.high) ? high : "open end"})`;
  return (
    `in ${value}${interval}, about ${formatTime(exhaustion.at)}, ` +
    `against ${AGAINST[exhaustion.against]} of ${formatBytes(exhaustion.limitBytes)} (${exhaustion.limitBasis})`
  );
}

function driverText(match: DriverMatch): string {
  const about = [match.company, match.product, match.version].filter((part) => part !== undefined && part !== "");
  const use = match.uses[0];
  const site = use === undefined ? "" : `; ${use.api} at +0x${use.rva.toString(16)}`;
  const library = match.library === undefined ? "" : `; from the static library ${match.library}`;
  return `${match.file} [${match.tier}]${about.length > 0 ? ` ${about.join(", ")}` : ""}${site}${library}`;
}

const POOL_COLUMNS: readonly TableColumn[] = [
  { title: "Pool", align: "left", priority: 0 },
  { title: "Bytes", align: "right", priority: 0 },
  { title: "Limit", align: "right", priority: 1 },
  { title: "Rate", align: "right", priority: 0 },
  { title: "Runs out", align: "left", priority: 2 },
];

function poolLines(pools: readonly PoolOutlook[], width: number): string[] {
  if (pools.length === 0) return [];
  const rows = pools.map((pool) => [
    pool.kind,
    formatBytes(pool.bytes),
    pool.limitBytes === undefined ? "unknown" : formatBytes(pool.limitBytes),
    formatRate(pool.bytesPerHour.value),
    pool.exhaustion === undefined
      ? pool.limitBytes === undefined
        ? "unknown"
        : "not in sight"
      : `in ${formatDuration(pool.exhaustion.hours.value * HOUR)}`,
  ]);
  return ["", renderTable(POOL_COLUMNS, rows, width)];
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
      STATE_WORDS[verdict.state].toLowerCase(),
      formatRate(verdict.bytesPerHour.value),
      formatBytes(verdict.heldBytes),
      visible(verdict.evidence[0]?.text ?? ""),
    ]),
    width,
  );
}

function restLine(diagnosis: Diagnosis, hidden: number): string[] {
  const parts = [
    hidden > 0 ? `${plural(hidden, "tag")} grew for a harmless reason (--all lists them)` : undefined,
    diagnosis.steadyCount > 0 ? `${plural(diagnosis.steadyCount, "row")} steady` : undefined,
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? [`${parts.join("; ")}.`] : [];
}
