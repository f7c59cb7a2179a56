// From an entry of a handle table to the object, and from the object to the tag of its block in the pool. Which forms a kernel
// uses is decided by trying them all on its own handles: of the right ones nearly every entry leads to a block with a tag.

import { bookedTag, isPrintableTag, type Tag } from "../../model/tag.ts";
import { u16, u32 } from "./bytes.ts";
import type { ObjectMemory, PlainAddress } from "./object-memory.ts";
import { PAGE } from "./physical.ts";

export type EntryForm = "plain" | "packed";
export type HeaderForm = "offsets" | "mask";

export interface ObjectForm {
  readonly entry: EntryForm;
  readonly header: HeaderForm;
}

export const OBJECT_FORMS: readonly ObjectForm[] = [
  { entry: "packed", header: "mask" },
  { entry: "plain", header: "mask" },
  { entry: "plain", header: "offsets" },
];

/** What each form is, by the builds that use it. */
export function formText({ entry, header }: ObjectForm): string {
  if (entry === "packed") return "8.1 and later";
  return header === "mask" ? "7" : "XP to Vista";
}

/**
 * The object header that an entry leads to; 0 where it is free. Plain (until 7, and x86): the address with three flags below.
 * Packed (x64 since 8.1): bits 20 to 63 are bits 4 to 47 of the address.
 */
export function headerOfEntry(form: EntryForm, wide: boolean, low: number, high: number): PlainAddress {
  if (!wide) return (low & ~7) >>> 0;
  if (form === "packed") return (high * 2 ** 12 + (low >>> 20)) * 16;
  return high >>> 16 === 0xffff ? (high & 0xffff) * 2 ** 32 + ((low & ~7) >>> 0) : 0;
}

/*
 | object header      | x64 | x86 |
 | offsets of the infos in front (until Vista), each from the header | 18, 19, 1A | C, D, E |
 | flags (until Vista); 4: creator info in front | 1B | F |
 | mask of the infos in front (7 and later)      | 1A | E |
 | size, that is where the object begins         | 30 | 18 |
*/
const HEADER_BYTES_64 = 0x30;
const HEADER_BYTES_32 = 0x18;
const CREATOR_INFO = 4;
/** Sizes of the infos by bit of the mask: creator, name, handles, quota, process, audit (8 and later), extended (10 and later). */
const INFO_SIZES_64: readonly (readonly [number, number])[] = [
  [1, 0x20],
  [2, 0x20],
  [4, 0x10],
  [8, 0x20],
  [0x10, 0x10],
  [0x20, 0x10],
  [0x40, 0x10],
];
const INFO_SIZES_32: readonly (readonly [number, number])[] = [
  [1, 0x10],
  [2, 0x10],
  [4, 0x08],
  [8, 0x10],
  [0x10, 0x08],
  [0x20, 0x08],
  [0x40, 0x08],
];

function byteAt(memory: ObjectMemory, at: PlainAddress): number {
  return memory.page(at)[at % PAGE] ?? 0;
}

/** Bytes between the start of the block's contents and the header. */
function infoBytes(memory: ObjectMemory, header: PlainAddress, form: HeaderForm): number {
  const { wide } = memory;
  if (form === "offsets") {
    const first = header + (wide ? 0x18 : 0x0c);
    const furthest = Math.max(byteAt(memory, first), byteAt(memory, first + 1), byteAt(memory, first + 2));
    const creator = (byteAt(memory, first + 3) & CREATOR_INFO) !== 0 ? (wide ? 0x20 : 0x10) : 0;
    return Math.max(furthest, creator);
  }
  const mask = byteAt(memory, header + (wide ? 0x1a : 0x0e));
  let bytes = 0;
  for (const [bit, size] of wide ? INFO_SIZES_64 : INFO_SIZES_32) if ((mask & bit) !== 0) bytes += size;
  return bytes;
}

/** The tag of the block that an object lies in; undefined where no block is in front of it. */
export function tagOfObject(memory: ObjectMemory, header: PlainAddress, form: HeaderForm): Tag | undefined {
  const { wide } = memory;
  const unit = wide ? 16 : 8;
  const info = infoBytes(memory, header, form);
  const block = header - info - unit;
  const page = memory.page(block);
  const at = block % PAGE;
  if (page.length === 0 || at % unit !== 0 || at + unit > PAGE) return undefined;
  const units = wide ? (page[at + 2] ?? 0) : u16(page, at + 2) & 0x1ff;
  if (units * unit < unit + info + (wide ? HEADER_BYTES_64 : HEADER_BYTES_32)) return undefined;
  const tag = bookedTag(u32(page, at + 4));
  return isPrintableTag(tag) ? tag : undefined;
}
