// Looks for a tag in the headers of pool blocks by reading every mapped page of the kernel. A scan, no list: a header may be
// left over from a block that was freed, and blocks in memory that was paged out are not found.
// On the real kernels at hand the blocks found in use are exactly as many as the tag table says (`Even`: 1,509 and 2,509).

import { bookedTag, type Tag } from "../../model/tag.ts";
import type { AddressSpace } from "./address-space.ts";
import { u16, u32 } from "./bytes.ts";
import { PAGE } from "./physical.ts";

export interface ScannedBlock {
  /** Address of the block's header. */
  readonly address: bigint;
  /** Bytes of the block, header included. */
  readonly bytes: number;
  /** The header's pool-type field, as it stands there. */
  readonly poolType: number;
  /**
   * `in-use` and `freed`: the headers of its whole page form one chain and this is a link of it, hardly ever by chance.
   * In the segment heap: as its chunks or bitmaps say, where these prove themselves.
   * `unchained`: a header alone, left over from an older block or of a kernel with the segment heap (1903 and later).
   */
  readonly state: "in-use" | "freed" | "unchained";
}

export interface ScanProgress {
  pages: number;
  /** Mapped pages that the dump does not hold. */
  notInDump: number;
  /** Their addresses, the first of them, where the caller wants them. */
  lost?: bigint[];
  /** Whether the page tables had more entries than the scan follows. */
  exhausted: boolean;
  /** Called with the number of pages after each. */
  readonly onPage?: (pages: number) => void;
}

/** A range of the segment heap whose blocks are decided: headers of those in use; all others are free. */
export interface DecidedRange {
  readonly kind: string;
  readonly end: bigint;
  readonly inUse: ReadonlySet<bigint>;
}

/** What decides about pages without chains; `found` hears of each range. */
export interface DecidedRanges {
  at(address: bigint, page: Uint8Array): DecidedRange | undefined;
  readonly found?: (range: DecidedRange) => void;
}

export interface ScanRange {
  readonly start: bigint;
  readonly end: bigint;
}

const MOST_ENTRIES = 2 ** 25;
/** A table has at most this many entries (32-bit; 512 on 64-bit), and no more tables can be followed than the file has pages. */
const TABLE_ENTRIES = 1024;
/** Addresses of absent pages that are kept. */
export const MOST_LOST = 2 ** 16;
/** Pages that large entries map and the dump lacks: those of 64 GiB. */
const MOST_ABSENT = 2 ** 24;

export interface BlockHeader {
  readonly previous: number;
  readonly units: number;
  readonly poolType: number;
}

/** x86: 8 bytes, two u16 of 9 bits size and 7 bits index or type; 64-bit: 16 bytes, four u8. The tag is at 4 in both. */
function headerAt(page: Uint8Array, offset: number, wide: boolean): BlockHeader {
  if (wide) {
    return { previous: page[offset] ?? 0, units: page[offset + 2] ?? 0, poolType: page[offset + 3] ?? 0 };
  }
  const second = u16(page, offset + 2);
  return { previous: u16(page, offset) & 0x1ff, units: second & 0x1ff, poolType: second >>> 9 };
}

/**
 * The blocks of a page by where they begin, where its headers form one chain from the first byte to the last: each names the size of
 * the one before, and they add up to the page. Undefined where they do not.
 */
export function chainOf(page: Uint8Array, wide: boolean): ReadonlyMap<number, BlockHeader> | undefined {
  const unit = wide ? 16 : 8;
  const starts = new Map<number, BlockHeader>();
  let previous = 0;
  let offset = 0;
  while (offset < PAGE) {
    const header = headerAt(page, offset, wide);
    if (header.units === 0 || header.previous !== previous) return undefined;
    starts.set(offset, header);
    previous = header.units;
    offset += header.units * unit;
  }
  return offset === PAGE ? starts : undefined;
}

