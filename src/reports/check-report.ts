// The result of a gate as text and JSON.

import type { CheckedTag } from "../model/check.ts";
import { formatTag, formatTagHex } from "../model/tag.ts";
import { formatIso, formatTime } from "../model/time.ts";
import { formatDuration, plural } from "../model/units.ts";
import type { Diagnosis, Verdict } from "../model/verdict.ts";
import { checkedFindingWords, failureWords, measuredWords, OUTCOME_SIGNS, reasonWords } from "../words/check.ts";
import { verdictJson } from "./diagnosis-json.ts";
import type { Paint } from "./terminal-text.ts";
import type { JUnitCase } from "./junit.ts";

export interface CheckReport {
  readonly checked: readonly CheckedTag[];
  readonly span: Diagnosis["span"];
  readonly timed: boolean;
  /** How the times are known, where they are not the sources' own. */
  readonly timesNote: string | undefined;
  /** Undecided tags do not count against the result. */
  readonly allowUndecided: boolean;
  /** Every tag with the reason for its outcome. */
  readonly explain: boolean;
  /** What was compared, a line each, for `explain`. */
  readonly compared: readonly string[];
}

/** Tags listed where all is well. */
const MOST_PASSED = 20;

/** The result for people. */
export function renderCheckText(report: CheckReport, paint: Paint): string {
  const { checked, span, timed, timesNote, explain } = report;
  const of = (outcome: CheckedTag["outcome"]): CheckedTag[] => checked.filter((each) => each.outcome === outcome);
  const [failed, undecided, passed] = [of("failed"), of("undecided"), of("passed")];
  const bad = [...failed, ...undecided];
  const shown = explain
    ? checked
    : bad.length > 0
      ? bad.slice(0, Math.max(failed.length, MOST_PASSED))
      : passed.slice(0, MOST_PASSED);
  const length = timed ? ` (${formatDuration(span.to - span.from)})` : "";
  const when = timed ? `${formatTime(span.from)} to ${formatTime(span.to)}${length}, ` : "";
  const rest = (bad.length > 0 && !explain ? bad.length : checked.length) - shown.length;
  return [
    `${when}${plural(span.snapshots, "snapshot")}${timesNote === undefined ? "" : ` (${timesNote})`}`,
    ...(explain ? report.compared : []),
    ...shown.flatMap((each, at) => tagLines(each, explain, isFirstOf(each.finding, shown.slice(0, at)), paint)),
    ...(rest > 0 ? [`      and ${plural(rest, "more tag")}`] : []),
    paint.bold(summaryOf(checked.length, failed.length, undecided.length)),
    "",
  ].join("\n");
}

/** Whether no tag above told of the same finding. */
function isFirstOf(finding: Verdict | undefined, above: readonly CheckedTag[]): boolean {
  return !above.some((each) => each.finding === finding);
}

const OUTCOME_PAINT = { passed: "good", failed: "alarm", undecided: "caution" } as const;

function tagLines(each: CheckedTag, explain: boolean, tellsFinding: boolean, paint: Paint): string[] {
  const reasons =
    each.outcome === "undecided" || (explain && each.outcome === "passed") ? [reasonWords(each)] : failureWords(each);
  return [
    `${paint[OUTCOME_PAINT[each.outcome]](OUTCOME_SIGNS[each.outcome])}  ${formatTag(each.tag)} ${each.kind}: ${measuredWords(each)}`,
    ...[...reasons, tellsFinding ? checkedFindingWords(each) : undefined]
      .filter((text) => text !== undefined)
      .map((text) => `      ${text}`),
  ];
}

function summaryOf(all: number, failed: number, undecided: number): string {
  if (failed === 0 && undecided === 0) return `${plural(all, "tag")} passed.`;
  const parts = [
    failed > 0 ? `${failed} of ${plural(all, "tag")} failed` : undefined,
    undecided > 0 ? `${undecided} of ${plural(all, "tag")} undecided` : undefined,
  ].filter((part) => part !== undefined);
  return `${parts.join(", ")}.`;
}

/** Whether a tag counts as passed. */
function counts({ outcome }: CheckedTag, allowUndecided: boolean): boolean {
  return outcome === "passed" || (allowUndecided && outcome === "undecided");
}

/** The result for programs; docs/json-output.md describes it. */
export function renderCheckJson({ checked, span, timed, timesNote, allowUndecided }: CheckReport): string {
  return `${JSON.stringify(
    {
      ...(timed ? { from: formatIso(span.from), to: formatIso(span.to) } : { from: null, to: null }),
      ...(timesNote === undefined ? {} : { times: timesNote }),
      snapshots: span.snapshots,
      passed: checked.every((each) => counts(each, allowUndecided)),
      undecided: checked.filter(({ outcome }) => outcome === "undecided").length,
      tags: checked.map((each) => ({
        tag: formatTag(each.tag),
        raw: formatTagHex(each.tag),
        pool: each.kind,
        passed: each.outcome === "passed",
        outcome: each.outcome,
        decidedBy: each.decidedBy,
        state: each.state,
        failures: failureWords(each),
        reason: reasonWords(each),
        measured: measuredWords(each),
        gainedBlocks: each.after.blocks - each.before.blocks,
        gainedBytes: each.after.bytes - each.before.bytes,
        bytesPerHour: each.bytesPerHour ?? null,
        ...(each.perOperation === undefined ? {} : { perOperation: each.perOperation }),
        ...(each.finding === undefined ? {} : { finding: verdictJson(each.finding) }),
      })),
    },
    null,
    1,
  )}\n`;
}

/** The result as test cases; an undecided tag is a failure that says so, unless it is allowed. */
export function checkCases({ checked, allowUndecided }: CheckReport): readonly JUnitCase[] {
  return checked.map((each) => ({
    name: `${formatTag(each.tag)} ${each.kind}`,
    failures:
      each.outcome === "undecided" && !allowUndecided
        ? [reasonWords(each)]
        : [...failureWords(each), checkedFindingWords(each)].filter((text) => text !== undefined),
    output: measuredWords(each),
  }));
}
