// The file of a VMware snapshot or suspended machine (.vmsn, .vmss) that lies beside its memory (.vmem): where in the memory
// file each region of physical memory stands. Layout: docs/sources/crash-dump.md.

import { asciiText, u16, u32, u64 } from "./bytes.ts";
import { PAGE } from "./physical.ts";
import type { ByteSource, PageRun } from "./source.ts";

const MAGICS = new Set([0xbed2bed0, 0xbad1bad1, 0xbed2bed2, 0xbed3bed3]);
const GROUP_BYTES = 0x50;
const MOST_GROUPS = 4096;
/** The metadata's tags stand in front of any pages that are kept in the same file. */
const MOST_TAG_BYTES = 2 ** 20;
const MOST_REGIONS = 1024;

/** Whether a file begins like a snapshot's metadata. */
export function isVmwareMetadata(start: Uint8Array): boolean {
  return MAGICS.has(u32(start, 0));
}

/**
 * The regions, as runs of pages in the .vmem; empty where the memory file is one piece. Undefined where the bytes are no
 * metadata, or say nothing of memory.
 */
export function parseVmwareRegions(source: ByteSource): readonly PageRun[] | undefined {
  const start = source.read(0, 12);
  if (!isVmwareMetadata(start)) return undefined;
  const longSizes = u32(start, 0) !== 0xbed2bed0;
  const count = Math.min(u32(start, 8), MOST_GROUPS);
  for (let group = 0; group < count; group++) {
    const bytes = source.read(12 + group * GROUP_BYTES, GROUP_BYTES);
    if (bytes.length < GROUP_BYTES) return undefined;
    if (asciiText(bytes, 0, 0x40) !== "memory") continue;
    const tags = source.read(u64(bytes, 0x40), Math.min(u64(bytes, 0x48), MOST_TAG_BYTES));
    return regionsOf(tags, longSizes);
  }
  return undefined;
}

interface Region {
  first?: number;
  file?: number;
  pages?: number;
}

/** Tags: u8 flags (data bytes in the low six bits, indexes in the top two), u8 name length, name, u32 indexes, data. */
function regionsOf(tags: Uint8Array, longSizes: boolean): readonly PageRun[] {
  const regions = new Map<number, Region>();
  let at = 0;
  while (at + 2 <= tags.length && tags[at] !== 0) {
    const flags = tags[at] ?? 0;
    const nameBytes = tags[at + 1] ?? 0;
    const name = asciiText(tags, at + 2, nameBytes);
    const indexes = flags >>> 6;
    const index = indexes > 0 ? u32(tags, at + 2 + nameBytes) : 0;
    at += 2 + nameBytes + 4 * indexes;
    let bytes = flags & 0x3f;
    if (bytes >= 0x3e) {
      // The long form: two sizes, then a count of filling bytes. It is the memory itself where it is kept inline.
      const size = longSizes ? 8 : 4;
      bytes = longSizes ? u64(tags, at + size) : u32(tags, at + size);
      at += 2 * size;
      at += 2 + u16(tags, at);
    }
    const value = u32(tags, at);
    const region = regions.get(index) ?? {};
    if (name === "regionPPN") regions.set(index, { ...region, first: value });
    if (name === "regionPageNum") regions.set(index, { ...region, file: value });
    if (name === "regionSize") regions.set(index, { ...region, pages: value });
    if (regions.size > MOST_REGIONS) return [];
    at += bytes;
  }
  return [...regions.values()].flatMap(({ first, file, pages }) =>
    first === undefined || file === undefined || pages === undefined
      ? []
      : [{ firstPage: first, pages, fileOffset: file * PAGE }],
  );
}
