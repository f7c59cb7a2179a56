// However the program ends while a target stands: by a signal that can be heard the target runs; after SIGKILL the next one lets it on.

import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { entry } from "../cli/run-cli.test-support.ts";
import { sampleMissing } from "../crash-dump/nt-kernel.ts";
import { memoryOf, simulate, type Simulated } from "./simulated.test-support.ts";

interface Ended {
  readonly code: number | null;
  readonly talk: string;
}

/** Asks a question of a target, and sends the signal once it stands and has answered some reads. */
async function ask(simulated: Simulated, question: string, signal?: NodeJS.Signals): Promise<Ended> {
  const child = spawn(process.execPath, [entry, "kd", simulated.name, question, "--yes-stop-the-machine"], {
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let talk = "";
  child.stderr.on("data", (data: Buffer) => void (talk += data.toString()));
  const looking = setInterval(() => {
    const { target } = simulated;
    if (signal === undefined || target.isRunning || target.log.answers < 12) return;
    clearInterval(looking);
    child.kill(signal);
  }, 2);
  return await new Promise<Ended>((resolve) => {
    child.on("close", (code) => {
      clearInterval(looking);
      resolve({ code, talk });
    });
  });
}

test.skipIf(sampleMissing !== undefined).each(["SIGTERM", "SIGHUP"] as const)(
  "%s while it stands: the target runs, and one line says so",
  async (signal) => {
    const simulated = await simulate(memoryOf("x86"), { baud: 115_200 });
    const { code, talk } = await ask(simulated, "used", signal);
    simulated.close();
    expect(code).toBe(2);
    expect(talk).toContain(`${signal} came; the target was continued and runs`);
    expect(simulated.target.isRunning).toBe(true);
    expect(simulated.target.log.forbidden).toEqual([]);
  },
  120_000,
);

test.skipIf(sampleMissing !== undefined)(
  "SIGKILL while it stands: it stands, as the docs say; asked again, it is let on, and that is told",
  async () => {
    const simulated = await simulate(memoryOf("x86"), { baud: 460_800 });
    await ask(simulated, "used", "SIGKILL");
    expect(simulated.target.isRunning).toBe(false);
    const { code, talk } = await ask(simulated, "modules");
    simulated.close();
    expect(code).toBe(0);
    expect(talk).toMatch(/it runs\. It stood already when the wire was opened, and was continued\./);
    expect(simulated.target.isRunning).toBe(true);
  },
  120_000,
);
