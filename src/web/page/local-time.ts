// Times as the reader's own clock shows them, in UTC, or as the machine's clock did: one switch for the whole page.

import type { Milliseconds } from "../../model/snapshot.ts";

type Formats = Readonly<Record<"minute" | "day" | "full" | "clock" | "second" | "zone", Intl.DateTimeFormat>>;

/** In the reader's own zone where none is named. Throws RangeError for a zone that the browser does not know. */
function formatsOf(timeZone?: string): Formats {
  const at = timeZone === undefined ? {} : { timeZone };
  const make = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat("en-US", { ...options, ...at, hourCycle: "h23" });
  const clock = { hour: "2-digit", minute: "2-digit" } as const;
  const day = { month: "short", day: "numeric" } as const;
  return {
    minute: make({ ...day, ...clock }),
    day: make(day),
    full: make({ year: "numeric", ...day, ...clock }),
    clock: make(clock),
    second: make({ ...clock, second: "2-digit" }),
    zone: make({ timeZoneName: "short" }),
  };
}

const LOCAL = formatsOf();
let formats = LOCAL;
let zoneNow: string | undefined;

/** Chooses the zone in which every time of the page is shown from now on: a name or an offset, or the reader's own. */
export function setZone(timeZone: string | undefined): void {
  if (timeZone === zoneNow) return;
  formats = timeZone === undefined ? LOCAL : formatsOf(timeZone);
  zoneNow = timeZone;
}

/** Whether this browser can show times in a zone. */
export function knowsZone(timeZone: string): boolean {
  try {
    formatsOf(timeZone);
    return true;
  } catch {
    return false;
  }
}

/** A date whose own fields read as the chosen zone, for the places of ticks. */
export function zonedDate(time: Milliseconds): Date {
  if (zoneNow === undefined || !isTime(time)) return new Date(time);
  const parts = new Map(formats.full.formatToParts(time).map(({ type, value }) => [type, value]));
  const instant = new Date(time);
  const [hour, minute] = [Number(parts.get("hour")), Number(parts.get("minute"))];
  // Only whole minutes are told; what is left of the minute is the same in every zone of today.
  const shown = new Date(Number(parts.get("year")), MONTHS.indexOf(parts.get("month") ?? ""), Number(parts.get("day")));
  shown.setHours(hour, minute, instant.getUTCSeconds(), instant.getUTCMilliseconds());
  return shown;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const isTime = (time: Milliseconds): boolean => Number.isFinite(time) && Math.abs(time) < 8.64e15;

/** `Mar 8, 14:05`. */
export function formatMoment(time: Milliseconds): string {
  return isTime(time) ? formats.minute.format(time) : "unknown time";
}

/** `Mar 8, 2026, 14:05`. */
export function formatFull(time: Milliseconds): string {
  return isTime(time) ? formats.full.format(time) : "unknown time";
}

/** The zone of both, e.g. `GMT+2`. */
export function zoneName(time: Milliseconds): string {
  return formats.zone.formatToParts(time).find(({ type }) => type === "timeZoneName")?.value ?? "local time";
}

/** Labels of a time axis: the day where ticks are days apart, else the time with the day where it begins. */
export function axisLabels(splits: readonly number[], step: Milliseconds): string[] {
  let before = "";
  return splits.map((time) => {
    const date = formats.day.format(time);
    const isNewDay = date !== before;
    before = date;
    if (step >= 86_400_000) return date;
    const time24 = step < 60_000 ? formats.second.format(time) : formats.clock.format(time);
    return isNewDay ? `${time24}\n${date}` : time24;
  });
}
