// How sure a finding is: the share of findings of its kind that were right on recordings with known truth. Cells with few
// of them lean on wider ones.

import type { CalibrationFacts, CalibrationRow } from "../../model/verdict.ts";
import { CALIBRATION } from "./calibration-table.ts";

const HOUR = 3_600_000;
const LONG = 24 * HOUR;
/** Evidence beyond what opens a verdict. */
const STRONG = 12;
const VERY_STRONG = 30;
const FEW = 60;
const MANY = 200;
/** What a wider cell counts for in a narrower one, in findings. */
const LEAN = 6;
/** Before anything was measured: even odds, held as weakly. */
const BEFORE = 0.5;
/** Of so many findings none was wrong is no proof that none will be. */
const MOST = 0.98;

/** Parts of a cell's name, the widest first. */
function partsOf(facts: CalibrationFacts): readonly string[] {
  const { state, counters, logOdds, points, spanMs } = facts;
  return [
    state,
    counters ? "counters" : "levels",
    logOdds < STRONG ? "weak" : logOdds < VERY_STRONG ? "strong" : "very strong",
    points < FEW ? "few" : points < MANY ? "some" : "many",
    spanMs < HOUR ? "under 1h" : spanMs < LONG ? "under 1d" : "over 1d",
  ];
}

/** The name of the cell that a finding is counted in. */
export function cellOf(facts: CalibrationFacts): string {
  return partsOf(facts).join(" | ");
}

/** The share of findings of this kind that were right, 0 to 1. */
export function confidenceOf(facts: CalibrationFacts, table: readonly CalibrationRow[] = CALIBRATION): number {
  const parts = partsOf(facts);
  let share = BEFORE;
  for (let width = 1; width <= parts.length; width++) {
    const name = parts.slice(0, width).join(" | ");
    let right = 0;
    let all = 0;
    for (const [cell, r, a] of table) {
      if (cell !== name && !cell.startsWith(`${name} | `)) continue;
      right += r;
      all += a;
    }
    share = (right + LEAN * share) / (all + LEAN);
  }
  return Math.min(MOST, share);
}
