// Dates as people and scripts write them into logs and file names. A date without a zone is taken as UTC.
// Which of day and month comes first is told by a number above 12 or by the weekday beside it, else by the caller.

import type { Milliseconds } from "../model/snapshot.ts";
import { timeFromFields } from "../model/time.ts";
import type { DateOrder } from "./text-format.ts";

const CLOCK = String.raw`(\d{1,2})[:.\-_h](\d{2})(?:[:.\-_m](\d{2})(?:[.,](\d{1,7}))?)?\s*([AaPp]\.?[Mm]\.?)?`;
const ZONE = String.raw`(Z|UTC|[+-]\d{2}:?\d{2})`;
/** A date may be followed by a time with separators, or by `1705` or `170509` as file names have it. */
const AFTER_DATE = String.raw`(?:[T ,_\-]+(?:${CLOCK}\s*${ZONE}?|(\d{2})(\d{2})(\d{2})?(?!\d)))?(?!\d)`;
const YEAR_FIRST = new RegExp(String.raw`(?<!\d)(\d{4})[-/._](\d{1,2})[-/._](\d{1,2})${AFTER_DATE}`);
const YEAR_LAST = new RegExp(String.raw`(?<!\d)(\d{1,2})[-/._](\d{1,2})[-/._](\d{4})${AFTER_DATE}`);
const COMPACT = /(?<!\d)(\d{4})(\d{2})(\d{2})[T_\- ]?(?:(\d{2})[-_.:]?(\d{2})(?:[-_.:]?(\d{2}))?)?(?!\d)/;
const UNIX = /(?<!\d)(1\d{9})(?:\.(\d{1,6}))?(?!\d)/;
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** The time named in a text, or undefined where it names none that exists. */
export function parseDateText(text: string, order: DateOrder): Milliseconds | undefined {
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst !== null) {
    const [, year, month, day, ...rest] = yearFirst;
    // Some scripts write year-day-month; only a month above 12 shows it.
    return fromParts(year, month, day, rest) ?? fromParts(year, day, month, rest);
  }
  const yearLast = YEAR_LAST.exec(text);
  if (yearLast !== null) {
    const [, first, second, year, ...rest] = yearLast;
    const asMdy = fromParts(year, first, second, rest);
    const asDmy = fromParts(year, second, first, rest);
    if (asMdy === undefined || asDmy === undefined) return asMdy ?? asDmy;
    return (orderOf(text, asMdy, asDmy) ?? order) === "mdy" ? asMdy : asDmy;
  }
  const compact = COMPACT.exec(text);
  if (compact !== null && Number(compact[1]) >= 1990 && Number(compact[1]) < 2200) {
    const [, year, month, day, ...clock] = compact;
    const time = fromParts(year, month, day, clock);
    if (time !== undefined) return time;
  }
  const unix = UNIX.exec(text);
  return unix === null ? undefined : Math.round(Number(`${unix[1]}.${unix[2] ?? "0"}`) * 1000);
}

/** The order of day and month that dates in a text prove, or undefined where none of them proves it. */
export function dateOrderOf(text: string): DateOrder | undefined {
  for (const match of text.matchAll(new RegExp(YEAR_LAST.source, "g"))) {
    const [, first, second, year, ...rest] = match;
    const asMdy = fromParts(year, first, second, rest);
    const asDmy = fromParts(year, second, first, rest);
    if (asMdy === asDmy) continue;
    if (asMdy === undefined) return "dmy";
    if (asDmy === undefined) return "mdy";
    const proven = orderOf(text.slice(Math.max(0, match.index - 16), match.index), asMdy, asDmy);
    if (proven !== undefined) return proven;
  }
  return undefined;
}

/** The order that a weekday name in the text proves. */
function orderOf(text: string, asMdy: Milliseconds, asDmy: Milliseconds): DateOrder | undefined {
  const name = /\b(sun|mon|tue|wed|thu|fri|sat)/i.exec(text)?.[1]?.toLowerCase();
  if (name === undefined) return undefined;
  const weekday = WEEKDAYS.indexOf(name);
  const mdyFits = weekdayOf(asMdy) === weekday;
  const dmyFits = weekdayOf(asDmy) === weekday;
  if (mdyFits === dmyFits) return undefined;
  return mdyFits ? "mdy" : "dmy";
}

/** 0 for Sunday; 1970-01-01 was a Thursday. */
function weekdayOf(time: Milliseconds): number {
  return (((Math.floor(time / 86_400_000) + 4) % 7) + 7) % 7;
}

/** `rest`: hour, minute, second, fraction, AM or PM, zone, then hour, minute, second without separators; each may be missing. */
function fromParts(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  rest: readonly (string | undefined)[],
): Milliseconds | undefined {
  const [hour = rest[6] ?? "0", minute = rest[7] ?? "0", second = rest[8] ?? "0", fraction = "", half = "", zone = ""] =
    rest;
  let hours = Number(hour);
  if (half !== "") {
    if (hours < 1 || hours > 12) return undefined;
    hours = (hours % 12) + (/^p/i.test(half) ? 12 : 0);
  }
  const milliseconds = fraction === "" ? 0 : Math.floor(Number(`0.${fraction}`) * 1000);
  const time = timeFromFields(
    Number(year),
    Number(month),
    Number(day),
    hours,
    Number(minute),
    Number(second),
    milliseconds,
  );
  if (time === undefined || zone === "" || zone === "Z" || zone === "UTC") return time;
  const sign = zone.startsWith("-") ? -1 : 1;
  return time - sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))) * 60_000;
}
