// A live kernel as a SOURCE of `snapshot`, by the real command line.

import { expect, test } from "vitest";
import { run } from "../../src/cli/main.ts";
import type { Io } from "../../src/cli/io.ts";
import { sampleMissing } from "../crash-dump/nt-kernel.ts";
import { memoryOf, simulate, ZEROS } from "./simulated.test-support.ts";

async function snapshot(...words: string[]): Promise<{ code: number; out: string; talk: string }> {
  let out = "";
  let talk = "";
  const io: Io = {
    stdout: { isTTY: false, columns: 100, write: (text) => void (out += text) },
    stderr: { isTTY: false, columns: 100, write: (text) => void (talk += text) },
    env: {},
    platform: "linux",
    now: () => 0,
  };
  return { code: await run(["snapshot", ...words], io), out, talk };
}

test("without the flag nothing is stopped, and what it means is said", async () => {
  const simulated = await simulate(ZEROS);
  const { code, out, talk } = await snapshot(`kd:${simulated.name}`);
  simulated.close();
  expect([code, out]).toEqual([2, ""]);
  expect(talk).toMatch(/STOPS ALL PROCESSORS/);
  expect(simulated.target.log.breakIns).toBe(0);
});

test.skipIf(sampleMissing !== undefined)(
  "with it, one snapshot; the target runs on",
  async () => {
    const simulated = await simulate(memoryOf("x64"));
    const { code, out, talk } = await snapshot(`kd:${simulated.name}`, "--yes-stop-the-machine", "--json");
    simulated.close();
    expect(code).toBe(0);
    expect(out).toMatch(/"source": ?"kd"/);
    expect(out).toMatch(/ReactOS/);
    expect(talk).toMatch(/The target stood [\d.]+ s; [\d,]+ bytes were read; it runs\./);
    expect(simulated.target.isRunning).toBe(true);
  },
  120_000,
);
