// Context registrations of file system minifilters: each may carry the tag of its context allocations.
// Source: FLT_REGISTRATION and FLT_CONTEXT_REGISTRATION in Microsoft's driver interface reference.

import type { PeImage } from "../../formats/pe/image.ts";
import { bookedTag, isTagLike, type Tag } from "../../model/tag.ts";
import type { Call } from "../flow/call.ts";
import { ATOM, constantOf, type Atom, type Value } from "../flow/values.ts";

/** Offset of the pointer to the context array in FLT_REGISTRATION, on 32 and 64 bits. */
const CONTEXTS = 8;
/** Bytes of a row and the offset of its tag. */
const ROWS = { 8: { size: 56, tag: 24 }, 4: { size: 28, tag: 12 } } as const;
const END = 0xffff;
const MAX_ROWS = 64;

/** The tags of all contexts of a registration. */
export function filterContextTags(image: PeImage, call: Call, registration: Value): Set<Tag> {
  const tags = new Set<Tag>();
  const row = ROWS[image.pointerSize];
  for (const array of call.behind(registration, CONTEXTS, image.pointerSize).atoms) {
    for (let i = 0; i < MAX_ROWS; i++) {
      const type = dwordAt(image, call, array, i * row.size);
      const tag = dwordAt(image, call, array, i * row.size + row.tag);
      if (type === undefined || tag === undefined || (type & 0xffff) === END) break;
      if (isTagLike(bookedTag(tag))) tags.add(bookedTag(tag));
    }
  }
  return tags;
}

/** A dword of the array: as the file holds it, or as code has put it into its frame. */
function dwordAt(image: PeImage, call: Call, array: Atom, offset: number): number | undefined {
  if (array.kind === ATOM.stack) return constantOf(call.behind(array.only, offset, 4));
  const start = array.kind === ATOM.address ? array.a : array.kind === ATOM.load ? image.pointer(array.a) : undefined;
  if (start === undefined) return undefined;
  return constantOf(call.behind(array.only, offset, 4)) ?? image.u32(start + offset);
}
