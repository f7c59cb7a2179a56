// Subsegments of the segment heap put into a made-up machine: literal offsets as docs/sources/crash-dump.md states them, nothing of
// the reader in src/ is used here.

import type { Machine } from "./machine.ts";

export interface MadeHeap {
  /** Headers of blocks in use, and of freed ones that still have their tag. */
  readonly inUse: readonly bigint[];
  readonly freed: readonly bigint[];
  /** Where the subsegments begin. */
  readonly chunks: bigint;
  readonly blocks: bigint;
}

const KEY = 0x9c3f5a71d2e80b46n;
const SECOND = 0x51e70c93a8b64f2dn;

const text = (value: string): Uint8Array => Uint8Array.from(value, (char) => char.charCodeAt(0));
const le = (value: bigint, bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));

/** One subsegment of chunks over four pages, one of blocks over two, both with every third block of `tag` freed. */
export function addSegmentHeap(machine: Machine, tag: string, bitmap: 0x30n | 0x40n = 0x30n): MadeHeap {
  const { memory } = machine;
  const inUse: bigint[] = [];
  const freed: bigint[] = [];
  const keys = machine.moduleList + 0x300n;
  memory.put(keys, le(KEY, 8));
  memory.put(keys + 8n, le(SECOND, 8));

  const chunks = 0xffffa40c34000000n;
  const total = 0x4000n;
  memory.put(chunks + 0x20n, le(total >> 4n, 2));
  memory.put(chunks + 0x22n, le(((total >> 4n) ^ 0x2bedn) & 0x7fffn, 2));
  let at = 0x30n;
  let before = 0n;
  for (let i = 0; at < total; i++) {
    const left = total - at;
    const bytes = left < 0x200n ? left : ([0x60n, 0x1c0n, 0x90n][i % 3] ?? left);
    const isFree = i % 3 === 2 || left < 0x200n;
    const where = chunks + at;
    const plain = ((bytes >> 4n) << 16n) | (before << 32n) | (isFree ? 0n : 1n << 48n);
    memory.put(where, le(plain ^ where ^ KEY, 8));
    memory.put(where + 0x10n, new Uint8Array([0, 0, Number(bytes >> 4n) - 1, 2, ...text(tag)]));
    (isFree ? freed : inUse).push(where + 0x10n);
    before = bytes >> 4n;
    at += bytes;
  }

  const blocks = 0xffffa40c35000000n;
  const size = 0x70n;
  const first = 0x80n;
  const count = Number((0x2000n - first) / size);
  let free = 0;
  for (let i = 0; i < count; i++) {
    const header = blocks + first + BigInt(i) * size;
    memory.put(header, new Uint8Array([0, 0, 7, 2, ...text(i % 2 === 0 ? tag : "Oth0")]));
    if (i % 3 === 2) free += 1;
    if (i % 2 === 0) (i % 3 === 2 ? freed : inUse).push(header);
    const byte = blocks + bitmap + BigInt(i >>> 2);
    const known = memory.map(byte)[Number(byte % 4096n)] ?? 0;
    memory.put(byte, new Uint8Array([known | ((i % 3 === 2 ? 0 : 1) << (2 * (i & 3)))]));
  }
  memory.put(blocks + 0x20n, le(BigInt(free), 2));
  memory.put(blocks + 0x22n, le(BigInt(count), 2));
  memory.put(blocks + 0x28n, le((size | (first << 16n)) ^ ((SECOND ^ (blocks >> 12n)) & 0xffffffffn), 4));
  return { inUse, freed, chunks, blocks };
}
