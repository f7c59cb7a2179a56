// Writes .etl files from the published layouts, sharing nothing with the reader: records go to buffers per processor, buffers
// to the file as they fill, so that their order in the file is not the order of time.

import { compressPlain } from "../xpress.ts";

export interface TraceWriterOptions {
  readonly pointerBytes: 4 | 8;
  readonly processors: number;
  readonly build?: number;
  readonly bufferBytes?: number;
  readonly compressed?: boolean;
  readonly ticksPerSecond?: number;
  /** 1 QPC, 2 system time, 3 processor cycles. */
  readonly clock?: 1 | 2 | 3;
  readonly closed?: boolean;
  readonly mode?: number;
}

/** 2026-03-01T12:00:00Z as FILETIME. */
export const START_FILETIME = 134_168_400_000_000_000n;
export const START_TIME = Date.UTC(2026, 2, 1, 12);
/** Raw clock value at the start: above 2^32, so that both words count. */
const BASE_TICKS = 0x0000_0007_8000_1234n;

interface Page {
  readonly processor: number;
  readonly records: Uint8Array[];
  used: number;
}

export class TraceWriter {
  readonly options: Required<TraceWriterOptions>;
  readonly #pages = new Map<number, Page>();
  readonly #done: { page: Page; sequence: bigint; flags: number }[] = [];
  #sequence = 1n;
  #eventsLost = 0;
  #buffersLost = 0;

  constructor(options: TraceWriterOptions) {
    this.options = {
      build: 19045,
      bufferBytes: 4096,
      compressed: false,
      ticksPerSecond: 10_000_000,
      clock: 1,
      closed: true,
      mode: 1,
      ...options,
    };
  }

  get base(): bigint {
    return this.options.clock === 2 ? START_FILETIME : BASE_TICKS;
  }

  /** Raw time stamp of an instant given in ticks since the start. */
  raw(ticks: number): bigint {
    return this.base + BigInt(ticks);
  }

  /** What the log header says was lost. */
  lose(events: number, buffers: number): void {
    this.#eventsLost += events;
    this.#buffersLost += buffers;
  }

  /** A record as the kernel's own tracing writes it: 16 bytes of header, no thread. */
  perfinfo(processor: number, ticks: number, group: number, type: number, payload: Uint8Array, version = 2): void {
    const kind = this.options.pointerBytes === 8 ? 0x11 : 0x10;
    const head = new Uint8Array(16);
    const view = new DataView(head.buffer);
    view.setUint32(0, 0xc000_0000 | (kind << 16) | version, true);
    view.setUint16(4, 16 + payload.length, true);
    head[6] = type;
    head[7] = group;
    view.setBigUint64(8, this.raw(ticks), true);
    this.#append(processor, head, payload);
  }

  /** A record with thread and process. */
  system(processor: number, ticks: number, group: number, type: number, payload: Uint8Array, version = 2): void {
    const kind = this.options.pointerBytes === 8 ? 0x02 : 0x01;
    this.#append(processor, systemHead(kind, version, group, type, payload.length, this.raw(ticks)), payload);
  }

  /** A record of a provider with a GUID, as a merge adds them. */
  classic(processor: number, ticks: number, guid: string, type: number, version: number, payload: Uint8Array): void {
    const head = new Uint8Array(48);
    const view = new DataView(head.buffer);
    view.setUint16(0, 48 + payload.length, true);
    view.setUint16(2, 0xc000 | (this.options.pointerBytes === 8 ? 0x14 : 0x0a), true);
    head[4] = type;
    view.setUint16(6, version, true);
    view.setBigUint64(16, this.raw(ticks), true);
    head.set(guidBytes(guid), 24);
    this.#append(processor, head, payload);
  }

  /** Ends the current buffer of a processor; `lost` leaves it out of the file, as Windows does when it runs out of buffers. */
  flush(processor: number, lost = false): void {
    const page = this.#pages.get(processor);
    if (page === undefined || page.used === 0) return;
    this.#pages.delete(processor);
    const sequence = this.#sequence++;
    if (lost) {
      this.#buffersLost += 1;
      return;
    }
    this.#done.push({ page, sequence, flags: 0 });
  }

