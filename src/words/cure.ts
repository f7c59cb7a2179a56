// Before and after a change, in words.

import { LESS_WORK, type CuredTag, type CureOutcome } from "../model/cure.ts";
import { formatTag } from "../model/tag.ts";
import { formatRate, plural } from "../model/units.ts";
import type { Estimate } from "../model/verdict.ts";
import { percentWords } from "./evidence.ts";

const OUTCOME_WORDS: Readonly<Record<CureOutcome, string>> = {
  cured: "cured",
  less: "grows more slowly, not cured",
  same: "not cured: it grows as before",
  worse: "worse: it grows faster than before",
  undecided: "undecided: the records are too short or too noisy to tell",
};

function rateWords({ value, low, high }: Estimate): string {
  return `${formatRate(value)} (${formatRate(low)} to ${formatRate(high)})`;
}

/** One line for a tag: its rates before and after with their intervals, and what follows. */
export function cureLine(cured: CuredTag): string {
  const { outcome, before, after, fell } = cured;
  const left =
    outcome === "cured" || outcome === "less"
      ? `; at least ${percentWords(Math.max(0, Math.min(1, fell.low / before.value)))} of the growth is gone`
      : "";
  return `${formatTag(cured.tag)} ${cured.kind}: before ${rateWords(before)}, after ${rateWords(after)}: ${OUTCOME_WORDS[outcome]}${left}`;
}

/** The answer in one sentence. */
export function cureSummary(tags: readonly CuredTag[]): string {
  if (tags.length === 0) return "Nothing grew before that a change could have cured.";
  const of = (outcome: CureOutcome): number => tags.filter((each) => each.outcome === outcome).length;
  const parts = (["cured", "less", "same", "worse", "undecided"] as const)
    .filter((outcome) => of(outcome) > 0)
    .map((outcome) => `${of(outcome)} ${SUMMARY_WORDS[outcome]}`);
  return `${plural(tags.length, "tag")}: ${parts.join(", ")}. Intervals are at 95 %.`;
}

const SUMMARY_WORDS: Readonly<Record<CureOutcome, string>> = {
  cured: "cured",
  less: "slower, not cured",
  same: "not cured",
  worse: "worse",
  undecided: "undecided",
};

/** What must be said of the work done in both records; undefined where it was alike. */
export function loadWords(ratio: number | undefined): string | undefined {
  if (ratio === undefined) return "The sources count no allocations: whether the same work was done is not known.";
  if (ratio < LESS_WORK) {
    return `After the change ${percentWords(ratio)} of the allocations per hour were made: less work, so that a lower rate proves no cure.`;
  }
  return undefined;
}
