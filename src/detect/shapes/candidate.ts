// One explanation of a signal with its weight, and the sum over all explanations of a kind.

import { isWork } from "../series/basis.ts";
import { keepTrial, type Fit, type Trial } from "./fit.ts";

/** What an explanation says: nothing happens, it follows load, it fills ever more slowly, it came in one step, it grows. */
export type ShapeKind = "flat" | "load" | "cache" | "step" | "growing" | "stopped";

export const SHAPE_KINDS = ["flat", "load", "cache", "step", "growing", "stopped"] as const;

/** Explanations that are no leak. */
export const BENIGN_KINDS = ["flat", "load", "cache", "step"] as const;

/** A candidate explanation. Growth, where there is any, is the last of `fit.columns` (for stopped growth the hinge that ends it comes just before). */
export interface Candidate {
  readonly fit: Fit;
  readonly kind: ShapeKind;
  /** Log of marginal likelihood and prior. */
  readonly logWeight: number;
  /** Hinge indices of start and stop. */
  readonly from: number;
  readonly until: number;
  /** Growth in step with the work done, in a column of its own. */
  readonly byWork?: true;
  /** Columns of this explanation alone, after those of its set. */
  readonly columns?: readonly Float64Array[];
}

/** Whether an explanation's growth goes with the work done. */
export function goesWithWork({ byWork, fit }: Candidate): boolean {
  return byWork === true || fit.columns.some(isWork);
}

/** Explanations kept of a kind, for averaging what they say; the rest carries little weight. */
const KEPT = 8;
/** Of explanations this far (log) behind the best nothing is kept but their weight. */
const FAR = 6;

/** Sums up the weight of one kind of explanation and keeps the best ones, the best first. */
export class Tally {
  readonly kind: ShapeKind;
  readonly kept: Candidate[] = [];
  #max = -Infinity;
  #sum = 0;

  constructor(kind: ShapeKind) {
    this.kind = kind;
  }

  get best(): Candidate | undefined {
    return this.kept[0];
  }

  /** Log of the summed weights; -Infinity for none. */
  get logWeight(): number {
    return this.#sum > 0 ? this.#max + Math.log(this.#sum) : -Infinity;
  }

  /** Counts the solution in `trial`. */
  add(
    trial: Trial,
    logWeight: number,
    columns: readonly number[],
    noise: number,
    [from, until]: readonly [number, number],
  ): void {
    if (logWeight > this.#max) {
      this.#sum = this.#sum * Math.exp(this.#max - logWeight) + 1;
      this.#max = logWeight;
    } else this.#sum += Math.exp(logWeight - this.#max);
    const last = this.kept[KEPT - 1];
    if (logWeight < this.#max - FAR || (last !== undefined && last.logWeight >= logWeight)) return;
    const candidate = { fit: keepTrial(trial, columns, noise), kind: this.kind, logWeight, from, until };
    const at = this.kept.findIndex((c) => c.logWeight < logWeight);
    this.kept.splice(at < 0 ? this.kept.length : at, 0, candidate);
    if (this.kept.length > KEPT) this.kept.pop();
  }
}
