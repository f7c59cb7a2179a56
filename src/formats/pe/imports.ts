// Imported functions by the RVA of their slot in the import address table; ordinary and delayed imports alike.

import { DIRECTORY, type PeImage } from "./image.ts";

export interface Import {
  readonly dll: string;
  /** The function's name, or `#12` where it is imported by ordinal. */
  readonly name: string;
}

const MAX_LIBRARIES = 1024;
const MAX_FUNCTIONS = 65_536;
const MAX_NAME = 512;

/** All imports of an image, keyed by slot RVA. Broken descriptors end the list; what was read before them stays. */
export function readImports(image: PeImage): Map<number, Import> {
  const imports = new Map<number, Import>();
  const ordinary = image.directory(DIRECTORY.imports);
  if (ordinary !== undefined) {
    for (let i = 0; i < MAX_LIBRARIES; i++) {
      const at = ordinary.rva + 20 * i;
      const name = image.u32(at + 12);
      const slots = image.u32(at + 16);
      if (name === undefined || slots === undefined || name === 0 || slots === 0) break;
      const lookups = image.u32(at) ?? 0;
      if (!readLibrary(image, imports, name, lookups === 0 ? slots : lookups, slots)) break;
    }
  }
  const delayed = image.directory(DIRECTORY.delayImports);
  if (delayed !== undefined) {
    for (let i = 0; i < MAX_LIBRARIES; i++) {
      const at = delayed.rva + 32 * i;
      const name = image.u32(at + 4);
      const slots = image.u32(at + 12);
      const lookups = image.u32(at + 16);
      if (name === undefined || slots === undefined || lookups === undefined || name === 0 || lookups === 0) break;
      if (!readLibrary(image, imports, name, lookups, slots)) break;
    }
  }
  return imports;
}

/** Reads one library's functions; false once the whole list has grown beyond what a real file holds. */
function readLibrary(
  image: PeImage,
  imports: Map<number, Import>,
  nameRva: number,
  lookups: number,
  slots: number,
): boolean {
  const dll = image.latin1(nameRva, MAX_NAME).toLowerCase();
  const size = image.pointerSize;
  for (let i = 0; imports.size < MAX_FUNCTIONS; i++) {
    const low = image.u32(lookups + size * i);
    const high = size === 8 ? image.u32(lookups + size * i + 4) : 0;
    if (low === undefined || high === undefined || (low === 0 && high === 0)) return true;
    const byOrdinal = size === 8 ? high >>> 31 === 1 : low >>> 31 === 1;
    const name = byOrdinal ? `#${low & 0xffff}` : image.latin1(low + 2, MAX_NAME);
    imports.set(slots + size * i, { dll, name });
  }
  return false;
}
