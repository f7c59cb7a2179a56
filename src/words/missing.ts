// A span without snapshots in words: that the machine slept is said only where it was told.

import type { Milliseconds } from "../model/snapshot.ts";
import { formatDuration } from "../model/units.ts";

export interface SilentSpan {
  readonly from: Milliseconds;
  readonly to: Milliseconds;
  readonly slept?: Milliseconds;
}

/** This share of a span asleep explains it. */
const MOSTLY = 0.9;

/** Sleep that a span holds; undefined where none is told. */
function sleepOf({ slept = 0 }: SilentSpan): Milliseconds | undefined {
  return slept >= 1000 ? slept : undefined;
}

/** The mark on a chart: `asleep 6 h`, `no snapshots`. */
export function silentMark(span: SilentSpan): string {
  const slept = sleepOf(span);
  return slept === undefined ? "no snapshots" : `asleep ${formatDuration(slept)}`;
}

/** How long and why: `No snapshot for 6 h 2 min: the machine slept`. */
export function silentWords(span: SilentSpan): string {
  const length = span.to - span.from;
  const lead = `No snapshot for ${formatDuration(length)}`;
  const slept = sleepOf(span);
  if (slept !== undefined) {
    return slept >= MOSTLY * length
      ? `${lead}: the machine slept`
      : `${lead}, of which the machine slept ${formatDuration(slept)}`;
  }
  return span.slept === undefined
    ? `${lead}; whether the machine slept is not in the record`
    : `${lead}; the machine did not sleep`;
}
