// A peer that is no kernel: it sends what no target sends, lies, and never ends. Bounded time and memory, one clear line, and the
// packet that continues is sent to whatever claims to stand.

import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { isKnownError } from "../../src/model/errors.ts";
import { openKd, sampleKd } from "../../src/sources/kd/open.ts";
import { kdBigPages, kdPoolUse } from "../../src/sources/kd/questions.ts";
import { holdersOf, modulesOf } from "../../src/formats/crash-dump/answers.ts";
import type { TargetMemory } from "../build/kd/image.ts";
import { control, packet, reply, startPeer, type PeerHabits } from "../build/kd/peer.ts";
import { simulate, withKd } from "./simulated.test-support.ts";

const MAX_HALT = 30_000;
const ADDRESS = 0xfffff80000700000n;

/** One page read from a peer: how many bytes came, or the error's line. */
async function readFrom(habits: PeerHabits, maxHalt = MAX_HALT) {
  const peer = await startPeer(habits);
  const outcome = await withKd(
    peer.name,
    async ({ session }) => (await session.read(ADDRESS, 4096)).length,
    maxHalt,
  ).catch((error: unknown) => {
    if (!isKnownError(error)) throw error;
    return error.message;
  });
  peer.close();
  return { outcome, continues: peer.log.continues };
}

function version(request: Buffer, machine = 0x8664): Buffer {
  return reply(request, Buffer.alloc(0), (header) => {
    header.writeUInt16LE(machine, 0x18);
    header.writeBigUInt64LE(0xfffff80000400000n, 0x20);
  });
}

/** Answers as a target would, but for reads of memory. */
function lying(read: (request: Buffer, asked: number) => readonly Buffer[]): PeerHabits {
  return {
    answer: (api, request) => {
      if (api === 0x3146) return [version(request)];
      if (api === 0x3132) return [reply(request, Buffer.alloc(0x4d0))];
      if (api === 0x3130) return read(request, request.readUInt32LE(0x18));
      return [reply(request, Buffer.alloc(0))];
    },
  };
}

const done = (bytes: number) => (header: Buffer) => void header.writeUInt32LE(bytes, 0x1c);

test("answers that lie about their length: never more than was asked, never more than came", async () => {
  const [claims, longer, none] = await Promise.all([
    readFrom(lying((request) => [reply(request, Buffer.alloc(200), done(0xffffffff))])),
    readFrom(lying((request, asked) => [reply(request, Buffer.alloc(2000), done(asked + 900))])),
    readFrom(lying((request) => [reply(request, Buffer.alloc(0), done(1024))])),
  ]);
  // 200 bytes at a time until the page is read; 1,024 of the 2,000 each time; nothing.
  expect(claims.outcome).toBe(4096);
  expect(longer.outcome).toBe(4096);
  expect(none.outcome).toBe(0);
  for (const { continues } of [claims, longer, none]) expect(continues).toBe(1);
}, 120_000);

test("answers that are too short, of another address or said a thousand times", async () => {
  const [short, other, often, machine] = await Promise.all([
    readFrom({ answer: (_, request) => [Buffer.from(request.subarray(0, 8))] }),
    readFrom(
      lying((request) => [reply(request, Buffer.alloc(1024), (header) => header.writeBigUInt64LE(1n, 0x10))]),
      1500,
    ),
    readFrom(
      lying((request, asked) => Array.from({ length: 1000 }, () => reply(request, Buffer.alloc(asked), done(asked)))),
    ),
    readFrom({
      answer: (api, request) => [api === 0x3146 ? version(request, 0xaa64) : reply(request, Buffer.alloc(0))],
    }),
  ]);
  expect(short.outcome).toMatch(/shorter than its header/);
  expect(other.outcome).toMatch(/the most allowed; the target was continued and runs/);
  expect(often.outcome).toBe(4096);
  // Whoever reads addresses without knowing the machine would read nonsense: questions refuse it.
  expect(machine.outcome).toBe(0);
  for (const { continues } of [short, other, often, machine]) expect(continues).toBeGreaterThan(0);
}, 120_000);

test("it says for ever that it loads modules: capitals, since each continue found it standing", async () => {
  const { outcome, continues } = await readFrom({ ...lying(() => []), state: 0x3031 }, 1500);
  expect(outcome).toMatch(/THE TARGET STILL STANDS/);
  expect(continues).toBeGreaterThan(4);
}, 120_000);

test("floods: noise, prints that nobody lets us acknowledge, and resends without end", async () => {
  const before = process.memoryUsage().rss;
  const flood = (bytes: () => Buffer) => (socket: import("node:net").Socket) => {
    const more = (): void => {
      for (let n = 0; n < 8 && !socket.destroyed; n++)
        if (!socket.write(bytes())) return void socket.once("drain", more);
      if (!socket.destroyed) setTimeout(more, 5);
    };
    more();
  };
  const noise = randomBytes(4096);
  let id = 0;
  const prints = (): Buffer => {
    const parts = Array.from({ length: 100 }, () => packet(3, 0x80800000 + (id++ & 1), Buffer.alloc(20)));
    return Buffer.concat(parts);
  };
  const resends = Buffer.concat(Array.from({ length: 500 }, () => control(5, 0)));
  const results = await Promise.all([
    readFrom({ onConnect: flood(() => noise) }, 1500),
    readFrom({ onConnect: (socket) => (socket.pause(), flood(prints)(socket)), babble: () => Buffer.alloc(0) }, 1500),
    readFrom({ babble: () => resends }, 1500),
  ]);
  for (const { outcome } of results)
    expect(String(outcome)).toMatch(/did not stop in 10 s|it takes nothing|given up|STAND/);
  expect(process.memoryUsage().rss - before).toBeLessThan(400e6);
}, 120_000);

/** Memory in which every word points to another place of the kernel, for ever. */
function endless(): TargetMemory {
  return {
    machine: 0x8664,
    kernelBase: 0xfffff80000400000n,
    moduleList: 0xfffff80000500000n,
    debuggerDataList: 0xfffff80000600000n,
    read: (address, length) => {
      const bytes = Buffer.alloc(length);
      for (let at = 0; at + 8 <= length; at += 8) {
        const word = BigInt.asUintN(64, (address + BigInt(at)) * 0x9e3779b97f4a7c15n);
        bytes.writeBigUInt64LE(0xfffff80000000000n | ((word >> 36n) << 3n), at);
      }
      return bytes;
    },
  };
}

test("memory in which everything points on and on: every question ends, and the target runs", async () => {
  const simulated = await simulate(endless());
  const asked: Readonly<Record<string, (kd: Awaited<ReturnType<typeof openKd>>) => Promise<unknown>>> = {
    used: async (kd) => await kdPoolUse(kd.questions),
    big: async (kd) => await kdBigPages(kd.questions),
    modules: async (kd) => {
      const target = await kd.questions.open(false);
      return await kd.questions.ask(() => modulesOf(target));
    },
    holders: async (kd) => {
      const target = await kd.questions.open(false);
      return await kd.questions.ask(() => holdersOf(target, undefined, { from: undefined, to: undefined }));
    },
    snapshot: async (kd) => await sampleKd(kd, "kd", 0, String),
  };
  for (const [question, ask] of Object.entries(asked)) {
    const outcome = await withKd(simulated.name, ask, 10_000).catch((error: unknown) => error);
    if (outcome instanceof Error) expect(isKnownError(outcome), `${question}: ${outcome.stack}`).toBe(true);
    expect(simulated.target.isRunning, question).toBe(true);
  }
  simulated.close();
  expect(simulated.target.log.forbidden).toEqual([]);
}, 240_000);
