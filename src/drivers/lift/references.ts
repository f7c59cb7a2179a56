// Finds where code refers to given addresses, by scanning bytes rather than decoding: cheap, and complete at the price of
// some false hits, which only cost the decoding of a function too many.

import type { PeImage } from "../../formats/pe/image.ts";

/** RVAs near which code refers to one of `targets`, in address order. */
export function findReferences(image: PeImage, targets: ReadonlySet<number>): number[] {
  const hits: number[] = [];
  if (targets.size === 0) return hits;
  let low = Infinity;
  let high = 0;
  for (const target of targets) {
    low = Math.min(low, target);
    high = Math.max(high, target);
  }
  const data = image.bytes.data;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const isCode = (rva: number): boolean => image.sectionAt(rva)?.executable === true;
  for (const section of image.sections) {
    if (!section.executable) continue;
    const end = section.offset + section.rawSize;
    const delta = section.rva - section.offset;
    if (image.machine === "arm64") scanArm64(view, section.offset, end, delta, targets, isCode, hits);
    else scanX86(image, view, section.offset, end, delta, { targets, low, high }, hits);
  }
  return hits;
}

interface Wanted {
  readonly targets: ReadonlySet<number>;
  readonly low: number;
  readonly high: number;
}

/** A relative address counts from the end of the instruction: up to four immediate bytes may follow it. */
function scanX86(
  image: PeImage,
  view: DataView,
  start: number,
  end: number,
  delta: number,
  wanted: Wanted,
  hits: number[],
): void {
  const { targets, low, high } = wanted;
  const first = low - 4;
  const absoluteBase = image.machine === "x86" ? image.vaLow(0) : undefined;
  const data = image.bytes.data;
  // Short jumps only lead to code.
  const withShortJumps = [...targets].some((target) => image.sectionAt(target)?.executable === true);
  for (let offset = start; offset + 4 <= end; offset++) {
    const value = view.getInt32(offset, true);
    const relative = value + offset + delta + 4;
    if (relative >= first && relative <= high) {
      if (
        targets.has(relative) ||
        targets.has(relative + 4) ||
        targets.has(relative + 1) ||
        targets.has(relative + 2)
      ) {
        hits.push(offset + delta);
        continue;
      }
    }
    if (withShortJumps) {
      const opcode = data[offset] ?? 0;
      if (opcode === 0xeb || (opcode & 0xf0) === 0x70) {
        const target = offset + delta + 2 + (((data[offset + 1] ?? 0) << 24) >> 24);
        if (target >= low && target <= high && targets.has(target)) {
          hits.push(offset + delta);
          continue;
        }
      }
    }
    if (absoluteBase === undefined) continue;
    const absolute = (value >>> 0) - absoluteBase;
    if (absolute >= low && absolute <= high && targets.has(absolute)) hits.push(offset + delta);
  }
}

const RET = 0xd65f_03c0;

/** ADRP with the ADD or LDR/STR that completes it, ADR, branches, and loads from a literal pool. */
function scanArm64(
  view: DataView,
  start: number,
  end: number,
  delta: number,
  targets: ReadonlySet<number>,
  isCode: (rva: number) => boolean,
  hits: number[],
): void {
  const pages = new Float64Array(32).fill(-1);
  for (let offset = start; offset + 4 <= end; offset += 4) {
    const word = view.getUint32(offset, true);
    const rva = offset + delta;
    // Behind a return another function begins, in which the registers hold nothing of this one.
    if (word === RET) pages.fill(-1);
    if ((word & 0x1f00_0000) === 0x1000_0000) {
      const value = ((((word >>> 5) << 13) >> 13) << 2) | ((word >>> 29) & 3);
      if (word >>> 31 === 1) {
        const page = (rva & ~0xfff) + value * 4096;
        pages[word & 31] = page;
        // A slot or variable at the page's own start is read by what follows; the address of a function is taken as it is.
        if (targets.has(page) && isCode(page)) hits.push(rva);
      } else {
        pages[word & 31] = -1;
        if (targets.has(rva + value)) hits.push(rva);
      }
      continue;
    }
    const page = pages[(word >>> 5) & 31] ?? -1;
    if ((word & 0xffe0_ffe0) >>> 0 === 0xaa00_03e0) {
      // A page kept in another register, as loops do.
      pages[word & 31] = pages[(word >>> 16) & 31] ?? -1;
    } else if ((word & 0x7c00_0000) === 0x1400_0000) {
      if (targets.has(rva + ((word << 6) >> 6) * 4)) hits.push(rva);
    } else if ((word & 0x3b00_0000) === 0x1800_0000 || (word & 0xff00_0010) >>> 0 === 0x5400_0000) {
      if (targets.has(rva + ((word << 8) >> 13) * 4)) hits.push(rva);
    } else if ((word & 0x7f80_0000) === 0x1100_0000) {
      const imm = ((word >>> 10) & 0xfff) << (((word >>> 22) & 1) * 12);
      if (page >= 0 && targets.has(page + imm)) hits.push(rva);
      pages[word & 31] = -1;
    } else if ((word & 0x3b00_0000) === 0x3900_0000) {
      const isVector = ((word >>> 26) & 1) === 1;
      const shift = isVector && ((word >>> 23) & 1) === 1 ? 4 : word >>> 30;
      if (page >= 0 && targets.has(page + (((word >>> 10) & 0xfff) << shift))) hits.push(rva);
      if (!isVector && ((word >>> 22) & 3) !== 0) pages[word & 31] = -1;
    } else if ((word & 0x3a00_0000) === 0x2800_0000) {
      const size = word >>> 31 === 1 ? 8 : 4;
      const at = page + ((word << 10) >> 25) * size;
      if (page >= 0 && (targets.has(at) || targets.has(at + size))) hits.push(rva);
      if (((word >>> 22) & 1) === 1) {
        pages[word & 31] = -1;
        pages[(word >>> 10) & 31] = -1;
      }
    } else if ((word & 0x1c00_0000) === 0x1000_0000 || (word & 0x0e00_0000) === 0x0a00_0000) {
      // Other arithmetic: what it writes is no page any more.
      pages[word & 31] = -1;
    }
  }
}
