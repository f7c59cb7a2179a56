// What interval is usual between snapshots, and which were so much longer that something is missing.

import type { Milliseconds } from "../../model/snapshot.ts";
import type { MissingSpan } from "../contract.ts";

/** An interval this many times the usual one is a gap. */
const GAP_FACTOR = 4;
/** Shorter sleep is no more than a pause between two snapshots. */
const LEAST_SLEEP = 60_000;
const MAX_GAPS = 500;
const MAX_INTERVALS = 2048;
/** Fewer intervals tell nothing of what is usual. */
const ENOUGH = 4;

/** Follows the intervals of a record of any length in bounded memory: an even sample of all, and the longest ones. */
export class Intervals {
  #sample: number[] = [];
  #stride = 1;
  #seen = 0;
  #longest: MissingSpan[] = [];
  #bound = 0;
  #median: number | undefined;

  /** Takes the next interval, and how long of it the machine slept, where that is told. */
  push(from: Milliseconds, to: Milliseconds, slept?: Milliseconds): void {
    const interval = to - from;
    this.#median = undefined;
    if (this.#seen++ % this.#stride === 0) {
      if (this.#sample.length === MAX_INTERVALS) {
        this.#sample = this.#sample.filter((_, i) => i % 2 === 0);
        this.#stride *= 2;
      }
      this.#sample.push(interval);
    }
    if (interval <= this.#bound) return;
    this.#longest.push(slept === undefined ? { from, to } : { from, to, slept });
    if (this.#longest.length < 2 * MAX_GAPS) return;
    this.#longest.sort((a, b) => b.to - b.from - (a.to - a.from));
    this.#longest.length = MAX_GAPS;
    const last = this.#longest.at(-1);
    this.#bound = last === undefined ? 0 : last.to - last.from;
  }

  /** The median interval; 0 before there is one. */
  get usual(): Milliseconds {
    this.#median ??= this.#sample.toSorted((a, b) => a - b)[this.#sample.length >> 1] ?? 0;
    return this.#median;
  }

  /** Spans in which snapshots are missing or the machine slept, in time order. */
  get missing(): MissingSpan[] {
    if (this.#seen < ENOUGH) return [];
    const longest = GAP_FACTOR * this.usual;
    return this.#longest
      .filter(({ from, to, slept = 0 }) => to - from > longest || slept >= LEAST_SLEEP)
      .sort((a, b) => a.from - b.from);
  }
}
