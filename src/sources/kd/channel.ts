// The wire to a target as a stream of bytes: TCP, a unix socket or named pipe, a serial line.

import { spawnSync } from "node:child_process";
import { constants, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { ReadStream, WriteStream } from "node:tty";
import { AccessError } from "../../model/errors.ts";
import type { KdAddress } from "./address.ts";

export interface KdChannel {
  write(bytes: Uint8Array): void;
  /** One listener each; `onEnd` once, with what happened. */
  onData: (chunk: Uint8Array) => void;
  onEnd: (problem: string) => void;
  /** Resolves when what was written has left, or after a short while. */
  close(): Promise<void>;
}

const CONNECT_MS = 5000;
const FLUSH_MS = 500;
/** A target takes what is sent to it before it says more; a peer that only talks must not fill our memory. */
const MOST_UNSENT = 64 * 1024;

/** Opens the wire. Throws AccessError where nothing is there. */
export async function openKdChannel(address: KdAddress): Promise<KdChannel> {
  return address.kind === "serial" ? serialChannel(address) : await socketChannel(address);
}

async function socketChannel(address: Exclude<KdAddress, { kind: "serial" }>): Promise<KdChannel> {
  const where = address.kind === "tcp" ? `${address.host}:${address.port}` : address.path;
  const socket = address.kind === "tcp" ? connect(address.port, address.host) : connect(address.path);
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => {
      socket.destroy();
      reject(new AccessError(`${where}: no debugger's wire there: ${why}`, NOTHING_THERE));
    };
    socket.setTimeout(CONNECT_MS, () => fail("no answer in 5 s"));
    socket.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.removeAllListeners("error");
      resolve();
    });
  });
  socket.setNoDelay(true);
  return overSocket(socket);
}

const NOTHING_THERE =
  "start the virtual machine with its serial port as a server there, and close every other debugger on it";

function overSocket(socket: Socket): KdChannel {
  const channel: KdChannel = {
    write: (bytes) => {
      if (socket.writableLength > MOST_UNSENT) socket.destroy(new Error("it takes nothing of what is sent to it"));
      else socket.write(bytes);
    },
    onData: () => {},
    onEnd: () => {},
    close: async () => {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, FLUSH_MS);
        socket.end(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      socket.destroy();
    },
  };
  let hasEnded = false;
  const end = (problem: string): void => {
    if (!hasEnded) channel.onEnd(problem);
    hasEnded = true;
  };
  socket.on("data", (chunk) => channel.onData(chunk));
  socket.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  socket.on("close", () => end("the other side closed the connection"));
  return channel;
}

function serialChannel({ path, baud }: Extract<KdAddress, { kind: "serial" }>): KdChannel {
  const set = spawnSync(
    "stty",
    [process.platform === "darwin" ? "-f" : "-F", path, String(baud), "raw", "-echo", "cs8"],
    {
      encoding: "utf8",
    },
  );
  if (set.status !== 0) {
    const why = set.error === undefined ? set.stderr.trim() : set.error.message;
    throw new AccessError(`${path}: cannot be set to ${baud} baud: ${why}`, "name a serial line that you may open");
  }
  let handle: number;
  try {
    handle = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch (error) {
    throw new AccessError(`${path}: ${(error as NodeJS.ErrnoException).code}`, "name a serial line that you may open");
  }
  const input = new ReadStream(handle);
  const output = new WriteStream(handle);
  const channel: KdChannel = {
    write: (bytes) => void output.write(bytes),
    onData: () => {},
    onEnd: () => {},
    close: async () => {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, FLUSH_MS);
        output.write("", () => {
          clearTimeout(timer);
          resolve();
        });
      });
      input.destroy();
      output.destroy();
    },
  };
  input.on("data", (chunk: Uint8Array) => channel.onData(chunk));
  input.on("error", (error: NodeJS.ErrnoException) => channel.onEnd(error.code ?? error.message));
  output.on("error", (error: NodeJS.ErrnoException) => channel.onEnd(error.code ?? error.message));
  input.on("end", () => channel.onEnd("the line was hung up"));
  return channel;
}
