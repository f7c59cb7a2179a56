// Times as the reader's own clock shows them, or in UTC: one switch for the whole page.

import type { Milliseconds } from "../../model/snapshot.ts";

/** The zones a reader can choose; the words are those of every switch. */
export type Zone = "local" | "utc";

function formatsOf(
  zone: Zone,
): Readonly<Record<"minute" | "day" | "full" | "clock" | "second" | "zone", Intl.DateTimeFormat>> {
  const at = zone === "utc" ? { timeZone: "UTC" } : {};
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

const FORMATS = { local: formatsOf("local"), utc: formatsOf("utc") };
let zoneNow: Zone = "local";

/** Chooses the zone in which every time of the page is shown from now on. */
export function setZone(zone: Zone): void {
  zoneNow = zone;
}

/** A date whose own fields read as the chosen zone, for the places of ticks. */
export function zonedDate(time: Milliseconds): Date {
  const date = new Date(time);
  return zoneNow === "utc" ? new Date(time + date.getTimezoneOffset() * 60_000) : date;
}

const isTime = (time: Milliseconds): boolean => Number.isFinite(time) && Math.abs(time) < 8.64e15;

/** `Mar 8, 14:05`. */
export function formatMoment(time: Milliseconds): string {
  return isTime(time) ? FORMATS[zoneNow].minute.format(time) : "unknown time";
}

/** `Mar 8, 2026, 14:05`. */
export function formatFull(time: Milliseconds): string {
  return isTime(time) ? FORMATS[zoneNow].full.format(time) : "unknown time";
}

/** The zone of both, e.g. `GMT+2`. */
export function zoneName(time: Milliseconds): string {
  return FORMATS[zoneNow].zone.formatToParts(time).find(({ type }) => type === "timeZoneName")?.value ?? "local time";
}

/** Labels of a time axis: the day where ticks are days apart, else the time with the day where it begins. */
export function axisLabels(splits: readonly number[], step: Milliseconds): string[] {
  let before = "";
  return splits.map((time) => {
    const date = FORMATS[zoneNow].day.format(time);
    const isNewDay = date !== before;
    before = date;
    if (step >= 86_400_000) return date;
    const time24 = step < 60_000 ? FORMATS[zoneNow].second.format(time) : FORMATS[zoneNow].clock.format(time);
    return isNewDay ? `${time24}\n${date}` : time24;
  });
}
