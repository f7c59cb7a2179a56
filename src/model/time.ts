// The one place that turns times into text and back. Pure: "now" always arrives as an argument. UTC unless said otherwise.

import type { Milliseconds } from "./snapshot.ts";

/** `2026-11-26 17:05:09Z`; seconds are always shown, milliseconds where they are not zero and `precise` is asked for. */
export function formatTime(time: Milliseconds, precise = false): string {
  if (!Number.isFinite(time) || Math.abs(time) > 8.64e15) return "unknown time";
  const iso = new Date(time).toISOString();
  const fraction = precise && time % 1000 !== 0 ? iso.slice(19, 23) : "";
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}${fraction}Z`;
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
