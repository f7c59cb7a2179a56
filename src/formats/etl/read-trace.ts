// Reads a trace through: every record of every buffer in the order of time, with one buffer per stream in memory.
// A stream is one processor of one logger; within it buffers follow each other by sequence number.

import { FormatError } from "../../model/errors.ts";
import type { ByteSource } from "../crash-dump/source.ts";
import { BUFFER_HEADER_BYTES, scanBuffers, type BufferList } from "./buffers.ts";
import { inflateBuffer } from "./inflate-buffer.ts";
import { readLogHeader, type LogHeader } from "./log-header.ts";
import { RecordReader } from "./records.ts";

/** Memory for open buffers; 512 processors with buffers of 1 MiB need as much. */
const MOST_OPEN_BYTES = 512 * 2 ** 20;

/** What was read and what was not. */
export interface TraceTally {
  readonly header: LogHeader;
  readonly buffers: number;
  readonly compressedBuffers: number;
  readonly streams: number;
  readonly records: number;
  /** Records by marker byte. */
  readonly recordsByKind: Uint32Array;
  /** Kernel records by group * 256 + type. */
  readonly kernelEvents: Uint32Array;
  /** Bytes of records after decompression, buffer headers included. */
  readonly uncompressedBytes: number;
  readonly loss: {
    readonly eventsLost: number;
    readonly buffersLost: number;
    readonly flaggedBuffers: number;
    /** Buffers that could not be unpacked, and headers that made no sense. */
    readonly unreadableBuffers: number;
    /** Buffers whose rest was dropped because a record's size cannot be. */
    readonly brokenBuffers: number;
    readonly unreadBytes: number;
    readonly cut: boolean;
  };
}

