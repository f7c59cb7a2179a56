// A ring of lookaside lists put into a made-up machine: literal offsets of the public GENERAL_LOOKASIDE, nothing of the reader
// in src/ is used here.

import type { Machine } from "./machine.ts";

export interface MadeLookaside {
  readonly tag: string;
  readonly size: number;
  readonly idle: number;
  readonly paged?: boolean;
  /** Allocations and frees so far; the misses follow from them. */
  readonly allocations?: number;
  readonly frees?: number;
  /** Tag in the headers of its idle blocks, where it is another one. */
  readonly blockTag?: string;
}

export interface MadeRing {
  /** The head, in the kernel's data. */
  readonly head: bigint;
  /** Links of each list, in order. */
  readonly links: readonly bigint[];
  /** Where the idle blocks of each list begin, their headers. */
  readonly blocks: readonly (readonly bigint[])[];
}

const text = (value: string): Uint8Array => Uint8Array.from(value, (char) => char.charCodeAt(0));

/** One ring; its head goes to `place` bytes behind the module list's head, its lists and blocks into the pool. */
export function addLookasides(machine: Machine, lists: readonly MadeLookaside[], place = 0xc0n): MadeRing {
  const { memory } = machine;
  const { wide } = memory;
  const p = wide ? 8n : 4n;
  const head = machine.moduleList + place;
  const structures = (wide ? 0xffffa40c70000000n : 0x91000000n) + place * 0x1000n;
  const idlePages = (wide ? 0xffffa40c74000000n : 0x92000000n) + place * 0x1000n;
  const code = (machine.modules[0]?.base ?? 0n) + 0x4560n;
  const linkOffset = wide ? 0x40n : 0x30n;
  const links = lists.map((_, i) => structures + BigInt(i) * 0x80n + linkOffset);
  const ring = [head, ...links];
  ring.forEach((entry, i) => {
    memory.putPointer(entry, ring[(i + 1) % ring.length] ?? 0n);
    memory.putPointer(entry + p, ring[(i + ring.length - 1) % ring.length] ?? 0n);
  });
  let nextBlock = idlePages;
  const blocks = lists.map((list, i) => {
    const start = structures + BigInt(i) * 0x80n;
    const unit = wide ? 16 : 8;
    const bytes = BigInt(Math.ceil((list.size + unit) / unit) * unit);
    const headers = Array.from({ length: list.idle }, () => {
      if (0x1000n - (nextBlock % 0x1000n) < bytes) nextBlock += 0x1000n - (nextBlock % 0x1000n);
      const header = nextBlock;
      nextBlock += bytes;
      const units = Number(bytes) / unit;
      memory.put(header, new Uint8Array(wide ? [0, 0, units, 2] : [0, 0, units & 0xff, (units >>> 8) | (2 << 1)]));
      memory.put(header + 4n, text(list.blockTag ?? list.tag));
      return header;
    });
    headers.forEach((header, n) => {
      const next = headers[n + 1];
      memory.putPointer(header + BigInt(unit), next === undefined ? 0n : next + BigInt(unit));
    });
    const first = headers[0] === undefined ? 0n : headers[0] + BigInt(unit);
    const allocations = list.allocations ?? 500;
    const frees = list.frees ?? 480;
    if (wide) {
      memory.put(start, new Uint8Array([list.idle & 0xff, list.idle >>> 8, 7, 0]));
      // Bits 0 and 1 of the word say which form the header has.
      memory.putPointer(start + 8n, first | 3n);
    } else {
      memory.putPointer(start, first);
      memory.put(start + 4n, new Uint8Array([list.idle & 0xff, list.idle >>> 8, 7, 0]));
    }
    const at = wide ? 0x10n : 8n;
    memory.put(start + at, new Uint8Array([4, 0, 0, 1]));
    const freeMisses = 11;
    const words = [
      allocations,
      allocations - frees + list.idle + freeMisses,
      frees,
      freeMisses,
      list.paged === true ? 1 : 0x200,
    ];
    words.forEach((word, n) => memory.putU32(start + at + 4n + BigInt(4 * n), word));
    memory.put(start + (wide ? 0x28n : 0x20n), text(list.tag));
    memory.putU32(start + (wide ? 0x2cn : 0x24n), list.size);
    memory.putPointer(start + (wide ? 0x30n : 0x28n), code);
    memory.putPointer(start + (wide ? 0x38n : 0x2cn), code + 0x40n);
    return headers;
  });
  return { head, links, blocks };
}
