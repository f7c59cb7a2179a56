// Judgements and groups into verdicts: numbers, times, reasons.

import type { Snapshot } from "../../model/snapshot.ts";
import type { Estimate, Exhaustion, Verdict } from "../../model/verdict.ts";
import { goesWithWork } from "../shapes/candidate.ts";
import { isCalmBefore } from "./fresh.ts";
import { confidenceOf } from "./calibration.ts";
import { evidenceFor, growthTimes, refOf } from "./evidence.ts";
import { exhaustionOf, type Store, type Taker } from "./exhaustion.ts";
import { keptShare, type Group } from "./groups.ts";
import { totalOf, type MemberEstimate } from "./totals.ts";
import { hasCounters, type TagJudgement } from "./judge.ts";

/** What a verdict's growth takes per hour at the end of the record. */
export function takerOf(j: TagJudgement): Taker {
  return { kind: refOf(j).kind, rate: Math.max(0, j.bytes.now), error: j.bytes.error };
}

/** Growth that began in this last share of the record may be a burst that ends as it came. */
const RECENT = 0.14;
/** The same where the tag's own past shows no burst of the kind. */
const RECENT_AFTER_CALM = 1 / 16;
/** And at least so many points show it. */
const MIN_FRESH_POINTS = 12;
/** Unless memory runs out before it has lasted this many times as long again. */
const URGENT = 10;

/** `spanMs` is that of the whole judged record. Whether growth is too young to be called a leak, and not so fast that waiting is dangerous. */
export function isTooRecent(j: TagJudgement, stores: readonly Store[], spanMs: number): boolean {
  if (j.kind !== "growing" || j.explanation === undefined) return false;
  const { from, until } = growthTimes(j);
  const share = (until - from) / spanMs;
  const points = j.times.reduce((count, time) => count + (time > from ? 1 : 0), 0);
  if (
    share >= RECENT ||
    (points >= MIN_FRESH_POINTS && share >= RECENT_AFTER_CALM && (j.fresh === true || isCalmBefore(j.counts, share)))
  )
    return false;
  const taker = takerOf(j);
  const runsOut = exhaustionOf(taker, [taker], stores, until);
  return runsOut === undefined || runsOut.hours.value * HOUR > URGENT * (until - from);
}

/** The verdict on a group whose lead is open. */
export function findingOf(group: Group, last: Snapshot, takers: readonly Taker[], stores: readonly Store[]): Verdict {
  const { lead, members } = group;
  const { from, until } = growthTimes(lead);
  const leaking = lead.kind === "growing";
  const exhaustion = leaking ? soonest(group, takers, stores, last.time) : undefined;
  const { tag, kind } = refOf(lead);
  const work = lead.explanation !== undefined && goesWithWork(lead.explanation.candidate);
  const made = (lead.allocs[lead.allocs.length - 1] ?? 0) - (lead.allocs[0] ?? 0);
  const grown = (lead.held[lead.held.length - 1] ?? 0) - (lead.held[0] ?? 0);
  const bytesPerHour = estimate(lead);
  const own = {
    tag,
    kind,
    heldBytes: lead.held[lead.held.length - 1] ?? 0,
    outstanding: lead.counts[lead.counts.length - 1] ?? 0,
    grownBytes: lead.bytes.value * ((until - from) / HOUR),
    bytesPerHour,
  };
  const kept = keptShare(lead);
  const calibration = {
    state: leaking ? "leaking" : "stopped-held",
    counters: hasCounters(lead),
    logOdds: lead.logOdds,
    points: lead.times.length,
    spanMs: (lead.times[lead.times.length - 1] ?? 0) - (lead.times[0] ?? 0),
  } as const;
  const others = members.map((m) => memberOf(m, (until - from) / HOUR));
  return {
    ...own,
    state: leaking ? "leaking" : "stopped-held",
    bytesPerHourNow: leaking ? lead.bytes.now : 0,
    blocksPerHour: lead.blocks.value,
    grows: lead.factor,
    ...(work && made > 0 ? { bytesPerAllocation: Math.max(0, grown) / made } : {}),
    since: from,
    ...(leaking ? {} : { until }),
    ...(exhaustion === undefined ? {} : { exhaustion }),
    confidence: confidenceOf(calibration),
    calibration,
    evidence: evidenceFor(group, last.time),
    group: others,
    total: totalOf(own, others),
    ...(kept === undefined ? {} : { keptShare: kept }),
  };
}

const HOUR = 3_600_000;

function memberOf({ judgement: j, ratio, margin }: Group["members"][number], hours: number): MemberEstimate {
  const kept = keptShare(j);
  return {
    ...refOf(j),
    ratio,
    ...(margin === undefined ? {} : { ratioMargin: margin }),
    bytesPerHour: j.bytes.value,
    error: j.bytes.error,
    heldBytes: j.held[j.held.length - 1] ?? 0,
    outstanding: j.counts[j.counts.length - 1] ?? 0,
    grownBytes: j.bytes.value * hours,
    ...(kept === undefined ? {} : { keptShare: kept }),
  };
}

/** A group ends the machine when its worst member does. */
function soonest(
  group: Group,
  takers: readonly Taker[],
  stores: readonly Store[],
  end: number,
): Exhaustion | undefined {
  let first: Exhaustion | undefined;
  for (const j of [group.lead, ...group.members.map((m) => m.judgement)]) {
    const own = exhaustionOf(takerOf(j), takers, stores, end);
    if (own !== undefined && (first === undefined || own.hours.value < first.hours.value)) first = own;
  }
  return first;
}

/** Intervals as computed held the truth less often than stated; this much wider they hold it in nine of ten (docs/detection.md). */
const WIDER = 1.6;
/** No rate is known better than this share of it: snapshots are not taken at the instant that they name. */
const LEAST_ERROR = 0.002;

function estimate(j: TagJudgement): Estimate {
  const { value } = j.bytes;
  const { from, until } = growthTimes(j);
  // Blocks that are lost by chance tell their rate no better than their number does, however straight the line.
  const blocks = j.factor === "count" ? Math.max(1, j.blocks.value * ((until - from) / HOUR)) : Infinity;
  const error = Math.max(
    WIDER * Math.max(j.bytes.error, LEAST_ERROR * Math.abs(value)),
    Math.abs(value) / Math.sqrt(blocks),
  );
  return { value, low: value - 2 * error, high: value + 2 * error };
}

/** What runs out first comes first; then the faster; what has stopped comes after what goes on. */
export function byUrgency(a: Verdict, b: Verdict): number {
  if (a.state !== b.state) return a.state === "leaking" ? -1 : b.state === "leaking" ? 1 : 0;
  const gap = (a.exhaustion?.hours.value ?? Infinity) - (b.exhaustion?.hours.value ?? Infinity);
  return Number.isNaN(gap) || gap === 0 ? rank(b) - rank(a) : gap;
}

/** Weight of a finding where none runs out before the other. */
function rank(v: Verdict): number {
  return (v.state === "leaking" ? v.total.bytesPerHour.value : 0) || v.total.grownBytes;
}
