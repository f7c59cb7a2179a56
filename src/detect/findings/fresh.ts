// Fresh growth after a long quiet time: a short leak hides in a long record, whose average it hardly moves. Windows that end
// now and begin ever later are judged by themselves, and the tag's own past says what its bursts are like.

import type { History } from "../series/history.ts";
import { readSignals } from "../series/tag-signals.ts";
import { nestedWindow, type Window } from "../series/window.ts";
import { growthTimes } from "./evidence.ts";
import { judgeTag, OPEN, type TagJudgement } from "./judge.ts";

/** Shares of the record that end now, the longest first. */
const NESTED = [1 / 4, 1 / 16, 1 / 64];
/** log price of each halving twice of the window: that many more places were looked at. */
const PRICE = Math.log(4);
/** Fresh growth must exceed everything that the tag did before in as long a time by this factor. */
const CALM = 2.5;
/** Growth within less than this share of a window is better seen in a shorter one. */
const SHORT = 0.14;
/** Work that sets in lifts a tag by up to this share of what it holds; fresh growth by less must prove itself by this much more (log). */
const LIFT = 0.5;
const LIFT_PRICE = 6;
/** A shorter record has no past to compare with. */
const MIN_POINTS = 64;

/** The judgement of a tag over the nested window that shows its fresh growth best; the given one where none does. */
export class FreshLook {
  readonly #windows: (Window | undefined)[] = [];
  readonly #history: History;
  readonly #whole: Window;

  constructor(history: History, whole: Window) {
    this.#history = history;
    this.#whole = whole;
  }

  judge(j: TagJudgement): TagJudgement {
    if (j.times.length < MIN_POINTS || (j.kind === "growing" && j.logOdds >= OPEN && lasts(j) >= SHORT)) return j;
    for (const [level, share] of NESTED.entries()) {
      if (!isCalmBefore(j.counts, share) && !isCalmBefore(j.held, share)) continue;
      const window = this.#window(level);
      if (window === undefined) break;
      const signals = readSignals(window, this.#history, j.key);
      if (typeof signals === "string") continue;
      const fresh = judgeTag(signals);
      const logOdds = fresh.logOdds - PRICE * (level + 1) - (isLift(fresh) ? LIFT_PRICE : 0);
      if (fresh.kind !== "growing" || logOdds < OPEN) continue;
      if (lasts(fresh) < SHORT && level + 1 < NESTED.length) continue;
      return { ...fresh, logOdds, fresh: true };
    }
    return j;
  }

  #window(level: number): Window | undefined {
    if (!(level in this.#windows)) this.#windows[level] = nestedWindow(this.#history, this.#whole, NESTED[level] ?? 1);
    return this.#windows[level];
  }
}

/** Whether a tag rises by no more than a morning lifts what is in use. */
function isLift({ counts }: TagJudgement): boolean {
  const first = counts[0] ?? 0;
  return (counts[counts.length - 1] ?? 0) - first < LIFT * first;
}

/** Share of its window that growth has lasted. */
function lasts(j: TagJudgement): number {
  const { from, until } = growthTimes(j);
  return (until - from) / Math.max(1, until - (j.times[0] ?? 0));
}

/** Whether the rise within the last `share` of the values exceeds by far every swing of as long a time before. */
export function isCalmBefore(values: Float64Array, share: number): boolean {
  const n = values.length;
  const length = Math.max(2, Math.round(n * share));
  const start = n - length;
  if (start < length) return false;
  const rise = (values[n - 1] ?? 0) - (values[start] ?? 0);
  if (!(rise > 0)) return false;
  let top = -Infinity;
  let swing = 0;
  for (let i = 0; i <= start; i++) {
    let low = Infinity;
    let high = -Infinity;
    for (let k = Math.max(0, i - length); k <= i; k++) {
      const v = values[k] ?? 0;
      if (v < low) low = v;
      if (v > high) high = v;
    }
    swing = Math.max(swing, high - low);
    top = Math.max(top, values[i] ?? 0);
  }
  return rise > CALM * swing && (values[n - 1] ?? 0) > top;
}
