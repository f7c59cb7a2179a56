// Context registrations of file system minifilters: each may carry the tag of its context allocations.
// Source: FLT_REGISTRATION and FLT_CONTEXT_REGISTRATION in Microsoft's driver interface reference.

import type { PeImage } from "../../formats/pe/image.ts";
import { bookedTag, type Tag } from "../../model/tag.ts";
import type { Call } from "../flow/call.ts";
import { isTagLike } from "./uses.ts";
import { ATOM, type Value } from "../flow/values.ts";

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
  for (const atom of call.behind(registration, CONTEXTS, image.pointerSize).atoms) {
    const start = atom.kind === ATOM.address ? atom.a : atom.kind === ATOM.load ? image.pointer(atom.a) : undefined;
    if (start === undefined) continue;
    for (let i = 0; i < MAX_ROWS; i++) {
      const at = start + i * row.size;
      const type = image.u32(at);
      const tag = image.u32(at + row.tag);
      if (type === undefined || tag === undefined || (type & 0xffff) === END) break;
      if (isTagLike(bookedTag(tag))) tags.add(bookedTag(tag));
    }
  }
  return tags;
}
