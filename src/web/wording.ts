// What the page says in plain words: the headline, whom to suspect and how sure that is. Shared with the saved report.

import { formatBytes, formatDuration, formatRate, plural } from "../model/units.ts";
import { formatTag } from "../model/tag.ts";
import type { Diagnosis, DriverMatch, Exhaustion, Verdict, VerdictState } from "../model/verdict.ts";

export type Tone = "bad" | "warn" | "ok" | "plain";

/** A state in words, its urgency, and a sign that does not need colour. */
export const STATE_WORDS: Readonly<
  Record<VerdictState, { readonly label: string; readonly tone: Tone; readonly sign: string; readonly meaning: string }>
> = {
  leaking: {
    label: "Leaking",
    tone: "bad",
    sign: "▲",
    meaning: "memory is allocated and never freed, and it is still going on",
  },
  "stopped-held": {
    label: "Stopped, still held",
    tone: "warn",
    sign: "■",
    meaning: "it leaked and stopped; the memory has not been given back",
  },
  "too-early": {
    label: "Too early to tell",
    tone: "warn",
    sign: "?",
    meaning: "it grows, but the record is too short to say whether that ends",
  },
  "load-driven": {
    label: "Follows the load",
    tone: "plain",
    sign: "≈",
    meaning: "it rises and falls with what the machine does",
  },
  step: { label: "One jump, then flat", tone: "plain", sign: "⌐", meaning: "it rose once and has stayed level since" },
  cache: { label: "Cache or warm-up", tone: "plain", sign: "◔", meaning: "it fills up and levels off" },
  "given-back": { label: "Given back", tone: "ok", sign: "▼", meaning: "it grew and has been freed since" },
  steady: { label: "Steady", tone: "ok", sign: "–", meaning: "nothing to see" },
};

/** Whom the evidence points to. */
export interface Suspect {
  readonly name: string;
  /** Company and version, where known. */
  readonly detail: string;
  /** How it is known, one clause. */
  readonly why: string;
  readonly certainty: "proven" | "likely" | "possible";
}

const TIER_WORDS: Readonly<Record<DriverMatch["tier"], string>> = {
  proven: "its code was followed to the allocation with this tag",
  code: "its code holds this tag where an allocation is made",
  predicted: "its code builds tags of this form",
  text: "these four characters occur in its file",
};

/** How a driver was matched to a tag, in words. */
export function tierWords(tier: DriverMatch["tier"]): string {
  return TIER_WORDS[tier];
}

/** The last part of a path with either separator. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== "") ?? path;
}

function fromDriver(driver: DriverMatch, certainty: Suspect["certainty"]): Suspect {
  return {
    name: fileName(driver.file),
    detail: [driver.company, driver.product, driver.version]
      .filter((part) => part !== undefined && part !== "")
      .join(", "),
    why: TIER_WORDS[driver.tier],
    certainty,
  };
}

/** The most likely culprit of a verdict; undefined where nothing is known, or where only the allocator is. */
export function suspectOf(verdict: Verdict): Suspect | undefined {
  const own = verdict.drivers.filter(({ library }) => library === undefined);
  const proven = own.find(({ tier }) => tier === "proven");
  if (proven !== undefined) return fromDriver(proven, "proven");
  // A tag that everybody's allocations share: four bytes in some driver accuse nobody.
  if (verdict.owner?.caution !== undefined) return undefined;
  const code = own.find(({ tier }) => tier === "code");
  if (code !== undefined) return fromDriver(code, "likely");
  const { owner } = verdict;
  if (owner !== undefined && isDriver(owner.component)) {
    const why = `the owner of the tag according to ${owner.from}`;
    return { name: owner.component, detail: owner.description.replace(/\.$/, ""), why, certainty: "likely" };
  }
  const weak = own[0];
  return weak === undefined ? undefined : fromDriver(weak, "possible");
}

/** Whether a component can be updated by itself; the kernel allocates for others. */
function isDriver(component: string): boolean {
  return component !== "" && !/^(?:kernel|nt|ntoskrnl(?:\.exe)?)\b/i.test(component);
}

/** What a growing factor is called. */
export const GROWS_WORDS: Readonly<Record<Verdict["grows"], string>> = {
  count: "The number of blocks grows, not their size",
  size: "The blocks get larger, their number does not grow: one structure that is built anew",
  both: "Both the number of blocks and their size grow",
  nothing: "",
};

/** One sentence on what to do about a verdict. */
export function adviceOf(verdict: Verdict): string {
  const [known] = verdict.knownLeaks;
  if (known !== undefined && known.remedy !== "") {
    return `This may be a published leak of ${known.culprit}. What helps: ${known.remedy}`;
  }
  const suspect = suspectOf(verdict);
  if (suspect !== undefined) {
    return `Look for an update of ${suspect.name}; if there is none, disable what it belongs to and watch whether the growth stops.`;
  }
  if (verdict.owner?.caution !== undefined) return verdict.owner.caution;
  return "Search the drivers of the measured machine for this tag: “poolscope drivers” does, and tells with which proof.";
}

