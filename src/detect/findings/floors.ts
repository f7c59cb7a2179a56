// What a busy tag never falls below: short-lived blocks hide a leak under them, but not from the floor that is left when they
// are gone.

import type { History } from "../series/history.ts";
import { median, quantile } from "../series/numeric.ts";
import { readSignals } from "../series/tag-signals.ts";
import { coarseWindow, leasts, type Window } from "../series/window.ts";
import { judgeTag, MIN_BLOCKS, OPEN, type TagJudgement } from "./judge.ts";

/** Stretches of the record whose least values are looked at. */
const STRETCHES = 32;
/** log price of a second look at the same tag. */
const PRICE = 2.5;

/** The judgement of a tag by its floors where they show growth that its levels do not; else the given one. */
export class FloorLook {
  readonly #history: History;
  readonly #window: Window | undefined;

  constructor(history: History, whole: Window) {
    this.#history = history;
    this.#window = coarseWindow(history, whole, STRETCHES);
  }

  judge(j: TagJudgement): TagJudgement {
    if (this.#window === undefined || (j.kind === "growing" && j.logOdds >= OPEN)) return j;
    const signals = readSignals(this.#window, this.#history, j.key, leasts);
    if (typeof signals === "string" || !rises(signals.counts)) return j;
    const floor = judgeTag(signals);
    const logOdds = floor.logOdds - PRICE;
    if (floor.kind !== "growing" || floor.factor !== "count" || logOdds < OPEN || logOdds <= j.logOdds) return j;
    return { ...floor, logOdds, floor: true };
  }
}

/** The last quarter stands above the first by so many blocks, and by this share of all that the floor moved. */
const LEAST_SHARE = 0.33;

/** Whether floors are worth a judgement; what grows at the end of the record alone is a matter of fresh looks. */
function rises(floors: Float64Array): boolean {
  const quarter = Math.max(1, Math.floor(floors.length / 4));
  const rise = median(floors.slice(-quarter)) - median(floors.slice(0, quarter));
  return rise >= MIN_BLOCKS && rise >= LEAST_SHARE * (quantile(floors, 1) - quantile(floors, 0));
}
