// The reasons of a verdict as sentences.

import type { Evidence, RootObject } from "../model/evidence.ts";
import { formatTime } from "../model/time.ts";
import { formatTag } from "../model/tag.ts";
import { formatBytes, formatCount, formatDuration, formatRate, plural } from "../model/units.ts";

const ROOT_WORDS: Readonly<Record<RootObject, string>> = {
  process: "process objects",
  thread: "thread objects",
  socket: "sockets",
  file: "file objects",
  token: "access tokens",
};

/** A list in English: `A`, `A and B`, `A, B and C`. */
export function listWords(items: readonly string[], last = "and"): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} ${last} ${items[items.length - 1] ?? ""}`;
}

/** A share as percentage with as many digits as it has meaning: `0.012 %`, `4.5 %`, `97 %`. */
export function percentWords(share: number): string {
  const percent = share * 100;
  return `${percent < 10 && percent > 0 ? Number(percent.toPrecision(2)) : percent.toFixed(0)} %`;
}

/** One sentence for one reason. */
export function evidenceWords(evidence: Evidence): string {
  switch (evidence.kind) {
    case "growth":
      return growthWords(evidence);
    case "returned":
      return "The same growth was there before the restart, which cleared it; it came back.";
    case "frees":
      return freesWords(evidence.made, evidence.keptShare);
    case "rising-floor":
      return `It was trimmed ${plural(evidence.trims, "time")}, and each time fell back to a higher floor: what the trims leave behind keeps growing.`;
    case "by-floor":
      return "Blocks that come and go hide it: what grows is the least that the tag held in each thirty-second of the record.";
    case "shape":
      return shapeWords(evidence);
    case "work":
      return `It grows with the work the machine does, faster when it is busy${perAllocationWords(evidence.bytesPerAllocation)}.`;
    case "lockstep": {
      const of = evidence.root === undefined ? "" : ` of ${ROOT_WORDS[evidence.root]}`;
      const names = evidence.tags.map((tag) => formatTag(tag).trim());
      return `It grows in lockstep with ${listWords(names)}: one leak${of}, not ${plural(names.length + 1, "leak")}. A tag names who allocates, not who forgets to free.`;
    }
    case "asleep":
      return `For ${formatDuration(evidence.asleepMs)} of the ${formatDuration(evidence.overMs)} the counters stood still without a snapshot: the machine slept, or its clock was set. By the time it was awake the rate is ${formatRate(evidence.bytesPerAwakeHour)}.`;
    case "short-record":
      return `The record covers only ${formatDuration(evidence.spanMs)}: look again later before you act on the rate.`;
    case "few-periods":
      return `Only ${evidence.periods.toFixed(1)} periods of the rhythm are in the record.`;
    case "maybe-burst":
      return `It has grown by ${formatRate(evidence.bytesPerHour)} for ${formatDuration(evidence.forMs)}, which may still be a burst that ends as it came.`;
    case "within-noise":
      return `It seems to grow by ${formatRate(evidence.bytesPerHour)}, but ${formatDuration(evidence.spanMs)} of record cannot tell that from drift: ${evidence.fewSnapshots ? "too few snapshots" : "too small against its own ups and downs"}.`;
    case "fell-back":
      return `It rose by ${formatBytes(evidence.roseBytes)} and gave ${formatBytes(evidence.fellBytes)} back at once.`;
    case "stepped":
      return `${formatBytes(evidence.bytes)} came in ${evidence.steps === 1 ? "one step" : "a few steps"}; it is level before and after.`;
    case "short-rise":
      return `${formatBytes(evidence.bytes)} came within a short time; it is level before and after.`;
    case "saturating":
      return `It grew by ${formatBytes(evidence.bytes)}, ever more slowly, like a cache or a start-up that fills.`;
    case "contenders":
      return `It grew by ${formatBytes(evidence.bytes)}; ${evidence.goesOn ? "a leak" : "a leak that stopped"} and ${HARMLESS_WORDS[evidence.harmless]} explain that about equally well. ${DECIDES_WORDS[evidence.harmless]}`;
    case "either-way":
      return `It grew by ${formatBytes(evidence.bytes)}, as ${HARMLESS_WORDS[evidence.first]} or ${HARMLESS_WORDS[evidence.second]}: no leak either way.`;
    case "lumps":
      return `All of it came in ${plural(evidence.lumps, "lump")} of about ${formatBytes(evidence.bytesEach)}, at no regular time, and not one was freed again.`;
    case "cleared":
      return `It was given back ${plural(evidence.times, "time")} at once, as when a driver or service is loaded anew, and came back at the same rate each time.`;
    case "cleared-once":
      return `It grows by ${formatRate(evidence.bytesPerHour)} and was given back once: a cache that is trimmed and a leak in a driver that was loaded anew look the same. A second fall, or growth beyond the last peak, decides.`;
    case "fell-with-all":
      return "It fell together with many other tags and came back with them: it follows what the machine does.";
    case "start-up":
      return `${formatBytes(evidence.bytes)} came in the first ${formatDuration(evidence.untilMs)} of the record after the boot, and nothing since: a start-up.`;
    case "reused":
      return `It grew by ${formatBytes(evidence.bytes)} and is level since, while ${percentWords(evidence.goesOn)} of the allocations that made it go on and are freed again: it is full, not leaked.`;
    case "moved-from":
      return `${formatTag(evidence.tag).trim()} gave back ${formatBytes(evidence.bytes)} while this tag grew by as much: memory that changed its tag.`;
    case "burst-going-on":
      return `${plural(evidence.tags, "tag")} began to rise together at ${formatTime(evidence.from)}, each in its own way, and gained ${formatBytes(evidence.bytes)} since: work that goes on, and may end as a burst whose memory is kept as cache.`;
    case "burst-of-work":
      return `${formatTime(evidence.from)} to ${formatTime(evidence.until)}: ${plural(evidence.tags, "tag")} rose by ${formatBytes(evidence.bytes)} together, each in its own way, and are level since: a burst of work whose memory is kept as cache.`;
    case "follows-load":
      return `It follows the machine's load, which explains ${percentWords(evidence.share)} of its ups and downs.`;
  }
}

