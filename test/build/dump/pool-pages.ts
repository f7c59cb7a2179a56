// The pool of a made-up machine whose every block stands in memory: pages of chained blocks, as many of each tag as the tag tables
// count, the pool's own lists of freed blocks, and a list of large allocations in which only rows of the pool's own tables are in use. Independent on
// purpose: literal bytes, nothing of the reader in src/ is used here.

import { addLookasides } from "./lookasides.ts";
import type { Machine } from "./machine.ts";
import { bigTableBytes } from "./tables.ts";

const PAGE = 4096;

export interface PoolPages {
  readonly blocks: number;
  /** Of these tags one block more stands in a list of the pool's own: freed. */
  readonly freed: readonly string[];
}

/** Puts all blocks in. Bytes of a tag are spread evenly over its blocks; each has its header at least. */
export function addPoolPages(machine: Machine): PoolPages {
  const { memory, truth } = machine;
  const { wide } = memory;
  const unit = wide ? 16 : 8;
  const mostUnits = PAGE / unit - 8;
  const pieces: { tag: string; units: number; type: number }[] = [];
  for (const [key, [allocs, frees, bytes]] of truth) {
    const tag = key.slice(0, 4);
    const count = allocs - frees;
    let left = Math.round(bytes / unit);
    for (let n = 0; n < count; n++) {
      const units = Math.min(mostUnits, Math.max(1, Math.floor(left / (count - n))));
      left -= units;
      pieces.push({ tag, units, type: key.endsWith("nonpaged") ? 2 : 3 });
    }
    if (left !== 0) throw new Error(`${key}: its bytes are no blocks`);
  }
  // A page is filled up with a free block.
  const start = wide ? 0xffffa40c30000000n : 0x8a000000n;
  let page = new Uint8Array(PAGE);
  let number = 0n;
  let at = 0;
  let before = 0;
  const put = (tag: string, units: number, type: number): void => {
    const view = new DataView(page.buffer);
    if (wide) page.set([before, 0, units, type], at);
    else view.setUint32(at, (before | (units << 16) | (type << 25)) >>> 0, true);
    for (let i = 0; i < 4; i++) page[at + 4 + i] = tag.charCodeAt(i);
    before = units;
    at += units * unit;
  };
  const flush = (): void => {
    for (let left = (PAGE - at) / unit; left > 0;) {
      const units = Math.min(left, wide ? 0xff : 0x1ff);
      put("Free", units, 0);
      left -= units;
    }
    memory.put(start + number * BigInt(PAGE), page);
    number += 1n;
    page = new Uint8Array(PAGE);
    at = 0;
    before = 0;
  };
  for (const { tag, units, type } of pieces) {
    if (at + units * unit > PAGE) flush();
    put(tag, units, type);
  }
  flush();
  // The page of four blocks that every made-up machine has is no part of the count.
  memory.put(machine.poolPage, new Uint8Array(PAGE));
  const [own, ...others] = machine.bigTruth;
  if (own !== undefined) {
    // A list with no row in use is none: a few stay, with the tag of the pool's own tables.
    const rows = [
      own,
      ...others.map((row, i) => (i < 5 ? { ...row, tag: "Pool", freed: false } : { ...row, freed: true })),
    ];
    memory.put(own.address, bigTableBytes(machine.options.bigRecipe, 512, rows));
  }

  // Freed blocks that still look as if they were in use: a page of them, linked by the pool's own lists.
  const freed = ["Even", "Leak", "File"];
  const sizes = [64, 96, 128];
  const lists = addLookasides(
    machine,
    freed.map((_, i) => ({ tag: "Pool", size: (sizes[i] ?? 64) - unit, idle: 0 })),
    0x140n,
  );
  const headers: bigint[] = [];
  freed.forEach((tag, i) => {
    headers.push(start + number * BigInt(PAGE) + BigInt(at));
    put(tag, (sizes[i] ?? 64) / unit, 2);
  });
  flush();
  headers.forEach((header, i) => {
    const list = (lists.links[i] ?? 0n) - (wide ? 0x40n : 0x30n);
    memory.put(list + (wide ? 0n : 4n), new Uint8Array([1, 0]));
    memory.putPointer(list + (wide ? 8n : 0n), (header + BigInt(unit)) | (wide ? 3n : 0n));
    memory.putPointer(header + BigInt(unit), 0n);
  });
  return { blocks: pieces.length, freed };
}
