// Packets of the kernel debugger's serial protocol: written whole, read out of a stream that may be cut, damaged or begin anywhere.
// A packet: leader, u16 type, u16 length, u32 id, u32 sum of the payload's bytes, payload, 0xAA; control packets end at the sum.

import { u16, u32 } from "../crash-dump/bytes.ts";

export const PACKET = {
  manipulate: 2,
  debugIo: 3,
  acknowledge: 4,
  resend: 5,
  reset: 6,
  stateChange: 7,
  fileIo: 11,
} as const;

/** The byte that asks a running target to stop; it stands alone, in no packet. */
export const BREAK_IN = 0x62;
export const HEADER_BYTES = 16;
const DATA_LEADER = 0x30;
const CONTROL_LEADER = 0x69;
const TRAILER = 0xaa;
/** Longer payloads are taken for damage. A request's answer has 56 bytes and at most 1,024 of memory; prints are shorter. */
export const MOST_PAYLOAD = 0x1000;

/** Set in the id of a first packet after a reset; an acknowledgement is without it. */
export const SYNC_ID = 0x800;
export const FIRST_ID = 0x80800000;

export type Received =
  | { readonly kind: "data"; readonly type: number; readonly id: number; readonly payload: Uint8Array }
  | { readonly kind: "control"; readonly type: number; readonly id: number }
  /** A data packet whose sum or end is wrong: to be asked for again. */
  | { readonly kind: "damaged"; readonly id: number };

/** Sum of the bytes, mod 2^32. */
export function byteSum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return sum >>> 0;
}

function header(leader: number, type: number, length: number, id: number, sum: number, total: number): Uint8Array {
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  bytes.fill(leader, 0, 4);
  view.setUint16(4, type, true);
  view.setUint16(6, length, true);
  view.setUint32(8, id, true);
  view.setUint32(12, sum, true);
  return bytes;
}

/** A data packet as bytes. `payload` is at most {@link MOST_PAYLOAD} long. */
export function dataPacket(type: number, id: number, payload: Uint8Array): Uint8Array {
  const total = HEADER_BYTES + payload.length + 1;
  const bytes = header(DATA_LEADER, type, payload.length, id, byteSum(payload), total);
  bytes.set(payload, HEADER_BYTES);
  bytes[total - 1] = TRAILER;
  return bytes;
}

/** A control packet as bytes: acknowledge, resend or reset. */
export function controlPacket(type: number, id: number): Uint8Array {
  return header(CONTROL_LEADER, type, 0, id, 0, HEADER_BYTES);
}

/** Reads packets out of chunks of any size. What belongs to no packet is dropped and counted in `strayBytes`. */
export class PacketReader {
  #held = new Uint8Array(0);
  strayBytes = 0;

  /** The packets that are complete with this chunk. Never holds more than one packet's bytes and this chunk. */
  push(chunk: Uint8Array): Received[] {
    const bytes = new Uint8Array(this.#held.length + chunk.length);
    bytes.set(this.#held);
    bytes.set(chunk, this.#held.length);
    const packets: Received[] = [];
    let at = 0;
    while (at < bytes.length) {
      const leader = leaderAt(bytes, at);
      if (leader === "none") {
        this.strayBytes += 1;
        at += 1;
        continue;
      }
      if (leader === "partial" || at + HEADER_BYTES > bytes.length) break;
      const found = bytes[at] === CONTROL_LEADER ? controlAt(bytes, at) : dataAt(bytes, at);
      if (found === "partial") break;
      if (found === undefined) {
        this.strayBytes += 1;
        at += 1;
        continue;
      }
      packets.push(found.packet);
      at += found.length;
    }
    this.#held = bytes.slice(at);
    return packets;
  }

  /** Forgets a packet that began: its rest did not come. */
  clear(): void {
    this.strayBytes += this.#held.length;
    this.#held = new Uint8Array(0);
  }

  /** Whether a packet has begun and is not complete. */
  get isWaiting(): boolean {
    return this.#held.length > 0;
  }
}

interface Found {
  readonly packet: Received;
  readonly length: number;
}

function leaderAt(bytes: Uint8Array, at: number): "whole" | "partial" | "none" {
  const first = bytes[at];
  if (first !== DATA_LEADER && first !== CONTROL_LEADER) return "none";
  for (let i = 1; i < 4; i++) {
    if (at + i >= bytes.length) return "partial";
    if (bytes[at + i] !== first) return "none";
  }
  return "whole";
}

function controlAt(bytes: Uint8Array, at: number): Found | undefined {
  const type = u16(bytes, at + 4);
  const known = type === PACKET.acknowledge || type === PACKET.resend || type === PACKET.reset;
  if (!known || u16(bytes, at + 6) !== 0) return undefined;
  return { packet: { kind: "control", type, id: u32(bytes, at + 8) }, length: HEADER_BYTES };
}

function dataAt(bytes: Uint8Array, at: number): Found | "partial" | undefined {
  const type = u16(bytes, at + 4);
  const length = u16(bytes, at + 6);
  const id = u32(bytes, at + 8);
  // A run of leader bytes longer than four, or noise: the packet may begin one byte later.
  if (length === 0 || length > MOST_PAYLOAD || type === 0 || type > 0xff || (id & ~(SYNC_ID | 1)) >>> 0 !== FIRST_ID)
    return undefined;
  const end = at + HEADER_BYTES + length;
  if (end + 1 > bytes.length) return "partial";
  const payload = bytes.slice(at + HEADER_BYTES, end);
  if (bytes[end] !== TRAILER || byteSum(payload) !== u32(bytes, at + 12)) {
    // Its length may be what was damaged: looked for the next packet right behind the header.
    return { packet: { kind: "damaged", id }, length: HEADER_BYTES };
  }
  return { packet: { kind: "data", type, id, payload }, length: HEADER_BYTES + length + 1 };
}