function growthWords(e: Extract<Evidence, { kind: "growth" }>): string {
  const what =
    e.factor === "count"
      ? `${plural(Math.round(e.blocks), "more block", "more blocks")} (${formatBytes(e.bytes)})`
      : `${formatBytes(e.bytes)} more in about as many blocks: each block grows, so look for a structure that is extended, not for a block that is never freed,`;
  const tail =
    e.quietMs !== undefined
      ? `; nothing more for ${formatDuration(e.quietMs)} since, and nothing given back`
      : e.nowBytesPerHour !== undefined
        ? `, and it speeds up: ${formatRate(e.nowBytesPerHour)} at the end`
        : "";
  return `${what} within ${formatDuration(e.overMs)}${tail}.`;
}

/** Nothing was freed, for practical purposes. */
const ALL = 0.999;

/** How many of the allocations were not freed. */
export function freesWords(made: number, keptShare: number): string {
  return keptShare > ALL
    ? `Not one of ${formatCount(made)} blocks allocated in this time was freed.`
    : `Of ${formatCount(made)} blocks allocated in this time ${percentWords(keptShare)} were not freed.`;
}

const HARMLESS_WORDS = {
  cache: "a cache that fills",
  step: "one step",
  "load-driven": "the machine's load",
  steady: "aimless drift",
} as const;

/** What would tell a leak from each of them. */
const DECIDES_WORDS = {
  cache: "As long a time again decides: a cache levels off.",
  step: "As long a time again decides: after a step it stays level.",
  "load-driven": "A time of lower load decides: it falls with the load, or it does not.",
  steady: "As long a time again decides: drift comes back.",
} as const;

const LIKE_WORDS = {
  steady: "Steady growth",
  "after-quiet-start": "A straight rise after a quiet start",
  "then-level": "A straight rise that ends in a level",
} as const;

/** Powers of ten beyond this are a number without meaning. */
const MOST_POWER = 15;

function shapeWords(e: Extract<Evidence, { kind: "shape" }>): string {
  const power = Math.max(1, (e.logOdds > 0 ? e.logOdds : 0) / Math.LN10);
  const size = power > MOST_POWER ? `more than 10^${MOST_POWER}` : `about 10^${power.toFixed(0)}`;
  const load = e.loadTried ? "the machine's load, " : "";
  return (
    `${LIKE_WORDS[e.like]}${e.onRhythm ? " on top of a rhythm" : ""} fits ${size} times better than anything harmless that was tried: ` +
    `${load}a cache that fills, a single step, a rhythm and aimless drift.`
  );
}

function perAllocationWords(bytes: number | undefined): string {
  if (bytes === undefined) return "";
  return bytes >= 1
    ? `: ${formatBytes(bytes)} stay behind per allocation`
    : `: ${formatBytes(bytes * 1e6)} stay behind per million allocations`;
}
