// What a count gained or lost, with its sign.

import { formatCount } from "../model/units.ts";

/** `+1,234`, `-5`; empty where it did not move. */
export function gainWords(value: number | undefined): string {
  if (value === undefined || value === 0) return "";
  return `${value > 0 ? "+" : "-"}${formatCount(Math.abs(value))}`;
}
