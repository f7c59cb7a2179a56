// A triage as lines of text and as JSON.

import { formatIso } from "../model/time.ts";
import type { Triage, TriageFinding } from "../model/triage.ts";
import { withStop } from "../words/steps.ts";
import { STATE_WORDS } from "../words/states.ts";
import { ownerWords, whoSentence } from "../words/suspects.ts";
import {
  countersWords,
  equalWords,
  gainWords,
  holdsWords,
  nextSnapshotWords,
  patternWords,
  signsWords,
  spreadWords,
  triageFigure,
  triageLimitWords,
  triageRestWords,
  triageSubject,
  triageTitle,
} from "../words/triage.ts";
import { attributionJson } from "./attribution-json.ts";
import { nextStepsLines } from "./next-steps.ts";
import { tagJson } from "./snapshot-report.ts";
import { labelled, visible, wrapText, type Paint } from "./terminal-text.ts";

export interface TriageReportOptions {
  readonly width: number;
  readonly paint: Paint;
  /** Findings shown in full; the rest as a line each. */
  readonly full: number;
  /** Whether what the next snapshot decides of the first was said above. */
  readonly isFirstTold?: boolean;
}

/** The suspects, first things first; empty where there is none. */
export function triageLines(triage: Triage, options: TriageReportOptions): string[] {
  const { width, paint, full, isFirstTold = false } = options;
  if (triage.findings.length === 0) return [];
  return [
    paint.bold(
      triage.snapshots > 1
        ? "Suspects by what was gained, kept and never freed (no model of growth looked):"
        : "Suspects by what is held and never freed (no model of growth looked):",
    ),
    ...triage.findings.flatMap((finding, index) =>
      index < full
        ? ["", ...findingLines(finding, index + 1, width, paint, isFirstTold && index === 0)]
        : shortLine(finding, index, full, width),
    ),
    "",
    ...[...triageLimitWords(triage), triageRestWords(triage)]
      .filter((text) => text !== undefined)
      .flatMap((text) => wrapText(text, width)),
  ];
}

/** The suspects and what to do about those shown in full; empty where there is none. */
export function triageWithSteps(triage: Triage, options: TriageReportOptions): string[] {
  const lines = triageLines(triage, options);
  const shown = triage.findings.slice(0, options.full);
  const steps = nextStepsLines(
    shown.flatMap(({ attribution }) => attribution?.steps ?? []),
    options,
  );
  return steps.length === 0 ? lines : [...lines, "", ...steps];
}

function shortLine(finding: TriageFinding, index: number, full: number, width: number): string[] {
  return [
    ...(index === full && full > 0 ? [""] : []),
    ...wrapText(`${index + 1}. ${visible(triageTitle(finding))}`, width),
  ];
}

function findingLines(finding: TriageFinding, number: number, width: number, paint: Paint, isTold: boolean): string[] {
  const { attribution, gain } = finding;
  const owner = attribution?.members[0]?.owner;
  const line = (label: string, text: string | undefined): string[] =>
    text === undefined ? [] : [labelled(label, visible(text), width)];
  const list = (label: string, texts: readonly string[]): string[] =>
    texts.flatMap((text, index) => line(index === 0 ? label : "", text));
  const state = STATE_WORDS[finding.state].label.toUpperCase();
  const paintState = finding.state === "held-not-freed" ? paint.caution : paint.bold;
  return [
    `${number}. ${paint.bold(visible(triageSubject(finding)))}  ${paintState(state)}  ${triageFigure(finding)}`,
    ...line("Gained", gainWords(finding)),
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
    ...(isTold || (gain === undefined && finding.next === undefined && number > 1)
      ? []
      : line("Then", nextSnapshotWords(finding))),
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
