// Real engines on loopback for tests: Prometheus and VictoriaMetrics as Debian packs them, each with a folder of its own.

import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Engine {
  readonly url: string;
  /** Path of the remote-write receiver. */
  readonly write: string;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

export const ENGINES = ["prometheus", "victoria-metrics"] as const;
export type EngineName = (typeof ENGINES)[number];

export function hasEngine(name: EngineName): boolean {
  try {
    execFileSync("which", [name], { stdio: "ignore" });
    return true;
  } catch {
    process.stderr.write(`no ${name} found (\`apt-get install ${name}\`): the fleet is not tested against it\n`);
    return false;
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Starts an engine and waits until it answers. `rules` are files that Prometheus evaluates every second. */
export async function startEngine(name: EngineName, folder: string): Promise<Engine> {
  const port = await freePort();
  const config = join(folder, "prometheus.yml");
  writeFileSync(config, "global: {scrape_interval: 1h}\n");
  const args =
    name === "prometheus"
      ? [
          `--config.file=${config}`,
          `--storage.tsdb.path=${join(folder, "data")}`,
          `--web.listen-address=127.0.0.1:${port}`,
          "--web.enable-remote-write-receiver",
          "--log.level=error",
        ]
      : [
          `-storageDataPath=${join(folder, "data")}`,
          `-httpListenAddr=127.0.0.1:${port}`,
          "-loggerLevel=ERROR",
          "-search.latencyOffset=0s",
        ];
  const child = spawn(name, args, { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => child.once("close", resolve));
    if (child.exitCode === null) child.kill("SIGTERM");
    await Promise.race([closed, sleep(10_000)]);
    if (child.exitCode === null) child.kill("SIGKILL");
  };
  for (let i = 0; i < 150; i++) {
    const ready = await fetch(name === "prometheus" ? `${url}/-/ready` : `${url}/health`).catch(() => undefined);
    if (ready?.ok === true) return { url, write: "/api/v1/write", pid: child.pid, stop };
    await sleep(200);
  }
  await stop();
  throw new Error(`${name} did not start`);
}
