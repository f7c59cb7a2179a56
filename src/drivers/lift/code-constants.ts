// The weaker tiers: constants that instructions carry (`code`) and that data holds (`text`), whatever they are used for.
// They make sure that nothing is missed that a byte search would find, and are never mixed with proof.

import type { PeImage, Section } from "../../formats/pe/image.ts";
import { isPrintableByte, isPrintableTag, isTagLike, type Tag } from "../../model/tag.ts";

/** More constants than this in one driver are tables, not tags. */
const MAX_CONSTANTS = 4096;

/**
 * Printable four-character constants of instructions, with the RVA of the first instruction that carries each. What the
 * loader relocates is an address, also where it happens to be printable.
 */
export function codeConstants(image: PeImage, relocated: ReadonlySet<number>): Map<Tag, number> {
  const found = new Map<Tag, number>();
  const data = image.bytes.data;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (const section of image.sections) {
    if (!section.executable) continue;
    if (image.machine === "arm64") arm64Constants(image, view, section, found);
    else x86Constants(data, view, section, relocated, found);
  }
  return found;
}

function keep(found: Map<Tag, number>, value: number, rva: number): void {
  const tag = value >>> 0;
  if (isConstantTag(tag) && found.size < MAX_CONSTANTS && !found.has(tag)) found.set(tag, rva);
}

/** Printable, or printable with one NUL at the end; not one character four times over. */
function isConstantTag(tag: Tag): boolean {
  return isTagLike(tag, 3) && (tag & 0xff) !== 0x20 && tag !== ((tag & 0xff) * 0x0101_0101) >>> 0;
}

/** push imm32; mov reg, imm32; mov [memory], imm32. Scanned at every byte: decoding everything would cost far more. */
function x86Constants(
  data: Uint8Array,
  view: DataView,
  section: Section,
  relocated: ReadonlySet<number>,
  found: Map<Tag, number>,
): void {
  const end = section.offset + section.rawSize - 4;
  const delta = section.rva - section.offset;
  for (let offset = section.offset; offset < end; offset++) {
    const byte = data[offset] ?? 0;
    let at = -1;
    if (byte === 0x68 || (byte >= 0xb8 && byte <= 0xbf)) at = offset + 1;
    else if (byte === 0xc7) at = offset + 2 + addressBytes(data[offset + 1] ?? 0, data[offset + 2] ?? 0);
    if (at < 0 || at > end) continue;
    // mov r64, imm64: two fields of a structure may be stored at once.
    const isWide = byte >= 0xb8 && ((data[offset - 1] ?? 0) & 0xf8) === 0x48;
    if (isWide && at + 4 <= end) keep(found, view.getUint32(at + 4, true), offset + delta);
    // Quick refusal before the exact one: the last byte of a tag is printable or NUL.
    const last = data[at + 3] ?? 0;
    if (last !== 0 && !isPrintableByte(last)) continue;
    if (!relocated.has(at + delta)) keep(found, view.getUint32(at, true), offset + delta);
  }
}

/** Bytes of SIB and displacement behind a ModRM byte. */
function addressBytes(modrm: number, sib: number): number {
  const mode = modrm >>> 6;
  const rm = modrm & 7;
  if (mode === 3) return 0;
  const hasSib = rm === 4;
  if (mode === 1) return hasSib ? 2 : 1;
  if (mode === 2) return hasSib ? 5 : 4;
  if (hasSib) return (sib & 7) === 5 ? 5 : 1;
  return rm === 5 ? 4 : 0;
}

/** movz and movk of one register within a few instructions, and loads from a literal pool. */
function arm64Constants(image: PeImage, view: DataView, section: Section, found: Map<Tag, number>): void {
  const low = new Int32Array(32).fill(-1);
  const age = new Int32Array(32);
  const end = section.offset + section.rawSize;
  const delta = section.rva - section.offset;
  for (let offset = section.offset, i = 0; offset + 4 <= end; offset += 4, i++) {
    const word = view.getUint32(offset, true);
    const register = word & 31;
    const value = (word >>> 5) & 0xffff;
    if ((word & 0x7fe0_0000) === 0x5280_0000) {
      low[register] = value;
      age[register] = i;
    } else if ((word & 0x7fe0_0000) === 0x72a0_0000) {
      const before = low[register] ?? -1;
      if (before >= 0 && i - (age[register] ?? 0) <= 16) keep(found, before | (value << 16), offset + delta);
    } else if ((word & 0xff00_0000) >>> 0 === 0x1800_0000) {
      const rva = offset + delta + ((word << 8) >> 13) * 4;
      keep(found, image.u32(rva) ?? 0, offset + delta);
    }
  }
}

/** Dwords of data that stand alone as four printable characters, not within a longer text. */
export function textConstants(image: PeImage): Set<Tag> {
  const found = new Set<Tag>();
  const data = image.bytes.data;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (const section of image.sections) {
    if (section.executable || section.name === ".rsrc" || section.name === ".reloc" || section.name === ".pdata")
      continue;
    const end = section.offset + section.rawSize - 4;
    for (let offset = Math.ceil(section.offset / 4) * 4; offset <= end && found.size < MAX_CONSTANTS; offset += 4) {
      const last = data[offset + 3] ?? 0;
      if (!isPrintableByte(last)) continue;
      const value = view.getUint32(offset, true);
      if (!isPrintableTag(value) || !isConstantTag(value)) continue;
      // Alone, or one of a pair: tags in a table may touch.
      const before = isText(data[offset - 1]);
      const after = isText(data[offset + 4]);
      const isPair =
        before !== after &&
        (before ? !isText(data[offset - 5]) : !isText(data[offset + 8]) && isText(data[offset + 7]));
      if ((before || after) && !isPair) continue;
      found.add(value);
    }
  }
  return found;
}

function isText(byte: number | undefined): boolean {
  return byte !== undefined && isPrintableByte(byte);
}
