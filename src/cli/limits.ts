// The limits of a snapshot's machine; apart from what is known of tags, since the live view needs them before its first frame.

import { poolLimits } from "../knowledge/limits.ts";
import type { PoolLimits } from "../model/limits.ts";
import type { Snapshot } from "../model/snapshot.ts";

/** The limits in force for the machine of a snapshot. */
export function limitsOfSnapshot({ origin, totals }: Snapshot): PoolLimits {
  return poolLimits({
    windowsBuild: origin.windowsBuild,
    architecture: origin.architecture,
    physicalBytes: totals.physicalBytes,
    commitLimitBytes: totals.commitLimitBytes,
    nonpagedLimitBytes: totals.nonpagedLimitBytes,
    pagedLimitBytes: totals.pagedLimitBytes,
  });
}
