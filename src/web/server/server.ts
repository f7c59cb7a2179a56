// Listens with an app, and stops cleanly.

import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { AccessError } from "../../model/errors.ts";
import { createApp, type AppOptions } from "./app.ts";
import { isLoopback } from "./access.ts";

export interface RunningServer {
  /** Address to open, with the token where one is needed. */
  readonly url: string;
  /** Ends event streams and stops listening. */
  close(): Promise<void>;
}

/** Starts listening. Throws AccessError where the port is taken or the address is not this machine's. */
export function startServer(options: AppOptions, host: string, port: number): Promise<RunningServer> {
  if (!isLoopback(host) && options.token === undefined) throw new Error("beyond loopback only with a token");
  const closing = new AbortController();
  const app = createApp(options, closing.signal);
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: host, port }, (address: AddressInfo) => {
      const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
      const open = name === "0.0.0.0" || name === "[::]" ? "localhost" : name;
      const token = options.token === undefined ? "" : `?token=${options.token}`;
      resolve({
        url: `http://${open}:${address.port}/${token}`,
        close: () =>
          new Promise((done) => {
            closing.abort();
            server.close(() => done());
            if ("closeAllConnections" in server) server.closeAllConnections();
          }),
      });
    });
    server.on("error", (error: NodeJS.ErrnoException) => {
      reject(
        new AccessError(`cannot listen on ${host} port ${port} (${error.code ?? error.message})`, remedy(error), error),
      );
    });
  });
}

function remedy({ code }: NodeJS.ErrnoException): string {
  if (code === "EADDRINUSE") return "another program uses it: choose another with --port, or --port 0 for any free one";
  if (code === "EACCES") return "choose a port above 1023 with --port";
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return "--listen must be an address of this machine";
  return "choose another with --listen and --port";
}
