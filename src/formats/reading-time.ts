// The time that a date found in a text means for one input: its order of day and month, its zone, its kind of clock.

import type { Milliseconds } from "../model/snapshot.ts";
import { timeOfReading, type DateReading } from "./date-text.ts";
import type { TextParserOptions } from "./text-format.ts";
import { zoneOffset } from "./time-zone.ts";

/** A time, or why there is none. */
export type ReadTime = { readonly time: Milliseconds } | { readonly problem: string };

/** Resolves a reading under what was decided over the whole input. A clock that cannot be read is never midnight. */
export function timeFor(reading: DateReading, options: TextParserOptions): ReadTime {
  if (reading.clock === "unread") return { problem: "the clock beside the date cannot be read" };
  if (reading.halfUnknown && options.clock24 !== true)
    return { problem: "the half of the day beside the clock cannot be read (`??`)" };
  const local = timeOfReading(reading, options.dateOrder);
  if (local === undefined) return { problem: "the date does not exist" };
  if (reading.zoned || options.timezone === undefined) return { time: local };
  return { time: local - (zoneOffset(options.timezone, local) ?? 0) };
}
