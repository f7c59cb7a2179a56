// MB/s and records/s of trace reading, raw and compressed, and memory, on a large trace made of real buffers with pool events
// spliced in. npm run bench:etl [-- GIGABYTES]. Needs the sample traces beside the checkout.

import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bytesSource } from "../src/formats/crash-dump/source.ts";
import { inflateBuffer } from "../src/formats/etl/inflate-buffer.ts";
import { readTrace } from "../src/formats/etl/read-trace.ts";
import { openTraceFile } from "../src/sources/trace-file.ts";
import { readPoolTrace } from "../src/traces/pool-trace.ts";

const HEADER = 72;
/** Length of the real trace in ticks of 10 MHz: each copy follows the one before. */
const SPAN = 110_000_000n;
const POOL_BUFFER_BYTES = 65_536;

const gigabytes = Number(process.argv[2] ?? 2);
const sample = fileURLToPath(new URL("../../shared/samples/etl/perfview_net452_x64.etl", import.meta.url));
if (!existsSync(sample)) throw new Error(`${sample} is missing; the benchmark needs the real trace`);
const real = new Uint8Array(readFileSync(sample));

interface Buffer {
  readonly head: Uint8Array;
  readonly body: Uint8Array;
  readonly packed: Uint8Array | undefined;
}

/** The buffers of the real trace, unpacked. */
function buffersOf(bytes: Uint8Array): Buffer[] {
  const view = new DataView(bytes.buffer);
  const buffers: Buffer[] = [];
  for (let at = 0; at + HEADER <= bytes.length;) {
    const size = view.getUint32(at, true);
    const used = view.getUint32(at + 4, true) - HEADER;
    const isPacked = (view.getUint16(at + 0x34, true) & 0x40) !== 0;
    const rest = bytes.slice(at + HEADER, at + size);
    const body = isPacked ? inflateBuffer(rest, used) : rest.slice(0, used);
    if (body === undefined) throw new Error(`buffer at ${at} does not unpack`);
    buffers.push({ head: bytes.slice(at, at + HEADER), body: body.slice(), packed: isPacked ? rest : undefined });
    at += size;
  }
  return buffers;
}

/** Moves every time stamp of a body by so many ticks: of records with a 64-bit time, and the event times of stacks. */
function shift(body: Uint8Array, ticks: bigint): Uint8Array {
  const moved = body.slice();
  const view = new DataView(moved.buffer);
  for (let at = 0; at + 8 <= moved.length;) {
    const kind = moved[at + 2] ?? 0;
    const isKernel = kind === 0x11 || kind === 0x10 || kind <= 4;
    const size = view.getUint16(isKernel ? at + 4 : at, true);
    if (size < 16) break;
    const timeAt = kind === 0x11 || kind === 0x10 ? at + 8 : at + 16;
    view.setBigUint64(timeAt, view.getBigUint64(timeAt, true) + ticks, true);
    const isStack = kind === 0x11 && moved[at + 7] === 0x18 && [0x20, 0x25, 0x26].includes(moved[at + 6] ?? 0);
    if (isStack) view.setBigUint64(at + 16, view.getBigUint64(at + 16, true) + ticks, true);
    at += (size + 7) & ~7;
  }
  return moved;
}

/** A buffer of pool events of processor 9: allocations with stacks of 20 frames, every second one freed by the next. */
function poolBuffer(
  first: bigint,
  step: bigint,
  serial: number,
  frames: readonly bigint[],
): { bytes: Uint8Array; records: number } {
  const bytes = new Uint8Array(POOL_BUFFER_BYTES).fill(0xff);
  bytes.fill(0, 0, HEADER);
  const view = new DataView(bytes.buffer);
  let at = HEADER;
  let records = 0;
  const record = (group: number, type: number, time: bigint, data: readonly bigint[]): void => {
    view.setUint32(at, 0xc0110002, true);
    view.setUint16(at + 4, 16 + data.length * 8, true);
    bytes[at + 6] = type;
    bytes[at + 7] = group;
    view.setBigUint64(at + 8, time, true);
    for (const [i, value] of data.entries()) view.setBigUint64(at + 16 + i * 8, value, true);
    at += 16 + data.length * 8;
    records += 1;
  };
  const tag = 0x656b6f54n;
  const isFull = (): boolean => at + 320 >= POOL_BUFFER_BYTES;
  for (let time = first; !isFull(); time += step) {
    const address = 0xffffa00000000000n + BigInt(serial * 1000 + records) * 0x100n;
    record(0x0e, 0x20, time, [(tag << 32n) | 1n, 0x398n, address]);
    record(0x18, 0x20, time + 70n, [time, 0x0000000800000004n, ...frames]);
    // All but one in a hundred are freed.
    if (records % 100 !== 0) record(0x0e, 0x22, time + 90n, [(tag << 32n) | 1n, 0n, address]);
  }
  view.setUint32(0, POOL_BUFFER_BYTES, true);
  view.setUint32(4, at, true);
  view.setUint32(8, at, true);
  view.setBigUint64(0x18, BigInt(serial), true);
  view.setUint16(0x28, 9, true);
  view.setUint32(0x30, at, true);
  view.setUint16(0x34, 0x21, true);
  return { bytes, records };
}

