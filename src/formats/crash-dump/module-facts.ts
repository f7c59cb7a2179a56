// What a module's own image tells of it, as far as the dump holds it.

import { FormatError } from "../../model/errors.ts";
import { readPdbReference } from "../pe/debug.ts";
import { PeImage } from "../pe/image.ts";
import { readVersion, type VersionStrings } from "../pe/version.ts";
import type { Dump } from "./dump.ts";
import { readMappedImage } from "./mapped-image.ts";
import type { ListedModule } from "./modules.ts";
import { readImageHeader, timeDateStampOf } from "./pe-image.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

export interface ModuleFacts extends ListedModule, VersionStrings {
  /** Time of linking, or a hash of the build where it is reproducible. */
  readonly timeDateStamp?: number;
  readonly pdb?: string;
  /** Share of the image's sections that the dump holds. */
  readonly coverage?: number;
}

/** All images together; a machine has a few hundred MiB of them, a hostile list may claim anything. */
const MOST_BYTES = 2 ** 31;

/** Facts of each module, in the list's order. */
export function readModuleFacts(dump: Dump, modules: readonly ListedModule[]): ModuleFacts[] {
  const triage = new Map(dump.triage?.modules.map((each) => [each.base, each]));
  let left = MOST_BYTES;
  return modules.map((each) => {
    const { base, sizeOfImage, name, path } = each;
    const listed = { base, sizeOfImage, name, path };
    const known = triage.get(base);
    if (known !== undefined) return { ...listed, timeDateStamp: known.timeDateStamp };
    left -= sizeOfImage;
    return dump.memory === undefined || left < 0 ? listed : { ...listed, ...imageFacts(dump.memory.space, each) };
  });
}

function imageFacts(space: VirtualMemory, { base, sizeOfImage }: ListedModule): Partial<ModuleFacts> {
  const header = readImageHeader(space, base);
  if (header === undefined) return { coverage: 0 };
  const facts = { timeDateStamp: timeDateStampOf(header), coverage: space.share(base, Math.min(sizeOfImage, 2 ** 28)) };
  try {
    // Constants and resources only: where versions and debug entries are.
    const image = readMappedImage(space, base, sizeOfImage, (section) => !section.executable && !section.writable);
    if (image === undefined) return facts;
    const pe = new PeImage(image.file);
    const pdb = readPdbReference(pe)?.path;
    return { ...facts, ...readVersion(pe), ...(pdb === undefined || pdb === "" ? {} : { pdb }) };
  } catch (error) {
    if (error instanceof FormatError) return facts;
    throw error;
  }
}
