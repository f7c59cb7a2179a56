// The container of an .etl file: buffers back to back, each with a header of 72 bytes (WMI_BUFFER_HEADER).
// One pass over the headers finds which buffers there are, of which processor and in which order; the content is read later.

import { u16, u32, u64 } from "../crash-dump/bytes.ts";
import type { ByteSource } from "../crash-dump/source.ts";
import { FormatError } from "../../model/errors.ts";

/**
 * WMI_BUFFER_HEADER, the same for both pointer sizes from XP to 11:
 * 0 u32 size on disk, header included; 4 u32 end of valid data, uncompressed, header included (0: the buffer was not closed);
 * 18 u64 sequence number; 28 u16 processor; 2A u16 logger; 30 u32 offset (used where 4 is 0); 34 u16 flags; 36 u16 type.
 */
export const BUFFER_HEADER_BYTES = 0x48;

/** Windows allows no larger buffers. */
export const MOST_BUFFER_BYTES = 16 * 2 ** 20;

/** A 25 GB trace of compressed 64 KiB buffers has as many; more are refused so that the list of them stays small. */
const MOST_BUFFERS = 2_000_000;

const EVENTS_LOST = 0x2;
const BUFFER_LOST = 0x4;
const PROCESSOR_INDEX = 0x20;
const COMPRESSED = 0x40;

/** All buffers of a file as columns, in file order. */
export interface BufferList {
  readonly offset: number[];
  readonly diskBytes: number[];
  /** End of valid data from the start of the buffer, uncompressed. */
  readonly usedBytes: number[];
  readonly sequence: number[];
  /** logger * 65536 + processor. */
  readonly stream: number[];
  /** 1 where the body is compressed. */
  readonly compressed: number[];
  /** Buffers whose flags say that events, or a whole buffer before it, were lost. */
  readonly flaggedLoss: number;
  /** Bytes at the end that are no buffers: zeros of a preallocated file, or a tail that cannot be followed. */
  readonly unreadBytes: number;
  /** Headers that made no sense and were stepped over. */
  readonly damaged: number;
  /** The last buffer goes on beyond the end of the file. */
  readonly cut: boolean;
}

/**
 * Finds all buffers. `step` is the log's own buffer size: with it a damaged header in an uncompressed file is stepped over.
 * Throws FormatError where the first buffer makes no sense.
 */
export function scanBuffers(source: ByteSource, step: number, mayStep: boolean): BufferList {
  const list = {
    offset: [] as number[],
    diskBytes: [] as number[],
    usedBytes: [] as number[],
    sequence: [] as number[],
    stream: [] as number[],
    compressed: [] as number[],
  };
  let flaggedLoss = 0;
  let damaged = 0;
  let cut = false;
  let at = 0;
  while (at + BUFFER_HEADER_BYTES <= source.size && list.offset.length < MOST_BUFFERS) {
    const head = source.read(at, BUFFER_HEADER_BYTES);
    const diskBytes = u32(head, 0);
    const flags = u16(head, 0x34);
    const compressed = (flags & COMPRESSED) !== 0;
    const saved = u32(head, 4) === 0 ? u32(head, 0x30) : u32(head, 4);
    const sound =
      diskBytes >= BUFFER_HEADER_BYTES &&
      diskBytes <= MOST_BUFFER_BYTES &&
      saved <= MOST_BUFFER_BYTES &&
      (compressed || saved <= diskBytes);
    if (!sound) {
      // A preallocated file that is still being written ends in zeros.
      if (diskBytes === 0 && saved === 0 && flags === 0 && u64(head, 0x18) === 0) break;
      damaged += 1;
      if (!mayStep || step < BUFFER_HEADER_BYTES || at === 0) break;
      at += step;
      continue;
    }
    cut = at + diskBytes > source.size;
    if (saved > BUFFER_HEADER_BYTES) {
      list.offset.push(at);
      list.diskBytes.push(Math.min(diskBytes, source.size - at));
      list.usedBytes.push(saved);
      list.sequence.push(u64(head, 0x18));
      list.stream.push(u16(head, 0x2a) * 65_536 + processorOf(head, flags));
      list.compressed.push(compressed ? 1 : 0);
    }
    if ((flags & (EVENTS_LOST | BUFFER_LOST)) !== 0) flaggedLoss += 1;
    at += diskBytes;
  }
  if (at === 0) {
    throw new FormatError("etl", "the first buffer of the trace makes no sense", {
      offset: 0,
      expected: `a size of ${BUFFER_HEADER_BYTES} to ${MOST_BUFFER_BYTES} bytes`,
      found: String(source.size < 4 ? source.size : u32(source.read(0, 4), 0)),
    });
  }
  return { ...list, flaggedLoss, damaged, cut, unreadBytes: Math.max(0, source.size - at) };
}

/** The processor: 11 bits where the flags say so, else (before Windows 8) one byte beside the alignment. */
function processorOf(head: Uint8Array, flags: number): number {
  const word = u16(head, 0x28);
  return (flags & PROCESSOR_INDEX) !== 0 ? word & 0x7ff : word & 0xff;
}
