// Whether things happen ever more seldom, as the misses of a cache do that fills, or as often at the end as after a start-up.
// The times of single events tell it far better than the curve that they add up to.

import { logSumExp } from "../series/numeric.ts";

/** Time constants (share of the record) of what wanes. Shorter ones are a start-up, after which the rate is constant. */
const WANING = [0.2, 0.35, 0.6, 1];
/** Shares of all keys that were asked for by the end, where keys are asked for by rank: misses fall with the logarithm. */
const RANKED = [0.03, 0.1, 0.3, 1];
/** A start-up beside a constant rate: time constants, and how often more things happen at first. */
const START_UPS = [0.02, 0.06];
const MORE = [0, 0.5, 1, 2, 4];
/** Places that a rate is summed at. */
const PLACES = 64;

type Density = (share: number) => number;

const waning: readonly Density[] = [
  ...WANING.map((tau) => normalised((s) => Math.exp(-s / tau))),
  ...RANKED.map((asked) => normalised((s) => missRate(asked * s))),
];
const lasting: readonly Density[] = START_UPS.flatMap((tau) =>
  MORE.map((more) => normalised((s) => 1 + more * Math.exp(-s / tau))),
);

/**
 * Misses per request after `asked` requests for each key at the lowest rank, every rank asked for in inverse proportion to it:
 * the mean of exp(-asked / u) over u from 0 to 1, by the share that each rank has.
 */
function missRate(asked: number): number {
  let sum = 0;
  let weights = 0;
  for (let i = 0; i < PLACES; i++) {
    // Ranks by the logarithm, down to a thousandth of all.
    const u = 10 ** (-3 * ((i + 0.5) / PLACES));
    sum += Math.exp(-asked / u);
    weights += 1;
  }
  return sum / weights;
}

function normalised(rate: Density): Density {
  let sum = 0;
  for (let i = 0; i < PLACES; i++) sum += rate((i + 0.5) / PLACES);
  const mean = sum / PLACES;
  return (share) => rate(share) / mean;
}

/**
 * log odds of events that wane against events that go on at one rate after a start-up. `weights[i]` of them (one each, without
 * it) happened at `shares[i]` of the time, 0 to 1; each tells as much as `worth` independent ones.
 */
export function wanes(shares: readonly number[], weights?: readonly number[], worth = 1): number {
  const likelihood = likelihoodOf(shares, undefined, weights, worth);
  return mean(waning, likelihood) - mean(lasting, likelihood);
}

/** Stretches of a record along a pace (time, work done): where each has its middle and how long it is, as shares of the whole. */
export interface Pace {
  readonly middles: readonly number[];
  readonly widths: readonly number[];
}

/**
 * The same for events counted in stretches of the record, where it is open what pace they keep: what goes on at one rate by any
 * of the paces does not wane. `weights[i]` events are in stretch i.
 */
export function wanesByAny(paces: readonly Pace[], weights: readonly number[], worth: number): number {
  const over = (densities: readonly Density[]): number =>
    logSumExp(paces.map(({ middles, widths }) => mean(densities, likelihoodOf(middles, widths, weights, worth))));
  return over(waning) - over(lasting);
}

function likelihoodOf(
  shares: readonly number[],
  widths: readonly number[] | undefined,
  weights: readonly number[] | undefined,
  worth: number,
): (density: Density) => number {
  return (density) =>
    shares.reduce(
      (sum, s, i) => sum + (weights?.[i] ?? 1) * Math.log(Math.max(1e-9, density(s) * (widths?.[i] ?? 1))),
      0,
    ) * worth;
}

function mean(list: readonly Density[], likelihood: (density: Density) => number): number {
  return logSumExp(list.map(likelihood)) - Math.log(list.length);
}
