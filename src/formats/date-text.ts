// Dates as people, scripts and tools write them into logs and file names, in any language that Intl knows.
// A date may be read in several orders of day and month; which holds is decided over a whole input, not here.

import type { Milliseconds } from "../model/snapshot.ts";
import { timeFromFields } from "../model/time.ts";
import { halfOf, monthOf, weekdayOfWord } from "./calendar-words.ts";
import type { DateOrder } from "./text-format.ts";
import { zoneOffset } from "./time-zone.ts";
import { unicodeOf } from "./unicode-text.ts";

/** A date found in a text, with every time it may mean. */
export interface DateReading {
  /** The time under each order that makes a real date; all the same where the order is no question. */
  readonly times: Partial<Readonly<Record<DateOrder, Milliseconds>>>;
  /** The order that this date alone proves: a part above 12, or a weekday beside it. */
  readonly proves?: DateOrder;
  /** Whether the order of day and month is a question of this date, and nothing in it answers. */
  readonly isOpen: boolean;
  /** `unread`: a clock stands there and cannot be read; the day alone is then no time. */
  readonly clock: "read" | "absent" | "unread";
  /** The half of the day is hidden (`?? 8:35`): right only where other times of the input go beyond 12. */
  readonly halfUnknown: boolean;
  /** The text tells its zone; else the times are as if it were UTC. */
  readonly zoned: boolean;
  /** What of the text is neither date nor clock. */
  readonly around: string;
}

interface Found {
  readonly start: number;
  readonly end: number;
  readonly fields: readonly (readonly [DateOrder | "only", number, number, number])[];
  /** Where a clock was part of the date (`Mar  4 09:15:22 2025`). */
  readonly clock?: Clock;
}

