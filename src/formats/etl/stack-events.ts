// Stack events (group 18): a stack, a key that stands for one, or what a key stands for.

import type { RecordReader } from "./records.ts";

export const STACK = 0x20;
/** A key was made, is given up, or is listed at the end: all three carry its frames. */
export const KEY_CREATED = 0x22;
export const KEY_DELETED = 0x23;
export const KEY_RUNDOWN = 0x24;
export const KERNEL_KEY = 0x25;
export const USER_KEY = 0x26;

/** Stack and keys: 0 u64 time of the event, 8 u32 process, C u32 thread, then addresses or the key. */
const REFERENCE_HEADER_BYTES = 0x10;
/** The longest stack that Windows records. */
const MOST_FRAMES = 192;

/** Frames as pairs of words, low first; `count` frames are valid. */
export interface FrameList {
  readonly words: Uint32Array;
  count: number;
}

export function emptyFrames(): FrameList {
  return { words: new Uint32Array(MOST_FRAMES * 2), count: 0 };
}

/** Time of the event that a stack or key belongs to, in ticks since the log header; NaN in a record that is too short. */
export function eventTicksOf(record: RecordReader): number {
  return record.dataBytes < REFERENCE_HEADER_BYTES ? Number.NaN : record.ticksAt(record.data);
}

export function processOf(record: RecordReader): number {
  return record.u32(8);
}

/** The key of a reference (25, 26) or of a definition (22, 23, 24) as low and high word, through `take`. */
export function keyOffset(record: RecordReader): number {
  return record.type === KERNEL_KEY || record.type === USER_KEY ? REFERENCE_HEADER_BYTES : 0;
}

/**
 * The kernel frames at the beginning of a stack (20) or a definition (22, 23, 24), innermost first. A stack may go on with
 * user frames, or hold only those: `count` is 0 then.
 */
export function parseKernelFrames(record: RecordReader, frames: FrameList): void {
  const wide = record.pointerBytes === 8;
  const step = record.pointerBytes;
  let at = record.type === STACK ? REFERENCE_HEADER_BYTES : step;
  let count = 0;
  while (at + step <= record.dataBytes && count < MOST_FRAMES) {
    const low = record.u32(at);
    const high = wide ? record.u32(at + 4) : 0;
    // The kernel has the upper half of the addresses.
    if ((wide ? high : low) < 0x8000_0000) break;
    frames.words[2 * count] = low;
    frames.words[2 * count + 1] = high;
    count += 1;
    at += step;
  }
  frames.count = count;
}
