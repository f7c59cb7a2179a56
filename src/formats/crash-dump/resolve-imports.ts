// Imports of an image out of memory. Windows frees the import list of a driver once it has started, but the slots still hold
// the addresses of the functions: each is looked up among the exports of the module it lies in.

import { FormatError } from "../../model/errors.ts";
import { readExportNames } from "../pe/exports.ts";
import { DIRECTORY, PeImage } from "../pe/image.ts";
import type { Import } from "../pe/imports.ts";
import { pointer } from "./bytes.ts";
import { readMappedImage } from "./mapped-image.ts";
import type { ListedModule } from "./modules.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

/** Data searched for slots at most; import tables of the largest drivers have a few KiB. */
const MOST_BYTES = 2 ** 21;

export class ImportResolver {
  readonly #space: VirtualMemory;
  readonly #modules: readonly ListedModule[];
  readonly #exports = new Map<bigint, ReadonlyMap<number, string>>();

  constructor(space: VirtualMemory, modules: readonly ListedModule[]) {
    this.#space = space;
    this.#modules = [...modules].sort((a, b) => (a.base < b.base ? -1 : 1));
  }

  /** Slots of an image laid out as mapped, by RVA: every pointer in its data that is the address of another's export. */
  importsOf(file: Uint8Array, base: bigint): Map<number, Import> {
    const imports = new Map<number, Import>();
    const size = this.#space.pointerSize;
    let left = MOST_BYTES;
    for (const section of new PeImage(file).sections) {
      if (section.executable || section.name === ".rsrc" || section.name === ".reloc") continue;
      const end = Math.min(section.rva + Math.min(section.size, left), file.length);
      left -= Math.max(0, end - section.rva);
      for (let rva = section.rva; rva + size <= end; rva += size) {
        const value = pointer(file, rva, size);
        if (!this.#space.isKernelAddress(value)) continue;
        const module = this.#moduleAt(value);
        if (module === undefined || module.base === base) continue;
        const name = this.#exportsOf(module).get(Number(value - module.base));
        if (name !== undefined) imports.set(rva, { dll: module.name.toLowerCase(), name });
      }
    }
    return imports;
  }

  #moduleAt(address: bigint): ListedModule | undefined {
    let low = 0;
    let high = this.#modules.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#modules[middle]?.base ?? 0n) <= address) low = middle + 1;
      else high = middle;
    }
    const module = this.#modules[low - 1];
    return module !== undefined && address < module.base + BigInt(module.sizeOfImage) ? module : undefined;
  }

  #exportsOf(module: ListedModule): ReadonlyMap<number, string> {
    let names = this.#exports.get(module.base);
    if (names === undefined) {
      names = readNames(this.#space, module);
      this.#exports.set(module.base, names);
    }
    return names;
  }
}

/** Names of a module's exports; only the section that holds them is read. */
function readNames(space: VirtualMemory, { base, sizeOfImage }: ListedModule): ReadonlyMap<number, string> {
  try {
    const header = readMappedImage(space, base, sizeOfImage, () => false);
    if (header === undefined) return new Map();
    const directory = new PeImage(header.file).directory(DIRECTORY.exports);
    if (directory === undefined) return new Map();
    const image = readMappedImage(
      space,
      base,
      sizeOfImage,
      (section) => directory.rva >= section.rva && directory.rva < section.rva + section.size,
    );
    return image === undefined ? new Map() : readExportNames(new PeImage(image.file));
  } catch (error) {
    if (error instanceof FormatError) return new Map();
    throw error;
  }
}
