// Judgements of one tag for tests: what is not given is filled in so that the value is consistent.

import { kindCode, rowKey, type PoolKind, type Snapshot } from "../../model/snapshot.ts";
import { tagNamed } from "../../model/verdict.test-support.ts";
import { makeBasis } from "../series/basis.ts";
import type { Candidate, ShapeKind } from "../shapes/candidate.ts";
import type { Explanation, SignalJudgement } from "../shapes/signal.ts";
import type { TagJudgement } from "./judge.ts";

export const HOUR = 3_600_000;
export const BLOCK_BYTES = 1024;

export interface Given extends Partial<Omit<TagJudgement, "counts" | "held" | "allocs">> {
  readonly name?: string;
  readonly pool?: PoolKind;
  /** Outstanding blocks at each hour; bytes are {@link BLOCK_BYTES} times as many where they are not given. */
  readonly counts: readonly number[];
  readonly held?: readonly number[];
  /** Cumulative allocations; unknown where not given. */
  readonly allocs?: readonly number[];
  /** The machine's load at each hour. */
  readonly load?: readonly number[];
}

/** A count that grows, an hour apart from point to point, ten blocks an hour. */
export function makeJudgement({
  name = "Leak",
  pool = "nonpaged",
  counts,
  held,
  allocs,
  load,
  ...given
}: Given): TagJudgement {
  const n = counts.length;
  const times = Float64Array.from({ length: n }, (_, i) => i * HOUR);
  const level = load === undefined ? new Float64Array(n).fill(1) : Float64Array.from(load);
  return {
    key: rowKey(tagNamed(name), kindCode(pool)),
    factor: "count",
    kind: "growing",
    logOdds: 9,
    explanation: undefined,
    benign: undefined,
    signal: undefined,
    countSignal: undefined,
    blocks: { value: 10, error: 0.1, now: 10 },
    bytes: { value: 10 * BLOCK_BYTES, error: 100, now: 10 * BLOCK_BYTES },
    teeth: 0,
    basis: makeBasis(times, level, load !== undefined),
    times,
    counts: Float64Array.from(counts),
    held: Float64Array.from(held ?? counts.map((count) => count * BLOCK_BYTES)),
    allocs: allocs === undefined ? new Float64Array(n).fill(Number.NaN) : Float64Array.from(allocs),
    ...given,
  };
}

/** An explanation by columns, from one sixteenth of the record to another. */
export function makeExplanation(
  given: Partial<Candidate> & {
    readonly columns?: never;
    readonly fitted?: readonly number[];
    readonly period?: number;
  },
): Explanation {
  const { fitted = [0, 1], period, ...rest } = given;
  return {
    candidate: {
      fit: {
        columns: fitted,
        noise: 0,
        beta: new Float64Array(fitted.length),
        error: 0,
        sigma: 1,
        logMarginalLikelihood: 0,
      },
      kind: "growing",
      logWeight: 0,
      from: 0,
      until: 16,
      ...rest,
    },
    extras: [],
    season:
      period === undefined ? undefined : { period, columns: [new Float64Array(0), new Float64Array(0)], explained: 1 },
  };
}

/** What the shapes say of a signal: log weights, -100 where not given. */
export function makeSignal(
  weights: Partial<Record<ShapeKind | "rhythm", number>>,
  basis = makeJudgement({ counts: [1, 2, 3] }).basis,
): SignalJudgement {
  const none = -100;
  return {
    logWeights: {
      flat: none,
      rhythm: none,
      load: none,
      cache: none,
      step: none,
      growing: none,
      stopped: none,
      ...weights,
    },
    growingLogOdds: 0,
    stoppedLogOdds: 0,
    growth: undefined,
    growths: [],
    stop: undefined,
    benign: undefined,
    jumps: [],
    unit: 1,
    range: 1,
    basis,
  };
}

/** `count` numbers from `start` on, each `step` more than the one before. */
export function ramp(count: number, start: number, step: number): number[] {
  return Array.from({ length: count }, (_, i) => start + i * step);
}

/** The last snapshot of a record, with nothing in it but its time. */
export function lastAt(time: number): Snapshot {
  return {
    time,
    origin: { source: "csv", timeBasis: "measured" },
    totals: {},
    columns: { length: 0 } as Snapshot["columns"],
    counterBits: 64,
    gaps: [],
  };
}
