// The kernel's own data sections as words: where its variables are looked for when there are no symbols.

import type { PeImage } from "../pe/image.ts";
import { pointer } from "./bytes.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

/** One section's bytes as they lie at an address; zeros where pages are missing. */
export interface DataBlock {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

export interface KernelData {
  readonly base: bigint;
  readonly blocks: readonly DataBlock[];
  readonly pointerSize: 4 | 8;
  readonly missing: number;
  readonly total: number;
}

const MOST_BYTES = 64 * 2 ** 20;

/** Reads the sections of an image that hold data: not executable; `writableOnly` leaves constants out. */
export function readKernelData(space: VirtualMemory, base: bigint, header: PeImage, writableOnly: boolean): KernelData {
  const blocks: DataBlock[] = [];
  let missing = 0;
  let total = 0;
  for (const section of header.sections) {
    if (section.executable || (writableOnly && !section.writable) || section.size === 0) continue;
    if (section.rva + section.size > header.sizeOfImage + 0x1000 || total + section.size > MOST_BYTES) continue;
    if (/^\.(?:rsrc|reloc|pdata|xdata|edata)/.test(section.name)) continue;
    const address = base + BigInt(section.rva);
    const read = space.read(address, section.size);
    missing += read.missing;
    total += section.size;
    blocks.push({ address, bytes: read.bytes });
  }
  return { base, blocks, pointerSize: space.pointerSize, missing, total };
}

/** The whole image as data, for when its header is not in the dump and no section is known. */
export function readWholeImage(space: VirtualMemory, base: bigint, sizeOfImage: number): KernelData {
  const total = Math.min(sizeOfImage, MOST_BYTES);
  const { bytes, missing } = space.read(base, total);
  return { base, blocks: [{ address: base, bytes }], pointerSize: space.pointerSize, missing, total };
}

/** Every aligned word of the data that is a kernel address, in order. */
export function* kernelPointers(space: VirtualMemory, data: KernelData): Generator<{ at: bigint; value: bigint }> {
  const size = data.pointerSize;
  for (const { address, bytes } of data.blocks) {
    for (let offset = 0; offset + size <= bytes.length; offset += size) {
      // The top byte alone rules out nearly everything.
      const top = bytes[offset + size - 1] ?? 0;
      if (size === 8 ? top !== 0xff || bytes[offset + 6] !== 0xff : top < 0x80) continue;
      const value = pointer(bytes, offset, size);
      if (space.isKernelAddress(value)) yield { at: address + BigInt(offset), value };
    }
  }
}

/** The word at an address that lies in the data already read. */
export function wordIn(data: KernelData, at: bigint, size: 4 | 8): bigint | undefined {
  for (const { address, bytes } of data.blocks) {
    const offset = Number(at - address);
    if (offset >= 0 && offset + size <= bytes.length) return pointer(bytes, offset, size);
  }
  return undefined;
}
