// What a pool trace shows, in sentences. A stack says who called the pool routine; it does not say who forgot to free.

import type { StackFacts } from "../model/attribution.ts";
import type { AllocationPlace, CallChain, ChainFrame, PoolTrace, TraceLoss, TracedTag } from "../model/stacks.ts";
import { isLossy, isTurnover } from "../model/stacks.ts";
import { formatTag } from "../model/tag.ts";
import { formatBytes, formatCount, formatDuration, formatRate, plural } from "../model/units.ts";

/** Held bytes of which at least this part is from the last slice of the trace are just in use, as far as the trace can tell. */
const IN_FLIGHT_SHARE = 0.8;

/** Rates of a trace above this many times the counters' are said to be more, not to explain them. */
const MOST_EXPLAINED = 1.5;

/** `acmefilter.sys+0x2f10`, with symbols `acmefilter.sys!AcmeCreate+0x20`, or the bare address. */
export function frameText(frame: ChainFrame): string {
  if (frame.module === undefined) return frame.address ?? "unknown";
  if (frame.wholeModule === true) return frame.module;
  return frame.function === undefined
    ? `${frame.module}+0x${frame.offset.toString(16)}`
    : `${frame.module}!${frame.function}`;
}

/** Whose module a frame lies in: the company of its version resource, as far as the trace says. */
export function makerText(place: Pick<AllocationPlace, "frame" | "role" | "basis">): string {
  const company = place.frame.company;
  if (company !== undefined && company !== "") return company;
  if (place.frame.module === undefined) return "no listed module lies there";
  if (place.role === "kernel") return "the kernel itself";
  if (place.basis === "no-version") return "no version resource in the trace: maker unknown";
  if (place.frame.wholeModule === true) return "maker unknown: a text report names no companies";
  if (place.basis === "name") return "maker unknown: the trace was not merged, so it holds no version resources";
  return "a Windows module by its name";
}

/** When what is held was allocated, in a few words. */
export function agesText(heldBySlice: readonly number[]): string {
  if (heldBySlice.length === 0) return "not told: the report has totals only";
  const total = heldBySlice.reduce((sum, bytes) => sum + bytes, 0);
  if (total === 0) return "nothing held";
  if ((heldBySlice.at(-1) ?? 0) / total >= IN_FLIGHT_SHARE) return "allocated at the very end: may just be in use";
  const firstHalf = heldBySlice.slice(0, heldBySlice.length / 2).reduce((sum, bytes) => sum + bytes, 0) / total;
  return `${percent(firstHalf)} of it held since the first half of the trace`;
}

/** What has to be said first: what the trace does not hold. Undefined where nothing is missing. */
export function lossSentence(loss: TraceLoss): string | undefined {
  if (!isLossy(loss) && !loss.unclosed) return undefined;
  const parts = [
    loss.eventsLost > 0 ? `${plural(loss.eventsLost, "event")} lost while recording` : "",
    loss.buffersLost > 0 ? `${plural(loss.buffersLost, "buffer")} lost while recording` : "",
    loss.unreadableBuffers > 0 ? `${plural(loss.unreadableBuffers, "buffer")} of this file unreadable` : "",
    loss.brokenBuffers > 0 ? `${plural(loss.brokenBuffers, "buffer")} readable only in part` : "",
    loss.cut ? "the file ends in the middle of a buffer" : "",
    loss.unclosed ? "the session was not stopped when this copy was made" : "",
  ].filter((part) => part !== "");
  const meaning = isLossy(loss)
    ? ": a free may be among what is missing, so everything called held is an upper bound, and shares are of what was seen"
    : ": what came later is not in it";
  return `${parts.join(", ")}${meaning}`;
}

/** The answer for one tag in one sentence. */
export function headline(tag: TracedTag): string {
  const name = `${formatTag(tag.tag)} (${tag.kind})`;
  if (tag.outstanding === 0) return `Nothing that was allocated under ${name} during the trace is still held.`;
  if (isTurnover(tag)) {
    return `${name} did not grow: ${plural(tag.outstanding, "new block")} held, but ${plural(tag.freesFromBefore, "older block")} freed.`;
  }
  const place = tag.places[0];
  if (place === undefined || place.bytes === 0) {
    return `${name} holds ${formatBytes(tag.bytes)} allocated during the trace, none of it with a stack.`;
  }
  const through = `${frameText(place.frame)} (${makerText(place)})`;
  if (place.role === "kernel") {
    return `${percent(place.share)} of the growth of ${name} came from the kernel itself, at ${frameText(place.frame)}.`;
  }
  return `${percent(place.share)} of the growth of ${name} came through ${through}.`;
}

