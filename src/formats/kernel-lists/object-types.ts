// NtQueryObject class 3, ObjectTypesInformation: one row per object type with the number of its objects and handles.
// OBJECT_TYPE_INFORMATION as public headers (phnt) and geoffchappell.com state it; offsets in hexadecimal:
//
//   field                          x86      x64     field                       x86      x64
//   name: length, maximum (u16)    0  2     0  2    peak objects, handles       20 24    28 2C
//   objects, handles (u32)         8  C     10 14   type index (u8), pool       52 54    5A 5C
//   fixed part                     60       68      the name follows, padded to a pointer
//
// Head: u32 number of types, the first entry at 4 (x86) or 8 (x64).

import type { ObjectCount } from "../../model/surroundings.ts";
import { Answer, type PointerBytes } from "./answer.ts";

/** A type with what only a live system tells of it. */
export interface ObjectType extends Required<ObjectCount> {
  /** Joins the handle table; differs between builds. 0 where Windows does not tell it. */
  readonly index: number;
}

const LAYOUTS = {
  4: { first: 4, objects: 0x08, handles: 0x0c, peakObjects: 0x20, peakHandles: 0x24, index: 0x52, fixed: 0x60 },
  8: { first: 8, objects: 0x10, handles: 0x14, peakObjects: 0x28, peakHandles: 0x2c, index: 0x5a, fixed: 0x68 },
} as const;

/** Windows has about 75 types; more than this is another layout. */
const MOST_TYPES = 1024;

const TYPE_NAME = /^[A-Za-z][A-Za-z0-9 ]*$/;

/** Throws FormatError where the answer is cut off, or is not of the layout that is known. */
export function parseObjectTypes(bytes: Uint8Array, pointerBytes: PointerBytes): readonly ObjectType[] {
  const answer = new Answer("object types", bytes, pointerBytes);
  const layout = LAYOUTS[pointerBytes];
  const count = answer.u32(0);
  if (count === 0 || count > MOST_TYPES) throw answer.fault("a number of types that no Windows has", 0, `${count}`);
  const types: ObjectType[] = [];
  let at: number = layout.first;
  for (let i = 0; i < count; i++) {
    const length = answer.u16(at);
    const name = answer.utf16(at + layout.fixed, length);
    if (!TYPE_NAME.test(name)) throw answer.fault("a layout that is not known: no type name where one belongs", at);
    types.push({
      type: name,
      objects: answer.u32(at + layout.objects),
      handles: answer.u32(at + layout.handles),
      peakObjects: answer.u32(at + layout.peakObjects),
      peakHandles: answer.u32(at + layout.peakHandles),
      index: answer.u8(at + layout.index),
    });
    at += layout.fixed + Math.ceil(answer.u16(at + 2) / pointerBytes) * pointerBytes;
  }
  return types;
}
