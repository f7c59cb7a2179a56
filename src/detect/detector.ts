// Snapshots in, diagnosis out: the one detector that `leaks`, `check`, `record` and the live view share.
// First version: growth of the outstanding count and bytes since the last boot, by least squares on the kept history.

import { kindCode, rowKey, sumBytes, type Gap, type Milliseconds, type Snapshot } from "../model/snapshot.ts";
import type { PoolLimits } from "../model/limits.ts";
import type { Diagnosis, TagRef, Verdict } from "../model/verdict.ts";
import { isNewBoot } from "./boots.ts";
import { History, type Series } from "./history.ts";

export interface DetectorOptions {
  /** Points of history kept per series; memory is about 32 bytes a point and series. */
  readonly maxPoints?: number;
  /** The limits in force for the machine of a snapshot; without it only what the snapshot's totals tell is used. */
  readonly limitsOf?: (snapshot: Snapshot) => PoolLimits;
}

/** Watches one machine. Snapshots arrive in time order; a diagnosis may be asked for at any time. */
export class Detector {
  readonly #options: DetectorOptions;
  readonly #boots: Milliseconds[] = [];
  readonly #gaps: Gap[] = [];
  #history: History;
  #first: Snapshot | undefined;
  #last: Snapshot | undefined;
  #snapshots = 0;

  constructor(options: DetectorOptions = {}) {
    this.#options = options;
    this.#history = new History(options.maxPoints);
  }

  /** Takes the next snapshot. One that is not later than the previous is refused as a Gap, not an error. */
  push(snapshot: Snapshot): void {
    const last = this.#last;
    if (last !== undefined && snapshot.time <= last.time) {
      this.#gaps.push({
        where: snapshot.origin.file ?? snapshot.origin.source,
        problem: "a snapshot is not later than the one before it and was left out",
        from: snapshot.time,
        to: last.time,
      });
      return;
    }
    if (last !== undefined && isNewBoot(last, snapshot)) {
      this.#boots.push(snapshot.time);
      this.#history = new History(this.#options.maxPoints);
    }
    this.#gaps.push(...snapshot.gaps);
    this.#first ??= snapshot;
    this.#last = snapshot;
    this.#snapshots += 1;
    this.#history.push(snapshot);
  }

  /** The newest snapshot taken. */
  get last(): Snapshot | undefined {
    return this.#last;
  }

  /** The kept history of one (tag, kind) since the last boot. */
  series(ref: TagRef): Series | undefined {
    return this.#history.series(rowKey(ref.tag, kindCode(ref.kind)));
  }

  /** What can be said now. Throws nothing; with too little data the diagnosis says so in `abstentions`. */
  diagnose(): Diagnosis | undefined {
    const first = this.#first;
    const last = this.#last;
    if (first === undefined || last === undefined) return undefined;
    const verdicts: Verdict[] = [];
    let steadyCount = 0;
    for (const key of this.#history.keys()) {
      const series = this.#history.series(key);
      const verdict = series === undefined ? undefined : growthVerdict(series);
      if (verdict === undefined) steadyCount += 1;
      else verdicts.push(verdict);
    }
    verdicts.sort((a, b) => b.bytesPerHour.value - a.bytesPerHour.value);
    return {
      origin: last.origin,
      span: {
        from: first.time,
        to: last.time,
        snapshots: this.#snapshots,
        series: this.#history.seriesCount,
        boots: this.#boots,
      },
      totals: last.totals,
      pools: (["nonpaged", "paged"] as const).map((kind) => ({
        kind,
        bytes:
          (kind === "paged" ? last.totals.pagedBytes : last.totals.nonpagedBytes) ??
          sumBytes(last.columns, kindCode(kind)),
        bytesPerHour: { value: 0, low: 0, high: 0 },
      })),
      verdicts,
      steadyCount,
      abstentions: this.#snapshots < 3 ? ["Fewer than three snapshots: nothing can be said about growth."] : [],
      gaps: this.#gaps,
    };
  }
}

function growthVerdict(series: Series): Verdict | undefined {
  const n = series.times.length;
  if (n < 3) return undefined;
  const fit = leastSquares(series.times, series.bytes);
  if (fit === undefined || fit.slope <= 0 || fit.t < 20) return undefined;
  const bytesPerHour = fit.slope * 3_600_000;
  const count = leastSquares(series.times, series.outstanding);
  return {
    tag: series.tag,
    kind: series.kind,
    state: "leaking",
    bytesPerHour: { value: bytesPerHour, low: bytesPerHour, high: bytesPerHour },
    blocksPerHour: (count?.slope ?? 0) * 3_600_000,
    grows: (count?.slope ?? 0) > 0 ? "count" : "size",
    heldBytes: series.bytes[n - 1] ?? 0,
    outstanding: series.outstanding[n - 1] ?? 0,
    grownBytes: (series.bytes[n - 1] ?? 0) - (series.bytes[0] ?? 0),
    confidence: 0.5,
    evidence: [],
    group: [],
    drivers: [],
    knownLeaks: [],
    next: [],
  };
}

function leastSquares(x: Float64Array, y: Float64Array): { slope: number; t: number } | undefined {
  const x0 = x[0] ?? 0;
  let n = 0;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  let syy = 0;
  for (let i = 0; i < x.length; i++) {
    const a = (x[i] ?? 0) - x0;
    const b = y[i] ?? Number.NaN;
    if (Number.isNaN(b)) continue;
    n += 1;
    sx += a;
    sy += b;
    sxx += a * a;
    sxy += a * b;
    syy += b * b;
  }
  const vx = sxx - (sx * sx) / n;
  if (n < 3 || vx <= 0) return undefined;
  const slope = (sxy - (sx * sy) / n) / vx;
  const residual = Math.max(0, syy - (sy * sy) / n - slope * slope * vx);
  return { slope, t: slope / Math.sqrt(residual / (n - 2) / vx || Number.MIN_VALUE) };
}
