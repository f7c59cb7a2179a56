// What a record cannot answer, in figures: why nothing is said where nothing is.

import type { Abstention } from "../../model/evidence.ts";
import type { Milliseconds } from "../../model/snapshot.ts";
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

export function abstentionsFor(facts: RecordFacts): Abstention[] {
  const { snapshots, sinceBoot, boots, window, hole } = facts;
  const lastBoot = boots[boots.length - 1];
  if (snapshots === 1) return [{ kind: "one-snapshot" }];
  if (window === undefined) {
    const since = lastBoot === undefined ? {} : { lastBoot };
    return [{ kind: "few-snapshots", usable: sinceBoot, needed: MIN_POINTS, ...since }];
  }
  const covered = (window.times[window.times.length - 1] ?? 0) - (window.times[0] ?? 0);
  const out: Abstention[] = [];
  if (lastBoot !== undefined) out.push({ kind: "restarts", boots: boots.length, lastBoot });
  if (window.settled > 0) out.push({ kind: "settling", ms: window.settled });
  if (covered < DAYS * DAY) out.push({ kind: "under-a-day", ms: covered });
  if (hole.to - hole.from > covered * LARGE_HOLE) out.push({ kind: "hole", ...hole });
  if (!facts.allocsKnown) out.push({ kind: "no-counters" });
  if (facts.notJudged > 0) out.push({ kind: "too-many-rows", rows: facts.notJudged });
  return out;
}

/** A hole of this share of the record is worth a word. */
const LARGE_HOLE = 0.25;
