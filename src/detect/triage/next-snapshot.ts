// What the next snapshot decides, as a time and a number of blocks.

import type { Milliseconds } from "../../model/snapshot.ts";
import type { NextSnapshot } from "../../model/triage.ts";
import type { TriageRow } from "./rows.ts";

/**
 * After as long a time again steady growth adds the same once more; a cache that fills as 1 - e^-t adds at most this
 * share of it unless its time constant is above four spans. Above it, it goes on.
 */
export const GOES_ON = 0.8;
/** From one snapshot only the mean rate since boot is known: wait for this share of the uptime, */
const UPTIME_SHARE = 1 / 8;
/** but an hour at least, for the noise, and a day at most. */
const SHORTEST = 3_600_000;
const LONGEST = 86_400_000;

/** From two snapshots or more: the time they span, once more. */
export function nextByGain(row: TriageRow, to: Milliseconds, span: Milliseconds | undefined): NextSnapshot | undefined {
  const { gain } = row;
  if (gain === undefined || gain.blocks <= 0) return undefined;
  const blocks = Math.ceil(row.blocks + GOES_ON * gain.blocks);
  return span === undefined ? { blocks } : { blocks, after: span, at: to + span };
}

/** From one snapshot and the time since boot; undefined where nothing would be seen in that time. */
export function nextByUptime(row: TriageRow, to: Milliseconds, uptime: Milliseconds): NextSnapshot | undefined {
  if (uptime <= 0) return undefined;
  const after = Math.min(LONGEST, Math.max(SHORTEST, uptime * UPTIME_SHARE));
  const expected = (row.blocks * after) / uptime;
  return expected < 1 ? undefined : { blocks: Math.ceil(row.blocks + GOES_ON * expected), after, at: to + after };
}
