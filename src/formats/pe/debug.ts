// The PDB file that a driver names in its debug directory (CodeView RSDS and NB10): path and identity.

import { decodeUtf8 } from "../utf8.ts";
import { guidAt } from "./guid.ts";
import { DIRECTORY, type PeImage } from "./image.ts";

const CODEVIEW = 2;
const MAX_PATH = 1024;

/** What a driver says of its PDB. */
export interface PdbReference {
  /** As the linker wrote it: UTF-8, or bytes of a code page taken as Latin-1. Often the best clue to a driver's maker. */
  readonly path: string;
  /** Identity as a symbol server spells it, and the age that goes with it; undefined for the NB10 form of before 2000. */
  readonly guid: string | undefined;
  readonly age: number;
}

/** The PDB that an image names, or undefined where it names none. */
export function readPdbReference(image: PeImage): PdbReference | undefined {
  const directory = image.directory(DIRECTORY.debug);
  if (directory === undefined) return undefined;
  const { bytes } = image;
  for (let i = 0; i < Math.min(16, Math.floor(directory.size / 28)); i++) {
    const at = directory.rva + 28 * i;
    const offset = image.u32(at + 24);
    if (offset === undefined) return undefined;
    if (image.u32(at + 12) !== CODEVIEW || offset + 24 > bytes.length) continue;
    const signature = bytes.u32(offset);
    const path = (start: number): string => {
      const end = Math.min(bytes.length, start + MAX_PATH);
      const zero = bytes.data.subarray(start, end).indexOf(0);
      return decodeUtf8(bytes.data.subarray(start, zero < 0 ? end : start + zero));
    };
    // "RSDS", GUID, age, path; "NB10", offset, time stamp, age, path.
    if (signature === 0x5344_5352) {
      return { path: path(offset + 24), guid: guidAt(bytes.data, offset + 4), age: bytes.u32(offset + 20) };
    }
    if (signature === 0x3031_424e) return { path: path(offset + 16), guid: undefined, age: bytes.u32(offset + 12) };
  }
  return undefined;
}
