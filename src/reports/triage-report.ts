// A triage as lines of text and as JSON.

import { formatIso } from "../model/time.ts";
import type { Triage, TriageFinding } from "../model/triage.ts";
import { withStop, stepLine } from "../words/steps.ts";
import { ownerWords, whoSentence } from "../words/suspects.ts";
import {
  countersWords,
  equalWords,
  holdsWords,
  nextSnapshotWords,
  patternWords,
  signsWords,
  spreadWords,
  triageLimitWords,
  triageRestWords,
  triageTitle,
} from "../words/triage.ts";
import { attributionJson } from "./attribution-json.ts";
import { tagJson } from "./snapshot-report.ts";
import { labelled, visible, wrapText, type Paint } from "./terminal-text.ts";

export interface TriageReportOptions {
  readonly width: number;
  readonly paint: Paint;
  /** Findings shown in full; the rest as a line each. */
  readonly full: number;
}

/** The suspects, first things first; empty where there is none. */
export function triageLines(triage: Triage, options: TriageReportOptions): string[] {
  const { width, paint, full } = options;
  if (triage.findings.length === 0) return [];
  return [
    paint.bold(
      triage.snapshots > 1
        ? "Suspects by what was gained, kept and never freed (no model of growth looked):"
        : "Suspects by what is held and never freed (no model of growth looked):",
    ),
    ...triage.findings.flatMap((finding, index) =>
      index < full ? ["", ...findingLines(finding, index + 1, width, paint)] : shortLine(finding, index, full, width),
    ),
    "",
    ...[...triageLimitWords(triage), triageRestWords(triage)]
      .filter((text) => text !== undefined)
      .flatMap((text) => wrapText(text, width)),
  ];
}

function shortLine(finding: TriageFinding, index: number, full: number, width: number): string[] {
  return [
    ...(index === full && full > 0 ? [""] : []),
    ...wrapText(`${index + 1}. ${visible(triageTitle(finding))}`, width),
  ];
}

function findingLines(finding: TriageFinding, number: number, width: number, paint: Paint): string[] {
  const { attribution, gain } = finding;
  const owner = attribution?.members[0]?.owner;
  const line = (label: string, text: string | undefined): string[] =>
    text === undefined ? [] : [labelled(label, visible(text), width)];
  const list = (label: string, texts: readonly string[]): string[] =>
    texts.flatMap((text, index) => line(index === 0 ? label : "", text));
  const title = wrapText(`${number}. ${visible(triageTitle(finding))}`, width).map((text) =>
    finding.state === "held-not-freed" ? paint.caution(text) : paint.bold(text),
  );
  return [
    ...title,
    ...line("Holds", holdsWords(finding)),
    ...line("", countersWords(finding)),
    ...line("Rate", spreadWords(finding)),
    ...line("Equal", equalWords(finding)),
    ...line("Signs", withStop(signsWords(finding))),
    ...line("Who", attribution === undefined ? undefined : whoSentence(attribution)),
    ...(owner === undefined ? [] : line("Owner", ownerWords(owner))),
    ...line("", attribution?.suspect === undefined ? owner?.caution : undefined),
    ...list(
      "Known",
      (attribution?.cases ?? []).map(
        (leak) => `${leak.culprit}: ${withStop(leak.cause)} ${withStop(leak.remedy)} (${leak.source})`,
      ),
    ),
    ...list("Pattern", (attribution?.patterns ?? []).map(patternWords)),
    ...list(
      "Not",
      (attribution?.ruledOut ?? []).map(
        (leak) => `not ${leak.culprit}: it shares a tag, but its own tag is not in the listing`,
      ),
    ),
    ...list("Next", [
      ...(gain === undefined && finding.next === undefined && number > 1 ? [] : [nextSnapshotWords(finding)]),
      ...(attribution?.steps ?? []).map(stepLine),
    ]),
  ];
}

/** The plain value behind the JSON. */
export function triageJson(triage: Triage): Record<string, unknown> {
  return {
    ...triage,
    from: formatIso(triage.from),
    to: formatIso(triage.to),
    notes: triageLimitWords(triage),
    findings: triage.findings.map(({ tag, kind, equal, next, attribution, signs, ...facts }) => ({
      ...tagJson(tag),
      pool: kind,
      ...facts,
      // A sign that could not be looked for is null.
      signs: Object.fromEntries(Object.entries(signs).map(([name, holds]) => [name, holds ?? null])),
      title: triageTitle({ tag, kind, equal, signs, ...facts, ...(attribution === undefined ? {} : { attribution }) }),
      equal: equal.map(({ tag: other, kind: pool, ...counts }) => ({ ...tagJson(other), pool, ...counts })),
      ...(next === undefined
        ? {}
        : { next: { ...next, ...(next.at === undefined ? {} : { at: formatIso(next.at) }) } }),
      ...(attribution === undefined
        ? {}
        : {
            attribution: attributionJson(attribution),
            knownLeaks: attribution.cases,
            patterns: attribution.patterns,
          }),
      owner: attribution?.members[0]?.owner ?? null,
    })),
  };
}
