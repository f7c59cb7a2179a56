// Base relocations: the RVAs at which the image holds an absolute address.

import { DIRECTORY, type PeImage } from "./image.ts";

const MAX_RELOCATIONS = 2_000_000;
const HIGHLOW = 3;
const DIR64 = 10;

/** RVAs of all pointer-sized relocations, in file order. */
export function readRelocations(image: PeImage): number[] {
  const directory = image.directory(DIRECTORY.relocations);
  const rvas: number[] = [];
  if (directory === undefined) return rvas;
  let at = directory.rva;
  const end = directory.rva + directory.size;
  const wanted = image.pointerSize === 8 ? DIR64 : HIGHLOW;
  while (at + 8 <= end && rvas.length < MAX_RELOCATIONS) {
    const page = image.u32(at);
    const size = image.u32(at + 4);
    if (page === undefined || size === undefined || size < 8) break;
    const last = Math.min(at + size, end);
    for (let entry = at + 8; entry + 2 <= last; entry += 2) {
      const offset = image.offsetOf(entry, 2);
      if (offset < 0) break;
      const value = image.bytes.u16(offset);
      if (value >>> 12 === wanted) rvas.push(page + (value & 0xfff));
    }
    at += size;
  }
  return rvas;
}
