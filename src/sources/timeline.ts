// What every source yields: snapshots of one machine in time order, and what could not be read.

import type { DateOrder } from "../formats/text-format.ts";
import type { AccessError, FormatError } from "../model/errors.ts";
import type { Intake } from "../model/intake.ts";
import type { Gap, Milliseconds, Snapshot } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";

/** What a user tells of a machine whose source does not. */
export interface ToldMachine {
  readonly physicalBytes?: number;
  readonly pagefileBytes?: number;
  readonly windowsBuild?: number;
  /** As it was told, for the intake. */
  readonly windows?: string;
}

export interface Timeline {
  /** Snapshots in time order, streamed: the caller decides what to keep. May be iterated once. */
  snapshots(): AsyncIterable<Snapshot>;
  /** Gaps that belong to no snapshot; complete once `snapshots()` has ended. */
  readonly gaps: readonly Gap[];
  /** What was brought; complete once `snapshots()` has ended. */
  readonly intake: () => Intake;
  /**
   * Failures after which what had been read is still good: a compressed file that ends early. Complete once
   * `snapshots()` has ended; a command shows its result, then one line for each of these, and answers exit code 2.
   */
  readonly problems: readonly (FormatError | AccessError)[];
  /** What the sources themselves say of a tag's driver, e.g. PoolMon's Mapped_Driver column. */
  readonly mappedDrivers: ReadonlyMap<Tag, string>;
}

export interface OpenOptions {
  /** Order of day and month where dates leave it open. */
  readonly dateOrder?: DateOrder;
  /** Paths whose names and contents decide the order of day and month, where these are more than what is opened. */
  readonly datesOf?: readonly string[];
  /** Zone of times that tell none, e.g. `Europe/Berlin` or `+01:00`; UTC without it. */
  readonly timezone?: string;
  /** Only this machine of an input with several. */
  readonly host?: string;
  /** The order of the paths is the order of time where files tell none: `check before.txt after.txt`. */
  readonly argumentOrder?: boolean;
  /** What is known of the machine and not in the source. */
  readonly told?: ToldMachine;
  /** Called now and then with bytes read and bytes in all, for a progress bar. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Only snapshots at or after this time. */
  readonly from?: Milliseconds;
  /** Only snapshots at or before this time. */
  readonly to?: Milliseconds;
  /** A source that can skip evenly through a long history may answer with about this many snapshots. */
  readonly maxSnapshots?: number;
  /**
   * A source that can go straight to a time may answer with nothing but the snapshots next to this one, before and after;
   * Infinity asks for the last.
   */
  readonly near?: Milliseconds;
  /** Distance of snapshots in files that tell no times. */
  readonly assumedInterval?: Milliseconds;
}
