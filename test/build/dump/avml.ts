// Writes AVML images, version 2, byte by byte as the framing format of snappy and docs/sources/crash-dump.md state them.
// Independent on purpose: nothing of the reader in src/, and no library, is used here.

import type { Machine } from "./machine.ts";

const PAGE = 4096;

export interface AvmlOptions {
  /** Whether a range tells the address behind its last byte, or that of the last byte. */
  readonly exclusive?: boolean;
  /** Bytes of memory in a chunk; the format allows 65,536. */
  readonly chunkBytes?: number;
}

/** The memory of a machine: a range for each run of pages. */
export function avmlImage(machine: Machine, options: AvmlOptions = {}): Uint8Array {
  const { pages } = machine.memory;
  const numbers = [...pages.keys()].sort((a, b) => a - b);
  const parts: Uint8Array[] = [];
  for (let i = 0; i < numbers.length;) {
    let end = i;
    while (end < numbers.length && (numbers[end] ?? 0) - (numbers[i] ?? 0) === end - i) end += 1;
    const first = (numbers[i] ?? 0) * PAGE;
    const memory = new Uint8Array((end - i) * PAGE);
    for (let n = i; n < end; n++) memory.set(pages.get(numbers[n] ?? 0) ?? new Uint8Array(PAGE), (n - i) * PAGE);
    const last = first + memory.length - (options.exclusive === true ? 0 : 1);
    parts.push(ascii("AVML"), le(2, 4), le(first, 8), le(last, 8), le(0, 8));
    parts.push(new Uint8Array([0xff, 6, 0, 0]), ascii("sNaPpY"));
    const step = options.chunkBytes ?? 65_536;
    for (let at = 0; at < memory.length; at += step) {
      const plain = memory.subarray(at, at + step);
      // Now and then a chunk is stored, or one stands in between that readers skip.
      const stored = (at / step) % 3 === 2;
      const body = stored ? plain : block(plain);
      parts.push(new Uint8Array([stored ? 1 : 0]), le(body.length + 4, 3), le(checksum(plain), 4), body);
      if ((at / step) % 5 === 1) parts.push(new Uint8Array([0xfe, 3, 0, 0, 1, 2, 3]));
    }
    parts.push(le(memory.length, 8));
    i = end;
  }
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function le(value: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => Math.floor(value / 2 ** (8 * i)) % 256);
}

/** One snappy block: runs of one byte as a literal and copies of it, everything else as literals. */
function block(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let length = bytes.length; ; length = Math.floor(length / 128)) {
    out.push((length % 128) + (length >= 128 ? 128 : 0));
    if (length < 128) break;
  }
  const literal = (from: number, to: number): void => {
    for (let at = from; at < to;) {
      const length = Math.min(to - at, 60_000);
      if (length <= 60) out.push((length - 1) * 4);
      else out.push(61 * 4, (length - 1) % 256, Math.floor((length - 1) / 256));
      out.push(...bytes.subarray(at, at + length));
      at += length;
    }
  };
  let from = 0;
  for (let at = 0; at < bytes.length;) {
    let end = at + 1;
    while (end < bytes.length && bytes[end] === bytes[at]) end += 1;
    if (end - at < 12) {
      at = end;
      continue;
    }
    literal(from, at + 1);
    at += 1;
    while (end - at >= 4) {
      const length = Math.min(64, end - at);
      // Short ones with eleven bits of distance, others with sixteen.
      if (length <= 11) out.push(1 + (length - 4) * 4, 1);
      else out.push(2 + (length - 1) * 4, 1, 0);
      at += length;
    }
    from = at;
    at = end;
  }
  literal(from, bytes.length);
  return Uint8Array.from(out);
}

/** CRC-32C bit by bit, then masked: turned right by 15 bits, a282ead8 added. */
function checksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  const value = BigInt(~crc >>> 0);
  return Number((((value >> 15n) | (value << 17n)) + 0xa282ead8n) & 0xffffffffn);
}
