// Image events: which module lies where, from when to when; and after a merge which build of whose make it is.
// Payloads of all four versions were seen in both widths; the payload decides the width, not the record or the log header.

import { u32, utf16Text } from "../crash-dump/bytes.ts";
import type { RecordReader } from "./records.ts";

const UNLOAD = 0x02;
const RUNDOWN_START = 0x03;
const RUNDOWN_END = 0x04;
const LOAD = 0x0a;
/** In group 14: P kernel base. */
export const KERNEL_BASE = 0x21;

/** Offset of the name in payloads of version 0, 1, and 2 up: with pointers of 4 and of 8 bytes. */
const NAME_AT = [
  [0x08, 0x0c],
  [0x0c, 0x14],
  [0x2c, 0x38],
] as const;
const MOST_NAME_BYTES = 1024;
const PAGE_BYTES = 4096;

export interface ImageEvent {
  readonly change: "load" | "unload" | "present-at-start" | "present-at-end";
  /** Address of the image divided by 4096, exact. */
  readonly basePage: number;
  readonly bytes: number;
  /** 0 for the kernel and its drivers. */
  readonly process: number;
  /** 0 where the payload has none (versions 0 and 1). */
  readonly timeDateStamp: number;
  readonly path: string;
}

/** Page number of a 64-bit address given as two words: exact as a number, which the address is not. */
export function pageOf(low: number, high: number): number {
  return high * (4_294_967_296 / PAGE_BYTES) + (low >>> 12);
}

/** Reads an image record (group 14, or group 03 type 0A); undefined for other types and payloads that make no sense. */
export function parseImageEvent(record: RecordReader): ImageEvent | undefined {
  const change = CHANGES[record.type];
  if (change === undefined) return undefined;
  const data = record.bytes.subarray(record.data, record.data + record.dataBytes);
  const version = Math.min(record.version, 2);
  const [narrowName, wideName] = NAME_AT[version] ?? NAME_AT[2];
  // With 8-byte pointers the place of the narrow name holds a page-aligned size or zero, never a character.
  const wide = !startsName(data, narrowName);
  const nameAt = wide ? wideName : narrowName;
  if (data.length < nameAt + 2) return undefined;
  const bytesAt = wide ? 8 : 4;
  const processAt = wide ? 16 : 8;
  return {
    change,
    basePage: pageOf(u32(data, 0), wide ? u32(data, 4) : 0),
    bytes: u32(data, bytesAt),
    process: version === 0 ? 0 : u32(data, processAt),
    timeDateStamp: version < 2 ? 0 : u32(data, processAt + 8),
    path: utf16Text(data, nameAt, MOST_NAME_BYTES),
  };
}

const CHANGES: Readonly<Record<number, ImageEvent["change"]>> = {
  [LOAD]: "load",
  [UNLOAD]: "unload",
  [RUNDOWN_START]: "present-at-start",
  [RUNDOWN_END]: "present-at-end",
};

function startsName(data: Uint8Array, at: number): boolean {
  const low = data[at] ?? 0;
  return data[at + 1] === 0 && low >= 0x20 && low < 0x7f;
}
