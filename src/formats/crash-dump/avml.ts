// AVML, version 2: ranges of memory, each a snappy stream of chunks of up to 64 KiB with a checksum. Chunks are found once by
// their heads and unpacked when a page of theirs is read. One whose checksum differs reads as missing.
// Facts: volatility3's layer, the snappy framing format.

import { uncompress } from "snappyjs";
import { FormatError } from "../../model/errors.ts";
import { hex, u32, u64 } from "./bytes.ts";
import type { ImageBody } from "./images.ts";
import { PAGE, RunMap } from "./physical.ts";
import type { ByteSource, PageRun } from "./source.ts";

/*
 | range | 0 "AVML", 4 version 2, 8 first address, 10 last address, 18 zero; then chunks; then 8 bytes: their bytes unpacked |
 | chunk | u8 kind (0 packed, 1 stored, 80 to FE skipped, FF beginning of a stream), u24 bytes; 0 and 1 begin with a u32 checksum |
*/
const HEADER = 32;
const LENGTH_BEHIND = 8;
const CHUNK_HEAD = 4;
const CHECKSUM = 4;
const LARGEST_CHUNK = 65_536;
const MOST_RANGES = 65_535;
/** Chunks of 1 TiB. */
const MOST_CHUNKS = 2 ** 24;
/** Chunks kept unpacked: 16 MiB. Page tables lie all over an image; with fewer its chunks are unpacked again and again. */
const KEPT_CHUNKS = 256;

export function isAvml(bytes: Uint8Array): boolean {
  return u32(bytes, 0) === 0x4c4d5641 && u32(bytes, 4) === 2;
}

/** Reads the heads of all chunks. Throws FormatError where the first range has none. */
export function parseAvml(source: ByteSource): ImageBody & { readonly pages: ByteSource } {
  const index = new ChunkIndex();
  const runs: PageRun[] = [];
  const problems: string[] = [];
  let at = 0;
  while (at + HEADER <= source.size && runs.length < MOST_RANGES) {
    const header = source.read(at, HEADER);
    const first = u64(header, 8);
    const last = u64(header, 16);
    if (!isAvml(header) || !(last > first) || !(last < 2 ** 52)) {
      problems.push(`no range header at ${hex(at)}; the rest of the file is left out`);
      break;
    }
    // The last address is told as the last byte or as the one behind it: ranges are whole pages.
    const length = last - first + (last % PAGE === PAGE - 1 ? 1 : 0);
    const before = index.bytes;
    const end = readChunks(source, at + HEADER, length, index);
    const held = index.bytes - before;
    const skip = (PAGE - (first % PAGE)) % PAGE;
    runs.push({
      firstPage: (first + skip) / PAGE,
      pages: Math.max(0, Math.floor((held - skip) / PAGE)),
      fileOffset: before + skip,
    });
    if (held < length) {
      problems.push(`the range at ${hex(first)} ends early: ${hex(length - held)} bytes of it are not in the file`);
      break;
    }
    at = end + LENGTH_BEHIND;
  }
  if (index.count === 0) throw new FormatError("crash-dump", "an AVML image without a chunk of memory in it");
  return { kind: "avml", map: new RunMap(runs), problems, pages: new UnpackedChunks(source, index) };
}

/** Chunks in the order of the file, in columns: an image of 64 GiB has a million. */
class ChunkIndex {
  /** Where each begins when all are unpacked one behind the other, where its content lies in the file, and how long that is. */
  starts = new Float64Array(1024);
  offsets = new Float64Array(1024);
  lengths = new Uint32Array(1024);
  /** 1 where the content is packed. */
  packed = new Uint8Array(1024);
  count = 0;
  bytes = 0;

  add(offset: number, length: number, isPacked: boolean, unpacked: number): void {
    if (this.count === this.starts.length) this.#grow();
    this.starts[this.count] = this.bytes;
    this.offsets[this.count] = offset;
    this.lengths[this.count] = length;
    this.packed[this.count] = isPacked ? 1 : 0;
    this.count += 1;
    this.bytes += unpacked;
  }

