// What stands beside the counters of pool tags at one instant: objects and handles by type, programs, loaded drivers, who
// holds what. Each part is optional: a source tells what it knows, and what is absent was not looked at.

import type { Milliseconds } from "./milliseconds.ts";

/** One object type of the kernel, e.g. `File`: how many objects there are and how many handles refer to them. */
export interface ObjectCount {
  readonly type: string;
  /** In all sessions, also those that only the kernel refers to; absent where a source counts handles alone. */
  readonly objects?: number;
  /** In all handle tables, the kernel's included. */
  readonly handles: number;
  /** Highest since boot, where the source tells it. */
  readonly peakObjects?: number;
  readonly peakHandles?: number;
}

/** Sums over the list of live processes; the idle process is not counted. Exited ones are not in the list. */
export interface LiveCounts {
  readonly processes: number;
  readonly threads: number;
  readonly handles: number;
}

/** A process, known by pid and start: pids are used again. Counts are absent where the source does not tell them. */
export interface Program {
  readonly pid: number;
  /** File name, e.g. `claude.exe`. */
  readonly name: string;
  readonly started?: Milliseconds;
  readonly handles?: number;
  readonly threads?: number;
  /** Pool charged to the process for its objects, bytes. */
  readonly pagedQuota?: number;
  readonly nonpagedQuota?: number;
  /** I/O that is neither read nor write (opens, queries, control), operations and bytes since the process began. */
  readonly otherOperations?: number;
  readonly otherBytes?: number;
  readonly privateBytes?: number;
  readonly workingSet?: number;
}

/** Programs as they were at one time, which may lie before the snapshot that carries them. */
export interface ProgramList {
  readonly time: Milliseconds;
  /** All of them, or only those that stand out: `isWhole` says which. */
  readonly programs: readonly Program[];
  readonly isWhole: boolean;
}

/** A driver image in the kernel. Two of the same file are the same build where stamp, size and version agree. */
export interface LoadedDriver {
  /** File name, e.g. `afd.sys`. */
  readonly file: string;
  /** As the source writes it, e.g. `\SystemRoot\System32\drivers\afd.sys`. */
  readonly path?: string;
  readonly imageBytes?: number;
  /** TimeDateStamp of the image header: with the size, the key of a symbol server. */
  readonly stamp?: number;
  /** Of the file; a list that tells none has the date it was linked, as `linked 5/7/2021`. */
  readonly version?: string;
  readonly company?: string;
  readonly signer?: string;
  readonly fileTime?: Milliseconds;
}

/** A process, or the kernel's own table, whose handles keep objects alive. */
export interface Holder {
  /** Type of the objects held, e.g. `Process`. */
  readonly type: string;
  readonly pid: number;
  readonly name: string;
  readonly handles: number;
  /** What the objects are of, where they share it, e.g. the image name of exited processes. */
  readonly of?: string;
}

/** All that is known beside the counters. */
export interface Surroundings {
  readonly objects?: readonly ObjectCount[];
  readonly live?: LiveCounts;
  readonly programs?: ProgramList;
  /** All loaded drivers; the same array in the snapshots that follow while nothing changes. */
  readonly drivers?: readonly LoadedDriver[];
  readonly holders?: readonly Holder[];
}
