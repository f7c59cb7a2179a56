// Stacks as proof: what a pool trace says of a tag that grows by the counters, and the suspect that follows from it.

import type { MemberFacts, StackFacts, Suspect, SuspectCertainty } from "../model/attribution.ts";
import type { PoolKind } from "../model/snapshot.ts";
import { isLossy, isTurnover, type AllocationPlace, type PoolTrace } from "../model/stacks.ts";
import { bookedTag, type Tag } from "../model/tag.ts";
import type { AttributionSources } from "./sources.ts";

/** Below this part of what the tag holds a place is one of several and nobody's proof. */
const LEAST_SHARE = 0.5;
/** From this part on hardly anything of the growth came another way. */
const SURE_SHARE = 0.8;
/** Rates of trace and counters that differ by more are not of the same growth: the trace may be of a quiet hour. */
const LEAST_EXPLAINED = 0.5;
const MOST_EXPLAINED = 2;
const HOUR = 3_600_000;

/** What a trace shows of a tag; undefined where nothing under it was allocated there and is still held. */
export function stackFactsOf(
  trace: PoolTrace,
  tag: Tag,
  kind: PoolKind,
  counterBytesPerHour: number,
): StackFacts | undefined {
  const traced = trace.tags.find((each) => each.tag === bookedTag(tag) && each.kind === kind);
  const place = traced?.places[0];
  if (traced === undefined || place === undefined || place.bytes === 0) return undefined;
  const bytesPerHour = lastingRate(place, trace.milliseconds);
  return {
    tag,
    kind,
    frame: place.frame,
    role: place.role,
    ...(place.basis === undefined ? {} : { makerBasis: place.basis }),
    share: place.share,
    bytesPerHour,
    tagBytesPerHour: place.share === 0 ? 0 : bytesPerHour / place.share,
    counterBytesPerHour,
    explained: counterBytesPerHour > 0 ? bytesPerHour / counterBytesPerHour : 0,
    traceMilliseconds: trace.milliseconds,
    lossy: isLossy(trace.loss),
    turnover: isTurnover(traced),
  };
}

/** Growth through a place: what the first half of the trace left held at its end, per hour. */
function lastingRate(place: AllocationPlace, milliseconds: number): number {
  if (milliseconds <= 0) return 0;
  const half = place.heldBySlice.slice(0, place.heldBySlice.length / 2);
  return (half.reduce((sum, bytes) => sum + bytes, 0) / (milliseconds / 2)) * HOUR;
}

/** The suspect that stacks show; undefined where they show none, or only Windows' own modules. */
export function stackSuspect(
  members: readonly MemberFacts[],
  facts: readonly StackFacts[],
  natureOf: AttributionSources["natureOf"],
): Suspect | undefined {
  const candidates = facts
    .filter((each) => each.role === "outside" && each.share >= LEAST_SHARE && !each.turnover)
    .sort((a, b) => b.bytesPerHour - a.bytesPerHour);
  const [best] = candidates;
  const module = best?.frame.module;
  if (best === undefined || module === undefined || !members.some((each) => each.tag === best.tag)) return undefined;
  const { company } = best.frame;
  return {
    names: [module],
    tag: best.tag,
    certainty: certaintyOf(best),
    nature: natureOf(module, company),
    basis: "stack",
    scope: "unknown",
    ...(company === undefined || company === "" ? {} : { company }),
  };
}

/**
 * Proven: nearly all of the growth of a whole trace came through a module that its version resource calls another company's,
 * as fast as the counters say. Without a company, with losses, or at another rate it is likely; by name alone possible.
 */
function certaintyOf(facts: StackFacts): SuspectCertainty {
  if (facts.makerBasis === "name") return "possible";
  const ratesAgree = facts.explained >= LEAST_EXPLAINED && facts.explained <= MOST_EXPLAINED;
  return facts.makerBasis === "company" && facts.share >= SURE_SHARE && !facts.lossy && ratesAgree
    ? "proven"
    : "likely";
}
