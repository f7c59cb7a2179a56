// The path of the PDB file from the debug directory (CodeView RSDS and NB10): often the best clue to a driver's maker.

import { DIRECTORY, type PeImage } from "./image.ts";

const CODEVIEW = 2;

/** The PDB path as the linker wrote it, or undefined. Bytes above 0x7F are taken as Latin-1. */
export function readPdbPath(image: PeImage): string | undefined {
  const directory = image.directory(DIRECTORY.debug);
  if (directory === undefined) return undefined;
  for (let i = 0; i < Math.min(16, Math.floor(directory.size / 28)); i++) {
    const at = directory.rva + 28 * i;
    const offset = image.u32(at + 24);
    if (offset === undefined) return undefined;
    if (image.u32(at + 12) !== CODEVIEW || offset + 24 > image.bytes.length) continue;
    const signature = image.bytes.u32(offset);
    if (signature === 0x53445352) return image.bytes.latin1(offset + 24, 520);
    if (signature === 0x3031424e) return image.bytes.latin1(offset + 16, 520);
  }
  return undefined;
}
