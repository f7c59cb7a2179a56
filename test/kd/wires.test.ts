// The other wires than TCP: a unix socket, and a serial line, for which a pseudo-terminal stands here (no UART was ever seen).

import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../src/store/recording.test-support.ts";
import { openKd } from "../../src/sources/kd/open.ts";
import { SimulatedTarget } from "../build/kd/target.ts";
import { simulate, withKd, ZEROS } from "./simulated.test-support.ts";

const PAGES = 8;
const ADDRESS = 0xfffff80000700000n;

async function readPages(name: string): Promise<number> {
  return await withKd(
    name,
    async ({ session }) => {
      let bytes = 0;
      for (let page = 0; page < PAGES; page++)
        bytes += (await session.read(ADDRESS + BigInt(page * 4096), 4096)).length;
      return bytes;
    },
    60_000,
  );
}

test.skipIf(process.platform === "win32")(
  "a unix socket",
  async () => {
    const path = join(temporaryFolder(), "vm.sock");
    const target = new SimulatedTarget(ZEROS, { prints: 3 });
    await new Promise<void>((resolve) => {
      target.server.listen(path, resolve);
    });
    expect(await readPages(`unix:${path}`)).toBe(PAGES * 4096);
    target.server.close();
    expect(target.isRunning).toBe(true);
  },
  60_000,
);

/** Joins a pseudo-terminal to a TCP port, byte for byte, and says its name. */
const BRIDGE = `
import os, pty, select, socket, sys
master, line = pty.openpty()
wire = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print(os.ttyname(line), flush=True)
while True:
    ready, _, _ = select.select([master, wire], [], [])
    for end in ready:
        data = os.read(master, 4096) if end == master else wire.recv(4096)
        if not data:
            sys.exit()
        if end == master:
            wire.sendall(data)
        else:
            os.write(master, data)
`;

const hasTerminals =
  process.platform === "linux" &&
  spawnSync("python3", ["-c", "import pty"]).status === 0 &&
  spawnSync("stty", ["--version"]).status === 0;
if (!hasTerminals) process.stderr.write("python3 or stty is missing: `kd` is not tested over a serial line\n");

test.skipIf(!hasTerminals)(
  "a serial line: every byte value passes, it is read and the target runs; hung up, that is said",
  async () => {
    const bytes = Buffer.from(Array.from({ length: 4096 }, (_, at) => at & 0xff));
    const memory = { ...ZEROS, read: (_: bigint, length: number) => bytes.subarray(0, length) };
    const simulated = await simulate(memory, { prints: 3, loadSymbols: 2 });
    const port = simulated.name.split(":").at(-1) ?? "";
    const bridge = spawn("python3", ["-c", BRIDGE, port], { stdio: ["ignore", "pipe", "inherit"] });
    const line = await new Promise<string>((resolve) => {
      bridge.stdout.once("data", (data: Buffer) => resolve(data.toString().trim()));
    });
    try {
      expect(await readPages(`${line},115200`)).toBe(PAGES * 4096);
      expect(simulated.target.isRunning).toBe(true);
      expect(simulated.target.log.forbidden).toEqual([]);
      const kd = await openKd(line, { maxHaltMs: 60_000 });
      expect(await kd.session.read(ADDRESS, 256)).toEqual(new Uint8Array(bytes.subarray(0, 256)));
      bridge.kill();
      await expect(kd.session.read(ADDRESS, 256)).rejects.toThrow(/THE TARGET MAY STILL STAND/);
      await kd.close().catch(() => undefined);
    } finally {
      bridge.kill();
      simulated.close();
    }
  },
  120_000,
);

test("a serial line that is none: one line", async () => {
  await expect(openKd("/dev/null,115200", { maxHaltMs: 1000 })).rejects.toThrow(
    /\/dev\/null: cannot be set to 115200 baud/,
  );
});
