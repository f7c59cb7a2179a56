// The smallest leak that could have been seen in a tag, as a sentence.

import { formatDuration, formatRate } from "../model/units.ts";
import type { VisibleLeak } from "../model/verdict.ts";

/** `A steady leak below 3.2 MiB/h in it would not have been seen in 26 h.` */
export function visibleWords({ bytesPerHour, spanMs }: VisibleLeak): string {
  return bytesPerHour === undefined
    ? `No steady leak in it could have been told from its own ups and downs in ${formatDuration(spanMs)}.`
    : `A steady leak in it below ${rate(bytesPerHour)} would not have been seen in ${formatDuration(spanMs)}.`;
}

/** Above a table of them. */
export const VISIBLE_HEAD =
  "The largest tags without a finding, and the smallest steady leak that would have been found in each:";

/** The same figure alone. */
export function visibleRate({ bytesPerHour }: VisibleLeak): string {
  return bytesPerHour === undefined ? "none of any size" : rate(bytesPerHour);
}

/** A rate that is no gain: without its sign. */
function rate(bytesPerHour: number): string {
  return formatRate(bytesPerHour).replace("+", "");
}
