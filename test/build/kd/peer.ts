// A peer on a socket that speaks the debugger's packets as far as a test tells it to, and lies in them as the test likes.

import { createServer, type AddressInfo, type Socket } from "node:net";

export interface PeerHabits {
  /** What is done with the socket besides, once somebody connects. */
  readonly onConnect?: (socket: Socket) => void;
  /** The payloads that answer a request; without them it is acknowledged only. */
  readonly answer?: (api: number, request: Buffer) => readonly Buffer[];
  /** Written for every chunk that comes, instead of all that a target would say. */
  readonly babble?: () => Buffer;
  /** The state that it says it stands in; an exception at a breakpoint unless told. */
  readonly state?: number;
}

export interface Peer {
  readonly name: string;
  readonly log: { continues: number };
  close(): void;
}

export function packet(type: number, id: number, payload: Buffer, length = payload.length): Buffer {
  const bytes = Buffer.alloc(17 + payload.length, 0x30);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(length, 6);
  bytes.writeUInt32LE(id, 8);
  bytes.writeUInt32LE(payload.reduce((sum, byte) => sum + byte, 0) >>> 0, 12);
  payload.copy(bytes, 16);
  bytes[16 + payload.length] = 0xaa;
  return bytes;
}

export function control(type: number, id: number): Buffer {
  const bytes = Buffer.alloc(16, 0x69);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(0, 6);
  bytes.writeUInt32LE(id, 8);
  bytes.writeUInt32LE(0, 12);
  return bytes;
}

/** A reply that is a copy of its request's header with the fields that a test sets, and data behind it. */
export function reply(request: Buffer, data: Buffer, fields: (header: Buffer) => void = () => {}): Buffer {
  const header = Buffer.from(request.subarray(0, 56));
  header.writeUInt32LE(0, 8);
  fields(header);
  return Buffer.concat([header, data]);
}

export async function startPeer(habits: PeerHabits): Promise<Peer> {
  const log = { continues: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    habits.onConnect?.(socket);
    serve(socket, habits, log);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    name: `tcp:127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function serve(socket: Socket, habits: PeerHabits, log: Peer["log"]): void {
  let held = Buffer.alloc(0);
  let id = 0x80800800;
  let stands = false;
  const send = (type: number, payload: Buffer): void => {
    socket.write(packet(type, id, payload));
    id = ((id & ~0x800) ^ 1) >>> 0;
  };
  const announce = (): void => {
    const state = Buffer.alloc(0xf0);
    state.writeUInt32LE(habits.state ?? 0x3030, 0);
    state.writeUInt32LE(1, 8);
    state.writeUInt32LE(0x80000003, 0x20);
    send(7, state);
  };
  socket.on("data", (chunk) => {
    if (habits.babble !== undefined) return void socket.write(habits.babble());
    held = Buffer.concat([held, chunk]);
    while (held.length > 0) {
      if (held[0] === 0x62) {
        held = held.subarray(1);
        if (!stands) announce();
        stands = true;
        continue;
      }
      if (held.length < 16) return;
      const isData = held[0] === 0x30;
      const total = isData ? 17 + held.readUInt16LE(6) : 16;
      if (held.length < total) return;
      const whole = Buffer.from(held.subarray(0, total));
      held = held.subarray(total);
      const type = whole.readUInt16LE(4);
      if (!isData) {
        if (type !== 6 || !stands) continue;
        id = 0x80800800;
        socket.write(control(6, 0));
        announce();
        continue;
      }
      socket.write(control(4, (whole.readUInt32LE(8) & ~0x800) >>> 0));
      const request = whole.subarray(16, total - 1);
      const api = request.readUInt32LE(0);
      if (api === 0x313c) {
        log.continues += 1;
        if (habits.state === 0x3031) announce();
        else stands = false;
        continue;
      }
      for (const payload of habits.answer?.(api, request) ?? []) send(2, payload);
    }
  });
}
