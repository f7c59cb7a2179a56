// When growth started and stopped, finer than the shared grid of sixteenths: the best late or stopped explanation is
// tried again with starts and stops in between.

import { COLUMNS, HINGES, LINE, hingeColumn } from "../series/basis.ts";
import { growthOf, type Candidate, type Comparison } from "./compare.ts";
import { evidence, keepTrial, prepare, trial } from "./fit.ts";
import { logSumExp } from "../series/numeric.ts";
import type { Set } from "./signal.ts";

/** Positions tried between two grid points. */
const FINE = 8;
/** Only explanations at least this likely (log odds) are worth it. */
const WORTH = -2;
const ROUNDS = 2;

/** The comparison with finer starts and stops added to it. */
export function refine(set: Set, comparison: Comparison, y: Float64Array, unit: number): Comparison {
  const { benignWeight } = comparison;
  let { bestGrowing, bestStopped, growingWeight, stoppedWeight } = comparison;
  if (bestGrowing !== undefined && bestGrowing.from > 0 && growingWeight - benignWeight > WORTH) {
    const finer = refineOne(set, bestGrowing, y, unit);
    if (finer !== undefined) {
      growingWeight = logSumExp([growingWeight, finer.logWeight]);
      if (finer.logWeight > bestGrowing.logWeight) bestGrowing = finer;
    }
  }
  if (bestStopped !== undefined && stoppedWeight - benignWeight > 2 * WORTH) {
    const finer = refineOne(set, bestStopped, y, unit);
    if (finer !== undefined) {
      stoppedWeight = logSumExp([stoppedWeight, finer.logWeight]);
      if (finer.logWeight > bestStopped.logWeight) bestStopped = finer;
    }
  }
  return { ...comparison, bestGrowing, bestStopped, growingWeight, stoppedWeight };
}

/** Searches start and stop in turn within one grid step; the growth column becomes one of the candidate's own. */
function refineOne(set: Set, candidate: Candidate, y: Float64Array, unit: number): Candidate | undefined {
  const { basis } = set.prepared;
  const share = basis.columns[LINE] ?? new Float64Array(0);
  const stopped = candidate.kind === "stopped";
  const kept = candidate.fit.columns.filter(
    (c) => c !== hingeColumn(candidate.from) && !(stopped && c === hingeColumn(candidate.until)),
  );
  const { noise } = candidate.fit;
  let from = candidate.from;
  let until = candidate.until;
  let best = -Infinity;
  let found: Candidate | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    for (const which of stopped ? (["until", "from"] as const) : (["from"] as const)) {
      const centre = which === "from" ? from : until;
      for (let step = -FINE; step <= FINE; step++) {
        const at = centre + step / FINE;
        if (at < 0 || at > HINGES - 1) continue;
        const start = which === "from" ? at : from;
        const stop = which === "until" ? at : until;
        if (stop - start < 2) continue;
        const ramp = share.map((s) => Math.max(0, s - start / HINGES) - (stopped ? Math.max(0, s - stop / HINGES) : 0));
        const p = prepare(basis, y, unit, [...set.extras, ramp], [noise]);
        const columns = [...kept, COLUMNS + set.extras.length];
        const log = evidence(p, columns, noise);
        if (!(log > best) || trialGrowthIsNegative()) continue;
        best = log;
        from = start;
        until = stop;
        found = {
          ...candidate,
          fit: keepTrial(columns, noise),
          logWeight: 0,
          from: start,
          until: stop,
          columns: [ramp],
        };
      }
    }
  }
  if (found === undefined || growthOf(found.fit) <= 0) return undefined;
  const logPrior = candidate.logWeight - candidate.fit.logEvidence - Math.log(stopped ? FINE * FINE : FINE);
  return { ...found, logWeight: best + logPrior };
}

function trialGrowthIsNegative(): boolean {
  return (trial.beta[trial.size - 1] ?? 0) <= 0;
}
