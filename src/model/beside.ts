// What the figures beside the counters say of a finding: handles, references, zombies, a driver change, a program that
// triggers. src/attribution/beside/ finds them, src/words/beside.ts words them.

import type { Milliseconds } from "./snapshot.ts";
import type { LiveCounts, LoadedDriver, ObjectCount, Program } from "./surroundings.ts";
import type { Tag } from "./tag.ts";

/** Who holds the handles that grew. */
export interface GrowingHolder {
  readonly name: string;
  readonly pid: number;
  readonly gained: number;
  /** Share of all handles of the type that were gained, at most 1. */
  readonly share: number;
  /** Correlation of its handles with those of the type over time; absent with too few lists of programs. */
  readonly correlation?: number;
}

/** likely: measured shares and correlations are high; possible: they point there, and something else may explain it. */
export type BesideCertainty = "likely" | "possible";

export interface HandleLeak {
  readonly kind: "handle-leak";
  readonly type: string;
  readonly tag: Tag;
  /** Absent where objects were not counted: `blocksGained` is of the tag then. */
  readonly objectsGained?: number;
  readonly blocksGained?: number;
  readonly handlesGained: number;
  readonly holder?: GrowingHolder;
  readonly certainty: BesideCertainty;
}

export interface ReferenceLeak {
  readonly kind: "reference-leak";
  readonly type: string;
  readonly tag: Tag;
  readonly objectsGained: number;
  readonly handlesGained: number;
  readonly certainty: BesideCertainty;
}

export interface Zombies {
  readonly kind: "zombies";
  readonly type: "Process" | "Thread";
  readonly tag: Tag;
  /** Objects at the end, and how many of them live. */
  readonly objects: number;
  readonly live: number;
  /** Exited ones that came in the time of the finding. */
  readonly gained: number;
  readonly handlesGained: number;
  /** Whether handles account for them; else something keeps references. */
  readonly byHandles: boolean;
  readonly holder?: GrowingHolder;
  readonly certainty: BesideCertainty;
}

export interface DriverChange {
  readonly kind: "driver-change";
  readonly file: string;
  /** What was loaded before and after, as text: a version, else a build; absent where it was not loaded. */
  readonly before?: string;
  readonly after?: string;
  /** Of the first list that shows it, and of the last one that does not: the change lies between them. */
  readonly time: Milliseconds;
  readonly notBefore: Milliseconds;
  /** From the change to the onset; negative where it may lie after the onset. */
  readonly beforeOnset: Milliseconds;
  /** Whether lists or proofs tie the driver to a tag of the finding. */
  readonly ownsTag: boolean;
  readonly certainty: BesideCertainty;
}

export interface Amplifier {
  readonly kind: "amplifier";
  readonly program: Pick<Program, "name" | "pid">;
  readonly correlation: number;
  /** Intervals over which it was correlated. */
  readonly intervals: number;
  readonly operationsPerSecond: number;
  /** Blocks kept for each operation. */
  readonly blocksPerOperation: number;
  /** Other programs whose work follows the growth as well. */
  readonly others: number;
  readonly certainty: BesideCertainty;
}

export type BesideFinding = HandleLeak | ReferenceLeak | Zombies | DriverChange | Amplifier;

/** A driver that was loaded, unloaded or exchanged between two lists. */
export interface DriverChangeAt {
  /** Of the first list that shows it. */
  readonly time: Milliseconds;
  /** Of the last list that does not. */
  readonly after: Milliseconds;
  readonly before?: LoadedDriver;
  readonly now?: LoadedDriver;
}

/** A program of the last list, with what its handles gained since the first list of the boot that has it. */
export interface ProgramGrowth {
  readonly pid: number;
  readonly name: string;
  readonly handles?: number;
  readonly gainedHandles?: number;
}

/** What a record holds beside its counters, findings or not. */
export interface BesideSummary {
  /** Oldest first. */
  readonly driverChanges: readonly DriverChangeAt[];
  /** Those with the most handles and those that gained most. */
  readonly programs: readonly ProgramGrowth[];
}

/** A program of the newest list; what it gained counts from the first list of the boot that has it. */
export interface ProgramRow extends Program {
  readonly gainedHandles?: number;
  /** Of paged and nonpaged quota together, bytes. */
  readonly gainedQuota?: number;
  /** Other I/O operations a second, over the same time. */
  readonly otherPerSecond?: number;
}

/** An object type of the newest list, with the pool tag that its objects are allocated under. */
export interface ObjectRow extends ObjectCount {
  readonly tag: Tag;
  readonly gainedObjects?: number;
  readonly gainedHandles?: number;
}

/** A list at its time; `since` is that of the first list of the boot, absent where there is one list only. */
export interface ListAt<Row> {
  readonly time: Milliseconds;
  readonly since?: Milliseconds;
  readonly rows: readonly Row[];
}

/** What stands beside the counters, as tables; what is absent was not measured. */
export interface BesideTables {
  readonly drivers?: ListAt<LoadedDriver>;
  /** Newest first. */
  readonly driverChanges: readonly DriverChangeAt[];
  /** `isWhole`: all programs were listed, not only those that stand out; `listed` is how many were. */
  readonly programs?: ListAt<ProgramRow> & { readonly isWhole: boolean; readonly listed: number };
  readonly objects?: ListAt<ObjectRow>;
  readonly live?: LiveCounts;
}

/** When each driver that is there now last changed, by its file name in lower case; `changes` are newest first. */
export function newestChanges(changes: readonly DriverChangeAt[]): ReadonlyMap<string, Milliseconds> {
  const times = new Map<string, Milliseconds>();
  for (const { now, time } of changes) {
    const file = now?.file.toLowerCase();
    if (file !== undefined && !times.has(file)) times.set(file, time);
  }
  return times;
}
