// What a trace of pool events says: which call chains allocated what under each tag, and what of it is still held.

import type { Gap, Milliseconds, PoolKind } from "./snapshot.ts";
import type { Tag } from "./tag.ts";

/** One frame of a call chain, independent of where the module was loaded. */
export interface ChainFrame {
  /** File name in lower case, e.g. `acmefilter.sys`; undefined where the address lies in no listed module. */
  readonly module?: string;
  /** Distance from the module's start; for an address in no module its text instead. */
  readonly offset: number;
  readonly address?: string;
  /** Only the module is known: a text report of totals by image. */
  readonly wholeModule?: true;
  /** Company of the module's version resource as the trace holds it. */
  readonly company?: string;
  /** Function and distance from its start, where symbols were given. */
  readonly function?: string;
}

/** How the outside module of a chain is known to be none of Windows' own. */
export type OutsideBasis =
  /** Its version resource in the trace names another company than Microsoft. */
  | "company"
  /** The trace has version resources, but none for this module. */
  | "no-version"
  /** The trace has no version resources at all; the name is none of the Windows modules that pass allocations on. */
  | "name";

export interface ChainProcess {
  readonly process: number;
  readonly name?: string;
  readonly outstanding: number;
  readonly bytes: number;
}

/** Counts of one chain or of all of a tag, inside the trace only. */
export interface TraceCounts {
  readonly allocs: number;
  readonly allocBytes: number;
  /** Frees of blocks whose allocation is in the trace. */
  readonly frees: number;
  /** Allocated in the trace and not freed by its end. */
  readonly outstanding: number;
  readonly bytes: number;
}

/** One call chain of a tag. */
export interface CallChain extends TraceCounts {
  /** Innermost first: the pool routine, its caller, and so on. */
  readonly frames: readonly ChainFrame[];
  /** Index of the first frame outside the kernel and HAL; undefined where the chain never leaves them. */
  readonly allocating?: number;
  /** Index of the first frame in a module that is none of Windows' own, and how that is known. */
  readonly outside?: number;
  readonly outsideBasis?: OutsideBasis;
  /** Bytes still held at the end by when they were allocated: equal slices of the trace, the first slice first. */
  readonly heldBySlice: readonly number[];
  readonly oldestMilliseconds: number;
  readonly processes: readonly ChainProcess[];
}

/**
 * Chains that answer with the same frame, together: the first outside Windows, else the first outside the kernel, else the
 * caller of the pool routine.
 */
export interface AllocationPlace extends TraceCounts {
  readonly frame: ChainFrame;
  readonly role: "outside" | "allocating" | "kernel";
  readonly basis?: OutsideBasis;
  readonly chains: number;
  /** Part of the tag's held bytes, 0 to 1; 0 where the tag holds nothing. */
  readonly share: number;
  readonly heldBySlice: readonly number[];
}

/** A kernel module that a chain of the trace goes through. */
export interface TracedModule {
  readonly module: string;
  readonly path: string;
  readonly company?: string;
  readonly fileVersion?: string;
  /** The PDB that has its names. */
  readonly pdb?: { readonly file: string; readonly guid: string; readonly age: number };
}

/** Why allocations have no chain. */
export interface WithoutStack {
  /** No stack event came for them: stacks were not recorded for allocations, or were lost. */
  readonly noStack: TraceCounts;
  /** The stack came as a key whose frames the trace does not hold. */
  readonly evicted: TraceCounts;
  /** Two events of one processor at the same instant: the stack could be of either. */
  readonly ambiguous: TraceCounts;
}

/** One (tag, pool) of a trace. Chains by bytes held, the largest first. */
export interface TracedTag extends TraceCounts {
  readonly tag: Tag;
  readonly kind: PoolKind;
  /** Frees of blocks that were allocated before the trace began. */
  readonly freesFromBefore: number;
  /** Blocks allocated anew at an address whose free the trace does not hold. */
  readonly missedFrees: number;
  readonly chains: readonly CallChain[];
  /** By bytes held, the largest first. */
  readonly places: readonly AllocationPlace[];
  /** What chains beyond those listed hold together. */
  readonly others?: TraceCounts & { readonly chains: number };
  readonly withoutStack: WithoutStack;
}

export interface TraceLoss {
  readonly eventsLost: number;
  readonly buffersLost: number;
  /** Buffers that cannot be read in this file, and those of which only a part could. */
  readonly unreadableBuffers: number;
  readonly brokenBuffers: number;
  /** The file ends within a buffer. */
  readonly cut: boolean;
  /** The session was never closed: the file is a copy of a trace that was running. */
  readonly unclosed: boolean;
}

/** A trace of pool events, read through. */
export interface PoolTrace {
  readonly file?: string;
  readonly windowsBuild?: number;
  readonly processors?: number;
  readonly from?: Milliseconds;
  readonly to?: Milliseconds;
  /** Time between the first and the last event. */
  readonly milliseconds: number;
  readonly loss: TraceLoss;
  readonly records: number;
  readonly poolEvents: number;
  /** Rundown events of what was allocated before: counted, their form is not public. */
  readonly rundownEvents: number;
  readonly images: number;
  /** Whether the trace holds version resources, so that modules can be told apart by company. */
  readonly hasVersions: boolean;
  readonly modules: readonly TracedModule[];
  /** By bytes held, the largest first. */
  readonly tags: readonly TracedTag[];
  readonly gaps: readonly Gap[];
}

/** Whether anything is missing from a trace, so that what it calls held is an upper bound. */
export function isLossy(loss: TraceLoss): boolean {
  return loss.eventsLost + loss.buffersLost + loss.unreadableBuffers + loss.brokenBuffers > 0 || loss.cut;
}

/** Where this part of the new blocks is balanced by old ones freed, the trace shows turnover and no growth. */
const TURNOVER_SHARE = 0.8;

/** Whether the held blocks of a tag are balanced by frees of blocks from before the trace. */
export function isTurnover(tag: TracedTag): boolean {
  return tag.outstanding > 0 && tag.freesFromBefore >= tag.outstanding * TURNOVER_SHARE;
}
