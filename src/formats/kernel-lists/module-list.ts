// NtQuerySystemInformation classes 77 and 11: the images loaded in the kernel, in load order, the kernel itself first.
// RTL_PROCESS_MODULE_INFORMATION(_EX) as public headers (phnt) state it; offsets in hexadecimal:
//
//   field                 x86   x64    class 11: u32 count, entries of 11C / 128 bytes from 4 / 8 on
//   image base            8     10     class 77: entries chained by a u16 at 0 (bytes to the next, 0 = end), the same
//   image size (u32)      C     18               fields from 4 / 8 on, TimeDateStamp at 124 / 134 of the entry
//   offset of the name    1A    26
//   path, 100 bytes       1C    28     Image bases are 0 without debug privilege on new builds; nothing here needs them.

import { baseName } from "../../model/file-path.ts";
import type { LoadedDriver } from "../../model/surroundings.ts";
import { Answer, type PointerBytes } from "./answer.ts";

const LAYOUTS = {
  4: { first: 4, size: 0x0c, nameOffset: 0x1a, path: 0x1c, entry: 0x11c, base: 4, stamp: 0x124 },
  8: { first: 8, size: 0x18, nameOffset: 0x26, path: 0x28, entry: 0x128, base: 8, stamp: 0x134 },
} as const;

const PATH_BYTES = 0x100;

/** No Windows loads so many images into the kernel. */
const MOST_MODULES = 8192;

/** The answer of class 11. Throws FormatError where it is cut off. */
export function parseModuleList(bytes: Uint8Array, pointerBytes: PointerBytes): readonly LoadedDriver[] {
  const answer = new Answer("driver list (class 11)", bytes, pointerBytes);
  const layout = LAYOUTS[pointerBytes];
  const count = answer.u32(0);
  if (count > MOST_MODULES) throw answer.fault("more drivers than any Windows loads", 0, `${count}`);
  return Array.from({ length: count }, (_, i) => moduleAt(answer, layout.first + i * layout.entry, layout));
}

/** The answer of class 77, with the stamps of the image headers. Throws FormatError where it is cut off. */
export function parseModuleListEx(bytes: Uint8Array, pointerBytes: PointerBytes): readonly LoadedDriver[] {
  const answer = new Answer("driver list (class 77)", bytes, pointerBytes);
  const layout = LAYOUTS[pointerBytes];
  const drivers: LoadedDriver[] = [];
  for (let at = 0; ;) {
    const next = answer.u16(at);
    if (next === 0) return drivers;
    if (drivers.length >= MOST_MODULES) throw answer.fault("more drivers than any Windows loads", at);
    const stamp = answer.u32(at + layout.stamp);
    drivers.push({ ...moduleAt(answer, at + layout.base, layout), ...(stamp !== 0 && { stamp }) });
    at += next;
  }
}

function moduleAt(answer: Answer, at: number, layout: (typeof LAYOUTS)[PointerBytes]): LoadedDriver {
  const path = answer.latin1(at + layout.path, PATH_BYTES);
  const offset = answer.u16(at + layout.nameOffset);
  const file = offset > 0 && offset < path.length ? path.slice(offset) : baseName(path);
  if (file === "") throw answer.fault("a layout that is not known: a driver without a name", at);
  return { file, path, imageBytes: answer.u32(at + layout.size) };
}
