// Function ranges from the exception directory (.pdata): x64 with chained fragments joined to their function, and ARM64.
// Spec: Microsoft "x64 exception handling" and "ARM64 exception handling".

import { DIRECTORY, type PeImage } from "./image.ts";

export interface FunctionRange {
  readonly start: number;
  readonly end: number;
  /** Start of the function that this range belongs to: itself, or the primary range of a chained fragment. */
  readonly primary: number;
}

const MAX_FUNCTIONS = 500_000;
const MAX_CHAIN = 32;
const UNW_FLAG_CHAININFO = 4;

/** Ranges sorted by start, overlapping or empty ones left out. Empty where the machine has no such table. */
export function readFunctionTable(image: PeImage): FunctionRange[] {
  const directory = image.directory(DIRECTORY.exceptions);
  if (directory === undefined) return [];
  const ranges: FunctionRange[] = [];
  if (image.machine === "x64") {
    const count = Math.min(Math.floor(directory.size / 12), MAX_FUNCTIONS);
    for (let i = 0; i < count; i++) {
      const at = directory.rva + 12 * i;
      const start = image.u32(at);
      const end = image.u32(at + 4);
      const unwind = image.u32(at + 8);
      if (start === undefined || end === undefined || unwind === undefined) break;
      if (start === 0 || end <= start) continue;
      ranges.push({ start, end, primary: primaryOf(image, start, unwind) });
    }
  } else if (image.machine === "arm64") {
    const count = Math.min(Math.floor(directory.size / 8), MAX_FUNCTIONS);
    for (let i = 0; i < count; i++) {
      const start = image.u32(directory.rva + 8 * i);
      const unwind = image.u32(directory.rva + 8 * i + 4);
      if (start === undefined || unwind === undefined) break;
      const packed = (unwind & 3) !== 0;
      const words = packed ? (unwind >>> 2) & 0x7ff : (image.u32(unwind) ?? 0) & 0x3ffff;
      if (start === 0 || words === 0) continue;
      ranges.push({ start, end: start + 4 * words, primary: start });
    }
  }
  ranges.sort((a, b) => a.start - b.start);
  const usable: FunctionRange[] = [];
  let last = 0;
  for (const range of ranges) {
    const section = image.sectionAt(range.start);
    if (section === undefined || range.start < last) continue;
    const end = Math.min(range.end, section.rva + section.rawSize);
    if (end <= range.start) continue;
    usable.push({ ...range, end });
    last = end;
  }
  return usable;
}

/** Follows UNW_FLAG_CHAININFO and the indirect form (low bit set) to the function's own entry. */
function primaryOf(image: PeImage, start: number, unwind: number): number {
  let begin = start;
  let info = unwind;
  for (let depth = 0; depth < MAX_CHAIN; depth++) {
    if ((info & 1) !== 0) {
      const next = image.u32((info & ~3) + 8);
      begin = image.u32(info & ~3) ?? begin;
      if (next === undefined) return begin;
      info = next;
      continue;
    }
    const head = image.u32(info);
    if (head === undefined || (((head & 0xff) >>> 3) & UNW_FLAG_CHAININFO) === 0) return begin;
    const codes = (head >>> 16) & 0xff;
    const chained = info + 4 + 2 * (codes + (codes & 1));
    const next = image.u32(chained + 8);
    const parent = image.u32(chained);
    if (next === undefined || parent === undefined) return begin;
    begin = parent;
    info = next;
  }
  return begin;
}
