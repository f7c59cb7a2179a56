// What a gate compares: a time line with its diagnosis, or two files in the order in which they were named.

import { UsageError } from "../../model/errors.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { formatTime } from "../../model/time.ts";
import type { Diagnosis } from "../../model/verdict.ts";
import type { Io } from "../io.ts";
import { diagnoseOne } from "../leaks.ts";
import type { SourceOptions } from "../shared.ts";
import type { Checked } from "./checked.ts";
import { readPair } from "./pair.ts";

/** Reads what a gate compares. Throws UsageError where there is nothing to compare. */
export async function readChecked(paths: readonly string[], options: SourceOptions, io: Io): Promise<Checked> {
  const pair = await readPair(paths, options, io);
  if (pair !== undefined) return pair;
  const { first, last, diagnosis, timeline, wasJudged } = await diagnoseOne(paths, options, io, {
    argumentOrder: true,
  });
  if (diagnosis.span.snapshots < 2) {
    throw new UsageError("one snapshot shows no growth; give one from before the test and one from after it");
  }
  const { timeBasis } = last.origin;
  return {
    first,
    last,
    diagnosis,
    timed: timeBasis !== "none" || options.interval !== undefined,
    timesNote: timeBasis === "file-modified" ? "times are those of the files' modification" : undefined,
    wasJudged,
    finish: (code) => timeline.finish(code),
  };
}

/** Throws UsageError where a limit would be held against what a restart has cleared. */
export function refuseRestart({ span }: Diagnosis): void {
  const boot = span.boots[0];
  if (boot === undefined) return;
  throw new UsageError(
    `the machine restarted before ${formatTime(boot)}: what was outstanding before is gone; use --from and --to to stay within one boot`,
  );
}

/** Allocations of a tag between two snapshots: what an operation is counted by. Throws UsageError where there are none. */
export function operationsBy(tag: number, name: string, first: Snapshot, last: Snapshot): number {
  const made = (snapshot: Snapshot): number => {
    const { columns } = snapshot;
    let sum = 0;
    for (let row = 0; row < columns.length; row++) if (columns.tag[row] === tag) sum += columns.allocs[row] ?? 0;
    return sum;
  };
  const grown = made(last) - made(first);
  const operations = last.counterBits === 32 && grown < 0 ? grown + 2 ** 32 : grown;
  if (!(operations > 0)) {
    throw new UsageError(
      `--per-tag ${name}: ${Number.isNaN(operations) ? "the sources give no counts of allocations" : "it made no allocation between the snapshots"}; give the number of operations with --per`,
    );
  }
  return operations;
}
