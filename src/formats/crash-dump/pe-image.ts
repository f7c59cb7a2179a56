// The header of an image as it lies in memory: enough to know a module and to find the kernel's data.

import { FormatError } from "../../model/errors.ts";
import { PeImage } from "../pe/image.ts";
import { hasText, u32 } from "./bytes.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

const HEADER_BYTES = 0x1000;

/** The header at an image's base, or undefined where there is none or it is not in the dump. */
export function readImageHeader(space: VirtualMemory, base: bigint): PeImage | undefined {
  const bytes = space.readExact(base, HEADER_BYTES);
  return bytes === undefined ? undefined : parseImageHeader(bytes);
}

/** The header in the first page of an image; only what lies in that page may be asked of it. */
export function parseImageHeader(page: Uint8Array): PeImage | undefined {
  // Most pages are no images: they are told without an error being made.
  if (!hasText(page, 0, "MZ") || !hasText(page, u32(page, 0x3c), "PE\0\0")) return undefined;
  try {
    return new PeImage(page);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** Time of linking, or a hash of the build where it is reproducible. */
export function timeDateStampOf(image: PeImage): number {
  return u32(image.bytes.data, u32(image.bytes.data, 0x3c) + 8);
}
