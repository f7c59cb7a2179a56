// The records of one buffer, one after the other: each starts with a marker that says which header it has.
// The reader is its own current record, so that nothing is allocated for the millions of them.

import { GROUP, groupOfGuid } from "./event-groups.ts";

/** Marker byte 2. Odd and even (or 10/11, 12/13, 0A/14, 0B/15) are the 32- and the 64-bit form of the same record. */
const SYSTEM_32 = 0x01;
const COMPACT_64 = 0x04;
const CLASSIC_32 = 0x0a;
const INSTANCE_32 = 0x0b;
const ERROR = 0x0d;
const PERFINFO_32 = 0x10;
const PERFINFO_64 = 0x11;
const EVENT_32 = 0x12;
const EVENT_64 = 0x13;
const CLASSIC_64 = 0x14;
const INSTANCE_64 = 0x15;
/** Pseudo kind of a WPP message (top nibble 9). */
export const WPP_KIND = 0xff;

const SYSTEM_HEADER_BYTES = 0x20;
const COMPACT_HEADER_BYTES = 0x18;
const PERFINFO_HEADER_BYTES = 0x10;
const CLASSIC_HEADER_BYTES = 0x30;
const INSTANCE_HEADER_BYTES = 0x48;
const EVENT_HEADER_BYTES = 0x50;
const WPP_HEADER_BYTES = 8;
const ERROR_BYTES = 0x50;

/** Reads the records of one stream's current buffer. After a true {@link next} the fields describe the current record. */
export class RecordReader {
  bytes: Uint8Array = new Uint8Array(0);
  words: Uint32Array = new Uint32Array(0);
  readonly processor: number;
  readonly #baseLow: number;
  readonly #baseHigh: number;
  #at = 0;
  #end = 0;

  /** Marker byte: 01 to 15, or {@link WPP_KIND}. */
  kind = 0;
  /** Whether the kernel wrote the record itself (markers 01 to 04, 10, 11): only those have stacks. */
  kernel = false;
  /** One of GROUP, or any other group of a kernel record. */
  group = 0;
  type = 0;
  version = 0;
  pointerBytes: 4 | 8 = 4;
  /** Clock ticks since the log header was written. */
  ticks = 0;
  /** Start of the record and of its data in {@link bytes}; both on a multiple of four. */
  start = 0;
  data = 0;
  dataBytes = 0;
  /** Set where the rest of a buffer had to be dropped. */
  broken = false;

  constructor(processor: number, baseLow: number, baseHigh: number) {
    this.processor = processor;
    this.#baseLow = baseLow;
    this.#baseHigh = baseHigh;
  }

  /** Starts a buffer: records from `start` to `end`. `bytes` begin on a multiple of four in their memory. */
  open(bytes: Uint8Array, words: Uint32Array, start: number, end: number): void {
    this.bytes = bytes;
    this.words = words;
    this.#at = start;
    this.#end = Math.min(end, words.length * 4);
    this.broken = false;
  }