/** What is growing, as a heading: the suspect, else what the tag stands for, else the tag. */
export function subjectOf(verdict: Verdict): string {
  const suspect = suspectOf(verdict);
  if (suspect !== undefined) return suspect.name;
  const [what = ""] = (verdict.owner?.description ?? "").split(/[,.;:(]/);
  return what === "" ? `Tag ${formatTag(verdict.tag)}` : what.trim();
}

export interface Headline {
  readonly tone: Tone;
  readonly title: string;
  readonly detail: string;
}

/** Bytes an hour of a verdict's tag and of all that grow with it. */
export function groupRate({ bytesPerHour, group }: Verdict): number {
  return group.length > 1 ? group.reduce((sum, member) => sum + member.bytesPerHour, 0) : bytesPerHour.value;
}

const HOUR = 3_600_000;
/** Nobody plans further. */
const FAR_HOURS = 10 * 365 * 24;

/** When something runs out: the duration, and where it is near enough to matter its interval. */
export function exhaustionWords({ hours }: Exhaustion): { readonly value: string; readonly interval?: string } {
  if (hours.value > FAR_HOURS) return { value: "over 10 years" };
  const low = formatDuration(hours.low * HOUR);
  return {
    value: formatDuration(hours.value * HOUR),
    interval: hours.high > FAR_HOURS ? `not before ${low}` : intervalWords(low, formatDuration(hours.high * HOUR)),
  };
}

/** The whole diagnosis in one heading and one sentence. */
export function headlineOf(diagnosis: Diagnosis): Headline {
  const { verdicts, span } = diagnosis;
  const covered = `${plural(span.series, "tag")} over ${formatDuration(span.to - span.from)}`;
  const leaks = verdicts.filter(({ state }) => state === "leaking");
  const [first] = leaks;
  if (first !== undefined) {
    const more = leaks.length > 1 ? ` ${plural(leaks.length - 1, "other leak")} below.` : "";
    return {
      tone: "bad",
      title: leakTitle(first),
      detail: `${formatRate(groupRate(first))} under ${tagsOf(first)}. ${endOf(first)}${more}`,
    };
  }
  const held = verdicts.find(({ state }) => state === "stopped-held");
  if (held !== undefined) {
    return {
      tone: "warn",
      title: `${subjectOf(held)}: a leak of ${held.kind} pool that stopped`,
      detail: `${formatBytes(held.heldBytes)} are still held under the tag ${formatTag(held.tag)}.`,
    };
  }
  if (span.snapshots < 2) {
    return {
      tone: "plain",
      title: "One snapshot shows what is held, not what grows",
      detail: `${plural(span.series, "tag")} at one instant. Take a second snapshot, or record for an hour, to see growth.`,
    };
  }
  const early = verdicts.filter(({ state }) => state === "too-early");
  const [candidate] = early;
  if (candidate !== undefined) {
    return {
      tone: "warn",
      title: "Too early to tell",
      detail: `${plural(early.length, "tag")} of ${covered} grew, ${formatTag(candidate.tag)} fastest. A longer record will tell.`,
    };
  }
  return { tone: "ok", title: "No leak found", detail: `${covered}.` };
}

const CERTAINTY_WORDS: Readonly<Record<Suspect["certainty"], string>> = {
  proven: "is leaking",
  likely: "is most likely leaking",
  possible: "may be leaking",
};

function leakTitle(verdict: Verdict): string {
  const suspect = suspectOf(verdict);
  if (suspect === undefined) return `${subjectOf(verdict)}: a leak of ${verdict.kind} pool`;
  return `${suspect.name} ${CERTAINTY_WORDS[suspect.certainty]} ${verdict.kind} pool`;
}

function tagsOf({ tag, group }: Verdict): string {
  const others = group.filter((member) => member.tag !== tag).length;
  return `the tag ${formatTag(tag)}${others === 0 ? "" : ` and ${plural(others, "tag")} that ${others === 1 ? "grows" : "grow"} with it`}`;
}

/** When it ends, in one sentence. */
function endOf(verdict: Verdict): string {
  const { exhaustion } = verdict;
  if (exhaustion === undefined) return "";
  const { value, interval } = exhaustionWords(exhaustion);
  return interval === undefined ? "" : `At this rate ${LIMIT_WORDS[exhaustion.against]} is used up in ${value}.`;
}

/** Two amounts as an interval, the unit once where it is the same: `10.4 to 10.7 MiB/h`. */
export function intervalWords(low: string, high: string): string {
  const unit = / [^ ]+$/.exec(high)?.[0] ?? "";
  const isShared = unit !== "" && low.endsWith(unit) && low.indexOf(" ") === low.length - unit.length;
  return `${isShared ? low.slice(0, -unit.length) : low} to ${high}`;
}

/** What runs out, as the label of a duration. */
export const EXHAUSTION_LABELS = {
  "nonpaged-limit": "Pool is full in",
  "paged-limit": "Pool is full in",
  ram: "Memory is used up in",
  commit: "Commit limit in",
} as const;

/** What runs out, in words. */
const LIMIT_WORDS = {
  "nonpaged-limit": "nonpaged pool",
  "paged-limit": "paged pool",
  ram: "memory",
  commit: "the commit limit",
} as const;
