// Process events (group 03): the name behind a process id. Fields: Process_TypeGroup1 of the Windows SDK documentation.

import { asciiText, u32 } from "../crash-dump/bytes.ts";
import type { RecordReader } from "./records.ts";

/** Start, end, and both rundowns: an end tells no more than they do. */
const START = 0x01;
const END = 0x02;
const RUNDOWN_END = 0x04;
const LEAST_VERSION = 2;
/** A SID: 8 bytes and 4 for each of at most 15 parts. */
const MOST_SID_PARTS = 15;
const MOST_NAME_BYTES = 260;

export interface ProcessEvent {
  readonly process: number;
  readonly name: string;
  /** A live start; rundowns list processes that ran before. */
  readonly started: boolean;
}

/** Reads a process record; undefined for other types, old versions and payloads that make no sense. */
export function parseProcessEvent(record: RecordReader): ProcessEvent | undefined {
  const { type, version, pointerBytes: pointer } = record;
  if (type < START || type > RUNDOWN_END || type === END || version < LEAST_VERSION) return undefined;
  const data = record.bytes.subarray(record.data, record.data + record.dataBytes);
  // P key, u32 process, parent, session, exit status; from version 3 P directory table; from version 4 u32 flags.
  let at = pointer + 16 + (version >= 3 ? pointer : 0) + (version >= 4 ? 4 : 0);
  if (u32(data, at) === 0) at += 4;
  else {
    const sidAt = at + 2 * pointer;
    const parts = data[sidAt + 1] ?? 0;
    if (parts > MOST_SID_PARTS) return undefined;
    at = sidAt + 8 + 4 * parts;
  }
  if (at >= data.length) return undefined;
  return {
    process: u32(data, pointer),
    name: asciiText(data, at, Math.min(MOST_NAME_BYTES, data.length - at)),
    started: type === START,
  };
}
