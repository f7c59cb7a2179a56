// A driver that was loaded, exchanged or updated shortly before growth began. Time alone proves nothing: it is said as possible
// unless lists or proofs tie the driver to the tag.

import type { DriverChange, DriverChangeAt } from "../../model/beside.ts";
import type { Milliseconds } from "../../model/snapshot.ts";
import { buildName, fileKey } from "./drivers.ts";
import type { Window } from "./window.ts";

/** A driver of the tag is named for a change up to a day before the onset: a leak may need its daily task to show. */
const LONGEST_BEFORE: Milliseconds = 24 * 3_600_000;

/** Any other driver only within an hour, and only where it is the one that changed. */
const LONGEST_BEFORE_STRANGER: Milliseconds = 3_600_000;

/** An onset is read from noisy counts: within this share of the window it may lie after a change that caused it. */
const ONSET_SHARE = 0.05;

/** The change that the finding began with, if there is one; `owners` are file names tied to a tag of the finding. */
export function driverChange(
  window: Window,
  recordFrom: Milliseconds,
  owners: ReadonlySet<string>,
): DriverChange | undefined {
  const { since } = window.verdict;
  // What grew from the first snapshot on may have begun at any time before.
  if (since === undefined || since <= recordFrom) return undefined;
  const end = window.verdict.until ?? window.objects.at(-1)?.time ?? since;
  const slack = Math.max(0, end - since) * ONSET_SHARE;
  const candidates = window.record.changes.filter(
    ({ now, after, time }) => now !== undefined && after - slack <= since && since - time <= LONGEST_BEFORE,
  );
  const owned = candidates.filter(({ now }) => now !== undefined && owners.has(fileKey(now.file)));
  const change = nearest(owned, since);
  if (change !== undefined) return worded(change, since, true, isBefore(change.time, since, slack));
  const strangers = candidates.filter(
    ({ time }) => since - time <= LONGEST_BEFORE_STRANGER && isBefore(time, since, slack),
  );
  const [only] = strangers;
  return strangers.length === 1 && only !== undefined ? worded(only, since, false, true) : undefined;
}

/** Whether the change is known to be no later than the onset: lists may lie far apart. */
function isBefore(time: Milliseconds, since: Milliseconds, slack: number): boolean {
  return time - slack <= since;
}

function nearest(changes: readonly DriverChangeAt[], since: Milliseconds): DriverChangeAt | undefined {
  return [...changes].sort((a, b) => Math.abs(since - a.time) - Math.abs(since - b.time))[0];
}

function worded(
  { before, now, time, after }: DriverChangeAt,
  since: Milliseconds,
  ownsTag: boolean,
  cameFirst: boolean,
): DriverChange {
  const was = before && buildName(before);
  const is = now && buildName(now);
  return {
    kind: "driver-change",
    file: now?.file ?? before?.file ?? "",
    ...(was !== undefined && { before: was }),
    ...(is !== undefined && { after: is }),
    time,
    notBefore: after,
    beforeOnset: since - time,
    ownsTag,
    certainty: ownsTag && cameFirst ? "likely" : "possible",
  };
}