/** Counts of a tag in one sentence. */
export function tagSentence(tag: TracedTag): string {
  const freed = tag.freesFromBefore > 0 ? `; ${plural(tag.freesFromBefore, "older block")} freed meanwhile` : "";
  const missed =
    tag.missedFrees > 0 ? `; ${plural(tag.missedFrees, "free")} missing, seen by an address being allocated again` : "";
  return (
    `${plural(tag.allocs, "allocation")} of ${formatBytes(tag.allocBytes)}, of which ${formatBytes(tag.bytes)} in ` +
    `${plural(tag.outstanding, "block")} not freed by the end${freed}${missed}`
  );
}

/** Blocks without a chain and why; undefined where all have one. */
export function withoutStackSentence(tag: TracedTag): string | undefined {
  const { noStack, evicted, ambiguous } = tag.withoutStack;
  const parts = [
    noStack.allocs > 0 ? `${formatCount(noStack.allocs)} had no stack event (${formatBytes(noStack.bytes)} held)` : "",
    evicted.allocs > 0
      ? `${formatCount(evicted.allocs)} name a cached stack that the trace no longer holds (${formatBytes(evicted.bytes)} held)`
      : "",
    ambiguous.allocs > 0
      ? `${formatCount(ambiguous.allocs)} share their instant with another event (${formatBytes(ambiguous.bytes)} held)`
      : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? undefined : `without a stack: ${parts.join("; ")}`;
}

/** The processes that a chain ran in, the largest first. */
export function processesText(chain: CallChain, most: number): string {
  const shown = chain.processes.slice(0, most).map((each) => `${each.name ?? "process"} (${each.process})`);
  return chain.processes.length > most ? `${shown.join(", ")} and others` : shown.join(", ");
}

/** Where and when a trace was taken and what it holds. */
export function traceSentence(trace: PoolTrace, time: string): string {
  if (trace.milliseconds === 0 && trace.from === undefined) {
    return `Totals by image and tag: ${plural(trace.poolEvents, "allocation")} in ${plural(trace.records, "row")}`;
  }
  const windows = trace.windowsBuild === undefined ? "" : `Windows build ${trace.windowsBuild}, `;
  const processors = trace.processors === undefined ? "" : `${plural(trace.processors, "processor")}, `;
  const rundown =
    trace.rundownEvents > 0 ? `; ${formatCount(trace.rundownEvents)} rundown events present, not decoded` : "";
  return (
    `${windows}${processors}${time} for ${formatDuration(trace.milliseconds)}: ` +
    `${plural(trace.poolEvents, "pool event")} of ${formatCount(trace.records)}${rundown}`
  );
}

/** What a chain proves of a tag whose blocks are counted references. */
export const REFERENCE_CAUTION =
  "Objects of this tag are shared by reference: the stack shows who made them, not who still holds a reference.";

/** Said once under every result. */
export const STACK_CAUTION =
  "A stack shows who allocated, not who should have freed; blocks out of lookaside lists have no event of their own. Only what " +
  "was allocated during the trace is judged.";

/** A share in whole per cent, with the ends kept honest. */
export function percent(share: number): string {
  if (share > 0 && share < 0.005) return "under 1 %";
  if (share < 1 && share >= 0.995) return "over 99 %";
  return `${Math.round(share * 100)} %`;
}

/** A trace beside the counters: through what, how fast, and how much of the counters' growth that explains. */
export function joinedSentence(facts: StackFacts): string {
  const { frame, role, share, bytesPerHour, counterBytesPerHour, explained } = facts;
  const maker = makerText({ frame, role, ...(facts.makerBasis === undefined ? {} : { basis: facts.makerBasis }) });
  const name = formatTag(facts.tag).trimEnd();
  const time = formatDuration(facts.traceMilliseconds);
  if (facts.turnover) {
    return `In a trace of ${time} as many older blocks of ${name} were freed as new ones kept, so it shows no growth; most of the new ones came through ${frameText(frame)} (${maker}).`;
  }
  const through = `In a trace of ${time}, ${percent(share)} of what ${name} kept came through ${frameText(frame)} (${maker})`;
  if (counterBytesPerHour <= 0) return `${through}.`;
  const compared =
    explained > MOST_EXPLAINED
      ? `more than the ${formatRate(counterBytesPerHour)} of the counters`
      : `which explains ${percent(explained)} of the ${formatRate(counterBytesPerHour)} of the counters`;
  const bound = facts.lossy ? "; the trace lost events, so this is an upper bound" : "";
  return `${through}, ${formatRate(bytesPerHour)}, ${compared}${bound}.`;
}
