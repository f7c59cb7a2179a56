// Records of what stands beside the counters, for tests: moments told by the hour.

import { columnsFromUses } from "../../model/columns-builder.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { Program, Surroundings } from "../../model/surroundings.ts";
import { tagNamed } from "../../model/verdict.test-support.ts";
import { BesideRecord } from "./record.ts";

export const HOUR = 3_600_000;

/** What is seen at one hour: the parts that were looked at, programs as a bare list, outstanding nonpaged blocks by tag. */
export interface Moment extends Omit<Surroundings, "programs"> {
  readonly hour: number;
  readonly programs?: readonly Program[];
  readonly blocks?: Readonly<Record<string, number>>;
}

export function snapshotOf({ hour, programs, blocks = {}, ...surroundings }: Moment): Snapshot {
  const time = hour * HOUR;
  return {
    time,
    origin: { source: "recording", timeBasis: "measured" },
    totals: {},
    counterBits: 64,
    columns: columnsFromUses(
      Object.entries(blocks).map(([name, outstanding]) => ({
        tag: tagNamed(name),
        kind: "nonpaged" as const,
        allocs: outstanding,
        frees: 0,
        bytes: outstanding * 64,
      })),
    ),
    gaps: [],
    surroundings: { ...surroundings, ...(programs && { programs: { time, programs, isWhole: true } }) },
  };
}

/** A record of these moments, all of one boot. */
export function recordOf(moments: readonly Moment[]): BesideRecord {
  const record = new BesideRecord(() => false);
  for (const moment of moments) record.push(snapshotOf(moment));
  return record;
}

/** `count` numbers from `start` on, each `step` more than the one before. */
export function ramp(count: number, start: number, step: number): number[] {
  return Array.from({ length: count }, (_, i) => start + i * step);
}
