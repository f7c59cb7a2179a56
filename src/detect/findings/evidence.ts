// The reasons of a verdict in figures: what grew, what it looks like, what was ruled out, what is in doubt.

import { kindCodeOfKey, kindOf, tagOfKey } from "../../model/snapshot.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { TagRef } from "../../model/verdict.ts";
import { HINGES } from "../series/basis.ts";
import { goesWithWork } from "../shapes/candidate.ts";
import { keptShare, rootOf, type Group } from "./groups.ts";
import type { TagJudgement } from "./judge.ts";

const HOUR = 3_600_000;
/** A rate at the end this much above the mean one is growth that speeds up. */
const SPEEDS_UP = 1.2;
/** A record shorter than this is no ground to act on a rate. */
const SHORT = 30 * 60_000;
/** A rhythm whose period is more than this share of the record was seen fewer than two and a half times. */
const LONG_PERIOD = 0.4;

/** All reasons for a finding; the first is the one a table shows. */
export function evidenceFor(group: Group, end: number): Evidence[] {
  const j = group.lead;
  const again: Evidence[] = j.returned === true ? [{ kind: "returned" }] : [];
  if (j.cleared !== undefined) again.push({ kind: "cleared", times: j.cleared });
  if (j.floor === true) again.push({ kind: "by-floor" });
  return [growth(j, end), ...again, ...frees(j), shape(j), ...asleep(j), ...work(j), ...lockstep(group), ...doubts(j)];
}

function growth(j: TagJudgement, end: number): Evidence {
  const { from, until } = growthTimes(j);
  const hours = (until - from) / HOUR;
  return {
    kind: "growth",
    factor: j.factor,
    blocks: j.blocks.value * hours,
    bytes: j.bytes.value * hours,
    overMs: until - from,
    ...(j.kind === "stopped" ? { quietMs: end - until } : {}),
    ...(j.kind !== "stopped" && j.bytes.now > SPEEDS_UP * j.bytes.value ? { nowBytesPerHour: j.bytes.now } : {}),
  };
}

/** When growth began and ended, in milliseconds. */
export function growthTimes(j: TagJudgement): { from: number; until: number } {
  const candidate = j.explanation?.candidate;
  return {
    from: clockAt(j, (candidate?.from ?? 0) / HINGES),
    until: clockAt(j, (j.kind === "stopped" ? (candidate?.until ?? HINGES) : HINGES) / HINGES),
  };
}

/** The time by the clock at a share of the time that a judgement runs along. */
function clockAt({ times, basis }: Pick<TagJudgement, "times" | "basis">, share: number): number {
  const last = times.length - 1;
  const first = times[0] ?? 0;
  const axis = basis?.times ?? times;
  const start = axis[0] ?? 0;
  const at = start + share * ((axis[last] ?? 0) - start);
  let i = 1;
  while (i < last && (axis[i] ?? 0) < at) i += 1;
  const before = axis[i - 1] ?? 0;
  const wait = (axis[i] ?? 0) - before;
  const clock = times[i - 1] ?? first;
  return wait > 0 ? clock + ((at - before) / wait) * ((times[i] ?? first) - clock) : clock;
}

/** Less than this share of a record asleep is not worth a word. */
const MIN_ASLEEP = 0.1;

/** What a record's sleep makes of the rate. */
function asleep({ times, basis, bytes }: TagJudgement): Evidence[] {
  const last = times.length - 1;
  const span = (times[last] ?? 0) - (times[0] ?? 0);
  const awake = (basis.times[last] ?? 0) - (basis.times[0] ?? 0);
  if (!(span - awake > MIN_ASLEEP * span)) return [];
  return [{ kind: "asleep", asleepMs: span - awake, overMs: span, bytesPerAwakeHour: (bytes.value * span) / awake }];
}

/** Less than this share kept is what every busy tag keeps. */
const MIN_KEPT_SHARE = 0.001;

function frees(j: TagJudgement): Evidence[] {
  if (j.factor !== "count") return [];
  const made = madeIn(j);
  const kept = keptShare(j);
  if (kept === undefined || kept < MIN_KEPT_SHARE) return [];
  return [{ kind: "frees", made, keptShare: kept }];
}

/** Allocations within the window; NaN where the source has no counters. */
function madeIn(j: TagJudgement): number {
  return (j.allocs[j.allocs.length - 1] ?? Number.NaN) - (j.allocs[0] ?? Number.NaN);
}

function shape(j: TagJudgement): Evidence {
  if (j.lumps !== undefined) return { kind: "lumps", lumps: j.lumps, bytesEach: riseOf(j.held) / j.lumps };
  if (j.teeth > 0) return { kind: "rising-floor", trims: j.teeth };
  const candidate = j.explanation?.candidate;
  return {
    kind: "shape",
    like:
      j.kind === "stopped"
        ? "then-level"
        : candidate !== undefined && candidate.from > 0
          ? "after-quiet-start"
          : "steady",
    onRhythm: j.explanation?.season !== undefined,
    logOdds: j.logOdds,
    loadTried: j.signal?.basis.loadVaries === true,
  };
}

function riseOf(values: Float64Array): number {
  return (values[values.length - 1] ?? 0) - (values[0] ?? 0);
}

function work(j: TagJudgement): Evidence[] {
  if (j.explanation === undefined || !goesWithWork(j.explanation.candidate)) return [];
  const made = madeIn(j);
  const rise = (j.held[j.held.length - 1] ?? 0) - (j.held[0] ?? 0);
  return [{ kind: "work", ...(made > 0 && rise > 0 ? { bytesPerAllocation: rise / made } : {}) }];
}

function lockstep({ lead, members }: Group): Evidence[] {
  if (members.length === 0) return [];
  const root = rootOf(tagOfKey(lead.key));
  return [
    {
      kind: "lockstep",
      tags: members.map((m) => tagOfKey(m.judgement.key)),
      ...(root === undefined ? {} : { root }),
    },
  ];
}

function doubts(j: TagJudgement): Evidence[] {
  const out: Evidence[] = [];
  const spanMs = (j.times[j.times.length - 1] ?? 0) - (j.times[0] ?? 0);
  if (spanMs < SHORT) out.push({ kind: "short-record", spanMs });
  const period = j.explanation?.season?.period;
  if (period !== undefined && period > LONG_PERIOD) out.push({ kind: "few-periods", periods: 1 / period });
  return out;
}

/** The (tag, kind) of a judgement. */
export function refOf(j: TagJudgement): TagRef {
  return { tag: tagOfKey(j.key), kind: kindOf(kindCodeOfKey(j.key)) };
}
