// Did a change end a growth? The rates before and after with their intervals, and what their difference allows to say.

import type { CuredTag, CureOutcome } from "../../model/cure.ts";
import type { Estimate, TagRef } from "../../model/verdict.ts";
import { difference, intervalOf, meanRate, type MeanRate } from "./mean-rate.ts";

/** What is left of the growth after a cure, at most, by the upper end of its interval. */
export const CURED = 0.1;

/** Rates that differ by less than this share of the one before are the same for anybody who has to act. */
export const ALIKE = 0.1;

/** Times in milliseconds and bytes of one (tag, kind). */
export interface RateSeries {
  readonly times: ArrayLike<number>;
  readonly bytes: ArrayLike<number>;
}

/** Compares one tag. A record that does not list it holds nothing of it. Undefined where both records are too short. */
export function compareRates(
  ref: TagRef,
  before: RateSeries | undefined,
  after: RateSeries | undefined,
  comparable: boolean,
): CuredTag | undefined {
  const a = rateOf(before);
  const b = rateOf(after);
  if (a === undefined || b === undefined) return undefined;
  const [was, is] = [intervalOf(a), intervalOf(b)];
  const fell = intervalOf(difference(a, b));
  const outcome = outcomeOf(was, is, fell);
  // A cure under less work is none: the growth may only have had less to grow by.
  const unsure = !comparable && (outcome === "cured" || outcome === "less");
  return { ...ref, outcome: unsure ? "undecided" : outcome, before: was, after: is, fell };
}

/** Nothing listed: nothing held, nothing gained. */
const NOTHING: MeanRate = { value: 0, error: 0, freedom: 8 };

function rateOf(series: RateSeries | undefined): MeanRate | undefined {
  return series === undefined ? NOTHING : meanRate(series.times, series.bytes);
}

function outcomeOf(was: Estimate, is: Estimate, fell: Estimate): CureOutcome {
  const alike = ALIKE * Math.max(0, was.value);
  if (fell.high < -alike && is.low > 0) return "worse";
  if (!(was.low > 0)) return "undecided";
  if (fell.low > 0 && is.high <= CURED * was.value) return "cured";
  if (fell.low > alike) return "less";
  return is.low > 0 ? "same" : "undecided";
}
