// Finds the kernel and its module list: by the dump header where it names them, else by structure alone. The list head is a
// pair of links in the kernel's own data whose first entry points back to it and names the image that the data belongs to.

import type { Machine, PeImage } from "../pe/image.ts";
import type { AddressSpace, MappedPage } from "./address-space.ts";
import { hex } from "./bytes.ts";
import { kernelPointers, readKernelData, readWholeImage, type KernelData } from "./kernel-data.ts";
import { firstModule } from "./modules.ts";
import type { PagingId } from "./paging.ts";
import { PAGE } from "./physical.ts";
import { parseImageHeader, readImageHeader } from "./pe-image.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

export interface Kernel {
  readonly base: bigint;
  readonly moduleList: bigint;
  readonly image: PeImage | undefined;
  /** Data of the kernel; the whole of its image where its header is not in the dump. */
  readonly data: KernelData;
  /** How it was found, in words. */
  readonly method: string;
}

/** The kernel through the list head that a dump header names; undefined where nothing there can be read. */
export function kernelFromHeader(space: VirtualMemory, moduleList: bigint): Kernel | undefined {
  const first = space.readPointer(moduleList);
  if (first === undefined || first === moduleList) return undefined;
  const module = firstModule(space, moduleList, first);
  if (module === undefined || !space.isKernelAddress(module.base)) return undefined;
  const { base, sizeOfImage } = module;
  const image = readImageHeader(space, base);
  if (image === undefined) {
    const data = readWholeImage(space, base, sizeOfImage);
    return { base, moduleList, image, data, method: "module list named by the dump header; its own header is missing" };
  }
  const data = readKernelData(space, base, image, false);
  return { base, moduleList, image, data, method: "module list named by the dump header" };
}

/** Table entries walked at most while looking for the kernel. */
export const WALK_BUDGET = 2 ** 22;
/** The machine of the kernel's image; ARM64 tables can be walked as if they were x64's, so this tells them apart. */
const MACHINES: Readonly<Record<PagingId, Machine>> = { x64: "x64", arm64: "arm64", "x86-pae": "x86", x86: "x86" };
const SMALLEST_KERNEL = 2 ** 20;
const LARGEST_KERNEL = 2 ** 26;

/** The kernel by structure, within `most` table entries: every mapped image large enough is asked whether its data holds the list that begins with it. */
export function searchKernel(space: AddressSpace, most = WALK_BUDGET): Kernel | undefined {
  for (const base of imageBases(space, most)) {
    const image = readImageHeader(space, base);
    if (image === undefined || image.machine !== MACHINES[space.paging.id]) continue;
    if (image.sizeOfImage < SMALLEST_KERNEL || image.sizeOfImage > LARGEST_KERNEL) continue;
    const moduleList = moduleListIn(space, readKernelData(space, base, image, true), image);
    if (moduleList === undefined) continue;
    const method = `image at ${hex(base)} whose data holds a module list that begins with it`;
    return { base, moduleList, image, data: readKernelData(space, base, image, false), method };
  }
  return undefined;
}

/** Where every 64-bit kernel has lain so far; what lies below is mostly pool and cache, and is looked at last. */
const USUAL_START = 0xfffff80000000000n;

function* imageBases(space: AddressSpace, most: number): Generator<bigint> {
  const budget = { left: most };
  if (space.pointerSize === 4) {
    yield* basesIn(space, space.mappedPages(budget));
  } else {
    yield* basesIn(space, space.mappedPages(budget, USUAL_START));
    yield* basesIn(space, space.mappedPages(budget, space.paging.kernelStart, USUAL_START));
  }
}

function* basesIn(space: AddressSpace, pages: Iterable<MappedPage>): Generator<bigint> {
  for (const { address, physical, size } of pages) {
    // Images may start anywhere inside a large page.
    for (let offset = 0; offset < Math.min(size, 2 ** 21); offset += PAGE) {
      const sign = space.memory.read(physical + offset, 2);
      if (sign === undefined || sign[0] !== 0x4d || sign[1] !== 0x5a) continue;
      const page = space.memory.read(physical + offset, PAGE);
      if (page !== undefined && parseImageHeader(page) !== undefined) yield address + BigInt(offset);
    }
  }
}

function moduleListIn(space: AddressSpace, data: KernelData, image: PeImage): bigint | undefined {
  for (const { at, value } of kernelPointers(space, data)) {
    if (value === at) continue;
    const first = firstModule(space, at, value);
    if (first?.base === data.base && first.sizeOfImage === image.sizeOfImage) return at;
  }
  return undefined;
}
