// Names of months and weekdays and halves of the day in the languages of Windows, from Intl: made when first needed.
// A console or a file in ASCII turns letters into `?`, so a `?` in a text stands for any letter beyond ASCII.

import { timeFromFields } from "../model/time.ts";

const LANGUAGES =
  "en de fr es it pt nl pl ru cs sk hu sv da nb fi tr ro uk el bg hr sl et lv lt ca ja zh-CN zh-TW ko".split(" ");

interface Word {
  readonly name: string;
  readonly value: number;
}

let months: readonly Word[] | undefined;
let weekdays: readonly Word[] | undefined;

/** Names of months with their number, 1 for January; long ones first. Those made of digits (`5月`) are left out. */
function monthNames(): readonly Word[] {
  months ??= collect("month", 12, (value) => timeFromFields(2023, value, 15) ?? 0);
  return months;
}

/** Names of weekdays, 0 for Sunday; long ones first. 2023-01-01 was a Sunday. */
function weekdayNames(): readonly Word[] {
  weekdays ??= collect("weekday", 7, (value) => timeFromFields(2023, 1, value) ?? 0).map(({ name, value }) => ({
    name,
    value: value - 1,
  }));
  return weekdays;
}

function collect(part: "month" | "weekday", count: number, timeOf: (value: number) => number): Word[] {
  const words = new Map<string, number>();
  for (const language of LANGUAGES) {
    for (const width of ["long", "short"] as const) {
      // Beside a day a name may be inflected (`22 мая`), alone it is not (`май`).
      const alone = new Intl.DateTimeFormat(language, { [part]: width, timeZone: "UTC" });
      const inDate = new Intl.DateTimeFormat(language, {
        day: "numeric",
        month: "long",
        year: "numeric",
        [part]: width,
        timeZone: "UTC",
      });
      for (let value = 1; value <= count; value++) {
        for (const format of [alone, inDate]) {
          const text = format.formatToParts(timeOf(value)).find(({ type }) => type === part)?.value;
          const name = (text ?? "").toLowerCase().replace(/\.$/, "");
          if (name !== "" && !/\d/.test(name) && !words.has(name)) words.set(name, value);
        }
      }
    }
  }
  // Windows and people shorten otherwise than Intl.
  if (part === "month")
    for (const [name, value] of [
      ["sept", 9],
      ["mrz", 3],
      ["okt", 10],
    ] as const)
      words.set(name, value);
  return Array.from(words, ([name, value]) => ({ name, value })).sort((a, b) => b.name.length - a.name.length);
}

const ENGLISH = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** The month a word names, 1 to 12, or undefined. `m?rz` is March: a `?` stands for a letter beyond ASCII. */
export function monthOf(word: string): number | undefined {
  const name = word.toLowerCase().replace(/\.$/, "");
  const english = ENGLISH.indexOf(name);
  return english >= 0 ? english + 1 : valueOf(name, monthNames());
}

/** The weekday a word names, 0 for Sunday, or undefined. */
export function weekdayOfWord(word: string): number | undefined {
  return valueOf(word.toLowerCase().replace(/\.$/, ""), weekdayNames());
}

function valueOf(name: string, words: readonly Word[]): number | undefined {
  const exact = words.find((word) => word.name === name);
  if (exact !== undefined || !name.includes("?") || !/[a-z]/.test(name)) return exact?.value;
  // Several languages may fit (`m?rz`); they must mean the same.
  const values = new Set(words.filter((word) => fits(name, word.name)).map(({ value }) => value));
  const [only] = values;
  return values.size === 1 ? only : undefined;
}

function fits(text: string, name: string): boolean {
  if (text.length !== name.length) return false;
  for (let i = 0; i < name.length; i++) {
    const isBeyond = name.charCodeAt(i) > 0x7f;
    if (isBeyond ? text[i] !== "?" && text[i] !== name[i] : text[i] !== name[i]) return false;
  }
  return true;
}

const MORNING = /^(?:a\.?\s?m\.?|π\.?μ\.?|오전|上午|午前|凌晨|早上|清晨|de\.?|дп|dop\.?|sa|ص)$/i;
const AFTERNOON = /^(?:p\.?\s?m\.?|μ\.?μ\.?|오후|下午|午後|晚上|中午|du\.?|пп|odp\.?|ch|م)$/i;

/** Which half of the day a word names. */
export function halfOf(word: string): "am" | "pm" | undefined {
  if (MORNING.test(word)) return "am";
  return AFTERNOON.test(word) ? "pm" : undefined;
}
