// Tags below the bar that come along with one above it: their growth was predicted, so it need not prove itself against
// everything. Known parts of a leaked object by their rate, any other tag by a regression on the lead's own increments.

import { tagOfKey } from "../../model/snapshot.ts";
import { echoOf, followOf, quantumOf, type Following } from "../shapes/companion.ts";
import type { Rate } from "../shapes/rate.ts";
import { areParts, RATIOS } from "./groups.ts";
import { byteSlope, countSlope, hasCounters, type TagJudgement } from "./judge.ts";

/** A known part's growth must still be likelier than not (log odds), and stand so many errors above nothing. */
const PART_ODDS = 0.5;
const PART_Z = 2;
/** Share of a follower's variance that the lead explains; less will do where the rest is within one slab. */
const EXPLAINED = 0.95;
const EXPLAINED_BY_SLABS = 0.85;
/** Where its own growth is not likelier than this (log odds), the lead must explain nearly all. */
const LIKELY = 1.5;
const EXPLAINED_ALONE = 0.98;
/** A follower's own growth may be unproven, but nothing harmless may be this much (log odds) likelier. */
const FOLLOWER_ODDS = -1;
/** Fewer blocks, or fewer rises, than this follow anything by chance. */
const MIN_BLOCKS = 12;
const MIN_RISES = 5;

/** Those of `others` that belong to one of `open`, with the rate they are predicted to have. */
export function companionsOf(open: readonly TagJudgement[], others: readonly TagJudgement[]): TagJudgement[] {
  const found: TagJudgement[] = [];
  const leads = open.filter((j) => j.factor === "count");
  for (const other of others) {
    if (other.excuse !== undefined) continue;
    const companion = partOf(leads, other) ?? followerOf(leads, other);
    if (companion !== undefined) found.push(companion);
  }
  return found;
}

function partOf(leads: readonly TagJudgement[], other: TagJudgement): TagJudgement | undefined {
  const slope = countSlope(other);
  if (!(slope.value > PART_Z * slope.error) || !((other.countSignal?.growingLogOdds ?? 0) > PART_ODDS))
    return undefined;
  const expected = leads.some(
    (lead) =>
      lead.kind === "growing" &&
      areParts(tagOfKey(lead.key), tagOfKey(other.key)) &&
      RATIOS.some((r) => isNear(slope, r * lead.blocks.value, r * lead.blocks.error)),
  );
  if (!expected) return undefined;
  return { ...other, factor: "count", kind: "growing", blocks: slope, bytes: byteSlope(other), companion: true };
}

function isNear(slope: { value: number; error: number }, expected: number, error: number): boolean {
  const slack = Math.max(0.15 * expected, Math.min(2.5 * Math.hypot(slope.error, error), 0.4 * expected));
  return Math.abs(slope.value - expected) < slack;
}

function followerOf(leads: readonly TagJudgement[], other: TagJudgement): TagJudgement | undefined {
  const { countSignal, counts } = other;
  if (countSignal === undefined) return undefined;
  const rise = (counts[counts.length - 1] ?? 0) - (counts[0] ?? 0);
  if (rise < MIN_BLOCKS || risesOf(counts) < MIN_RISES) return undefined;
  // Where counters are known there are thousands of tags, and by chance some repeat any line: there the increments must too.
  const many = hasCounters(other);
  let best: TagJudgement | undefined;
  let most = 0;
  for (const lead of leads) {
    const own = lead.kind === "growing" ? countSignal.growingLogOdds : countSignal.stoppedLogOdds;
    if (lead.counts.length !== counts.length || own < FOLLOWER_ODDS) continue;
    const follows = followOf(lead.counts, counts);
    if (follows === undefined || !(follows.ratio > 0) || follows.explained <= most) continue;
    if (!(many ? own >= ECHO_ODDS && echoes(lead, other) : repeats(counts, follows, own))) continue;
    most = follows.explained;
    best = joined(other, lead, follows);
  }
  return best;
}

/** Whether the lead explains a count whose own growth has these log odds. */
function repeats(counts: Float64Array, { explained, left }: Following, own: number): boolean {
  const bySlabs = explained > EXPLAINED_BY_SLABS && left < quantumOf(counts);
  return (own >= LIKELY || explained >= EXPLAINED_ALONE) && (explained >= EXPLAINED || bySlabs);
}

/** Increments of an unrelated tag are correlated this much with those of one of many leads once in thousands of tags. */
const ECHO = 0.8;
/** And its own growth must be this likely (log odds): what follows the load echoes whatever else does. */
const ECHO_ODDS = 2;
/** Its growth as a whole is what its increments make of the lead's, within this share and so many errors. */
const ECHO_SLACK = 0.25;
const ECHO_Z = 2;

/** Whether a tag repeats the lead's increments and grows by what they add up to: the load of the machine gives such increments, but no growth. */
function echoes(lead: TagJudgement, other: TagJudgement): boolean {
  const echo = echoOf(lead.counts, other.counts);
  if (echo === undefined || echo.correlation < ECHO) return false;
  const riseOf = ({ counts }: TagJudgement): number => (counts[counts.length - 1] ?? 0) - (counts[0] ?? 0);
  const whole = riseOf(other) / riseOf(lead);
  return Math.abs(echo.ratio - whole) < Math.max(ECHO_SLACK * Math.abs(whole), ECHO_Z * echo.error);
}

function joined(other: TagJudgement, lead: TagJudgement, follows: Following): TagJudgement {
  const perBlock = followOf(lead.counts, other.held)?.ratio ?? 0;
  const scaled = (by: number): Rate => ({
    value: by * lead.blocks.value,
    error: Math.hypot(by * lead.blocks.error, by * lead.blocks.value * Math.sqrt(1 - follows.explained)),
    now: by * lead.blocks.now,
  });
  return {
    ...other,
    factor: "count",
    kind: lead.kind,
    explanation: lead.explanation,
    blocks: scaled(follows.ratio),
    bytes: scaled(perBlock),
    companion: true,
    follows: { key: lead.key, ratio: follows.ratio },
  };
}

function risesOf(counts: Float64Array): number {
  let rises = 0;
  for (let i = 1; i < counts.length; i++) if ((counts[i] ?? 0) > (counts[i - 1] ?? 0)) rises += 1;
  return rises;
}
