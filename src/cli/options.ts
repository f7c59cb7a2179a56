// Values of options, read once and in one way: numbers, sizes, durations, times, choices.

import { Option, type Command } from "commander";
import { parseDateText } from "../formats/date-text.ts";
import { zoneOffset } from "../formats/time-zone.ts";
import { UsageError } from "../model/errors.ts";
import type { Milliseconds, PoolKind } from "../model/snapshot.ts";
import { parseTag } from "../model/tag.ts";
import { formatDuration, parseBytes, parseDuration } from "../model/units.ts";

function refuse(option: string, value: string, expected: string): never {
  throw new UsageError(`${option}: ${JSON.stringify(value)} is not understood; give ${expected}`);
}

/** A parser for commander: a whole number of at least `least`. */
export function wholeNumber(option: string, least = 1): (value: string) => number {
  return (value) =>
    /^\d{1,9}$/.test(value) && Number(value) >= least
      ? Number(value)
      : refuse(option, value, `a whole number from ${least}`);
}

/** A duration with its unit, longer than nothing. */
export function duration(option: string): (value: string) => Milliseconds {
  return (value) => {
    const parsed = parseDuration(value);
    return parsed !== undefined && parsed > 0
      ? parsed
      : refuse(option, value, "a duration such as 10s, 30min, 2h or 30d");
  };
}

export function size(option: string): (value: string) => number {
  return (value) => parseBytes(value) ?? refuse(option, value, "a size such as 64KiB, 200MB or 4096");
}

/** A date and time; without a zone it is UTC, as all outputs are. */
export function time(option: string): (value: string) => Milliseconds {
  return (value) => parseDateText(value, "mdy") ?? refuse(option, value, "a time such as 2026-11-26T17:05 (UTC)");
}

/** A zone by name or offset, as logs name them. */
export function timeZone(option: string): (value: string) => string {
  return (value) =>
    zoneOffset(value, 0) === undefined
      ? refuse(option, value, "a zone such as Europe/Berlin, CET, +01:00 or UTC")
      : value;
}

/** A version of Windows as it was told, with its build. */
export interface ToldWindows {
  readonly text: string;
  readonly build: number;
}

/** First builds of versions as people name them; learn.microsoft.com "Windows release information". */
const BUILDS: Readonly<Record<string, number>> = {
  xp: 2600,
  "2003": 3790,
  vista: 6002,
  "2008": 6003,
  "7": 7601,
  "2008r2": 7601,
  "8": 9200,
  "2012": 9200,
  "8.1": 9600,
  "2012r2": 9600,
  "10": 19045,
  "2016": 14393,
  "2019": 17763,
  "2022": 20348,
  "11": 22631,
  "2025": 26100,
};

/** `10`, `server2019`, `build 19045`. */
export function windows(option: string): (value: string) => ToldWindows {
  return (value) => {
    const name = value
      .toLowerCase()
      .replace(/^windows\s*/, "")
      .replace(/[\s_-]+/g, "");
    const number = /^(?:build)?(\d{4,5})(?:\.\d+)?$/.exec(name)?.[1];
    const build = BUILDS[name.replace(/^server/, "")] ?? (number === undefined ? undefined : Number(number));
    return build === undefined
      ? refuse(option, value, `a version such as 10, 11, server2019 or build 19045`)
      : { text: value, build };
  };
}

export function pool(option: string): (value: string) => PoolKind {
  return (value) => {
    if (/^non-?p(?:aged)?$/i.test(value)) return "nonpaged";
    return /^p(?:aged)?$/i.test(value) ? "paged" : refuse(option, value, "nonpaged or paged");
  };
}

/** One of a list of words. */
export function oneOf<Word extends string>(option: string, words: readonly Word[]): (value: string) => Word {
  return (value) => words.find((word) => word === value) ?? refuse(option, value, `one of ${words.join(", ")}`);
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** A tag or a pattern with `*` and `?`. */
export function tagPattern(
  option: string,
): (value: string, before: readonly string[] | undefined) => readonly string[] {
  return (value, before) => {
    if (!/[*?]/.test(value) && parseTag(value) === undefined)
      refuse(option, value, "a tag of up to 4 characters, or a pattern such as 'Nt??'");
    return collect(value, before);
  };
}

/** `--flag <duration>` with a default that the help tells as a duration, not in milliseconds. */
export function durationOption(flags: string, description: string, ms: Milliseconds): Option {
  const long = /--[\w-]+/.exec(flags)?.[0] ?? flags;
  return new Option(flags, description).argParser(duration(long)).default(ms, formatDuration(ms).replace(" ", ""));
}

/** Another option's older spelling: understood as that one, shown nowhere. */
class OldSpelling extends Option {
  readonly #name: string;

  constructor(flags: string, now: Option) {
    super(flags);
    this.#name = now.attributeName();
    this.hideHelp();
    if (now.parseArg !== undefined) this.argParser(now.parseArg);
  }

  override attributeName(): string {
    return this.#name;
  }
}

/** Goes on understanding an option by the name it had before; `now` is its long flag. */
export function addOldSpelling(command: Command, old: string, now: string): Command {
  const option = command.options.find(({ long }) => long === now);
  if (option === undefined) throw new Error(`${command.name()} has no ${now}`);
  return command.addOption(new OldSpelling(option.flags.replace(now, old).replace(/^-\w, /, ""), option));
}
