// Snapshots of a machine by hand, a minute's number and its rows each.

import { columnsFromUses } from "../model/columns-builder.ts";
import type { Snapshot } from "../model/snapshot.ts";

export const use = (tag: number, outstanding: number, bytes = outstanding * 64) => ({
  tag,
  kind: "nonpaged" as const,
  allocs: undefined,
  frees: undefined,
  outstanding,
  bytes,
});

export function snapshotAt(minutes: number, uses: Parameters<typeof columnsFromUses>[0]): Snapshot {
  return {
    time: 1.75e12 + minutes * 60_000,
    origin: { source: "csv", timeBasis: "measured" },
    columns: columnsFromUses(uses),
    totals: {},
    counterBits: 32,
    gaps: [],
  };
}
