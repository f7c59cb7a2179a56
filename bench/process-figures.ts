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

/** The last third may reach this much more than all before it: a heap breathes, a leak goes on. */
export const MOST_GROWTH = 1.1;
/** Below this a growth in memory is not told from the heap's own steps. */
const STEP_MEBIBYTES = 16;

export interface Level {
  /** The most that was seen in the first two thirds, and in the last. */
  readonly before: ProcessFigures;
  readonly last: ProcessFigures;
  readonly isLevel: boolean;
}

/** Whether memory and handles have stopped growing: by their peaks, since a heap goes up and down between two sizes for long. */
export function levelOf(seen: readonly ProcessFigures[]): Level {
  const cut = seen.length - Math.floor(seen.length / 3);
  const before = peakOf(seen.slice(0, cut));
  const last = peakOf(seen.slice(cut));
  const isLevel =
    last.mebibytes <= Math.max(before.mebibytes * MOST_GROWTH, before.mebibytes + STEP_MEBIBYTES) &&
    last.handles <= before.handles + 1;
  return { before, last, isLevel };
}

function peakOf(part: readonly ProcessFigures[]): ProcessFigures {
  return {
    mebibytes: Math.max(0, ...part.map(({ mebibytes }) => mebibytes)),
    handles: Math.max(0, ...part.map(({ handles }) => handles)),
  };
}
