// What goes wrong on a wire and in a target: an answer or one clear line, and never a target that stands without a word.

import { expect, test } from "vitest";
import { openKd } from "../../src/sources/kd/open.ts";
import type { TargetHabits } from "../build/kd/target.ts";
import { simulate, withKd, ZEROS } from "./simulated.test-support.ts";

const PAGES = 12;

/** Reads some pages; answers what it read, or the error. */
async function readPages(habits: TargetHabits, maxHaltMs = 10_000) {
  const simulated = await simulate(ZEROS, habits);
  const outcome = await withKd(
    simulated.name,
    async ({ session }) => {
      let bytes = 0;
      for (let page = 0; page < PAGES; page++) bytes += (await session.read(0xfffff80000700000n, 4096)).length;
      return bytes;
    },
    maxHaltMs,
  ).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  simulated.close();
  return { outcome, target: simulated.target };
}

const HABITS: Readonly<Record<string, TargetHabits>> = {
  "packets are lost": { dropEvery: 9 },
  "packets are damaged": { damageEvery: 7 },
  "packets come twice": { repeatEvery: 3 },
  "the target asks for a packet again": { resendAt: 5 },
  "prints come in between": { prints: 2 },
  "modules are reported before the break": { loadSymbols: 34 },
  "it stood already": { standsAtStart: true },
  "it is at an exception of its own": { standsAtStart: true, exception: 0xc0000005 },
};

test.each(Object.entries(HABITS))(
  "%s: everything is read and the target runs",
  async (_, habits) => {
    const { outcome, target } = await readPages(habits);
    expect(outcome).toBe(PAGES * 4096);
    expect(target.isRunning).toBe(true);
    expect(target.log.forbidden).toEqual([]);
    expect(target.log.setContexts).toBe(habits.exception === undefined ? 1 : 0);
    // An exception that is not ours is left to the kernel.
    expect(target.log.statuses.at(-1)).toBe(habits.exception === undefined ? 0x00010002 : 0x80010001);
  },
  120_000,
);

test("the target resets the connection while it stands: one line, and it runs", async () => {
  const { outcome, target } = await readPages({ after: { answers: 8, does: "reset" } });
  expect(String(outcome)).toMatch(/reset the connection.*continued and runs/);
  expect(target.isRunning).toBe(true);
});

test("the target restarts while it stands: that is said", async () => {
  const { outcome, target } = await readPages({ after: { answers: 8, does: "reboot" } });
  expect(String(outcome)).toMatch(/it has restarted/);
  expect(target.isRunning).toBe(true);
});

test("the cable is pulled: capitals say that it may still stand", async () => {
  const { outcome } = await readPages({ after: { answers: 8, does: "hang-up" } });
  expect(String(outcome)).toMatch(/THE TARGET MAY STILL STAND/);
});

test("the target says nothing any more: the watchdog ends it, and capitals say that it still stands", async () => {
  const start = performance.now();
  const { outcome } = await readPages({ after: { answers: 8, does: "silence" } }, 1500);
  expect(String(outcome)).toMatch(/THE TARGET STILL STANDS/);
  expect(performance.now() - start).toBeLessThan(50_000);
}, 120_000);

test("the target never continues: capitals say that it still stands", async () => {
  const { outcome } = await readPages({ neverContinues: true });
  expect(String(outcome)).toMatch(/THE TARGET STILL STANDS.*stops again/);
}, 120_000);

test("nothing answers, or only noise: one line, nothing was stopped", async () => {
  const [silent, noise] = await Promise.all([readPages({ isSilent: true }), readPages({ isNoise: true })]);
  expect(String(silent.outcome)).toMatch(/did not stop in 10 s: nothing at all came; turn the kernel debugger on/);
  expect(String(noise.outcome)).toMatch(/did not stop in 10 s: \d+ bytes came, \d+ of them in no packet/);
}, 120_000);

test("nothing is there, or another debugger has it: one line", async () => {
  await expect(openKd("tcp:127.0.0.1:1", { maxHaltMs: 1000 })).rejects.toThrow(/no debugger's wire there/);
  await expect(openKd("unix:/nowhere/at/all", { maxHaltMs: 1000 })).rejects.toThrow(/ENOENT/);
  const simulated = await simulate(ZEROS);
  const first = await openKd(simulated.name, { maxHaltMs: 1000 });
  await first.session.breakIn();
  const second = await openKd(simulated.name, { maxHaltMs: 1000 });
  await expect(second.session.breakIn()).rejects.toThrow(/another debugger/);
  await second.close();
  await first.close();
  expect(simulated.target.isRunning).toBe(true);
  simulated.close();
});

test("Ctrl-C while it is read: given up, and the target runs", async () => {
  const simulated = await simulate(ZEROS, { baud: 115_200 });
  const outcome = withKd(simulated.name, async ({ session }) => {
    setTimeout(() => session.stop("SIGINT came"), 500);
    for (let page = 0; page < 100; page++) await session.read(0xfffff80000700000n, 4096);
  });
  await expect(outcome).rejects.toThrow(/SIGINT came; the target was continued and runs/);
  expect(simulated.target.isRunning).toBe(true);
  simulated.close();
});
