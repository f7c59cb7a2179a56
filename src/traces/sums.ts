// Counts that are being added up.

import type { TraceCounts } from "../model/stacks.ts";

export interface Sum {
  allocs: number;
  allocBytes: number;
  frees: number;
  outstanding: number;
  bytes: number;
}

export function emptySum(): Sum {
  return { allocs: 0, allocBytes: 0, frees: 0, outstanding: 0, bytes: 0 };
}

export function add(sum: Sum, more: TraceCounts): void {
  sum.allocs += more.allocs;
  sum.allocBytes += more.allocBytes;
  sum.frees += more.frees;
  sum.outstanding += more.outstanding;
  sum.bytes += more.bytes;
}

export function hold(sum: Sum, bytes: number): void {
  sum.outstanding += 1;
  sum.bytes += bytes;
}

export function countsOf({ allocs, allocBytes, frees, outstanding, bytes }: Sum): TraceCounts {
  return { allocs, allocBytes, frees, outstanding, bytes };
}
