// The one place that turns times into text and back. Pure: "now" always arrives as an argument. UTC unless the entry of the
// program chose another zone for what people read.

import type { Milliseconds } from "./milliseconds.ts";

/** Minutes east of UTC at a time. */
export type ZoneOffset = (time: Milliseconds) => number;

let zoneOffset: ZoneOffset | undefined;

/** Chooses the zone of every {@link formatTime} from now on; undefined is UTC. Chosen by the command line, and by a key of the live view. */
export function showTimesIn(offset: ZoneOffset | undefined): void {
  zoneOffset = offset;
}

const LAST_TIME = 8.64e15;

/**
 * `2026-11-26 17:05:09Z`, in another zone `2026-11-26 18:05:09+01:00`; seconds are always shown, milliseconds where they are
 * not zero and `precise` is asked for.
 */
export function formatTime(time: Milliseconds, precise = false): string {
  const minutes = zoneOffset?.(time) ?? 0;
  const shown = time + minutes * 60_000;
  if (!Number.isFinite(shown) || Math.abs(shown) > LAST_TIME) return "unknown time";
  const iso = new Date(shown).toISOString();
  const fraction = precise && time % 1000 !== 0 ? iso.slice(19, 23) : "";
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}${fraction}${zoneSuffix(minutes)}`;
}

/** `Z` or `+05:30`. */
function zoneSuffix(minutes: number): string {
  if (minutes === 0) return "Z";
  const size = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** RFC 3339 in UTC with milliseconds, as JSON outputs use it. */
export function formatIso(time: Milliseconds): string {
  return Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : "";
}

/** The time that {@link formatIso} wrote; undefined for anything else. */
export function parseIso(text: string): Milliseconds | undefined {
  if (!/^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** UTC milliseconds of calendar fields; undefined where they name no real date (month 13, 30 February). */
export function timeFromFields(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
  millisecond = 0,
): Milliseconds | undefined {
  const time = Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
  const check = new Date(time);
  const real =
    check.getUTCFullYear() === year &&
    check.getUTCMonth() === month - 1 &&
    check.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  return real ? time : undefined;
}
