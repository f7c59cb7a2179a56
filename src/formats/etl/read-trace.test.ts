import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { writeLeakScenario } from "../../../test/build/etl/leak-scenario.ts";
import { TraceWriter } from "../../../test/build/etl/trace-writer.ts";
import { FormatError } from "../../model/errors.ts";
import { readPoolTrace } from "../../traces/pool-trace.ts";
import { bytesSource } from "../crash-dump/source.ts";
import { MOST_BUFFER_BYTES } from "./buffers.ts";
import { GROUP } from "./event-groups.ts";
import { isTraceHead, readLogHeader } from "./log-header.ts";
import { readTrace, type TraceTally } from "./read-trace.ts";

const walk = (bytes: Uint8Array): TraceTally => readTrace(bytesSource(bytes), () => {});

/** A small trace of a few hundred records on four processors. */
function smallTrace(options: { compressed?: boolean; mode?: number; closed?: boolean } = {}): TraceWriter {
  const writer = new TraceWriter({ pointerBytes: 8, processors: 4, bufferBytes: 1024, ...options });
  for (let i = 0; i < 400; i++) writer.perfinfo(i % 4, 10 + i, 0x05, 0x24, new Uint8Array(24));
  return writer;
}

describe("order", () => {
  test("records of all processors come in the order of time, wherever their buffers lie in the file", () => {
    const bytes = smallTrace().finish();
    const times: number[] = [];
    const tally = readTrace(bytesSource(bytes), (record) => {
      if (record.group === 0x05) times.push(record.ticks);
    });
    expect(times).toEqual(Array.from({ length: 400 }, (_, i) => 10 + i));
    expect(tally).toMatchObject({ records: 401, streams: 4 });
  });

  test("a circular file: the newest buffers lie before the oldest", () => {
    const bytes = smallTrace({ mode: 2 }).finish();
    const buffers = Array.from({ length: bytes.length / 1024 }, (_, i) => bytes.subarray(i * 1024, (i + 1) * 1024));
    const [header = new Uint8Array(0), ...rest] = buffers;
    const turned = Buffer.concat([header, ...rest.slice(7), ...rest.slice(0, 7)]);
    const times: number[] = [];
    readTrace(bytesSource(new Uint8Array(turned)), (record) => {
      if (record.group === 0x05) times.push(record.ticks);
    });
    expect(times).toEqual(Array.from({ length: 400 }, (_, i) => 10 + i));
  });
});

describe("damage", () => {
  const whole = smallTrace().finish();
  const packed = smallTrace({ compressed: true }).finish();

  test("a header that makes no sense costs its buffer where buffers have one size", () => {
    const bytes = whole.slice();
    new DataView(bytes.buffer).setUint32(2 * 1024, 7, true);
    const tally = walk(bytes);
    expect(tally.loss.unreadableBuffers).toBe(1);
    expect(tally.records).toBeGreaterThan(300);
    expect(tally.records).toBeLessThan(401);
  });

  test("a compressed body that does not unpack costs its buffer", () => {
    const bytes = packed.slice();
    // Flags of 32 matches, all of them reaching before the start.
    bytes.fill(0xff, 1024 + 72, 1024 + 80);
    const tally = walk(bytes);
    expect(tally.loss.unreadableBuffers).toBe(1);
    expect(tally.records).toBeGreaterThan(300);
  });

  test("a record with an impossible size costs the rest of its buffer", () => {
    const bytes = whole.slice();
    new DataView(bytes.buffer).setUint16(1024 + 72 + 40 + 4, 3, true);
    const tally = walk(bytes);
    expect(tally.loss.brokenBuffers).toBe(1);
    expect(tally.records).toBeLessThan(401);
  });

  test("a file cut within a buffer gives what is there and says so", () => {
    const tally = walk(whole.subarray(0, whole.length - 300));
    expect(tally.loss.cut).toBe(true);
    expect(tally.records).toBeGreaterThan(370);
  });

  test("a file that is still being written: no end time, zeros behind the last buffer", () => {
    const written = smallTrace({ closed: false }).finish();
    const bytes = new Uint8Array(written.length + 8192);
    bytes.set(written);
    const tally = walk(bytes);
    expect(tally.header.closed).toBe(false);
    expect(tally.loss).toMatchObject({ unreadableBuffers: 0, unreadBytes: 8192, cut: false });
    expect(tally.records).toBe(401);
  });

  test("anything else is no trace", () => {
    expect(isTraceHead(new Uint8Array(0))).toBe(false);
    for (const bytes of [
      new Uint8Array(0),
      new Uint8Array(5000),
      Buffer.from("PK\u0003\u0004".padEnd(4000)),
      whole.subarray(0, 300),
    ]) {
      expect(() => readLogHeader(bytesSource(new Uint8Array(bytes)))).toThrow(FormatError);
    }
  });

  test("a buffer of 16 MiB is read; a larger one is not believed", () => {
    const large = new TraceWriter({ pointerBytes: 8, processors: 1, bufferBytes: MOST_BUFFER_BYTES });
    for (let i = 0; i < 1000; i++) large.perfinfo(0, 10 + i, 0x05, 0x24, new Uint8Array(24));
    expect(walk(large.finish()).records).toBe(1001);
    const bytes = whole.slice();
    new DataView(bytes.buffer).setUint32(1024, MOST_BUFFER_BYTES + 8, true);
    expect(walk(bytes).loss.unreadableBuffers).toBe(1);
  });

  test("flipped bytes and cuts anywhere end with a result or a FormatError, in bounded time", () => {
    const sources = [writeLeakScenario({ compressed: true }), writeLeakScenario()].map((bytes) =>
      bytes.subarray(0, 120_000),
    );
    const property = fc.property(
      fc.constantFrom(...sources),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 30 }),
      fc.nat(),
      fc.boolean(),
      (source, flips, cut, isCut) => {
        const bytes = source.slice(0, isCut ? cut % source.length : source.length);
        for (const [place, value] of flips) if (bytes.length > 0) bytes[place % bytes.length] = value;
        try {
          const trace = readPoolTrace(bytesSource(bytes), { isWindowsModule: () => false });
          expect(trace.tags.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      },
    );
    fc.assert(property, { numRuns: 60 });
  });
});

test("data of a record stand behind the extra words for counters", () => {
  const writer = new TraceWriter({ pointerBytes: 8, processors: 1 });
  // The version field of a perfinfo marker: bit 8000 puts 8 bytes before the data, bits 700 another 8 for each counter.
  writer.perfinfo(
    0,
    20,
    0x0e,
    0x20,
    Uint8Array.from({ length: 16 + 8 + 24 }, (_, i) => (i < 24 ? 0xee : i - 24)),
    0x8202,
  );
  writer.perfinfo(0, 30, 0x05, 0x24, new Uint8Array(8));
  const seen: number[][] = [];
  readTrace(bytesSource(writer.finish()), (record) => {
    if (record.group === GROUP.pool) seen.push([record.version, record.dataBytes, record.u32(0), record.u32(4)]);
  });
  expect(seen).toEqual([[2, 24, 0x03020100, 0x07060504]]);
});
