// When memory runs out, in words: one duration, one interval, one limit, whatever the face.

import { formatTime } from "../model/time.ts";
import { formatBytes, formatDuration } from "../model/units.ts";
import type { Exhaustion, LimitBasis, Verdict } from "../model/verdict.ts";

const HOUR = 3_600_000;
/** Nobody plans further. */
export const FAR_HOURS = 10 * 365 * 24;

/** What runs out. `full` completes `... in 5 days`. */
export const LIMIT_WORDS: Readonly<
  Record<Exhaustion["against"], { readonly what: string; readonly limit: string; readonly full: string }>
> = {
  "nonpaged-limit": { what: "nonpaged pool", limit: "the nonpaged pool limit", full: "Nonpaged pool is full" },
  "paged-limit": { what: "paged pool", limit: "the paged pool limit", full: "Paged pool is full" },
  ram: { what: "RAM", limit: "RAM", full: "RAM is used up" },
  commit: { what: "commit", limit: "the commit limit", full: "The commit limit is reached" },
};

/** When something runs out: the duration, and its interval where it is near enough to matter. */
export function exhaustionWords({ hours }: Pick<Exhaustion, "hours">): {
  readonly value: string;
  readonly interval?: string;
} {
  if (hours.value > FAR_HOURS) return { value: "over 10 years" };
  const value = formatDuration(hours.value * HOUR);
  const low = formatDuration(hours.low * HOUR);
  const high = formatDuration(hours.high * HOUR);
  if (hours.high > FAR_HOURS) return { value, interval: `not before ${low}` };
  return low === value && high === value ? { value } : { value, interval: intervalWords(low, high) };
}

/** `nonpaged pool full in 19 days`, for a line. */
export function exhaustionShort(exhaustion: Exhaustion): string {
  return `${LIMIT_WORDS[exhaustion.against].what} full in ${exhaustionWords(exhaustion).value}`;
}

/** One sentence without its stop: `in 19 days (17 to 21 days), about 2026-03-21 ..., against RAM of 16 GiB (told by Windows)`. */
export function exhaustionLong({ exhaustion, state }: Pick<Verdict, "exhaustion" | "state">): string {
  if (exhaustion === undefined) {
    return state === "leaking"
      ? "not known: neither a limit nor the RAM of the machine is known (--ram, --windows and --pagefile tell them)"
      : "not at this rate: it has stopped";
  }
  const { value, interval } = exhaustionWords(exhaustion);
  const far = exhaustion.hours.value > FAR_HOURS;
  return (
    `in ${value}${interval === undefined ? "" : ` (${interval})`}${far ? "" : `, about ${formatTime(exhaustion.at)}`}, ` +
    `against ${LIMIT_WORDS[exhaustion.against].limit} of ${formatBytes(exhaustion.limitBytes)} (${limitBasisWords(exhaustion.limitBasis)})`
  );
}

/** How a limit is known. */
export function limitBasisWords(basis: LimitBasis): string {
  switch (basis.kind) {
    case "stated":
      return basis.text;
    case "available":
      return `of which ${formatBytes(basis.bytes)} were available at the end`;
    case "in-use":
      return `of which ${formatBytes(basis.bytes)} were in use at the end`;
    case "less-pools":
      return "less what the pools hold; what programs hold is not in the record";
  }
}

/** Two amounts as an interval, the unit once where it is the same: `10.4 to 10.7 MiB/h`. */
export function intervalWords(low: string, high: string): string {
  const unit = / [^ ]+$/.exec(high)?.[0] ?? "";
  const isShared = unit !== "" && low.endsWith(unit) && low.indexOf(" ") === low.length - unit.length;
  return `${isShared ? low.slice(0, -unit.length) : low} to ${high}`;
}
