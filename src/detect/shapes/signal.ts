// Judges one signal of one tag (outstanding blocks, or bytes per block): odds of growth against everything benign, and
// the shape that fits best.

import { COLUMNS, type Basis } from "../series/basis.ts";
import { BENIGN_KINDS, type Candidate, type ShapeKind } from "./candidate.ts";
import { compare, type Comparison } from "./compare.ts";
import { findJumps, jumpColumns, withoutJumps } from "./jumps.ts";
import { logSumExp } from "../series/numeric.ts";
import { refine } from "./onset.ts";
import { makeShapeSet, type ShapeSet } from "./shape-set.ts";
import { findSeason, rhythmColumns, type Season } from "../series/season.ts";

/** An explanation with the columns of its own that it uses beside the shared ones. */
export interface Explanation {
  readonly candidate: Candidate;
  readonly extras: readonly Float64Array[];
  readonly season: Season | undefined;
}

export interface SignalJudgement {
  /** log marginal weight of each kind of explanation; flat with a rhythm on top stands apart. */
  readonly logWeights: Readonly<Record<ShapeKind | "rhythm", number>>;
  /** log odds of the data under growth that goes on, and under growth that stopped, against every benign shape. */
  readonly growingLogOdds: number;
  readonly stoppedLogOdds: number;
  readonly growth: Explanation | undefined;
  /** All kept explanations by growth that goes on, the best first. */
  readonly growths: readonly Explanation[];
  readonly stop: Explanation | undefined;
  readonly benign: Explanation | undefined;
  readonly jumps: readonly number[];
  readonly unit: number;
  /** Largest less smallest value, jumps taken out. */
  readonly range: number;
  readonly basis: Basis;
}

/** log prior of a rhythm: its period was searched for. */
const SEASON_PRICE = -3;
/** A rhythm must explain this much of what a line leaves over before it is taken into account. */
const MIN_SEASON = 0.65;

/** A last quarter that stands less than this share of the range above the first holds no growth worth a look. */
const MIN_RISE = 0.08;

/** Undefined where the signal is constant or nothing in it grows. */
export function judgeSignal(basis: Basis, values: Float64Array): SignalJudgement | undefined {
  const jumps = findJumps(values);
  const smooth = withoutJumps(values, jumps);
  const { low, high, mean, deviation: unit } = spread(smooth);
  const range = high - low;
  if (!(range > 1e-9 * Math.max(1, Math.abs(mean)))) return undefined;
  const first = values[0] ?? 0;
  const y = values.map((v) => v - first);
  const level = Math.max(first, 1);
  const steps = jumpColumns(values.length, jumps);
  const centred = smooth.map((v) => (v - mean) / unit);
  const rises = quarterRise(smooth) > MIN_RISE * range;
  const sets: ShapeSet[] = rises ? [makeShapeSet(basis, y, unit, steps, undefined)] : [];
  for (const withLine of [true, false]) {
    const season = findSeason(basis.rhythms, centred, withLine);
    if (season === undefined || season.explained < MIN_SEASON) continue;
    sets.push(makeShapeSet(basis, y, unit, [...steps, ...season.columns], season));
  }
  const found: Found[] = [];
  for (const set of sets) {
    const price = set.season === undefined ? 0 : SEASON_PRICE;
    const always = set.extras.map((_, i) => COLUMNS + i);
    const comparison = compare(set.prepared, { always, level, price });
    if (comparison !== undefined) found.push({ set, comparison: refine(set, comparison) });
  }
  if (found.length === 0) return undefined;
  const judged = merge(found);
  if (Math.max(judged.growingLogOdds, judged.stoppedLogOdds) < DOUBT) return { ...judged, jumps, unit, range, basis };
  const slow = slowRhythms(basis, y, unit, steps, level);
  return { ...merge([...found, ...slow]), jumps, unit, range, basis };
}

/** Growth this likely is also held against rhythms of about one period, which look like growth that came late. */
const DOUBT = 3;
const SLOW_CYCLES = [0.8, 1, 1.15];
const SLOW_PRICE = -4;

/** Explanations by one slow rhythm; only their harmless side counts, since a line beside it could be anything. */
function slowRhythms(
  basis: Basis,
  y: Float64Array,
  unit: number,
  steps: readonly Float64Array[],
  level: number,
): Found[] {
  const found: Found[] = [];
  for (const cycles of SLOW_CYCLES) {
    const set = makeShapeSet(basis, y, unit, [...steps, ...rhythmColumns(basis.rhythms.share, cycles)], undefined);
    const always = set.extras.map((_, i) => COLUMNS + i);
    const comparison = compare(set.prepared, { always, level, price: SLOW_PRICE });
    if (comparison === undefined) continue;
    found.push({
      set,
      comparison: {
        prior: comparison.prior,
        logWeights: { ...comparison.logWeights, growing: -Infinity, stopped: -Infinity },
        kept: { ...comparison.kept, growing: [], stopped: [] },
      },
    });
  }
  return found;
}

interface Found {
  readonly set: ShapeSet;
  readonly comparison: Comparison;
}

/** Adds up the explanations with and without a rhythm. */
function merge(
  list: readonly Found[],
): Pick<
  SignalJudgement,
  "growingLogOdds" | "stoppedLogOdds" | "growth" | "growths" | "stop" | "benign" | "logWeights"
> {
  const total = (kind: ShapeKind): number => logSumExp(list.map((f) => f.comparison.logWeights[kind]));
  const explanations = (kind: ShapeKind): Explanation[] =>
    list
      .flatMap(({ set, comparison }) =>
        comparison.kept[kind].map((candidate) => ({
          candidate,
          extras: [...set.extras, ...(candidate.columns ?? [])],
          season: set.season,
        })),
      )
      .sort((a, b) => b.candidate.logWeight - a.candidate.logWeight);
  const rhythmic = list.filter((f) => f.set.season !== undefined);
  const logWeights = {
    flat: logSumExp(list.filter((f) => f.set.season === undefined).map((f) => f.comparison.logWeights.flat)),
    rhythm: logSumExp(rhythmic.map((f) => f.comparison.logWeights.flat)),
    load: total("load"),
    cache: total("cache"),
    step: total("step"),
    growing: total("growing"),
    stopped: total("stopped"),
  };
  const benign = logSumExp(BENIGN_KINDS.map(total));
  const growths = explanations("growing");
  const benigns = BENIGN_KINDS.flatMap((kind) => explanations(kind).slice(0, 1));
  return {
    logWeights,
    growingLogOdds: logWeights.growing - benign,
    stoppedLogOdds: logWeights.stopped - benign,
    growth: growths[0],
    growths,
    stop: explanations("stopped")[0],
    benign: benigns.sort((a, b) => b.candidate.logWeight - a.candidate.logWeight)[0],
  };
}

/** Mean of the last quarter less that of the first. */
function quarterRise(values: Float64Array): number {
  const quarter = Math.max(1, Math.floor(values.length / 4));
  const mean = (from: number): number => {
    let sum = 0;
    for (let i = from; i < from + quarter; i++) sum += values[i] ?? 0;
    return sum / quarter;
  };
  return mean(values.length - quarter) - mean(0);
}

function spread(values: Float64Array): { low: number; high: number; mean: number; deviation: number } {
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  for (const v of values) {
    sum += v;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  const mean = sum / values.length;
  let square = 0;
  for (const v of values) square += (v - mean) ** 2;
  return { low, high, mean, deviation: Math.sqrt(square / values.length) };
}
