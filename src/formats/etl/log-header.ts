// The first event of every trace (group 0, type 0): which Windows, which clock, what was lost.

import { timeOfFileTime, u32, u64 } from "../crash-dump/bytes.ts";
import type { ByteSource } from "../crash-dump/source.ts";
import { FormatError } from "../../model/errors.ts";
import type { Milliseconds } from "../../model/snapshot.ts";
import { BUFFER_HEADER_BYTES } from "./buffers.ts";

/** A system record of 20 (hex) bytes stands before the header's fields. */
const RECORD_HEADER_BYTES = 0x20;
/** Up to and including BuffersLost with pointers of 4 bytes. */
const LEAST_BYTES = 0x38 + 8 + 0xb0 + 0x20;
const MODE_COMPRESSED = 0x0400_0000;
const MODE_CIRCULAR = 0x2;
const CLOCK_SYSTEM_TIME = 2;
const CLOCK_CYCLES = 3;

export interface LogHeader {
  /** Bytes of a buffer in memory. */
  readonly bufferBytes: number;
  readonly windowsMajor: number;
  readonly windowsMinor: number;
  readonly windowsBuild: number;
  readonly processors: number;
  readonly startTime: Milliseconds | undefined;
  readonly endTime: Milliseconds | undefined;
  readonly bootTime: Milliseconds | undefined;
  /** EndTime is 0 until the session is stopped. */
  readonly closed: boolean;
  readonly circular: boolean;
  readonly compressed: boolean;
  /** As the header says; payloads decide for themselves, since some writers leave 4 in 64-bit files. */
  readonly pointerBytes: number;
  readonly eventsLost: number;
  readonly buffersLost: number;
  readonly clock: "qpc" | "system-time" | "cycles";
  /** Ticks of the clock a second. */
  readonly ticksPerSecond: number;
  /** The raw time stamp of the header itself: all ticks count from it. */
  readonly baseLow: number;
  readonly baseHigh: number;
}

/** Whether the head of a file is that of a trace. */
export function isTraceHead(head: Uint8Array): boolean {
  if (head.length < BUFFER_HEADER_BYTES + RECORD_HEADER_BYTES + LEAST_BYTES) return false;
  const kind = head[BUFFER_HEADER_BYTES + 2] ?? 0;
  const size = u32(head, 0);
  return (
    size >= BUFFER_HEADER_BYTES + RECORD_HEADER_BYTES + LEAST_BYTES &&
    (kind === 1 || kind === 2) &&
    head[BUFFER_HEADER_BYTES + 3] === 0xc0 &&
    head[BUFFER_HEADER_BYTES + 6] === 0 &&
    head[BUFFER_HEADER_BYTES + 7] === 0
  );
}

/** Reads the log header. Throws FormatError where the file does not begin as a trace. */
export function readLogHeader(source: ByteSource): LogHeader {
  const head = source.read(0, BUFFER_HEADER_BYTES + RECORD_HEADER_BYTES + 0x400);
  if (!isTraceHead(head)) {
    throw new FormatError("etl", "no event trace", {
      offset: 0,
      expected: "a buffer whose first event is the log header",
      found: `bytes ${[...head.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}`,
    });
  }
  const record = BUFFER_HEADER_BYTES;
  const at = record + RECORD_HEADER_BYTES;
  const pointerBytes = u32(head, at + 0x2c);
  const tail = at + 0x38 + 2 * (pointerBytes === 8 ? 8 : 4) + 0xb0;
  const mode = u32(head, at + 0x20);
  const clockType = u32(head, tail + 0x18);
  const frequency = u64(head, tail + 8);
  const megahertz = u32(head, at + 0x34);
  const clock = clockType === CLOCK_SYSTEM_TIME ? "system-time" : clockType === CLOCK_CYCLES ? "cycles" : "qpc";
  const ticksPerSecond = clock === "system-time" ? 1e7 : clock === "cycles" ? megahertz * 1e6 : frequency;
  const end = u64(head, at + 0x10);
  return {
    bufferBytes: u32(head, at),
    windowsMajor: head[at + 4] ?? 0,
    windowsMinor: head[at + 5] ?? 0,
    windowsBuild: u32(head, at + 8),
    processors: u32(head, at + 0xc),
    startTime: timeOfFileTime(u64(head, tail + 0x10)),
    endTime: timeOfFileTime(end),
    bootTime: timeOfFileTime(u64(head, tail)),
    closed: end !== 0,
    circular: (mode & MODE_CIRCULAR) !== 0,
    compressed: (mode & MODE_COMPRESSED) !== 0,
    pointerBytes,
    eventsLost: u32(head, at + 0x30),
    buffersLost: u32(head, tail + 0x1c),
    clock,
    // Zero or absurd in a damaged header: 10 MHz, the frequency of every Windows since 10.
    ticksPerSecond: ticksPerSecond >= 1e3 && ticksPerSecond <= 1e11 ? ticksPerSecond : 1e7,
    baseLow: u32(head, record + 0x10),
    baseHigh: u32(head, record + 0x14),
  };
}
