// What a repair of pasted text gives back.

import type { Repair } from "../../model/intake.ts";

/** A text under repair: its lines, and what was done to them. */
export interface Repaired {
  readonly lines: readonly string[];
  readonly repairs: readonly Repair[];
}