/** Writes the large trace; three parts of it real buffers, one part pool events. */
function writeLarge(path: string, bytes: number): void {
  const [header, ...rest] = buffersOf(real);
  if (header === undefined) throw new Error("the sample is empty");
  const firstTicks = new DataView(real.buffer).getBigUint64(HEADER + 16, true);
  const kernel = 0xfffff80021414000n;
  const frames = Array.from({ length: 20 }, (_, i) => kernel + BigInt(i * 0x777));
  const file = openSync(path, "w");
  let written = writeSync(file, real, 0, new DataView(real.buffer).getUint32(0, true));
  for (let copy = 0; written < bytes; copy++) {
    const ticks = BigInt(copy) * SPAN;
    for (const [index, { head, body }] of rest.entries()) {
      const buffer = new Uint8Array(HEADER + body.length);
      buffer.set(head);
      buffer.set(shift(body, ticks), HEADER);
      const view = new DataView(buffer.buffer);
      view.setUint32(0, buffer.length, true);
      view.setUint32(0x30, buffer.length, true);
      view.setBigUint64(0x18, BigInt(copy * 100_000) + view.getBigUint64(0x18, true), true);
      view.setUint16(0x34, view.getUint16(0x34, true) & ~0x40, true);
      written += writeSync(file, buffer);
      if (index % 3 === 0) {
        const serial = copy * 1000 + index + 1;
        const at = firstTicks + ticks + (SPAN * BigInt(index)) / BigInt(rest.length);
        written += writeSync(file, poolBuffer(at, 100n, serial, frames).bytes);
      }
    }
  }
  closeSync(file);
}

interface Start {
  readonly wall: bigint;
  readonly processor: NodeJS.CpuUsage;
}

function start(): Start {
  return { wall: process.hrtime.bigint(), processor: process.cpuUsage() };
}

/** Wall time and processor time: on a machine that does other things as well only the second one tells. */
function seconds(since: Start): { readonly wall: number; readonly processor: number } {
  const { user, system } = process.cpuUsage(since.processor);
  return { wall: Number(process.hrtime.bigint() - since.wall) / 1e9, processor: (user + system) / 1e6 };
}

function rate(amount: number, since: Start, unit: string): string {
  const { wall, processor } = seconds(since);
  return `${(amount / wall).toFixed(amount / wall < 10 ? 2 : 0)} ${unit} (${(amount / processor).toFixed(amount / processor < 10 ? 2 : 0)} by processor time)`;
}

const folder = mkdtempSync(join(tmpdir(), "poolscope-etl-"));
try {
  const path = join(folder, "large.etl");
  writeLarge(path, gigabytes * 1e9);
  const size = statSync(path).size;

  const packed = buffersOf(real).filter((buffer) => buffer.packed !== undefined);
  let unpacked = 0;
  const beforeInflate = start();
  for (let run = 0; run < 10; run++) {
    for (const { packed: body, body: plain } of packed) {
      if (body !== undefined) unpacked += inflateBuffer(body, plain.length)?.length ?? 0;
    }
  }
  console.log(`decompression: ${rate(unpacked / 1e6, beforeInflate, "MB/s")} out of real buffers`);

  const beforeReal = start();
  let realBytes = 0;
  for (let run = 0; run < 5; run++) realBytes += readTrace(bytesSource(real), () => {}).uncompressedBytes;
  console.log(`compressed trace, all records: ${rate(realBytes / 1e6, beforeReal, "MB/s")} of records`);

  const file = await openTraceFile(path);
  const before = start();
  const trace = readPoolTrace(file.bytes, { isWindowsModule: () => false });
  const time = seconds(before);
  const speed = rate(size / 1e6, before, "MB/s");
  const records = rate(trace.records / 1e6, before, "M records/s");
  file.close();
  const rss = process.resourceUsage().maxRSS / 1024;
  console.log(
    `raw, ${(size / 1e9).toFixed(2)} GB, ${trace.records} records, ${trace.poolEvents} pool events: ${time.wall.toFixed(1)} s, ` +
      `processor ${time.processor.toFixed(1)} s; ${speed}, ${records}, peak ${rss.toFixed(0)} MB`,
  );
  const [tag] = trace.tags;
  console.log(
    `held: ${tag?.outstanding} blocks in ${tag?.chains.length} chains of ${trace.tags.length} tags, ${trace.images} images`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
