// Byte recipes of hibernation files, VMware snapshots and ZIP archives around a made-up machine's memory. Independent on
// purpose: literal offsets from docs/sources/crash-dump.md, nothing of the reader in src/ is used here.

import { crc32, deflateRawSync } from "node:zlib";
import { compressHuffman, compressPlain } from "../xpress.ts";
import type { Machine } from "./machine.ts";

const text = (value: string): number[] => Array.from(value, (char) => char.charCodeAt(0));
const little = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256);

function sorted(machine: Machine): [number, Uint8Array][] {
  return [...machine.memory.pages].sort(([a], [b]) => a - b);
}

export interface HibernationOptions {
  /** Length that the header says of itself, and where it keeps the first pages of its sets and their counts. */
  readonly length?: number;
  readonly sign?: string;
  readonly form?: "plain" | "huffman" | "stored";
}

/** A hibernation file of Windows 10 (64-bit): half of the pages in the boot set, the rest in the kernel's. */
export function hibernationFile(machine: Machine, options: HibernationOptions = {}): Uint8Array {
  const header = new Uint8Array(4096);
  const view = new DataView(header.buffer);
  header.set(text(options.sign ?? "HIBR"));
  view.setUint32(0xc, options.length ?? 0x3e0, true);
  view.setUint32(0x18, 0x1000, true);
  const pages = sorted(machine);
  const half = Math.floor(pages.length / 2);
  const boot = hibernationSet(pages.slice(0, half), options.form ?? "huffman");
  const kernel = hibernationSet(pages.slice(half), options.form ?? "plain");
  const bootPages = Math.ceil(boot.length / 4096);
  const u64 = (at: number, value: number): void => view.setBigUint64(at, BigInt(value), true);
  u64(0x58, half);
  u64(0x68, 2);
  u64(0x70, 2 + bootPages + 1);
  u64(0x230, pages.length - half);
  const file = new Uint8Array((2 + bootPages + 1) * 4096 + kernel.length);
  file.set(header);
  file.set(boot, 2 * 4096);
  file.set(kernel, (2 + bootPages + 1) * 4096);
  return file;
}

function hibernationSet(pages: readonly [number, Uint8Array][], form: "plain" | "huffman" | "stored"): Uint8Array {
  const out: number[] = [];
  for (let from = 0; from < pages.length; from += 16) {
    const piece = pages.slice(from, from + 16);
    const runs: [number, number][] = [];
    for (const [number] of piece) {
      const last = runs.at(-1);
      if (last !== undefined && last[0] + last[1] === number) last[1] += 1;
      else runs.push([number, 1]);
    }
    const bytes = new Uint8Array(piece.length * 4096);
    piece.forEach(([, page], i) => bytes.set(page, i * 4096));
    const packed = form === "plain" ? compressPlain(bytes) : form === "huffman" ? compressHuffman(bytes) : bytes;
    out.push(...little(runs.length + packed.length * 256 + (form === "huffman" ? 2 ** 30 : 0), 4));
    for (const [first, count] of runs) out.push(...little(first * 16 + count - 1, 8));
    for (const byte of packed) out.push(byte);
  }
  return Uint8Array.from(out);
}

/** Pages of memory from 0 to the last one, with a hole: what lies at and above 4 GiB follows the hole in the file. */
export function vmwareMemory(machine: Machine, holeStart: number): { vmem: Uint8Array; vmsn: Uint8Array } {
  const pages = sorted(machine);
  const high = 2 ** 20;
  const last = pages.at(-1)?.[0] ?? 0;
  const vmem = new Uint8Array((holeStart + last + 1 - high) * 4096);
  for (const [number, page] of pages) {
    vmem.set(page, (number < holeStart ? number : holeStart + number - high) * 4096);
  }
  const tag = (name: string, indexes: readonly number[], value: number): number[] => [
    (indexes.length << 6) | 4,
    name.length,
    ...text(name),
    ...indexes.flatMap((index) => little(index, 4)),
    ...little(value, 4),
  ];
  const tags = [
    ...tag("align_mask", [], 0xffff),
    ...tag("regionsCount", [], 2),
    ...tag("regionPPN", [0], 0),
    ...tag("regionPageNum", [0], 0),
    ...tag("regionSize", [0], holeStart),
    ...tag("regionPPN", [1], high),
    ...tag("regionPageNum", [1], holeStart),
    ...tag("regionSize", [1], last + 1 - high),
    0,
    0,
  ];
  const group = (name: string, offset: number, size: number): number[] => {
    const padded = [...text(name), ...Array.from({ length: 64 - name.length }, () => 0)];
    return [...padded, ...little(offset, 8), ...little(size, 8)];
  };
  const first = 12 + 2 * 80;
  const vmsn = Uint8Array.from([
    ...little(0xbed2bed2, 4),
    ...little(8, 4),
    ...little(2, 4),
    ...group("cpu", first, 0),
    ...group("memory", first, tags.length),
    ...tags,
  ]);
  return { vmem, vmsn };
}

