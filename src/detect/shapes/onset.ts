// When growth started and stopped, finer than the shared grid of sixteenths: the best late or stopped explanation is
// tried again with starts and stops in between.

import { COLUMNS, HINGES, LINE, hingeColumn } from "../series/basis.ts";
import type { Candidate } from "./candidate.ts";
import { benignLogWeight, growthOf, type Comparison } from "./compare.ts";
import { logMarginalLikelihood, keepTrial, makeTrial, prepare, type Trial } from "./fit.ts";
import { logSumExp } from "../series/numeric.ts";
import type { ShapeSet } from "./shape-set.ts";

/** Positions tried between two grid points. */
const FINE = 8;
/** Only explanations at least this likely (log odds) are worth it. */
const WORTH = -2;
const ROUNDS = 2;

/** The comparison with finer starts and stops added to it. */
export function refine(set: ShapeSet, comparison: Comparison, y: Float64Array, unit: number): Comparison {
  const benign = benignLogWeight(comparison);
  let refined = comparison;
  const [growing] = comparison.kept.growing;
  if (growing !== undefined && growing.from > 0 && comparison.logWeights.growing - benign > WORTH)
    refined = withFiner(refined, refineOne(set, growing, y, unit));
  const [stopped] = comparison.kept.stopped;
  if (stopped !== undefined && comparison.logWeights.stopped - benign > 2 * WORTH)
    refined = withFiner(refined, refineOne(set, stopped, y, unit));
  return refined;
}

function withFiner(comparison: Comparison, finer: Candidate | undefined): Comparison {
  if (finer === undefined) return comparison;
  const { kind, logWeight } = finer;
  const kept = [...comparison.kept[kind]];
  const at = kept.findIndex((c) => c.logWeight < logWeight);
  kept.splice(at < 0 ? kept.length : at, 0, finer);
  return {
    logWeights: { ...comparison.logWeights, [kind]: logSumExp([comparison.logWeights[kind], logWeight]) },
    kept: { ...comparison.kept, [kind]: kept },
  };
}

/** Searches start and stop in turn within one grid step; the growth column becomes one of the candidate's own. */
function refineOne(set: ShapeSet, candidate: Candidate, y: Float64Array, unit: number): Candidate | undefined {
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
  const trial = makeTrial();
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
        const log = logMarginalLikelihood(p, columns, noise, trial);
        if (!(log > best) || growthIsNegative(trial)) continue;
        best = log;
        from = start;
        until = stop;
        found = {
          ...candidate,
          fit: keepTrial(trial, columns, noise),
          logWeight: 0,
          from: start,
          until: stop,
          columns: [ramp],
        };
      }
    }
  }
  if (found === undefined || growthOf(found.fit) <= 0) return undefined;
  const logPrior = candidate.logWeight - candidate.fit.logMarginalLikelihood - Math.log(stopped ? FINE * FINE : FINE);
  return { ...found, logWeight: best + logPrior };
}

function growthIsNegative(trial: Trial): boolean {
  return (trial.beta[trial.size - 1] ?? 0) <= 0;
}
