// The gate's outcomes in words: what was measured, what broke a limit, why a tag passed, what a gate needs to decide.

import type { CheckedTag, LeakPerOperation, LimitResult } from "../model/check.ts";
import { formatBytes, formatCount, formatRate, plural } from "../model/units.ts";
import { needsAction } from "../model/verdict.ts";
import { findingParagraph, sureWords } from "./findings.ts";
import { STATE_WORDS } from "./states.ts";
import { tagWord } from "./suspects.ts";

/** `ok`, `FAIL`, `?`: the first column of a result line. */
export const OUTCOME_SIGNS: Readonly<Record<CheckedTag["outcome"], string>> = {
  passed: "ok  ",
  failed: "FAIL",
  undecided: "?   ",
};

/** What was measured, in one line. */
export function measuredWords({ before, after, bytesPerHour, state, perOperation }: CheckedTag): string {
  const gained = after.blocks - before.blocks;
  const sign = gained > 0 ? "+" : "";
  const rate =
    bytesPerHour === undefined
      ? "no times, no rate"
      : bytesPerHour > 0
        ? formatRate(bytesPerHour)
        : state === "not-judged"
          ? "no growth"
          : "no growth proven";
  return (
    `${formatCount(before.blocks)} blocks at the start, ${formatCount(after.blocks)} at the end (${sign}${formatCount(gained)}), ` +
    `${formatBytes(after.bytes)}; ${perOperation === undefined ? rate : perOperationWords(perOperation)}`
  );
}

/** `0.53 blocks per operation (0.49 to 0.58 by counting error), 1,000 operations`. */
export function perOperationWords({ blocks, low, high, operations }: LeakPerOperation): string {
  const number = (value: number): string => String(Number(value.toPrecision(2)));
  return `${number(blocks)} blocks per operation (${number(low)} to ${number(high)} by counting error), ${plural(operations, "operation")}`;
}

/** One sentence for each limit that was broken, else for the leak verdict that failed it. */
export function failureWords(checked: CheckedTag): readonly string[] {
  if (checked.outcome !== "failed") return [];
  if (checked.decidedBy === "verdict") {
    const rate = checked.bytesPerHour === undefined ? "" : `: ${formatRate(checked.bytesPerHour)}`;
    return [`${verdictWords(checked)}${rate}.`];
  }
  return checked.broken.map((result) => limitWords(result, checked));
}

/** A limit against what was measured. */
function limitWords(result: LimitResult, checked: CheckedTag): string {
  switch (result.limit) {
    case "outstanding":
      return result.relative
        ? `${formatCount(result.blocks)} blocks more are outstanding than at the start; +${formatCount(result.allowed)} are allowed.`
        : `${formatCount(result.blocks)} blocks are outstanding; ${formatCount(result.allowed)} are allowed.`;
    case "gained-bytes":
      return `${formatBytes(result.bytes)} more are held than at the start; ${formatBytes(result.allowed)} are allowed.`;
    case "rate": {
      const allowed = `${formatBytes(result.allowed)}/h is allowed`;
      if (Number.isNaN(result.bytesPerHour)) return `It grew, and without times there is no rate; ${allowed}.`;
      const basis = result.byVerdict ? verdictWords(checked) : "from the first snapshot to the last";
      return `Grows by ${formatRate(result.bytesPerHour)} (${basis}); ${allowed}.`;
    }
    case "per-operation":
      return `${perOperationWords(result.leak)}; ${result.allowed} are allowed.`;
  }
}

/** The whole finding that a failed tag belongs to: all its tags together, who, how sure; undefined where there is none. */
export function checkedFindingWords({ outcome, finding }: CheckedTag): string | undefined {
  if (outcome !== "failed" || finding === undefined || !needsAction(finding.state)) return undefined;
  return `${findingParagraph(finding)} ${sureWords(finding) ?? ""}.`;
}

function verdictWords({ state, finding, ...ref }: CheckedTag): string {
  const words =
    state === "leaking"
      ? "leaking"
      : state === "stopped-held"
        ? "leaked, has stopped, is still held"
        : STATE_WORDS[state].label.toLowerCase();
  const leads = finding === undefined || (finding.tag === ref.tag && finding.kind === ref.kind);
  return leads ? words : `${words}, in lockstep with ${tagWord(finding.tag)}`;
}

/** Why a tag has its outcome, in one sentence; for `--explain` and for what is undecided. */
export function reasonWords(checked: CheckedTag): string {
  const { outcome, decidedBy, state, open } = checked;
  if (outcome === "undecided") {
    const [first] = open;
    if (first?.limit === "per-operation") {
      return `Undecided: ${perOperationWords(first.leak)}; the interval lies across the ${first.allowed} that are allowed. More operations narrow it.`;
    }
    if (first?.limit === "rate") return `Undecided: ${limitWords(first, checked)}`;
    return state === "not-judged"
      ? "Undecided: too few snapshots for a verdict, and no limit was given."
      : `Undecided: ${STATE_WORDS[state].clause}; no limit was given.`;
  }
  if (decidedBy === "limit") {
    return outcome === "passed" ? "Passed: within every limit that was given." : "Failed: a limit was broken.";
  }
  return outcome === "passed"
    ? `Passed by the verdict: ${verdictWords(checked)} (${STATE_WORDS[state].clause}).`
    : `Failed by the verdict: ${verdictWords(checked)}.`;
}

/** What a gate needs where nothing could decide. */
export function needsWords(checked: readonly CheckedTag[]): string {
  const open = checked.filter(({ outcome }) => outcome === "undecided");
  const limits = open.flatMap((each) => each.open);
  if (limits.some(({ limit }) => limit === "rate")) {
    return "the sources tell no times, so no rate can be held against --max-growth: give --interval, or --max-outstanding +0";
  }
  if (limits.some(({ limit }) => limit === "per-operation"))
    return "too few operations to decide: repeat the test with more";
  const few = open.every(({ state }) => state === "not-judged");
  const why = few ? "too few snapshots for a verdict" : "no verdict on every tag";
  return `${plural(open.length, "tag")} undecided, ${why}: give a limit (--max-outstanding +0, --max-growth 64KiB/h, --default-limits), or record a dozen snapshots and more; --allow-undecided passes this`;
}
