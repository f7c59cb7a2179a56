// What the figures beside the counters say of a finding: at most one statement on handles, one on a driver change, one on a
// program. Findings only: growth that is not proven accuses nobody.

import type { Suspect, MemberFacts } from "../../model/attribution.ts";
import type { BesideFinding } from "../../model/beside.ts";
import type { Milliseconds } from "../../model/snapshot.ts";
import { formatTag } from "../../model/tag.ts";
import { needsAction, type Verdict } from "../../model/verdict.ts";
import { amplifier } from "./amplifier.ts";
import { driverChange } from "./driver-change.ts";
import { fileKey } from "./drivers.ts";
import { handleFinding } from "./handle-leak.ts";
import type { BesideRecord } from "./record.ts";
import { windowOf } from "./window.ts";

/** Undefined where nothing was measured beside the counters. `recordFrom` is the time of the first snapshot: what grew from there on has no known onset. */
export function besideFindings(
  verdict: Verdict,
  record: BesideRecord,
  recordFrom: Milliseconds,
  members: readonly MemberFacts[],
  suspect: Suspect | undefined,
): readonly BesideFinding[] | undefined {
  if (record.objects.length + record.programs.length + record.changes.length === 0) return undefined;
  if (!needsAction(verdict.state)) return [];
  const window = windowOf(verdict, record);
  const owners = new Set([
    ...(suspect?.names ?? []).map(fileKey),
    ...members.flatMap(({ owner, drivers }) => [
      ...(owner === undefined || owner.component === "" ? [] : [fileKey(owner.component)]),
      ...drivers.map(({ file }) => fileKey(file)),
    ]),
  ]);
  const found = [handleFinding(window, formatTag), driverChange(window, recordFrom, owners), amplifier(window)];
  return found.filter((finding) => finding !== undefined);
}
