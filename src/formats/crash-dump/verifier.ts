// Driver Verifier's state: its level and what it counts. The structure has kept its places from 2003 to 11 (64-bit).

import { u32, u64 } from "./bytes.ts";

export interface VerifierState {
  /** Bits of the options; 0: off. */
  readonly level: number;
  /** Allocations of the verified drivers outstanding; undefined where the dump has only the level. */
  readonly counts: VerifierCounts | undefined;
}

export interface VerifierCounts {
  readonly pagedAllocations: number;
  readonly nonpagedAllocations: number;
  readonly pagedBytes: number;
  readonly nonpagedBytes: number;
}

/** Bytes of the structure that are read; a small dump has the first 8 at least. */
export const VERIFIER_BYTES = 0x60;

/** The state from the first bytes of MmVerifierData; undefined where there are fewer than four. */
export function parseVerifierState(bytes: Uint8Array, pointerSize: 4 | 8): VerifierState | undefined {
  if (bytes.length < 4) return undefined;
  const level = u32(bytes, 0);
  if (bytes.length < VERIFIER_BYTES) return { level, counts: undefined };
  const wide = pointerSize === 8;
  return {
    level,
    counts: {
      pagedAllocations: u32(bytes, 0x40),
      nonpagedAllocations: u32(bytes, 0x44),
      pagedBytes: wide ? u64(bytes, 0x50) : u32(bytes, 0x50),
      nonpagedBytes: wide ? u64(bytes, 0x58) : u32(bytes, 0x54),
    },
  };
}
