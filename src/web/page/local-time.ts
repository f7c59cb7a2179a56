// Times as the reader's own clock shows them.

import type { Milliseconds } from "../../model/snapshot.ts";

const minute = new Intl.DateTimeFormat("en-US", {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const day = new Intl.DateTimeFormat("en-US", { month: "short", day: "numeric" });
const full = new Intl.DateTimeFormat("en-US", {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const clock = new Intl.DateTimeFormat("en-US", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const second = new Intl.DateTimeFormat("en-US", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const zone = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" });

const isTime = (time: Milliseconds): boolean => Number.isFinite(time) && Math.abs(time) < 8.64e15;

/** `Mar 8, 14:05`. */
export function formatMoment(time: Milliseconds): string {
  return isTime(time) ? minute.format(time) : "unknown time";
}

/** `Mar 8, 2026, 14:05`. */
export function formatFull(time: Milliseconds): string {
  return isTime(time) ? full.format(time) : "unknown time";
}

/** The zone of both, e.g. `GMT+2`. */
export function zoneName(time: Milliseconds): string {
  return zone.formatToParts(time).find(({ type }) => type === "timeZoneName")?.value ?? "local time";
}

/** Labels of a time axis: the day where ticks are days apart, else the time with the day where it begins. */
export function axisLabels(splits: readonly number[], step: Milliseconds): string[] {
  let before = "";
  return splits.map((time) => {
    const date = day.format(time);
    const isNewDay = date !== before;
    before = date;
    if (step >= 86_400_000) return date;
    const time24 = step < 60_000 ? second.format(time) : clock.format(time);
    return isNewDay ? `${time24}\n${date}` : time24;
  });
}
