import fc from "fast-check";
import { expect, test } from "vitest";
import {
  BREAK_IN,
  byteSum,
  controlPacket,
  dataPacket,
  FIRST_ID,
  MOST_PAYLOAD,
  PACKET,
  PacketReader,
  type Received,
} from "./packet.ts";

const payloads = fc.uint8Array({ minLength: 1, maxLength: 300 });
const packets = fc.oneof(
  fc.record({
    kind: fc.constant("data" as const),
    type: fc.constantFrom(PACKET.manipulate, PACKET.debugIo, PACKET.stateChange, PACKET.fileIo),
    id: fc.constantFrom(FIRST_ID, FIRST_ID + 1, FIRST_ID + 0x800),
    payload: payloads,
  }),
  fc.record({
    kind: fc.constant("control" as const),
    type: fc.constantFrom(PACKET.acknowledge, PACKET.resend, PACKET.reset),
    id: fc.constantFrom(0, FIRST_ID, FIRST_ID + 1),
  }),
);

type Sent = typeof packets extends fc.Arbitrary<infer T> ? T : never;

function bytesOf(sent: readonly Sent[]): Uint8Array {
  const parts = sent.map((each) =>
    each.kind === "data" ? dataPacket(each.type, each.id, each.payload) : controlPacket(each.type, each.id),
  );
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function pushed(reader: PacketReader, bytes: Uint8Array, cuts: readonly number[]): Received[] {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].flatMap((from, i) => reader.push(bytes.subarray(from, at[i] ?? bytes.length)));
}

test("a packet is laid out as the protocol says", () => {
  expect(Buffer.from(controlPacket(PACKET.acknowledge, FIRST_ID)).toString("hex")).toBe(
    "69696969040000000000808000000000",
  );
  expect(Buffer.from(dataPacket(PACKET.manipulate, FIRST_ID + 0x800, Uint8Array.of(1, 0xff))).toString("hex")).toBe(
    "3030303002000200000880800001000001ffaa",
  );
});

test("whatever is sent is read, cut anywhere", () => {
  fc.assert(
    fc.property(fc.array(packets, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 12 }), (sent, cuts) => {
      const reader = new PacketReader();
      expect(pushed(reader, bytesOf(sent), cuts)).toEqual(sent);
      expect(reader.strayBytes).toBe(0);
      expect(reader.isWaiting).toBe(false);
    }),
  );
});

test("noise before a packet is dropped; the packet is read", () => {
  const noise = fc.uint8Array({ maxLength: 80 }).map((bytes) => bytes.map((byte) => byte & 0x0f));
  fc.assert(
    fc.property(noise, packets, fc.array(fc.nat(), { maxLength: 5 }), (before, sent, cuts) => {
      const reader = new PacketReader();
      expect(pushed(reader, Uint8Array.from([...before, ...bytesOf([sent])]), cuts)).toEqual([sent]);
      expect(reader.strayBytes).toBe(before.length);
    }),
  );
});

test("a leader that is too long, and a break byte inside, do not hide the packet", () => {
  const reader = new PacketReader();
  const packet = dataPacket(PACKET.stateChange, FIRST_ID, Uint8Array.of(BREAK_IN, 0x30, 0x30, 0x30, 0x30));
  expect(reader.push(Uint8Array.from([0x30, 0x30, ...packet]))).toHaveLength(1);
  expect(reader.strayBytes).toBe(2);
});

test("one flipped bit of the payload or the sum is seen, and what follows is still read", () => {
  fc.assert(
    fc.property(payloads, fc.nat(), fc.nat(7), (payload, at, bit) => {
      // The sum of bytes sees every single flipped bit.
      const first = dataPacket(PACKET.manipulate, FIRST_ID, payload);
      const where = 12 + (at % (payload.length + 5));
      first[where] = (first[where] ?? 0) ^ (1 << bit);
      const reader = new PacketReader();
      const read = reader.push(Uint8Array.from([...first, ...controlPacket(PACKET.acknowledge, FIRST_ID)]));
      expect(read[0]).toEqual({ kind: "damaged", id: FIRST_ID });
      expect(read.at(-1)).toEqual({ kind: "control", type: PACKET.acknowledge, id: FIRST_ID });
    }),
    // A payload may hold a packet of its own; by chance it never does.
  );
});

test("any bytes at all: no error, and never more held than one packet", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 500 }), { maxLength: 20 }), (chunks) => {
      const reader = new PacketReader();
      for (const chunk of chunks) reader.push(chunk);
    }),
  );
  const reader = new PacketReader();
  const endless = dataPacket(PACKET.debugIo, FIRST_ID, new Uint8Array(MOST_PAYLOAD));
  new DataView(endless.buffer).setUint16(6, MOST_PAYLOAD + 1, true);
  expect(reader.push(endless).filter(({ kind }) => kind === "data")).toEqual([]);
  expect(reader.isWaiting).toBe(false);
});

test("the sum is of bytes, mod 2^32", () => {
  fc.assert(
    fc.property(payloads, (payload) => {
      expect(byteSum(payload)).toBe([...payload].reduce((sum, byte) => sum + byte, 0));
    }),
  );
});