  #grow(): void {
    const size = 2 * this.starts.length;
    const grown = <T extends { set(values: T): void }>(larger: T, values: T): T => {
      larger.set(values);
      return larger;
    };
    this.starts = grown(new Float64Array(size), this.starts);
    this.offsets = grown(new Float64Array(size), this.offsets);
    this.lengths = grown(new Uint32Array(size), this.lengths);
    this.packed = grown(new Uint8Array(size), this.packed);
  }

  /** The chunk that holds a byte of the unpacked whole. */
  at(position: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.starts[middle] ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Takes chunks until `length` bytes are told, or one makes no sense; answers where the last one ends. */
function readChunks(source: ByteSource, start: number, length: number, index: ChunkIndex): number {
  const wanted = index.bytes + length;
  let at = start;
  while (index.bytes < wanted && index.count < MOST_CHUNKS) {
    const head = source.read(at, CHUNK_HEAD + CHECKSUM + 5);
    if (head.length < CHUNK_HEAD) return at;
    const kind = head[0] ?? 0;
    const bytes = u32(head, 0) >>> 8;
    const end = at + CHUNK_HEAD + bytes;
    if (end > source.size) return at;
    if (kind === 0 || kind === 1) {
      const unpacked = kind === 1 ? bytes - CHECKSUM : toldLength(head, CHUNK_HEAD + CHECKSUM);
      if (bytes < CHECKSUM || unpacked <= 0 || unpacked > LARGEST_CHUNK || index.bytes + unpacked > wanted) return at;
      index.add(at + CHUNK_HEAD, bytes, kind === 0, unpacked);
    } else if (kind < 0x80) return at;
    at = end;
  }
  return at;
}

/** The length that stands in front of a snappy block, seven bits a byte. */
function toldLength(bytes: Uint8Array, at: number): number {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[at + i] ?? 0;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return length;
  }
  return 0;
}

class UnpackedChunks implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #index: ChunkIndex;
  readonly #kept = new Map<number, Uint8Array>();

  constructor(source: ByteSource, index: ChunkIndex) {
    this.#source = source;
    this.#index = index;
    this.size = index.bytes;
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
    for (let done = 0; done < bytes.length;) {
      const number = this.#index.at(offset + done);
      const inChunk = offset + done - (this.#index.starts[number] ?? 0);
      const part = this.#chunk(number).subarray(inChunk, inChunk + bytes.length - done);
      // A chunk that is damaged reads as an end: its pages count as not in the file.
      if (part.length === 0) return bytes.subarray(0, done);
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  }

  #chunk(number: number): Uint8Array {
    const known = this.#kept.get(number);
    if (known !== undefined) return known;
    const { offsets, lengths, packed, starts, count, bytes } = this.#index;
    const content = this.#source.read(offsets[number] ?? 0, lengths[number] ?? 0);
    const unpacked = (number + 1 < count ? (starts[number + 1] ?? 0) : bytes) - (starts[number] ?? 0);
    const chunk = unpackChunk(content, packed[number] === 1, unpacked);
    if (this.#kept.size >= KEPT_CHUNKS) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    this.#kept.set(number, chunk);
    return chunk;
  }
}

/** Empty where the chunk is damaged: its checksum tells. */
function unpackChunk(content: Uint8Array, isPacked: boolean, length: number): Uint8Array {
  const body = content.subarray(CHECKSUM);
  let unpacked = body;
  if (isPacked) {
    try {
      unpacked = uncompress(body, LARGEST_CHUNK);
    } catch {
      // The library has no error of its own: whatever it throws, the block is none.
      return new Uint8Array(0);
    }
  }
  return unpacked.length === length && maskedChecksum(unpacked) === u32(content, 0) ? unpacked : new Uint8Array(0);
}

/** CRC-32C, reflected polynomial. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ ((value & 1) * 0x82f63b78);
  return value;
});

/** The checksum as the framing format keeps it: CRC-32C, turned by 15 bits, a constant added. */
function maskedChecksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
