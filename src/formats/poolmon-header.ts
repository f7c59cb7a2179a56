// The two heading lines of PoolMon: RAM, commit and pool totals, all in KB. Large numbers touch their label.

import type { SystemTotals } from "../model/snapshot.ts";

export interface PoolmonHeader {
  /** The `Memory:` line starts a snapshot; the `Commit:` line continues it. */
  readonly startsBlock: boolean;
  readonly totals: SystemTotals;
}

const MEMORY = /^Memory:\s*(\d+)K\s+Avail:\s*(\d+)K\s+PageFlts:\s*(-?\d+)\s+InRam Krnl:\s*(\d+)K\s+P:\s*(\d+)K/i;
const COMMIT = /^Commit:\s*(\d+)K\s+Limit:\s*(\d+)K\s+Peak:\s*(\d+)K\s+Pool N:\s*(\d+)K\s+P:\s*(\d+)K/i;

/**
 * A heading line, or undefined where it is none. `InRam Krnl` and its `P` are not documented; they are carried as they are.
 * `Pool N` is nonpaged, `P` paged (Microsoft Learn, "PoolMon display").
 */
export function parseHeaderLine(line: string): PoolmonHeader | undefined {
  const memory = MEMORY.exec(line);
  if (memory !== null) {
    return {
      startsBlock: true,
      totals: {
        physicalBytes: kilobytes(memory[1]),
        availableBytes: kilobytes(memory[2]),
        pageFaults: Number(memory[3]) >>> 0,
        residentKernelBytes: kilobytes(memory[4]),
        residentPagedBytes: kilobytes(memory[5]),
      },
    };
  }
  const commit = COMMIT.exec(line);
  if (commit === null) return undefined;
  return {
    startsBlock: false,
    totals: {
      commitBytes: kilobytes(commit[1]),
      commitLimitBytes: kilobytes(commit[2]),
      commitPeakBytes: kilobytes(commit[3]),
      nonpagedBytes: kilobytes(commit[4]),
      pagedBytes: kilobytes(commit[5]),
    },
  };
}

function kilobytes(digits: string | undefined): number {
  return Number(digits) * 1024;
}
