// From a symbol's section and offset to its RVA. Images that were rearranged after linking (older Windows kernels) carry
// the sections as the linker made them and a map from there to where things lie now.

import type { MsfFile } from "./msf.ts";

/** Positions in the debug header, an array of stream numbers. */
const DEBUG_STREAM = { omapFromSource: 4, sections: 5, originalSections: 10 } as const;
const NO_STREAM = 0xffff;
/** Bytes of an IMAGE_SECTION_HEADER, and the offset of its RVA. */
const SECTION = { size: 40, rva: 12 } as const;

/**
 * A function from (section number from 1, offset) to RVA. It answers undefined for what has no place in the image: absolute
 * symbols, and code that the rearrangement left out.
 */
export function addressMapOf(
  msf: MsfFile,
  dbi: Uint8Array,
  debugHeader: number,
  debugHeaderBytes: number,
): (segment: number, offset: number) => number | undefined {
  const view = new DataView(dbi.buffer, dbi.byteOffset, dbi.byteLength);
  const end = Math.min(dbi.length, debugHeader + debugHeaderBytes);
  const streamOf = (position: number): Uint8Array => {
    const at = debugHeader + 2 * position;
    const number = at + 2 <= end ? view.getUint16(at, true) : NO_STREAM;
    return number === NO_STREAM ? new Uint8Array(0) : msf.stream(number);
  };
  const omap = pairs(streamOf(DEBUG_STREAM.omapFromSource));
  const original = omap.length === 0 ? new Uint8Array(0) : streamOf(DEBUG_STREAM.originalSections);
  const headers = original.length > 0 ? original : streamOf(DEBUG_STREAM.sections);
  const headerView = new DataView(headers.buffer, headers.byteOffset, headers.byteLength);
  const sections = Array.from({ length: Math.floor(headers.length / SECTION.size) }, (_, i) =>
    headerView.getUint32(SECTION.size * i + SECTION.rva, true),
  );
  return (segment, offset) => {
    const start = sections[segment - 1];
    if (start === undefined) return undefined;
    const rva = start + offset;
    if (omap.length === 0) return rva;
    const index = lastAtMost(omap, rva);
    const [from = 0, to = 0] = index < 0 ? [] : (omap[index] ?? []);
    // A target of zero: what stood here is no longer in the image.
    return to === 0 ? undefined : to + (rva - from);
  };
}

/** The rows of a map: source RVA, target RVA, in order of the source. */
function pairs(stream: Uint8Array): (readonly [from: number, to: number])[] {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  return Array.from(
    { length: Math.floor(stream.length / 8) },
    (_, i) => [view.getUint32(8 * i, true), view.getUint32(8 * i + 4, true)] as const,
  );
}

function lastAtMost(rows: readonly (readonly [number, number])[], rva: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.[0] ?? 0) <= rva) low = middle + 1;
    else high = middle - 1;
  }
  return high;
}
