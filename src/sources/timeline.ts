// What every source yields: snapshots of one machine in time order, and what could not be read.

import type { AccessError, FormatError } from "../model/errors.ts";
import type { Gap, Milliseconds, Snapshot } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";

export interface Timeline {
  /** Snapshots in time order, streamed: the caller decides what to keep. May be iterated once. */
  snapshots(): AsyncIterable<Snapshot>;
  /** Gaps that belong to no snapshot; complete once `snapshots()` has ended. */
  readonly gaps: readonly Gap[];
  /**
   * Failures after which what had been read is still good: a file that ends early, a clock that goes back. Complete once
   * `snapshots()` has ended; a command shows its result, then one line for each of these, and answers exit code 2.
   */
  readonly problems: readonly (FormatError | AccessError)[];
  /** What the sources themselves say of a tag's driver, e.g. PoolMon's Mapped_Driver column. */
  readonly mappedDrivers: ReadonlyMap<Tag, string>;
}

export interface OpenOptions {
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
  /** Distance of snapshots in a file that tells no times. */
  readonly assumedInterval?: Milliseconds;
}