  finish(): Uint8Array {
    for (const processor of this.#pages.keys()) this.flush(processor);
    const parts = [this.#headerBuffer(), ...this.#done.map((each) => this.#buffer(each.page, each.sequence, 0, 0))];
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  #append(processor: number, head: Uint8Array, payload: Uint8Array): void {
    const padded = (head.length + payload.length + 7) & ~7;
    let page = this.#pages.get(processor);
    if (page !== undefined && 72 + page.used + padded > this.options.bufferBytes) {
      this.flush(processor);
      page = undefined;
    }
    if (page === undefined) {
      page = { processor, records: [], used: 0 };
      this.#pages.set(processor, page);
    }
    const record = new Uint8Array(padded);
    record.set(head);
    record.set(payload, head.length);
    page.records.push(record);
    page.used += padded;
  }

  #buffer(page: Page, sequence: bigint, type: number, flags: number): Uint8Array {
    const body = new Uint8Array(page.used);
    let at = 0;
    for (const record of page.records) {
      body.set(record, at);
      at += record.length;
    }
    const packed = this.options.compressed && type !== 4 ? compressPlain(body) : undefined;
    const bytes = new Uint8Array(packed === undefined ? this.options.bufferBytes : 72 + packed.length).fill(0xff);
    bytes.fill(0, 0, 72);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, bytes.length, true);
    view.setUint32(4, 72 + body.length, true);
    view.setUint32(8, 72 + body.length, true);
    view.setBigUint64(0x18, sequence, true);
    view.setUint16(0x28, page.processor, true);
    view.setUint32(0x2c, 3, true);
    view.setUint32(0x30, 72 + body.length, true);
    view.setUint16(0x34, 0x21 | flags | (packed === undefined ? 0 : 0x40), true);
    view.setUint16(0x36, type, true);
    bytes.set(packed ?? body, 72);
    return bytes;
  }

  /** The log header: field by field as the documentation of TRACE_LOGFILE_HEADER lists them. */
  #headerBuffer(): Uint8Array {
    const { pointerBytes: p, ticksPerSecond, clock } = this.options;
    const payload = new Uint8Array(0x38 + 2 * p + 0xb0 + 0x20 + 16);
    const view = new DataView(payload.buffer);
    view.setUint32(0, this.options.bufferBytes, true);
    payload[4] = 10;
    view.setUint32(8, this.options.build, true);
    view.setUint32(0xc, this.options.processors, true);
    view.setBigUint64(0x10, this.options.closed ? START_FILETIME + 600_000_000n : 0n, true);
    view.setUint32(0x20, this.options.mode | (this.options.compressed ? 0x0400_0000 : 0), true);
    view.setUint32(0x24, this.#done.length + 1, true);
    view.setUint32(0x2c, p, true);
    view.setUint32(0x30, this.#eventsLost, true);
    view.setUint32(0x34, Math.round(ticksPerSecond / 1e6), true);
    const tail = 0x38 + 2 * p + 0xb0;
    view.setBigUint64(tail, START_FILETIME - 36_000_000_000n, true);
    view.setBigUint64(tail + 8, BigInt(ticksPerSecond), true);
    view.setBigUint64(tail + 0x10, START_FILETIME, true);
    view.setUint32(tail + 0x18, clock, true);
    view.setUint32(tail + 0x1c, this.#buffersLost, true);
    const record = new Uint8Array((32 + payload.length + 7) & ~7);
    record.set(systemHead(p === 8 ? 2 : 1, 2, 0, 0, payload.length, this.base));
    record.set(payload, 32);
    return this.#buffer({ processor: 0, records: [record], used: record.length }, 0n, 4, 0);
  }
}

function systemHead(
  kind: number,
  version: number,
  group: number,
  type: number,
  bytes: number,
  raw: bigint,
): Uint8Array {
  const head = new Uint8Array(32);
  const view = new DataView(head.buffer);
  view.setUint32(0, (0xc000_0000 | (kind << 16) | version) >>> 0, true);
  view.setUint16(4, 32 + bytes, true);
  head[6] = type;
  head[7] = group;
  view.setUint32(8, 4, true);
  view.setUint32(0xc, 4, true);
  view.setBigUint64(0x10, raw, true);
  return head;
}

export function guidBytes(text: string): Uint8Array {
  const [a = "", b = "", c = "", d = "", e = ""] = text.split("-");
  const pairs = (hex: string): number[] => hex.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
  return Uint8Array.from([
    ...pairs(a).reverse(),
    ...pairs(b).reverse(),
    ...pairs(c).reverse(),
    ...pairs(d),
    ...pairs(e),
  ]);
}
