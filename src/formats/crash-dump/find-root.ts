// Finds page tables in a memory image that names none: a top-level table maps itself, and few other pages look like that.
// Yields candidates only; find-kernel.ts keeps the one through which a kernel with its module list can be read.

import { address64, u32 } from "./bytes.ts";
import { ARM64, X64, X86, X86_PAE, type Paging } from "./paging.ts";
import { PAGE, PhysicalMemory, RunMap } from "./physical.ts";
import { CachedSource, type ByteSource } from "./source.ts";

export interface RootCandidate {
  readonly paging: Paging;
  readonly root: number;
  /** How it was recognised, in words. */
  readonly method: string;
}

const TWO_32 = 2 ** 32;
/** Pages looked at in the first, and at most in the second round: 16 MiB, 4 GiB. */
export const FIRST_PAGES = 4096;
const MOST_PAGES = 2 ** 20;
/** Index of the self-map in every 64-bit kernel before Windows 10 version 1607. */
const CLASSIC = "0x1ed";

/** Pages in which a raw image must have a candidate to be taken for one: 128 MiB. */
const SNIFFED_PAGES = 32_768;

/** Whether a raw image of memory has a candidate near its start. */
export function mayHoldPageTables(source: ByteSource): boolean {
  const pages = Math.min(SNIFFED_PAGES, Math.floor(source.size / PAGE));
  const memory = new PhysicalMemory(new CachedSource(source), new RunMap([{ firstPage: 0, pages, fileOffset: 0 }]));
  return rootCandidates(memory, undefined).next().done !== true;
}

/**
 * Candidates in the order in which they are worth trying, among the first `most` pages. `elfMachine` rules out other
 * architectures where known.
 */
export function* rootCandidates(
  memory: PhysicalMemory,
  elfMachine: number | undefined,
  most = MOST_PAGES,
): Generator<RootCandidate> {
  const wanted = (machine: number): boolean => elfMachine === undefined || elfMachine === machine;
  const seen = new Set<string>();
  const fresh = ({ paging, root }: RootCandidate): boolean => {
    const key = `${paging.id} ${root}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  };
  if (wanted(0x3e)) yield* lowStub(memory).filter(fresh);
  const test = (page: number): RootCandidate[] => {
    const bytes = memory.read(page * PAGE, PAGE);
    if (bytes === undefined) return [];
    const found: RootCandidate[] = [];
    if (wanted(0x3e)) found.push(...selfMapped64(bytes, page * PAGE, false));
    if (wanted(0xb7)) found.push(...selfMapped64(bytes, page * PAGE, true));
    if (wanted(3) || wanted(0x3e)) found.push(...selfMapped32(bytes, page * PAGE));
    return found.filter(fresh);
  };
  const end = Math.min(memory.map.endPage, most);
  const low: RootCandidate[] = [];
  for (let page = 0; page < Math.min(end, FIRST_PAGES); page++) low.push(...test(page));
  // A data page that seems to map itself is rare, one that does so at the classic index is rarer.
  yield* low.filter((each) => each.method.endsWith(CLASSIC));
  yield* low.filter((each) => !each.method.endsWith(CLASSIC));
  for (let page = FIRST_PAGES; page < end; page++) yield* test(page);
}

/** The start-up block of other processors on x64 keeps the kernel's CR3 in one of the lowest pages. */
function lowStub(memory: PhysicalMemory): RootCandidate[] {
  for (let page = 1; page < 0xa0; page++) {
    const bytes = memory.read(page * PAGE, PAGE);
    if (bytes === undefined) continue;
    if ((address64(bytes, 0) & 0xffffffffffff00ffn) !== 0x00000001000600e9n) continue;
    if ((address64(bytes, 0x70) & 0xfffff80000000003n) !== 0xfffff80000000000n) continue;
    const root = address64(bytes, 0xa0);
    if ((root & 0xffffff0000000fffn) !== 0n) continue;
    return [{ paging: X64, root: Number(root), method: `start-up block at 0x${(page * PAGE).toString(16)}` }];
  }
  return [];
}

/** A table of 512 entries, one of whose upper half leads back to it. */
function selfMapped64(bytes: Uint8Array, physical: number, arm: boolean): RootCandidate[] {
  const high = Math.floor(physical / TWO_32);
  // ARM64: not executable in either mode (bits 53 and 54 of the entry), supervisor, valid, table.
  const [lowMask, highMask, highBits] = arm ? [0xfffff073, 0x0063ffff, 0x00600000] : [0xfffff083, 0xffff, 0];
  const low = ((physical % TWO_32) | 3) >>> 0;
  let self = -1;
  for (let index = 256; index < 512 && self < 0; index++) {
    if ((u32(bytes, index * 8) & lowMask) >>> 0 !== low) continue;
    if ((u32(bytes, index * 8 + 4) & highMask) === (high | highBits)) self = index;
  }
  if (self < 0 || kernelEntries(bytes, arm) < 6) return [];
  return [
    { paging: arm ? ARM64 : X64, root: physical, method: `table that maps itself at index 0x${self.toString(16)}` },
  ];
}

function kernelEntries(bytes: Uint8Array, arm: boolean): number {
  let count = 0;
  for (let index = 256; index < 512; index++) {
    const low = u32(bytes, index * 8);
    if ((low & 1) === 1 && (low & (arm ? 0x40 : 4)) === 0) count += 1;
  }
  return count;
}

/** 32-bit tables map themselves at 0xC0000000: entry 300 without PAE, the first four entries of the last directory with it. */
function selfMapped32(bytes: Uint8Array, physical: number): RootCandidate[] {
  if (physical >= TWO_32) return [];
  const own = (at: number): boolean => (u32(bytes, at) & 0xfffff001) >>> 0 === (physical | 1) >>> 0;
  if (own(0xc00)) {
    return [{ paging: X86, root: physical, method: "page directory that maps itself at 0xC0000000" }];
  }
  const present = [0, 8, 16].every((at) => (u32(bytes, at) & 1) === 1);
  // Those four entries have the form of the four top entries, so the directory itself serves as the top table.
  if (present && own(24) && u32(bytes, 28) === 0) {
    return [{ paging: X86_PAE, root: physical, method: "PAE directories that map themselves at 0xC0000000" }];
  }
  return [];
}
