// Chains put together by the frame that answers who allocates.

import type { AllocationPlace, CallChain, ChainFrame, OutsideBasis } from "../model/stacks.ts";
import { add, emptySum, type Sum } from "./sums.ts";

/** Slices of the trace by which held blocks are told apart: in flight at the end, or left over from all along. */
export const AGE_SLICES = 8;
const MOST_PLACES = 500;

interface PlaceSum extends Sum {
  readonly frame: ChainFrame;
  readonly role: AllocationPlace["role"];
  readonly basis?: OutsideBasis;
  chains: number;
  readonly heldBySlice: number[];
}

/** Chains by the frame that answers who allocates. */
export function placesOf(chains: readonly CallChain[], tagBytes: number): AllocationPlace[] {
  const places = new Map<string, PlaceSum>();
  for (const chain of chains) {
    // The innermost frame is the pool routine itself.
    const index = chain.outside ?? chain.allocating ?? Math.min(1, chain.frames.length - 1);
    const frame = chain.frames[index] ?? { offset: 0 };
    const key = `${frame.module ?? ""}+${frame.address ?? frame.offset}`;
    let place = places.get(key);
    if (place === undefined) {
      place = {
        ...emptySum(),
        frame,
        role: chain.outside !== undefined ? "outside" : chain.allocating !== undefined ? "allocating" : "kernel",
        ...(chain.outsideBasis === undefined ? {} : { basis: chain.outsideBasis }),
        chains: 0,
        heldBySlice: Array.from({ length: AGE_SLICES }, () => 0),
      };
      places.set(key, place);
    }
    place.chains += 1;
    add(place, chain);
    for (const [slice, bytes] of chain.heldBySlice.entries())
      place.heldBySlice[slice] = (place.heldBySlice[slice] ?? 0) + bytes;
  }
  return [...places.values()]
    .sort((a, b) => b.bytes - a.bytes || b.allocBytes - a.allocBytes)
    .slice(0, MOST_PLACES)
    .map((place) => ({ ...place, share: tagBytes === 0 ? 0 : place.bytes / tagBytes }));
}
