// Judges one signal of one tag (outstanding blocks, or bytes per block): odds of growth against everything benign, and
// the shape that fits best.

import { COLUMNS, type Basis } from "./basis.ts";
import { compare, type Candidate, type Comparison } from "./compare.ts";
import { prepare, type Prepared } from "./fit.ts";
import { logSumExp } from "./numeric.ts";
import { findSeason, type Season } from "./season.ts";

export interface SignalJudgement {
  /** log odds of the data under growth that goes on, and under growth that stopped, against every benign shape. */
  readonly growing: number;
  readonly stopped: number;
  readonly growth: Candidate | undefined;
  readonly stop: Candidate | undefined;
  readonly benign: Candidate | undefined;
  readonly season: Season | undefined;
  /** The rhythms that the best growing and the best stopped explanation use. */
  readonly growthSeason: Season | undefined;
  readonly stopSeason: Season | undefined;
  readonly unit: number;
  /** Largest less smallest value. */
  readonly range: number;
  readonly basis: Basis;
}

/** log prior of a rhythm: its period was searched for. */
const SEASON_PRICE = -3;
/** A rhythm must explain this much of what a line leaves over before it is taken into account. */
const MIN_SEASON = 0.65;

export function judgeSignal(basis: Basis, values: Float64Array): SignalJudgement | undefined {
  const n = values.length;
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const v = values[i] as number;
    sum += v;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  const range = high - low;
  const mean = sum / n;
  if (!(range > 1e-9 * Math.max(1, Math.abs(mean)))) return undefined;
  let square = 0;
  for (let i = 0; i < n; i++) square += ((values[i] as number) - mean) ** 2;
  const unit = Math.sqrt(square / n);
  const first = values[0] as number;
  const y = values.map((v) => v - first);
  const level = Math.max(low, first, 1);
  const sets: Set[] = [{ p: prepare(basis, y, unit, []), season: undefined }];
  const centred = values.map((v) => (v - mean) / unit);
  for (const withLine of [true, false]) {
    const season = findSeason(basis.rhythms, centred, withLine);
    if (season === undefined || season.explained < MIN_SEASON) continue;
    sets.push({ p: prepare(basis, y, unit, season.columns), season });
  }
  const found: Found[] = [];
  for (const set of sets) {
    const always = set.season === undefined ? [] : [COLUMNS, COLUMNS + 1];
    const price = set.season === undefined ? 0 : SEASON_PRICE;
    const comparison = compare(set.p, { always, level, price });
    if (comparison !== undefined) found.push({ set, comparison });
  }
  if (found.length === 0) return undefined;
  return { ...merge(found), unit, range, basis };
}

interface Set {
  readonly p: Prepared;
  readonly season: Season | undefined;
}

interface Found {
  readonly set: Set;
  readonly comparison: Comparison;
}

/** Adds up the explanations with and without a rhythm. */
function merge(list: readonly Found[]): Omit<SignalJudgement, "unit" | "range" | "basis"> {
  const total = (key: "benignWeight" | "growingWeight" | "stoppedWeight") =>
    logSumExp(list.map((f) => f.comparison[key]));
  const pick = (key: "bestGrowing" | "bestStopped" | "bestBenign") => {
    let best: { candidate: Candidate; set: Set } | undefined;
    for (const { set, comparison } of list) {
      const candidate = comparison[key];
      if (candidate === undefined) continue;
      if (best === undefined || candidate.logWeight > best.candidate.logWeight) best = { candidate, set };
    }
    return best;
  };
  const benign = total("benignWeight");
  const growth = pick("bestGrowing");
  const stop = pick("bestStopped");
  const growing = total("growingWeight") - benign;
  const stopped = total("stoppedWeight") - benign;
  const season = (growing >= stopped ? growth : stop)?.set.season;
  return {
    growing,
    stopped,
    growth: growth?.candidate,
    stop: stop?.candidate,
    benign: pick("bestBenign")?.candidate,
    growthSeason: growth?.set.season,
    stopSeason: stop?.set.season,
    season,
  };
}
