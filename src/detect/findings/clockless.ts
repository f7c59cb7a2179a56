// A diagnosis of snapshots without times: they have an order and nothing else, so what is said of time is taken out, and rates
// are growth per step.

import type { Evidence } from "../../model/evidence.ts";
import type { Diagnosis, Verdict } from "../../model/verdict.ts";

/** Reasons that hold without a clock. */
const TIMELESS: ReadonlySet<Evidence["kind"]> = new Set([
  "returned",
  "frees",
  "rising-floor",
  "by-floor",
  "shape",
  "lockstep",
  "fell-back",
  "stepped",
  "short-rise",
  "saturating",
  "follows-load",
]);

/** The same diagnosis with rates per step, without dates, durations and exhaustion. */
export function withoutClock(diagnosis: Diagnosis): Diagnosis {
  return {
    ...diagnosis,
    pools: diagnosis.pools.map(({ exhaustion: _end, ...pool }) => ({ ...pool, perStep: true as const })),
    verdicts: diagnosis.verdicts.map(timeless),
    abstentions: diagnosis.abstentions.filter(
      ({ kind }) => kind !== "under-a-day" && kind !== "hole" && kind !== "settling",
    ),
  };
}

function timeless(verdict: Verdict): Verdict {
  const { since: _since, until: _until, exhaustion: _end, lookAgainAfterMs: _later, ...rest } = verdict;
  return { ...rest, perStep: true, evidence: rest.evidence.filter(({ kind }) => TIMELESS.has(kind)) };
}