interface Clock {
  readonly start: number;
  readonly end: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

const YEAR_FIRST =
  /(?<!\d)(\d{4})(?:\s?[-/._]\s?|[年년?]\s?)(\d{1,2})(?:\s?[-/._]\s?|[月월?]\s?)(\d{1,2})(?!\d)[日일?]?/;
const YEAR_LAST = /(?<!\d)(\d{1,2})(\s?[-/._]\s?)(\d{1,2})\s?[-/._]\s?(\d{4})(?!\d)/;
const SHORT_YEAR = /(?<!\d)(\d{2})([-/.])(\d{1,2})\2(\d{2})(?=[\s_T]+\d{1,2}:\d{2})/;
const COMPACT = /(?<!\d)(\d{4})(\d{2})(\d{2})(?:[T_\- ]?(\d{2})[-_.:]?(\d{2})(?:[-_.:]?(\d{2}))?)?(?!\d)/;
const SHORT_COMPACT = /(?<!\d)(\d{2})(\d{2})(\d{2})[-_](\d{2})(\d{2})(\d{2})(?!\d)/;
const UNIX = /(?<!\d)(1\d{9})(?:\.(\d{1,6}))?(?!\d)/;
const WORD = String.raw`([\p{L}?]{3,}|[\p{L}]{2,})\.?`;
const DAY_WORD_YEAR = new RegExp(
  String.raw`(?<!\d)(\d{1,2})(?:\.|er|º)?[\s\-_]*(?:de\s+|di\s+)?${WORD}[\s\-_,]*(?:de\s+|del\s+)?(\d{4}|\d{2})(?!\d)`,
  "gu",
);
const WORD_DAY_YEAR = new RegExp(String.raw`${WORD}[\s\-_]+(\d{1,2})(?:st|nd|rd|th)?[\s\-_,.]+(\d{4})(?!\d)`, "gu");
const YEAR_WORD_DAY = new RegExp(String.raw`(?<!\d)(\d{4})[\s\-_.]+${WORD}[\s\-_]+(\d{1,2})(?!\d)`, "gu");
const WORD_DAY_CLOCK_YEAR = new RegExp(
  String.raw`${WORD}\s+(\d{1,2})\s+(\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)\s+(\d{4})`,
  "gu",
);
const CLOCK =
  /(?<!\d)(\d{1,2})\s?([:.h\-_時时시點点])\s?(\d{2})(?:\s?[:.m\-_分분]\s?(\d{2})(?:[.,](\d{1,7}))?)?(?!\d)[分분秒초]?/;
const BARE_CLOCK = /(?<!\d)(\d{2})(\d{2})(\d{2})?(?!\d)/;

/** A date stands in the first characters of a marker, a cell or a name, or it is part of running text. */
const MOST_CHARACTERS = 400;

/** Reads the first date of a text (Latin-1 or Unicode), or undefined where it names none that exists. */
export function readDate(input: string): DateReading | undefined {
  const text = unicodeOf(input.slice(0, MOST_CHARACTERS));
  const found = findDate(text);
  if (found === undefined) return undefined;
  const after = text.slice(found.end);
  const clock = found.clock ?? clockAfter(after, found.end) ?? clockBefore(text.slice(0, found.start));
  const isUnread = clock === undefined && /^\D{0,40}\d{1,2}:\d/.test(after);
  const half = clock === undefined ? undefined : halfBeside(text, found, clock);
  const zone = zoneAfter(text.slice(Math.max(found.end, clock?.end ?? 0) + (half?.length ?? 0)));
  const times: Partial<Record<DateOrder, Milliseconds>> = {};
  let zoned = false;
  for (const [order, year, month, day] of found.fields) {
    const local = timeOfFields(year, month, day, clock, half?.is);
    if (local === undefined) continue;
    const offset = zone === undefined ? undefined : zoneOffset(zone, local);
    zoned ||= offset !== undefined;
    const time = local - (offset ?? 0);
    for (const each of order === "only" ? ORDERS : [order]) times[each] ??= time;
  }
  const orders = ORDERS.filter((order) => times[order] !== undefined);
  const [one] = orders;
  if (one === undefined) return undefined;
  const isQuestion = found.fields.length > 1;
  const fitting = isQuestion ? orders.filter((order) => weekdayFits(text, times[order] ?? 0)) : orders;
  const differ = new Set(orders.map((order) => times[order])).size > 1;
  const proven = isQuestion ? provenOrder(orders, fitting, found.fields, differ) : undefined;
  return {
    times: proven === undefined ? times : { [proven]: times[proven] },
    ...(proven === undefined ? {} : { proves: proven }),
    isOpen: isQuestion && proven === undefined && differ,
    clock:
      clock !== undefined && half?.is !== "unknown" ? "read" : isUnread || half?.is === "unknown" ? "unread" : "absent",
    halfUnknown: half?.is === "hidden",
    zoned,
    around: aroundOf(text, found, clock),
  };
}

const ORDERS: readonly DateOrder[] = ["mdy", "dmy", "ymd"];

/** The time of a text, or undefined where it names none that exists. `order` decides where the text leaves it open. */
export function parseDateText(text: string, order: DateOrder): Milliseconds | undefined {
  const reading = readDate(text);
  if (reading !== undefined) return timeOfReading(reading, order);
  return unixTime(text)?.time;
}

/** Unix seconds in a text. */
export function unixTime(text: string): { readonly time: Milliseconds } | undefined {
  const unix = UNIX.exec(text);
  return unix === null ? undefined : { time: Math.round(Number(`${unix[1]}.${unix[2] ?? "0"}`) * 1000) };
}

/** The time of a reading under an order; where that makes no date, under the one that does. */
export function timeOfReading({ times }: DateReading, order: DateOrder): Milliseconds | undefined {
  return times[order] ?? times.dmy ?? times.mdy ?? times.ymd;
}

/** What the numeric dates of a text show of the order of day and month. */
export interface DateEvidence {
  /** A date that proves an order, for each order. */
  readonly proves: ReadonlyMap<DateOrder, string>;
  /** A date that leaves the order open. */
  readonly open?: string;
  /** A date with dots, which is day first whatever the others are; one with a day above 12 where there is such. */
  readonly dotted?: string;
}

/** The orders that the numeric dates of a text prove, and whether it holds dates that leave the order open. */
export function dateEvidence(text: string): DateEvidence {
  const proves = new Map<DateOrder, string>();
  let open: string | undefined;
  let dotted: string | undefined;
  for (const pattern of [YEAR_LAST, SHORT_YEAR]) {
    for (const match of text.matchAll(new RegExp(pattern.source, "g"))) {
      // With the words before it on its line: a weekday may stand there.
      const lineStart = text.lastIndexOf("\n", match.index) + 1;
      const from = Math.max(lineStart, match.index - 16);
      const reading = readDate(text.slice(from, match.index + match[0].length + (pattern === SHORT_YEAR ? 9 : 0)));
      // What can be meant in one way only proves nothing of the others: a dotted date is day first anyway.
      if (reading?.proves !== undefined && !proves.has(reading.proves)) proves.set(reading.proves, match[0]);
      if (reading?.isOpen === true) open ??= match[0];
      const isDotted = reading !== undefined && match[2]?.trim() === ".";
      if (isDotted && (dotted === undefined || (Number(dotted.slice(0, 2)) <= 12 && Number(match[1]) > 12)))
        dotted = match[0];
    }
  }
  return { proves, ...(open === undefined ? {} : { open }), ...(dotted === undefined ? {} : { dotted }) };
}

/** The order of day and month that dates in a text prove, or undefined where none of them proves it. */
export function dateOrderOf(text: string): DateOrder | undefined {
  const [first] = dateEvidence(text).proves.keys();
  return first;
}

/** The order by which one date of several candidates must be read, if anything shows it. */
function provenOrder(
  orders: readonly DateOrder[],
  fitting: readonly DateOrder[],
  fields: Found["fields"],
  differ: boolean,
): DateOrder | undefined {
  if (orders.length === 1 && fields.length > 1) return orders[0];
  return differ && fitting.length === 1 ? fitting[0] : undefined;
}

/** The first form that names a real date; of the forms with a full year the one that begins first (`18.09.2026_15-39`). */
function findDate(text: string): Found | undefined {
  const isReal = (found: Found | undefined): found is Found =>
    found?.fields.some(([, year, month, day]) => timeFromFields(year, month, day) !== undefined) === true;
  const full = [yearFirst(text), yearLast(text)].filter(isReal).sort((a, b) => a.start - b.start);
  const [first] = full;
  if (first !== undefined) return first;
  for (const find of [compact, /\p{L}|\?\?/u.test(text) ? inWords : undefined, shortYear]) {
    const found = find?.(text);
    if (isReal(found)) return found;
  }
  return undefined;
}

function yearFirst(text: string): Found | undefined {
  const match = YEAR_FIRST.exec(text);
  if (match === null) return undefined;
  const [year, a, b] = [Number(match[1]), Number(match[2]), Number(match[3])];
  // Some scripts write year-day-month; only a month above 12 shows it.
  const [month, day] = a > 12 ? [b, a] : [a, b];
  return { start: match.index, end: match.index + match[0].length, fields: [["only", year, month, day]] };
}

function yearLast(text: string): Found | undefined {
  const match = YEAR_LAST.exec(text);
  if (match === null) return undefined;
  const [a, b, year] = [Number(match[1]), Number(match[3]), Number(match[4])];
  const isDotted = match[2]?.trim() === ".";
  return {
    start: match.index,
    end: match.index + match[0].length,
    // Who writes dots writes the day first.
    fields:
      isDotted && b <= 12
        ? [["only", year, b, a]]
        : [
            ["mdy", year, a, b],
            ["dmy", year, b, a],
          ],
  };
}

function shortYear(text: string): Found | undefined {
  const match = SHORT_YEAR.exec(text);
  if (match === null) return undefined;
  const [a, b, c] = [Number(match[1]), Number(match[3]), Number(match[4])];
  const end = match.index + match[0].length;
  if (match[2] === "." && b <= 12) return { start: match.index, end, fields: [["only", 2000 + c, b, a]] };
  return {
    start: match.index,
    end,
    fields: [
      ["mdy", 2000 + c, a, b],
      ["dmy", 2000 + c, b, a],
      ["ymd", 2000 + a, b, c],
    ],
  };
}

function compact(text: string): Found | undefined {
  const match = COMPACT.exec(text);
  const year = Number(match?.[1]);
  const isLong = match !== null && year >= 1990 && year < 2200;
  const found = isLong ? match : SHORT_COMPACT.exec(text);
  if (found === null) return undefined;
  const [, y, month, day, hour, minute, second = "0"] = found;
  const end = found.index + found[0].length;
  return {
    start: found.index,
    end,
    fields: [["only", isLong ? year : 2000 + Number(y), Number(month), Number(day)]],
    ...(hour === undefined
      ? {}
      : {
          clock: {
            start: end,
            end,
            hour: Number(hour),
            minute: Number(minute),
            second: Number(second),
            millisecond: 0,
          },
        }),
  };
}

function inWords(text: string): Found | undefined {
  for (const match of text.matchAll(WORD_DAY_CLOCK_YEAR)) {
    const month = monthOf(match[1] ?? "");
    const clock = CLOCK.exec(match[3] ?? "");
    if (month === undefined || clock === null) continue;
    const end = match.index + match[0].length;
    return {
      start: match.index,
      end,
      fields: [["only", Number(match[4]), month, Number(match[2])]],
      clock: { ...clockOf(clock), start: end, end },
    };
  }
  for (const [pattern, day, word, year] of [
    [DAY_WORD_YEAR, 1, 2, 3],
    [WORD_DAY_YEAR, 2, 1, 3],
    [YEAR_WORD_DAY, 3, 2, 1],
  ] as const) {
    for (const match of text.matchAll(pattern)) {
      const month = monthOf(match[word] ?? "");
      if (month === undefined) continue;
      const digits = match[year] ?? "";
      const fullYear = digits.length === 2 ? 2000 + Number(digits) : Number(digits);
      return {
        start: match.index,
        end: match.index + match[0].length,
        fields: [["only", fullYear, month, Number(match[day])]],
      };
    }
  }
  return undefined;
}

/** A clock after the date: with colons behind anything but digits; in other forms only behind a weekday or punctuation. */
function clockAfter(after: string, offset: number): Clock | undefined {
  const match = CLOCK.exec(after);
  if (match !== null) {
    const gap = after.slice(0, match.index);
    const isPlain = match[2] === ":" || /[時时시點点]/.test(match[2] ?? "");
    if (isPlain ? /^\D{0,40}$/.test(gap) : isThinGap(gap)) return clockOf(match, offset);
  }
  const bare = BARE_CLOCK.exec(after);
  if (bare === null || !isThinGap(after.slice(0, bare.index))) return undefined;
  const clock = { hour: Number(bare[1]), minute: Number(bare[2]), second: Number(bare[3] ?? "0"), millisecond: 0 };
  return { ...clock, start: offset + bare.index, end: offset + bare.index + bare[0].length };
}

function isThinGap(gap: string): boolean {
  if (gap === "" || gap.length > 24 || (/[.]\s*$/.test(gap) && gap.trim() === ".")) return false;
  const words = gap.match(/[\p{L}]+/gu) ?? [];
  return (
    !/\d/.test(gap) &&
    words.every((word) => /^(?:t|at|um|om|klo|kl|à|a las|о|в)$/i.test(word) || weekdayOfWord(word) !== undefined)
  );
}

/** A clock with colons before the date: `20:35:55 22.05.2020`. */
function clockBefore(before: string): Clock | undefined {
  const match =
    // bounded: MOST_CHARACTERS
    /(?<!\d)(\d{1,2})(:)(\d{2})(?::(\d{2})(?:[.,](\d{1,7}))?)?(?=\s*(?:[AaPp]\.?[Mm]\.?)?[\s,_\-[(]*(?:\p{L}+[.,]?\s*)?$)/u.exec(
      before,
    );
  return match === null ? undefined : clockOf(match);
}

function clockOf(match: RegExpExecArray, offset = 0): Clock {
  const fraction = match[5] === undefined ? 0 : Math.floor(Number(`0.${match[5]}`) * 1000);
  return {
    start: offset + match.index,
    end: offset + match.index + match[0].length,
    hour: Number(match[1]),
    minute: Number(match[3]),
    second: Number(match[4] ?? "0"),
    millisecond: fraction,
  };
}

interface Half {
  readonly is: "am" | "pm" | "unknown" | "hidden";
  /** Characters it takes after the clock. */
  readonly length: number;
}

/** AM or PM, after the clock or (`오후 8:35`) before it; `hidden` where letters there became `?`. */
function halfBeside(text: string, date: Found, clock: Clock): Half | undefined {
  const behind = /^\s*([AaPp]\.?\s?[Mm]\b\.?|[^\s\d=()[\],;:+-]{1,4}\.?)(?=$|[\s)\],;=_])/u.exec(text.slice(clock.end));
  const word = behind?.[1] ?? "";
  const after = halfOf(word);
  if (after !== undefined) return { is: after, length: behind?.[0].length ?? 0 };
  const twelve = clock.hour >= 1 && clock.hour <= 12;
  if (twelve && /^\?\?$/.test(word)) return { is: "unknown", length: word.length };
  const gap = text.slice(date.end, clock.start);
  // bounded: MOST_CHARACTERS
  const before = /(\S+)\s*$/u.exec(gap)?.[1] ?? "";
  const half = /^[a-z]/i.test(before) && !/^[ap]\.?m/i.test(before) ? undefined : halfOf(before);
  if (half !== undefined) return { is: half, length: 0 };
  return twelve && /(?:^|\s)\?\?$/.test(before) ? { is: "hidden", length: 0 } : undefined;
}

function zoneAfter(rest: string): string | undefined {
  const match =
    /^\s*[([]?\s*((?:UTC|GMT)?\s*[+-]\s*\d{1,2}:?\d{2}(?!\d)|(?:UTC|GMT)\s*[+-]\s*\d{1,2}(?!\d)|Z\b|UTC\b|GMT\b|\p{L}[\p{L}. ]{1,30}(?:Standard|Daylight|Summer) Time|[A-Z]{3,4}\b|[A-Z][a-z]+\/[A-Z][A-Za-z_]+)/u.exec(
      rest,
    );
  return match?.[1];
}

function timeOfFields(
  year: number,
  month: number,
  day: number,
  clock: Clock | undefined,
  half: Half["is"] | undefined,
): Milliseconds | undefined {
  let hours = clock?.hour ?? 0;
  if (half === "am" || half === "pm") {
    if (hours < 1 || hours > 12) return undefined;
    hours = (hours % 12) + (half === "pm" ? 12 : 0);
  }
  return timeFromFields(year, month, day, hours, clock?.minute ?? 0, clock?.second ?? 0, clock?.millisecond ?? 0);
}

/** Whether no weekday stands in the text, or the one that does is that of the time. */
function weekdayFits(text: string, time: Milliseconds): boolean {
  for (const [word] of text.matchAll(/\p{L}{2,}/gu)) {
    const weekday = weekdayOfWord(word);
    // 1970-01-01 was a Thursday.
    if (weekday !== undefined) return (((Math.floor(time / 86_400_000) + 4) % 7) + 7) % 7 === weekday;
  }
  return true;
}

function aroundOf(text: string, date: Found, clock: Clock | undefined): string {
  const cut = [date, ...(clock === undefined ? [] : [clock])].sort((a, b) => b.start - a.start);
  return cut.reduce((rest, { start, end }) => `${rest.slice(0, start)} ${rest.slice(end)}`, text);
}

/** More words than these around a date are running text, and its time is of something else. */
const MOST_WORDS = 5;

/** Words that scripts put beside a date; two others with a capital are a name, and the time that of a message. */
const MARKER_WORD =
  /^(?:pool\w*|snap\w*|sample\w*|start\w*|end\w*|stop\w*|begin\w*|before|after|backup\w*|base\w*|test\w*|run\w*|date|time|memory|mem|log\w*|server|host|day|hour|the|this|first|second|third|current|system|load\w*|idle|usage|dump\w*|update\w*|reboot\w*|restart\w*|boot\w*|at|on|captur\w*|taken|collect\w*|tags?|non\w*|paged|morning|evening|night|job|task|daily|hourly|next|new|last|report\w*|kernel|windows|local|standard|daylight|summer|winter|european?|pacific|eastern|central|mountain|datum|uhrzeit|zeit|uhr|stand|messung|anfang|ende|heure|jour|fecha|hora)$/iu;

/** `[04.03.2025 09:15] Ann Lee`: the head of a message in a chat. */
function isPerson(words: readonly string[]): boolean {
  if (words.length < 2 || words.length > 4) return false;
  return words.every((word) => /^\p{Lu}\p{Ll}+$/u.test(word) && !MARKER_WORD.test(word) && monthOf(word) === undefined);
}

/**
 * The date of a line that stands for the time of what follows. A line of running text or of a mail's head (`On May 5, 2020
 * at 3:12 PM X wrote:`) tells the time of the mail: undefined.
 */
export function readMarker(line: string): DateReading | undefined {
  if (/^\s*(?:from|sent|on|to|von|gesendet|am|de|envoyé|le|da|inviato|il|van|verzonden|op)\b.*(?:@|:\s*$)/i.test(line))
    return undefined;
  if (/^\s*(?:sent|gesendet|envoyé|inviato|enviado|verzonden|wysłano)\s*:/i.test(line)) return undefined;
  const reading = readDate(line);
  if (reading === undefined) return undefined;
  const words = (reading.around.match(/\p{L}{2,}/gu) ?? []).filter((word) => weekdayOfWord(word) === undefined);
  const isRunning = words.length > MOST_WORDS || (words.length >= 2 && /:\s*$/.test(line)) || isPerson(words);
  return isRunning ? undefined : reading;
}