/** A ZIP archive of one or more members, deflated or stored. */
export function zipArchive(members: readonly (readonly [string, Uint8Array])[], stored = false): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: number[] = [];
  let at = 0;
  for (const [name, bytes] of members) {
    const packed = stored ? bytes : deflateRawSync(bytes);
    const common = [
      ...little(stored ? 0 : 8, 2),
      ...little(0, 4),
      ...little(crc32(bytes), 4),
      ...little(packed.length, 4),
      ...little(bytes.length, 4),
      ...little(name.length, 2),
    ];
    const local = Uint8Array.from([...text("PK\x03\x04"), 20, 0, 0, 0, ...common, 0, 0, ...text(name)]);
    directory.push(...text("PK\x01\x02"), 20, 0, 20, 0, 0, 0, ...common);
    directory.push(
      ...little(0, 2),
      ...little(0, 2),
      ...little(0, 2),
      ...little(0, 2),
      ...little(0, 4),
      ...little(at, 4),
    );
    directory.push(...text(name));
    parts.push(local, packed);
    at += local.length + packed.length;
  }
  const end = [
    ...text("PK\x05\x06"),
    ...little(0, 4),
    ...little(members.length, 2),
    ...little(members.length, 2),
    ...little(directory.length, 4),
    ...little(at, 4),
    ...little(0, 2),
  ];
  parts.push(Uint8Array.from(directory), Uint8Array.from(end));
  return Buffer.concat(parts);
}

/** A cabinet of MSZIP blocks, each with the one before as its dictionary, or stored; two files in one folder. */
export function cabinetArchive(members: readonly (readonly [string, Uint8Array])[], stored = false): Uint8Array {
  const all = Buffer.concat(members.map(([, bytes]) => bytes));
  const blocks: number[] = [];
  const out: Uint8Array[] = [];
  for (let at = 0; at < all.length; at += 32_768) {
    const piece = all.subarray(at, at + 32_768);
    const before = all.subarray(Math.max(0, at - 32_768), at);
    const packed = stored
      ? piece
      : Buffer.concat([Buffer.from("CK"), deflateRawSync(piece, before.length > 0 ? { dictionary: before } : {})]);
    // No checksum.
    out.push(Uint8Array.from([0, 0, 0, 0, ...little(packed.length, 2), ...little(piece.length, 2)]), packed);
    blocks.push(packed.length);
  }
  let start = 0;
  const files = members.flatMap(([name, bytes]) => {
    const entry = [...little(bytes.length, 4), ...little(start, 4), 0, 0, 0, 0, 0, 0, 0x20, 0, ...text(name), 0];
    start += bytes.length;
    return entry;
  });
  const data = 36 + 8 + files.length;
  const size = data + out.reduce((sum, part) => sum + part.length, 0);
  const head = Uint8Array.from([
    ...text("MSCF"),
    ...little(0, 4),
    ...little(size, 4),
    ...little(0, 4),
    ...little(44, 4),
    ...little(0, 4),
    3,
    1,
    ...little(1, 2),
    ...little(members.length, 2),
    ...little(0, 6),
    ...little(data, 4),
    ...little(blocks.length, 2),
    ...little(stored ? 0 : 1, 2),
    ...files,
  ]);
  return Buffer.concat([head, ...out]);
}
