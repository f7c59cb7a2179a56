// The header of a PE image as it lies in memory (sections at their RVAs): what is needed to know a module and to find the
// kernel's data. Analysis of code is left to src/drivers.

import { asciiText, hasText, u16, u32 } from "./bytes.ts";
import type { AddressSpace } from "./address-space.ts";

export interface ImageSection {
  readonly name: string;
  readonly rva: number;
  readonly bytes: number;
  readonly executable: boolean;
  readonly writable: boolean;
}

export interface ImageHeader {
  readonly machine: number;
  readonly timeDateStamp: number;
  readonly sizeOfImage: number;
  readonly sections: readonly ImageSection[];
  readonly resources: { readonly rva: number; readonly bytes: number } | undefined;
}

const MOST_SECTIONS = 96;

/** The header at an image's base, or undefined where there is none or it is not in the dump. */
export function readImageHeader(space: AddressSpace, base: bigint): ImageHeader | undefined {
  const bytes = space.readExact(base, 0x1000);
  return bytes === undefined ? undefined : parseImageHeader(bytes);
}

/** The header in the first page of an image. */
export function parseImageHeader(page: Uint8Array): ImageHeader | undefined {
  if (!hasText(page, 0, "MZ")) return undefined;
  const pe = u32(page, 0x3c);
  if (pe > page.length - 0x108 || !hasText(page, pe, "PE\0\0")) return undefined;
  const magic = u16(page, pe + 24);
  if (magic !== 0x10b && magic !== 0x20b) return undefined;
  const directories = pe + 24 + (magic === 0x20b ? 112 : 96);
  const resourceBytes = u32(page, directories + 2 * 8 + 4);
  const count = Math.min(u16(page, pe + 6), MOST_SECTIONS);
  const first = pe + 24 + u16(page, pe + 20);
  const sections: ImageSection[] = [];
  for (let at = first; sections.length < count && at + 40 <= page.length; at += 40) {
    const flags = u32(page, at + 36);
    sections.push({
      name: asciiText(page, at, 8),
      bytes: u32(page, at + 8),
      rva: u32(page, at + 12),
      executable: (flags & 0x20000000) !== 0,
      writable: (flags & 0x80000000) !== 0,
    });
  }
  return {
    machine: u16(page, pe + 4),
    timeDateStamp: u32(page, pe + 8),
    sizeOfImage: u32(page, pe + 24 + 56),
    sections,
    resources: resourceBytes > 0 ? { rva: u32(page, directories + 2 * 8), bytes: resourceBytes } : undefined,
  };
}
