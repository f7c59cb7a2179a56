// What a busy tag never falls below: short-lived blocks hide a leak under them, but not from the floor that is left when they
// are gone.

import type { History } from "../series/history.ts";
import { readSignals } from "../series/tag-signals.ts";
import { coarseWindow, leasts, type Window } from "../series/window.ts";
import { judgeTag, OPEN, type TagJudgement } from "./judge.ts";

/** Stretches of the record whose least values are looked at. */
const STRETCHES = 32;
/** log price of a second look at the same tag. */
const PRICE = 2.5;

/** The judgement of a tag by its floors where they show growth that its levels do not; else the given one. */
export class FloorLook {
  readonly #history: History;
  readonly #whole: Window;
  #window: Window | undefined;
  #made = false;

  constructor(history: History, whole: Window) {
    this.#history = history;
    this.#whole = whole;
  }

  judge(j: TagJudgement): TagJudgement {
    if (j.kind === "growing" && j.logOdds >= OPEN) return j;
    if (!this.#made) {
      this.#window = coarseWindow(this.#history, this.#whole, STRETCHES);
      this.#made = true;
    }
    if (this.#window === undefined) return j;
    const signals = readSignals(this.#window, this.#history, j.key, leasts);
    if (typeof signals === "string") return j;
    const floor = judgeTag(signals);
    const logOdds = floor.logOdds - PRICE;
    if (floor.kind !== "growing" || floor.factor !== "count" || logOdds < OPEN || logOdds <= j.logOdds) return j;
    return { ...floor, logOdds, floor: true };
  }
}
