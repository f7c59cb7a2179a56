// When memory runs out, in words: one duration, one interval, one limit, whatever the face.

import { formatTime } from "../model/time.ts";
import { formatBytes, formatDuration, formatRate } from "../model/units.ts";
import type { PoolKind } from "../model/snapshot.ts";
import type { Exhaustion, LimitBasis, PoolOutlook, Verdict } from "../model/verdict.ts";

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

/** Rates of the leaks above and of the forecast that differ by less than this share are one and the same. */
const SAME_RATE = 0.05;

/**
 * Where a pool is heading, in the sentences beside its chart. `said` is the sum of the rates of the leaks that are told of
 * above it; where growth speeds up, the forecast goes on with the rate at the end of the record, and that is said.
 * `when` words the time of exhaustion as the face shows times.
 */
export function outlookSentences(
  { kind, bytesPerHour, exhaustion, limitBytes }: PoolOutlook,
  said: number,
  measured: number | undefined,
  when: (time: number) => string,
): string[] {
  if (bytesPerHour === undefined) return ["Its growth was not judged: too few snapshots."];
  const { value } = bytesPerHour;
  const sentences: string[] = [];
  if (exhaustion !== undefined) {
    const { value: end, interval } = exhaustionWords(exhaustion);
    const on = interval === undefined ? "" : `, on ${when(exhaustion.at)} (${interval} from the end of the record)`;
    sentences.push(`${LIMIT_WORDS[exhaustion.against].full} in ${end}${on}.`);
  }
  if (value <= 0) {
    if (exhaustion === undefined)
      sentences.push(`No leak found in it.${limitBytes === undefined ? " Its limit is not known." : ""}`);
  } else {
    const speedsUp = Math.abs(value - said) > SAME_RATE * value;
    sentences.push(
      speedsUp
        ? `The leaks found in it add ${formatRate(value)} at the end of the record (${formatRate(said)} over their whole time); the forecast goes on with that.`
        : `The leaks found in it add ${formatRate(value)}; the forecast goes on with that.`,
    );
    if (limitBytes === undefined && exhaustion === undefined) sentences.push("Its limit is not known.");
    else if (exhaustion === undefined) sentences.push("Its limit is far.");
  }
  const rest = measured === undefined ? 0 : measured - said;
  if (measured !== undefined && Math.abs(rest) > REST_SHARE * Math.max(Math.abs(measured), value)) {
    sentences.push(
      `The ${kind} pool as a whole moved by ${formatRate(measured)} over the newest stretch of the record without a restart${value <= 0 ? "" : "; the rest is no leak that was found"}.`,
    );
  }
  return sentences;
}

/** A pool that moves this much (share of its rate) apart from its leaks gets a sentence. */
const REST_SHARE = 0.25;

/** What the leaks of a diagnosis add to a pool an hour, by the rates they are told with. */
export function saidRate(verdicts: readonly Verdict[], kind: PoolKind): number {
  return verdicts.reduce((sum, { state, total }) => (state === "leaking" ? sum + (total.pools[kind] ?? 0) : sum), 0);
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
