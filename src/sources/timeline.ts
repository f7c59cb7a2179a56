// What every source yields: snapshots of one machine in time order, and what could not be read.

import type { Gap, Snapshot } from "../model/snapshot.ts";

export interface Timeline {
  /** Snapshots in time order, streamed: the caller decides what to keep. May be iterated once. */
  snapshots(): AsyncIterable<Snapshot>;
  /** Gaps that belong to no snapshot; complete once `snapshots()` has ended. */
  readonly gaps: readonly Gap[];
}

export interface OpenOptions {
  /** Called now and then with bytes read and bytes in all, for a progress bar. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Only snapshots at or after this time. */
  readonly from?: number;
  /** Only snapshots at or before this time. */
  readonly to?: number;
}
