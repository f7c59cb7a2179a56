// A module's image as it lies in memory, made readable for code that expects a file: every section's place in the file is set
// to its place in memory. What was discarded, paged out or not dumped reads as zeros, and its share is told.

import type { Section } from "../pe/image.ts";
import { hasText, u16, u32 } from "./bytes.ts";
import { readImageHeader } from "./pe-image.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

export interface MappedImage {
  /** A PE file whose file offsets equal its RVAs. */
  readonly file: Uint8Array;
  /** Share of the executable sections' bytes that were there; 1 where there are none. */
  readonly codeCoverage: number;
  /** Share of all bytes asked for that were there. */
  readonly coverage: number;
}

const MOST_IMAGE_BYTES = 2 ** 27;
const MOST_SECTIONS = 96;

/** Reads an image; `wanted` limits it to some sections, the rest reads as zeros. Undefined where its header is missing. */
export function readMappedImage(
  space: VirtualMemory,
  base: bigint,
  listedSize: number,
  wanted: (section: Section) => boolean = () => true,
): MappedImage | undefined {
  const header = readImageHeader(space, base);
  if (header === undefined) return undefined;
  const size = Math.min(Math.max(header.sizeOfImage, listedSize, 0x1000), MOST_IMAGE_BYTES);
  const file = new Uint8Array(size);
  file.set(space.read(base, 0x1000).bytes);
  let asked = 0;
  let missing = 0;
  let code = 0;
  let codeMissing = 0;
  for (const section of header.sections) {
    const length = Math.min(section.size, size - section.rva);
    if (length <= 0 || !wanted(section)) continue;
    const read = space.read(base + BigInt(section.rva), length);
    file.set(read.bytes, section.rva);
    asked += length;
    missing += read.missing;
    if (!section.executable) continue;
    code += length;
    codeMissing += read.missing;
  }
  layOutAsMapped(file, base);
  return {
    file,
    codeCoverage: code === 0 ? 1 : 1 - codeMissing / code,
    coverage: asked === 0 ? 1 : 1 - missing / asked,
  };
}

const DEBUG_DIRECTORY = 6;
const CERTIFICATES = 4;

/**
 * Sets each section's file offset and size to its RVA and size in memory, and the preferred base to the real one. The
 * directories that hold file offsets follow: debug entries get their RVA, certificates are never in memory.
 */
function layOutAsMapped(file: Uint8Array, base: bigint): void {
  const view = new DataView(file.buffer);
  const pe = u32(file, 0x3c);
  if (!hasText(file, pe, "PE\0\0") || pe + 0x108 > file.length) return;
  const wide = u16(file, pe + 24) === 0x20b;
  if (wide) view.setBigUint64(pe + 24 + 24, base, true);
  else view.setUint32(pe + 24 + 28, Number(base & 0xffffffffn), true);
  const directories = pe + 24 + (wide ? 112 : 96);
  view.setBigUint64(directories + 8 * CERTIFICATES, 0n, true);
  const debug = u32(file, directories + 8 * DEBUG_DIRECTORY);
  const debugEnd = Math.min(debug + u32(file, directories + 8 * DEBUG_DIRECTORY + 4), debug + 16 * 28, file.length);
  if (debug > 0) {
    for (let at = debug; at + 28 <= debugEnd; at += 28) view.setUint32(at + 24, u32(file, at + 20), true);
  }
  const first = pe + 24 + u16(file, pe + 20);
  const count = Math.min(u16(file, pe + 6), MOST_SECTIONS);
  for (let at = first; at < first + count * 40 && at + 40 <= file.length; at += 40) {
    const bytes = u32(file, at + 8) === 0 ? u32(file, at + 16) : u32(file, at + 8);
    view.setUint32(at + 16, bytes, true);
    view.setUint32(at + 20, u32(file, at + 12), true);
  }
}
