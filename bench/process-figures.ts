// Memory and handles of a process that runs for long, and whether they have levelled off. Linux: from /proc.

import { readdirSync, readFileSync } from "node:fs";

export interface ProcessFigures {
  /** Resident memory. */
  readonly mebibytes: number;
  /** Open files, sockets and pipes. */
  readonly handles: number;
}

export function figuresOf(pid: number): ProcessFigures {
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { mebibytes: Math.round(Number(resident) / 1024), handles: readdirSync(`/proc/${pid}/fd`).length };
}

/** The last third may have this much more than the third before, in the middle of each: a heap breathes, a leak goes on. */
export const MOST_GROWTH = 1.1;
/** Below this a growth in memory is not told from the heap's own steps. */
const STEP_MEBIBYTES = 16;

export interface Level {
  readonly middle: ProcessFigures;
  readonly last: ProcessFigures;
  readonly isLevel: boolean;
}

/** Whether memory and handles have stopped growing, by the middle of the second and of the last third of what was seen. */
export function levelOf(seen: readonly ProcessFigures[]): Level {
  const third = Math.floor(seen.length / 3);
  const of = (part: readonly ProcessFigures[]): ProcessFigures => ({
    mebibytes: medianOf(part.map(({ mebibytes }) => mebibytes)),
    handles: medianOf(part.map(({ handles }) => handles)),
  });
  const middle = of(seen.slice(third, seen.length - third));
  const last = of(seen.slice(seen.length - third));
  const isLevel =
    last.mebibytes <= Math.max(middle.mebibytes * MOST_GROWTH, middle.mebibytes + STEP_MEBIBYTES) &&
    last.handles <= middle.handles + 1;
  return { middle, last, isLevel };
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
