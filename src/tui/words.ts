// Verdicts in the fewest words, for columns and banners.

import { formatTime } from "../model/time.ts";
import { formatDuration, formatRate } from "../model/units.ts";
import { formatTagFixed } from "../model/tag.ts";
import type { Verdict, VerdictState } from "../model/verdict.ts";
import type { Role } from "./style.ts";

/** At most six characters each. Steady rows show nothing. */
export const VERDICT_WORDS: Readonly<Record<VerdictState, string>> = {
  leaking: "LEAK",
  "stopped-held": "held",
  "too-early": "early?",
  "load-driven": "load",
  step: "step",
  cache: "cache",
  "given-back": "freed",
  steady: "",
};

export const VERDICT_SENTENCES: Readonly<Record<VerdictState, string>> = {
  leaking: "leaking: allocated, not freed, still going on",
  "stopped-held": "grew, stopped, is still held",
  "too-early": "grows, too early to tell",
  "load-driven": "follows what the machine does",
  step: "one jump, then flat",
  cache: "cache or warm-up that levels off",
  "given-back": "grew, and gave it back",
  steady: "steady",
};

export const VERDICT_ROLES: Readonly<Record<VerdictState, Role>> = {
  leaking: "alarm",
  "stopped-held": "warn",
  "too-early": "dim",
  "load-driven": "dim",
  step: "dim",
  cache: "dim",
  "given-back": "dim",
  steady: "dim",
};

/** `12:03:10Z`. */
export function clockTime(time: number): string {
  return formatTime(time).slice(11);
}

/** Uptime, `5 days 3 h`; the pool's limit, `full in 19 days`: the forecast of a verdict in words, or nothing. */
export function exhaustionWords(verdict: Pick<Verdict, "exhaustion">): string {
  const { exhaustion } = verdict;
  if (exhaustion === undefined) return "";
  const what = { "nonpaged-limit": "nonpaged pool", "paged-limit": "paged pool", ram: "RAM", commit: "commit" }[
    exhaustion.against
  ];
  return `${what} full in ${formatDuration(exhaustion.hours.value * 3_600_000)}`;
}

/**
 * One suspect in a line: `Even nonpaged +33.8 KiB/h since 12:03:10Z, nonpaged pool full in 19 days`. What does not fit into
 * `room` characters is left out, the times first, then the tags that grow with it.
 */
export function suspectWords(verdict: Verdict, room: number): string {
  const group = verdict.group.filter((member) => member.tag !== verdict.tag || member.kind !== verdict.kind);
  const also = group.length > 0 ? ` (with ${group.map((member) => formatTagFixed(member.tag)).join(" ")})` : "";
  const since = verdict.since === undefined ? "" : ` since ${clockTime(verdict.since)}`;
  const until = verdict.until === undefined ? "" : ` until ${clockTime(verdict.until)}`;
  const forecast = exhaustionWords(verdict) === "" ? "" : `, ${exhaustionWords(verdict)}`;
  const who = `${formatTagFixed(verdict.tag)} ${verdict.kind}`;
  const rate = ` ${formatRate(verdict.bytesPerHour.value)}`;
  const versions = [who + also + rate + since + until + forecast, who + also + rate + forecast, who + rate + forecast];
  return versions.find((text) => text.length <= room) ?? who + rate;
}
