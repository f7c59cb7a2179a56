// KMDF drivers: the table of framework functions they call through, and the tag the framework derives where they set none.
// Sources: the published KMDF code (wdf.h, fxldr.h) and the documentation of WDF_DRIVER_CONFIG.

import type { Import } from "../../formats/pe/imports.ts";
import type { PeImage } from "../../formats/pe/image.ts";
import { baseName } from "../../model/file-path.ts";
import { tagFromBytes, type Tag } from "../../model/tag.ts";
import type { WdfTable } from "../flow/driver-context.ts";

/** Up to KMDF 1.13 the table of at most this many functions lies in the driver; later a variable points to it. */
const LAST_ARRAY_COUNT = 438;
const MAX_FUNCTIONS = 4096;
const LIBRARY = "KmdfLibrary";

/** Offsets in WDF_BIND_INFO: pointer to the library's name, function count, function table. */
const LAYOUT = { 8: { name: 8, count: 28, table: 32 }, 4: { name: 4, count: 20, table: 24 } } as const;

/** The function table of a driver that binds to KMDF, or undefined. */
export function findWdfTable(
  image: PeImage,
  imports: ReadonlyMap<number, Import>,
  relocations: readonly number[],
): WdfTable | undefined {
  const binds = [...imports.values()].some(
    ({ dll, name }) => dll === "wdfldr.sys" && name.startsWith("WdfVersionBind"),
  );
  if (!binds) return undefined;
  const layout = LAYOUT[image.pointerSize];
  const names = findUtf16(image, LIBRARY);
  for (const at of relocations) {
    const target = image.pointer(at);
    if (target === undefined || !names.has(target)) continue;
    const info = at - layout.name;
    const count = image.u32(info + layout.count) ?? 0;
    const table = image.pointer(info + layout.table);
    if (table === undefined || count === 0 || count > MAX_FUNCTIONS) continue;
    return { rva: table, isArray: count <= LAST_ARRAY_COUNT, count };
  }
  return undefined;
}

/** RVAs at which a text stands in UTF-16. */
function findUtf16(image: PeImage, text: string): Set<number> {
  const found = new Set<number>();
  const data = image.bytes.data;
  const first = text.charCodeAt(0);
  for (const section of image.sections) {
    const end = section.offset + section.rawSize - 2 * text.length;
    for (let offset = section.offset; offset <= end; offset += 2) {
      if (data[offset] !== first) continue;
      if (image.bytes.utf16(offset, text.length) === text) found.add(section.rva + offset - section.offset);
    }
  }
  return found;
}

/**
 * The tag that KMDF derives from a service's name: the part after the last backslash, a leading `WDF` dropped, its first
 * four characters; three are filled up with NUL, and for fewer the framework takes its own `FxDr`.
 */
export function derivedTag(serviceName: string): Tag {
  const name = baseName(serviceName);
  const rest = /^wdf/i.test(name) ? name.slice(3) : name;
  if (rest.length <= 2) return tagFromBytes(0x46, 0x78, 0x44, 0x72);
  const byte = (i: number): number => (i < rest.length ? rest.charCodeAt(i) & 0xff : 0);
  return tagFromBytes(byte(0), byte(1), byte(2), byte(3));
}
