// Puts function names onto the frames of a trace, where symbols are at hand.

import type { ChainFrame, PoolTrace } from "../model/stacks.ts";

/** The function at an offset of a module, with the distance from its start where that is not 0; undefined where unknown. */
export type FunctionAt = (module: string, offset: number) => string | undefined;

/** A trace whose frames carry function names. Frames that stand for the same place stay the same object. */
export function nameFrames(trace: PoolTrace, functionAt: FunctionAt): PoolTrace {
  const named = new Map<ChainFrame, ChainFrame>();
  const name = (frame: ChainFrame): ChainFrame => {
    const known = named.get(frame);
    if (known !== undefined) return known;
    const found = frame.module === undefined ? undefined : functionAt(frame.module, frame.offset);
    const result = found === undefined ? frame : { ...frame, function: found };
    named.set(frame, result);
    return result;
  };
  return {
    ...trace,
    tags: trace.tags.map((tag) => ({
      ...tag,
      chains: tag.chains.map((chain) => ({ ...chain, frames: chain.frames.map(name) })),
      places: tag.places.map((place) => ({ ...place, frame: name(place.frame) })),
    })),
  };
}