/**
 * Blocks with the tag, in ascending order of address. `skip` are ranges that hold no pool (images); `free` are blocks that the
 * pool keeps in lists of its own: freed, though their headers do not say so. Ends after twice the pages
 * that the dump holds, or after 2^24 that it does not, since hostile tables can map the same page without end.
 */
export function* scanForTag(
  space: AddressSpace,
  tag: Tag,
  skip: readonly ScanRange[],
  progress: ScanProgress,
  free: ReadonlySet<bigint> = new Set(),
  heap?: DecidedRanges,
): Generator<ScannedBlock> {
  const wide = space.pointerSize === 8;
  const unit = wide ? 16 : 8;
  let range: DecidedRange | undefined;
  for (const { address, page } of scannedPages(space, skip, progress)) {
    const nextIsThere = (): boolean => space.readExact(address + BigInt(PAGE), 1) !== undefined;
    if (range === undefined || address >= range.end) {
      range = heap?.at(address, page);
      if (range !== undefined) heap?.found?.(range);
    }
    for (const block of blocksIn(page, address, tag, wide, unit, nextIsThere)) {
      const isDecided = range !== undefined && block.address < range.end;
      const state = isDecided ? (range?.inUse.has(block.address) === true ? "in-use" : "freed") : block.state;
      yield { ...block, state: state === "in-use" && free.has(block.address) ? "freed" : state };
    }
  }
}

/** Every mapped page of the kernel's half that lies outside the ranges to skip and is in the dump, within the scan's bounds. */
export function* scannedPages(
  space: AddressSpace,
  skip: readonly ScanRange[],
  progress: ScanProgress,
): Generator<{ readonly address: bigint; readonly page: Uint8Array }> {
  const ranges = [...skip].sort((a, b) => (a.start < b.start ? -1 : 1));
  let next = 0;
  const most = 2 * space.memory.map.pages + 1024;
  const budget = { left: Math.min(MOST_ENTRIES, TABLE_ENTRIES * space.memory.map.pages) };
  for (const mapped of space.mappedPages(budget)) {
    for (let at = 0; at < mapped.size; at += PAGE) {
      const address = mapped.address + BigInt(at);
      while (next < ranges.length && (ranges[next]?.end ?? 0n) <= address) next += 1;
      const range = ranges[next];
      if (range !== undefined && address >= range.start) continue;
      if (progress.pages >= most || progress.notInDump >= MOST_ABSENT) {
        progress.exhausted = true;
        return;
      }
      const page = space.memory.read(mapped.physical + at, PAGE);
      if (page === undefined) {
        progress.notInDump += 1;
        if (progress.lost !== undefined && progress.lost.length < MOST_LOST) progress.lost.push(address);
        continue;
      }
      progress.pages += 1;
      progress.onPage?.(progress.pages);
      yield { address, page };
    }
  }
  progress.exhausted = budget.left <= 0;
}

function* blocksIn(
  page: Uint8Array,
  address: bigint,
  tag: Tag,
  wide: boolean,
  unit: number,
  nextIsThere: () => boolean,
): Generator<ScannedBlock> {
  const low = tag & 0xff;
  let chain: ReadonlyMap<number, BlockHeader> | undefined;
  let looked = false;
  for (let offset = 0; offset + unit <= PAGE; offset += unit) {
    // Bit 31 marks a protected tag and may be set in headers.
    if (page[offset + 4] !== low || bookedTag(u32(page, offset + 4) ^ tag) !== 0) continue;
    const { units, poolType } = headerAt(page, offset, wide);
    // Blocks of the segment heap may reach onto the next page.
    if (units === 0 || (offset + units * unit > PAGE && !nextIsThere())) continue;
    if (!looked) chain = chainOf(page, wide);
    looked = true;
    // Inside a chain only its links are blocks; what else looks like a header is left over from an older one.
    if (chain?.has(offset) === false) continue;
    const state = chain === undefined ? "unchained" : poolType === 0 ? "freed" : "in-use";
    yield { address: address + BigInt(offset), bytes: units * unit, poolType, state };
  }
}