  /** Ticks since the log header of a raw 64-bit time stamp at a byte offset. */
  ticksAt(offset: number): number {
    const index = offset >>> 2;
    return ((this.words[index + 1] ?? 0) - this.#baseHigh) * 4_294_967_296 + ((this.words[index] ?? 0) - this.#baseLow);
  }

  /** A u32 of the data; 0 beyond its end. */
  u32(offset: number): number {
    return offset + 4 <= this.dataBytes ? (this.words[(this.data + offset) >>> 2] ?? 0) : 0;
  }

  /** Thread and process of a record whose header has them. */
  get thread(): number | undefined {
    return this.kind === PERFINFO_32 || this.kind === PERFINFO_64 ? undefined : this.words[(this.start >>> 2) + 2];
  }
  get process(): number | undefined {
    return this.kind === PERFINFO_32 || this.kind === PERFINFO_64 ? undefined : this.words[(this.start >>> 2) + 3];
  }

  /** Goes to the next record of the buffer; false at its end. */
  next(): boolean {
    const at = this.#at;
    if (at + 8 > this.#end) return false;
    const index = at >>> 2;
    const marker = this.words[index] ?? 0;
    if (marker === 0 || marker === 0xffff_ffff) return false;
    const kind = (marker >>> 16) & 0xff;
    const nibble = marker >>> 28;
    if (nibble !== 0xc) return nibble === 0x9 ? this.#wpp(at, marker & 0xffff) : this.#drop();
    const word = this.words[index + 1] ?? 0;
    this.start = at;
    this.kind = kind;
    if (kind === PERFINFO_64 || kind === PERFINFO_32) {
      const size = word & 0xffff;
      const extra = ((marker >>> 12) & 8) + ((marker >>> 5) & 0x38);
      if (size < PERFINFO_HEADER_BYTES + extra || at + size > this.#end) return this.#drop();
      this.kernel = true;
      this.pointerBytes = kind === PERFINFO_64 ? 8 : 4;
      this.version = marker & 0xff;
      this.type = (word >>> 16) & 0xff;
      this.group = word >>> 24;
      this.ticks = this.ticksAt(at + 8);
      this.data = at + PERFINFO_HEADER_BYTES + extra;
      this.dataBytes = size - PERFINFO_HEADER_BYTES - extra;
      this.#at = at + ((size + 7) & ~7);
      return true;
    }
    if (kind >= SYSTEM_32 && kind <= COMPACT_64) {
      const size = word & 0xffff;
      const head = kind <= 2 ? SYSTEM_HEADER_BYTES : COMPACT_HEADER_BYTES;
      if (size < head || at + size > this.#end) return this.#drop();
      this.kernel = true;
      this.pointerBytes = (kind & 1) === 0 ? 8 : 4;
      this.version = marker & 0xffff;
      this.type = (word >>> 16) & 0xff;
      this.group = word >>> 24;
      this.ticks = this.ticksAt(at + 0x10);
      this.data = at + head;
      this.dataBytes = size - head;
      this.#at = at + ((size + 7) & ~7);
      return true;
    }
    return this.#other(at, kind, marker, word);
  }

  #other(at: number, kind: number, marker: number, word: number): boolean {
    const wide = kind === CLASSIC_64 || kind === INSTANCE_64 || kind === EVENT_64;
    const size = kind === ERROR ? ERROR_BYTES : marker & 0xffff;
    let head: number;
    if (kind === CLASSIC_32 || kind === CLASSIC_64) head = CLASSIC_HEADER_BYTES;
    else if (kind === INSTANCE_32 || kind === INSTANCE_64) head = INSTANCE_HEADER_BYTES;
    else if (kind === EVENT_32 || kind === EVENT_64) head = EVENT_HEADER_BYTES;
    else if (kind === ERROR) head = ERROR_BYTES;
    else return this.#drop();
    if (size < head || at + size > this.#end) return this.#drop();
    this.kernel = false;
    this.pointerBytes = wide ? 8 : 4;
    this.ticks = this.ticksAt(at + 0x10);
    this.data = at + head;
    this.dataBytes = size - head;
    this.group = GROUP.other;
    if (head === CLASSIC_HEADER_BYTES) {
      this.type = word & 0xff;
      this.version = word >>> 16;
      this.group = groupOfGuid(this.words, (at + 0x18) >>> 2);
    }
    this.#at = at + ((size + 7) & ~7);
    return true;
  }

  #wpp(at: number, size: number): boolean {
    if (size < WPP_HEADER_BYTES || at + size > this.#end) return this.#drop();
    this.start = at;
    this.kind = WPP_KIND;
    this.kernel = false;
    this.group = GROUP.other;
    this.data = at + WPP_HEADER_BYTES;
    this.dataBytes = size - WPP_HEADER_BYTES;
    this.#at = at + ((size + 7) & ~7);
    return true;
  }

  /** A size that cannot be: the rest of the buffer cannot be followed. */
  #drop(): boolean {
    this.broken = true;
    return false;
  }
}
