// What a record cannot answer, in sentences: why nothing is said where nothing is.

import type { Milliseconds } from "../../model/snapshot.ts";
import { formatTime } from "../../model/time.ts";
import { formatCount, formatDuration, plural } from "../../model/units.ts";
import { MIN_POINTS, type Window } from "../series/window.ts";

export interface RecordFacts {
  readonly snapshots: number;
  readonly from: Milliseconds;
  readonly to: Milliseconds;
  readonly boots: readonly Milliseconds[];
  /** Snapshots since the last boot. */
  readonly sinceBoot: number;
  readonly window: Window | undefined;
  /** Longest time without a snapshot since the last boot. */
  readonly hole: { readonly from: Milliseconds; readonly to: Milliseconds };
  readonly allocsKnown: boolean;
  /** Rows beyond what is judged in one look. */
  readonly notJudged: number;
}

const DAY = 86_400_000;
/** A rhythm of a day cannot be told from growth in less than this many of them. */
const DAYS = 1.25;

export function abstentionsFor(facts: RecordFacts): string[] {
  const { snapshots, sinceBoot, boots, window, hole } = facts;
  const out: string[] = [];
  const lastBoot = boots[boots.length - 1];
  if (snapshots === 1) return ["One snapshot shows sizes, not growth: take another one later."];
  if (window === undefined) {
    const since = lastBoot === undefined ? "" : ` since the restart at ${formatTime(lastBoot)}`;
    out.push(
      `${plural(sinceBoot, "usable snapshot")}${since}: at least ${MIN_POINTS} are needed to tell growth from ups and downs. ` +
        "`poolscope diff` compares two.",
    );
    return out;
  }
  if (boots.length > 0 && lastBoot !== undefined) {
    out.push(
      `The machine restarted ${boots.length === 1 ? "once" : `${boots.length} times`}; verdicts rest on the time since ${formatTime(lastBoot)}.`,
    );
  }
  const covered = (window.times[window.times.length - 1] ?? 0) - (window.times[0] ?? 0);
  if (window.settled > 0) {
    out.push(
      `The first ${formatDuration(window.settled)} after the boot were left out: services start and caches fill then.`,
    );
  }
  if (covered < DAYS * DAY) {
    out.push(
      `${formatDuration(covered)} of record: what rises in the morning and falls at night cannot be told from slow growth; a day and a half can.`,
    );
  }
  if (hole.to - hole.from > covered / 4) {
    out.push(
      `No snapshot from ${formatTime(hole.from)} to ${formatTime(hole.to)}: what happened in between is unknown.`,
    );
  }
  if (!facts.allocsKnown) {
    out.push("The source gives no counts of allocations, so growth could not be set against the machine's load.");
  }
  if (facts.notJudged > 0) {
    out.push(
      `${formatCount(facts.notJudged)} rows that gained least were not judged: there are more than any Windows has.`,
    );
  }
  return out;
}
