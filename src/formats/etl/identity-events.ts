// What a merge (`wpr -stop`, `xperf -d`) adds for every image of the trace: its time stamp, its PDB, its version resource.
// A classic provider of its own; types as TraceEvent reads them, checked on real files.

import { u32, utf16Text } from "../crash-dump/bytes.ts";
import { guidAt } from "../pe/guid.ts";
import { pageOf } from "./image-events.ts";
import type { RecordReader } from "./records.ts";

const IMAGE_ID = 0x00;
const PDB_ID = 0x24;
const FILE_VERSION = 0x40;
const MOST_TEXT_BYTES = 2048;

/** Strings of the version event in their order; what follows them is not needed. */
const VERSION_STRINGS = 8;

export type IdentityEvent =
  | {
      readonly kind: "image";
      readonly basePage: number;
      readonly process: number;
      readonly timeDateStamp: number;
      readonly bytes: number;
    }
  | {
      readonly kind: "pdb";
      readonly basePage: number;
      readonly process: number;
      readonly guid: string;
      readonly age: number;
      readonly file: string;
    }
  | {
      readonly kind: "version";
      readonly bytes: number;
      readonly timeDateStamp: number;
      readonly originalName: string;
      readonly fileVersion: string;
      readonly company: string;
    };

/** Reads a record of the identity provider; undefined for the types that are not needed or are too short. */
export function parseIdentityEvent(record: RecordReader): IdentityEvent | undefined {
  const data = record.bytes.subarray(record.data, record.data + record.dataBytes);
  const pointer = record.pointerBytes;
  const high = pointer === 8 ? u32(data, 4) : 0;
  if (record.type === IMAGE_ID && data.length >= 2 * pointer + 8) {
    return {
      kind: "image",
      basePage: pageOf(u32(data, 0), high),
      bytes: u32(data, pointer),
      process: u32(data, 2 * pointer),
      timeDateStamp: u32(data, 2 * pointer + 4),
    };
  }
  if (record.type === PDB_ID && data.length >= pointer + 25) {
    const identityAt = pointer + 4;
    return {
      kind: "pdb",
      basePage: pageOf(u32(data, 0), high),
      process: u32(data, pointer),
      guid: guidAt(data, identityAt),
      age: u32(data, identityAt + 16),
      file: byteText(data, identityAt + 20),
    };
  }
  if (record.type === FILE_VERSION && data.length >= 10) {
    const strings: string[] = [];
    let at = 8;
    while (strings.length < VERSION_STRINGS && at + 1 < data.length) {
      const text = utf16Text(data, at, MOST_TEXT_BYTES);
      strings.push(text);
      at += 2 * text.length + 2;
    }
    return {
      kind: "version",
      bytes: u32(data, 0),
      timeDateStamp: u32(data, 4),
      originalName: strings[0] ?? "",
      fileVersion: strings[2] ?? "",
      company: strings[6] ?? "",
    };
  }
  return undefined;
}

function byteText(data: Uint8Array, at: number): string {
  let text = "";
  for (let i = at; i < data.length && text.length < MOST_TEXT_BYTES; i++) {
    const byte = data[i] ?? 0;
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}