export interface ReadTraceOptions {
  /** Told now and then how many of all buffers have been read. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Hands every record to `visit`, across processors in the order of their time stamps. The record is only valid during the
 * call. Throws FormatError where the file is no trace, and whatever the source throws.
 */
export function readTrace(
  source: ByteSource,
  visit: (record: RecordReader) => void,
  options: ReadTraceOptions = {},
): TraceTally {
  const header = readLogHeader(source);
  const list = scanBuffers(source, header.bufferBytes, !header.compressed);
  const streams = streamsOf(list, header);
  const recordsByKind = new Uint32Array(256);
  const kernelEvents = new Uint32Array(65_536);
  const state = { unreadable: 0, broken: 0, opened: 0, uncompressedBytes: 0 };

  /** Goes to the stream's next record, into its next buffer where one ends; false at the end of the stream. */
  const advance = (stream: Stream): boolean => {
    for (;;) {
      if (stream.reader.next()) return true;
      if (stream.reader.broken) state.broken += 1;
      const buffer = stream.buffers[stream.nextBuffer];
      if (buffer === undefined) return false;
      stream.nextBuffer += 1;
      state.opened += 1;
      if (state.opened % 64 === 0) options.onProgress?.(state.opened, list.offset.length);
      const size = openBuffer(source, list, buffer, stream.reader);
      if (size === undefined) state.unreadable += 1;
      else state.uncompressedBytes += size;
    }
  };

  const heap = new StreamHeap(streams.filter((stream) => advance(stream)));
  let records = 0;
  for (let top = heap.top; top !== undefined; top = heap.top) {
    const reader = top.reader;
    const until = heap.second;
    let more = true;
    do {
      records += 1;
      recordsByKind[reader.kind] = (recordsByKind[reader.kind] ?? 0) + 1;
      if (reader.kernel) {
        const event = reader.group * 256 + reader.type;
        kernelEvents[event] = (kernelEvents[event] ?? 0) + 1;
      }
      visit(reader);
      more = advance(top);
    } while (more && reader.ticks <= until);
    if (more) heap.sink();
    else heap.remove();
  }
  return {
    header,
    buffers: list.offset.length,
    compressedBuffers: list.compressed.reduce((sum, each) => sum + each, 0),
    streams: streams.length,
    records,
    recordsByKind,
    kernelEvents,
    uncompressedBytes: state.uncompressedBytes,
    loss: {
      eventsLost: header.eventsLost,
      buffersLost: header.buffersLost,
      flaggedBuffers: list.flaggedLoss,
      unreadableBuffers: state.unreadable + list.damaged,
      brokenBuffers: state.broken,
      unreadBytes: list.unreadBytes,
      cut: list.cut,
    },
  };
}

interface Stream {
  readonly reader: RecordReader;
  readonly buffers: readonly number[];
  nextBuffer: number;
}

function streamsOf(list: BufferList, header: LogHeader): Stream[] {
  const byStream = new Map<number, number[]>();
  const largest = new Map<number, number>();
  for (let i = 0; i < list.offset.length; i++) {
    const stream = list.stream[i] ?? 0;
    const members = byStream.get(stream);
    if (members === undefined) byStream.set(stream, [i]);
    else members.push(i);
    largest.set(stream, Math.max(largest.get(stream) ?? 0, list.usedBytes[i] ?? 0));
  }
  const open = [...largest.values()].reduce((sum, bytes) => sum + bytes, 0);
  if (open > MOST_OPEN_BYTES) {
    throw new FormatError("etl", "the buffers that must be open at once need too much memory", {
      expected: `at most ${MOST_OPEN_BYTES} bytes`,
      found: `${byStream.size} streams, ${open} bytes`,
    });
  }
  return [...byStream].map(([stream, members]) => ({
    reader: new RecordReader(stream % 65_536, header.baseLow, header.baseHigh),
    buffers: members.sort((a, b) => (list.sequence[a] ?? 0) - (list.sequence[b] ?? 0) || a - b),
    nextBuffer: 0,
  }));
}

/** Reads one buffer into the reader. Answers its uncompressed length, undefined where it cannot be unpacked. */
function openBuffer(source: ByteSource, list: BufferList, buffer: number, reader: RecordReader): number | undefined {
  const used = list.usedBytes[buffer] ?? 0;
  const raw = source.read(list.offset[buffer] ?? 0, list.diskBytes[buffer] ?? 0);
  if (list.compressed[buffer] === 1) {
    const body = inflateBuffer(raw.subarray(BUFFER_HEADER_BYTES), used - BUFFER_HEADER_BYTES);
    if (body === undefined) return undefined;
    const bytes = aligned(body);
    reader.open(bytes, wordsOf(bytes), 0, bytes.length);
    return used;
  }
  const bytes = aligned(raw);
  reader.open(bytes, wordsOf(bytes), BUFFER_HEADER_BYTES, Math.min(used, bytes.length));
  return Math.min(used, bytes.length);
}

/** The same bytes at a place in memory that a Uint32Array can begin at. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
}

/** A binary heap of streams by the time of their current record. */
class StreamHeap {
  readonly #items: Stream[];

  constructor(items: Stream[]) {
    this.#items = items;
    for (let i = (items.length >> 1) - 1; i >= 0; i--) this.#down(i);
  }

  get top(): Stream | undefined {
    return this.#items[0];
  }

  /** The time of the earliest record of all other streams. */
  get second(): number {
    return Math.min(this.#ticks(1), this.#ticks(2));
  }

  /** The top has gone on: puts it where it belongs. */
  sink(): void {
    this.#down(0);
  }

  remove(): void {
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return;
    this.#items[0] = last;
    this.#down(0);
  }

  #ticks(index: number): number {
    return this.#items[index]?.reader.ticks ?? Infinity;
  }

  #down(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      const least = this.#ticks(left + 1) < this.#ticks(left) ? left + 1 : left;
      if (this.#ticks(least) >= this.#ticks(at)) return;
      const held = this.#items[at];
      const child = this.#items[least];
      if (held === undefined || child === undefined) return;
      this.#items[at] = child;
      this.#items[least] = held;
      at = least;
    }
  }
}
