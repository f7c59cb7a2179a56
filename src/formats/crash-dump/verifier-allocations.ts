// Driver Verifier's own record of every allocation that its drivers hold, with the address that asked for it: pages of entries,
// one kind of page a driver, found by their form among all mapped pages. 64-bit kernels only; 2003 to 11 have the same form.

import { bookedTag, isPrintableTag, type Tag } from "../../model/tag.ts";
import type { AddressSpace } from "./address-space.ts";
import { moduleAt } from "./block-contents.ts";
import { address64, u32, u64 } from "./bytes.ts";
import type { ListedModule } from "./modules.ts";
import { scannedPages, type ScanProgress } from "./scan-tag.ts";

/*
 | page of entries                      | entry (20 bytes)                       |
 | 0 next page, 8 driver's data, 10 mark | 0 address, 8 caller, 10 bytes, 18 tag  |
*/
const FIRST_ENTRY = 0x18;
const ENTRY = 0x20;
const PAGE = 4096;
const POOL_HEADER = 0x10n;
/** A page is one of the record with this many entries, most of what is filled in being entries. */
const FEWEST_ENTRIES = 3;
const ENOUGH_ENTRIES = 0.6;
const MOST_BYTES = 2 ** 40;
/** Free entries hold the links of a list. */
const isFree = (bytes: number, tag: number): boolean => bytes === 0 && tag === 0;

/** Allocations of one tag asked for at one place. */
export interface VerifierCaller {
  readonly module: string;
  /** Distance of the return address from the module's base. */
  readonly rva: number;
  readonly tag: Tag;
  readonly allocations: number;
  readonly bytes: number;
}

export interface VerifierAllocations {
  /** Most bytes first. */
  readonly callers: readonly VerifierCaller[];
  readonly allocations: number;
  /** Of these: the block's own header has the tag. Blocks of a page and more have no header. */
  readonly tagsAgree: number;
  readonly withHeader: number;
  readonly pages: number;
}

interface Entry {
  readonly address: bigint;
  readonly caller: bigint;
  readonly module: ListedModule;
  readonly bytes: number;
  readonly tag: Tag;
}

/** Scans for the record. Empty where there is none, also where Verifier did not track pool. */
export function readVerifierAllocations(
  space: AddressSpace,
  modules: readonly ListedModule[],
  progress: ScanProgress,
): VerifierAllocations {
  const sorted = modules.toSorted((a, b) => (a.base < b.base ? -1 : 1));
  const skip = sorted.map(({ base, sizeOfImage }) => ({ start: base, end: base + BigInt(sizeOfImage) }));
  const callers = new Map<string, VerifierCaller>();
  let allocations = 0;
  let tagsAgree = 0;
  let withHeader = 0;
  let pages = 0;
  if (space.pointerSize === 8) {
    for (const { page } of scannedPages(space, skip, progress)) {
      const entries = entriesOf(space, page, sorted);
      if (entries === undefined) continue;
      pages += 1;
      for (const { address, caller, module, bytes, tag } of entries) {
        allocations += 1;
        if ((address & 0xfffn) !== 0n) {
          const header = space.readExact(address - POOL_HEADER, 8);
          if (header !== undefined) withHeader += 1;
          if (header !== undefined && bookedTag(u32(header, 4)) === tag) tagsAgree += 1;
        }
        const rva = Number(caller - module.base);
        const key = `${module.base} ${rva} ${tag}`;
        const known = callers.get(key) ?? { module: module.name, rva, tag, allocations: 0, bytes: 0 };
        callers.set(key, { ...known, allocations: known.allocations + 1, bytes: known.bytes + bytes });
      }
    }
  }
  return {
    callers: [...callers.values()].sort((a, b) => b.bytes - a.bytes),
    allocations,
    tagsAgree,
    withHeader,
    pages,
  };
}

/** The entries of a page; undefined where it is no page of the record. */
function entriesOf(space: AddressSpace, page: Uint8Array, sorted: readonly ListedModule[]): Entry[] | undefined {
  // Nearly every page ends here: the second word is a kernel address, and so is the first entry's caller or link.
  if (page[0xf] !== 0xff || page[0xe] !== 0xff || !space.isKernelAddress(address64(page, 8))) return undefined;
  const entries: Entry[] = [];
  let filled = 0;
  for (let at = FIRST_ENTRY; at + ENTRY <= PAGE; at += ENTRY) {
    const bytes = u64(page, at + 0x10);
    const tag = bookedTag(u32(page, at + 0x18));
    if (isFree(bytes, tag)) continue;
    filled += 1;
    const address = address64(page, at);
    const caller = address64(page, at + 8);
    if (bytes === 0 || bytes >= MOST_BYTES || !isPrintableTag(tag) || !space.isKernelAddress(address)) continue;
    const module = space.isKernelAddress(caller) ? moduleAt(sorted, caller) : undefined;
    if (module !== undefined) entries.push({ address, caller, module, bytes, tag });
  }
  return entries.length >= FEWEST_ENTRIES && entries.length >= ENOUGH_ENTRIES * filled ? entries : undefined;
}
