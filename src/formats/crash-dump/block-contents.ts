// What stands in the first bytes of blocks of one tag: pointers into modules (an object's functions, a driver object) and text
// (names of devices and files). What many blocks have in common often names their owner.

import { pointer, u16 } from "./bytes.ts";
import type { ListedModule } from "./modules.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

export interface CommonPointer {
  /** Where in the contents of the block it stands. */
  readonly offset: number;
  readonly module: string;
  /** Distance from the module's base. */
  readonly rva: number;
  readonly blocks: number;
}

export interface CommonText {
  readonly text: string;
  readonly blocks: number;
}

export interface BlockContents {
  /** Blocks whose contents were there. */
  readonly looked: number;
  /** Found in the most blocks first. */
  readonly pointers: readonly CommonPointer[];
  readonly texts: readonly CommonText[];
}

/** Blocks looked at; more of the same tag say the same. */
const MOST_LOOKED = 4096;
/** Bytes of each that are looked at, and least characters of a text. */
const LOOKED_BYTES = 0x80;
const SHORTEST_TEXT = 6;
const MOST_GROUPS = 10;

interface Block {
  readonly address: bigint;
  readonly bytes: number;
}

/** Groups what the blocks have in common. `address` is that of the header. */
export function readBlockContents(
  space: VirtualMemory,
  blocks: readonly Block[],
  modules: readonly ListedModule[],
): BlockContents {
  const headerBytes = space.pointerSize === 8 ? 16 : 8;
  const pointers = new Map<string, { offset: number; module: string; rva: number; blocks: number }>();
  const texts = new Map<string, number>();
  const sorted = modules.toSorted((a, b) => (a.base < b.base ? -1 : 1));
  let looked = 0;
  const step = Math.max(1, Math.floor(blocks.length / MOST_LOOKED));
  for (let i = 0; i < blocks.length && looked < MOST_LOOKED; i += step) {
    const block = blocks[i];
    if (block === undefined) continue;
    const length = Math.min(LOOKED_BYTES, block.bytes - headerBytes);
    const bytes = length > 0 ? space.readExact(block.address + BigInt(headerBytes), length) : undefined;
    if (bytes === undefined) continue;
    looked += 1;
    for (let offset = 0; offset + space.pointerSize <= length; offset += space.pointerSize) {
      const value = pointer(bytes, offset, space.pointerSize);
      const module = space.isKernelAddress(value) ? moduleAt(sorted, value) : undefined;
      if (module === undefined) continue;
      const rva = Number(value - module.base);
      const key = `${offset} ${module.base} ${rva}`;
      const known = pointers.get(key) ?? { offset, module: module.name, rva, blocks: 0 };
      pointers.set(key, { ...known, blocks: known.blocks + 1 });
    }
    for (const text of new Set(textsIn(bytes))) texts.set(text, (texts.get(text) ?? 0) + 1);
  }
  return {
    looked,
    pointers: [...pointers.values()].sort((a, b) => b.blocks - a.blocks).slice(0, MOST_GROUPS),
    texts: [...texts]
      .map(([text, count]) => ({ text, blocks: count }))
      .sort((a, b) => b.blocks - a.blocks)
      .slice(0, MOST_GROUPS),
  };
}

/** The module that an address lies in; `sorted` by base. */
export function moduleAt(sorted: readonly ListedModule[], address: bigint): ListedModule | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.base ?? 0n) <= address) low = middle + 1;
    else high = middle;
  }
  const module = sorted[low - 1];
  return module !== undefined && address < module.base + BigInt(module.sizeOfImage) ? module : undefined;
}

/** Printable runs, as bytes and as UTF-16. */
function textsIn(bytes: Uint8Array): string[] {
  const found: string[] = [];
  const runs = (step: 1 | 2): void => {
    for (let start = 0; start < step; start++) {
      let run = "";
      for (let at = start; at + step <= bytes.length + step; at += step) {
        const unit = at + step > bytes.length ? 0 : step === 1 ? (bytes[at] ?? 0) : u16(bytes, at);
        if (unit >= 0x20 && unit < 0x7f) run += String.fromCharCode(unit);
        else {
          if (run.length >= SHORTEST_TEXT) found.push(run);
          run = "";
        }
      }
    }
  };
  runs(1);
  runs(2);
  return found;
}
