// Every question to the simulated target gives the dump's own answer, and the target runs on.

import { expect, test } from "vitest";
import { answerBigPages, answerHolders, answerModules, answerPoolUse } from "../../src/formats/crash-dump/answers.ts";
import { holdersOf, modulesOf } from "../../src/formats/crash-dump/answers.ts";
import { certaintyOf } from "../../src/formats/crash-dump/table-checks.ts";
import { openDump } from "../../src/formats/crash-dump/dump.ts";
import { usesOf } from "../../src/model/snapshot.ts";
import { formatTag } from "../../src/model/tag.ts";
import { openDumpFile } from "../../src/sources/dump-file.ts";
import { sampleKd } from "../../src/sources/kd/open.ts";
import { parseKdAddress } from "../../src/sources/kd/address.ts";
import { openKdChannel } from "../../src/sources/kd/channel.ts";
import { kdBigPages, kdComparedPoolUse, kdPoolUse, KdQuestions } from "../../src/sources/kd/questions.ts";
import { KdSession } from "../../src/sources/kd/session.ts";
import { wireMilliseconds } from "../../src/words/kd.ts";
import { expectedUses, imagePath, sampleMissing, type SampleName } from "../crash-dump/nt-kernel.ts";
import { memoryOf, simulate, withKd } from "./simulated.test-support.ts";

const names: readonly SampleName[] = ["x64", "x86"];

test.skipIf(sampleMissing !== undefined).each(names)(
  "%s: used is the kernel's own table, in one halt and few packets",
  async (name) => {
    const simulated = await simulate(memoryOf(name), { loadSymbols: 34, prints: 5 });
    const { target } = simulated;
    const snapshot = await withKd(
      simulated.name,
      async (kd) => {
        const taken = await sampleKd(kd, "kd", 0, String);
        expect(target.isRunning).toBe(true);
        expect(kd.session.halts).toHaveLength(1);
        // What decides how long it stands; the time itself is measured by bench:kd.
        expect(kd.session.bytesRead).toBeLessThan(name === "x64" ? 105_000 : 80_000);
        expect(kd.session.counts.packets - kd.session.counts.prints).toBeLessThan(260);
        return taken;
      },
      60_000,
    );
    simulated.close();
    const found = new Map(
      usesOf(snapshot.columns)
        .filter(({ allocs }) => (allocs ?? 0) > 0)
        .map((use) => [
          `${formatTag(use.tag)} ${use.kind === "paged" ? "Paged" : "Nonp"}`,
          [use.allocs, use.frees, use.bytes],
        ]),
    );
    const expected = [...expectedUses(name)].filter(([, figures]) => figures[0] > 0);
    expect(expected.length).toBeGreaterThan(150);
    for (const [key, figures] of expected) expect(found.get(key), key).toEqual([...figures]);
    expect(found.size).toBe(expected.length);
    expect(target.log.forbidden).toEqual([]);
    expect(target.log.setContexts).toBe(1);
    expect(target.isRunning).toBe(true);
  },
  120_000,
);

test.skipIf(sampleMissing !== undefined).each(names)(
  "%s: big, modules and holders are the dump's",
  async (name) => {
    const file = await openDumpFile(imagePath(name));
    const dump = openDump(file.bytes);
    const simulated = await simulate(memoryOf(name), { prints: 9 });
    try {
      await withKd(simulated.name, async (kd) => {
        const { target, uses } = await kdPoolUse(kd.questions);
        expect(usesOf(uses.columns)).toEqual(usesOf(answerPoolUse(dump).columns));
        const { big } = await kdBigPages(kd.questions);
        expect(big?.allocations).toEqual(answerBigPages(dump)?.allocations);
        expect(big?.allocations.length).toBeGreaterThan(50);
        expect(await kd.questions.ask(() => modulesOf(target))).toEqual(answerModules(dump));
        const times = { from: target.system.bootTime, to: target.system.time };
        const holders = await kd.questions.ask(() => holdersOf(target, undefined, times), "independent");
        expect(holders.held).toEqual(answerHolders(dump).held);
        expect(holders.handles).toBeGreaterThan(1000);
      });
    } finally {
      simulated.close();
      file.close();
    }
    expect(simulated.target.isRunning).toBe(true);
    expect(simulated.target.log.forbidden).toEqual([]);
  },
  120_000,
);

/** A session whose clock says that every call of it took so many milliseconds: a fast wire or a slow one, on any machine. */
async function withClock<T>(name: string, step: number, work: (questions: KdQuestions) => Promise<T>): Promise<T> {
  let now = 0;
  const session = new KdSession(await openKdChannel(parseKdAddress(name)), {
    maxHaltMs: 2 ** 30,
    monotonic: () => (now += step),
    sleep: async () => {},
  });
  try {
    return await work(new KdQuestions(session));
  } finally {
    await session.release();
  }
}

test.skipIf(sampleMissing !== undefined).each(names)(
  "%s: on a fast wire used compares objects, as the dump's answer does; on a slow one it says that it did not",
  async (name) => {
    const file = await openDumpFile(imagePath(name));
    const dump = answerPoolUse(openDump(file.bytes));
    file.close();
    const simulated = await simulate(memoryOf(name));
    const fast = await withClock(simulated.name, 0.001, async (questions) => {
      const { uses } = await kdComparedPoolUse(questions);
      // Each costs a round trip: 122 and 155 for the objects.
      expect(questions.session.counts.packets).toBeLessThan(400);
      return uses;
    });
    simulated.close();
    expect(simulated.target.isRunning).toBe(true);
    const again = await simulate(memoryOf(name));
    const slow = await withClock(again.name, 20, async (questions) => (await kdComparedPoolUse(questions)).uses);
    again.close();
    expect(fast.witness).toEqual(dump.witness);
    expect(fast.witness?.agreement.compared).toBeGreaterThan(10);
    expect(usesOf(fast.columns)).toEqual(usesOf(dump.columns));
    expect(slow.witness).toBeUndefined();
    expect(usesOf(slow.columns)).toEqual(usesOf(dump.columns));
    // What was not looked at counts for less, and is named.
    expect(slow.checks.find((check) => check.name === "object-types")?.state).toBe("not-made");
    expect(fast.checks.find((check) => check.name === "object-types")?.state).toBe("passed");
    expect(certaintyOf(slow.checks)).toBeLessThan(certaintyOf(fast.checks));
  },
  120_000,
);

test.skipIf(sampleMissing !== undefined)(
  "a slow line: halted as computed from the bytes, in parts under --max-halt",
  async () => {
    // Ten times 115,200 and a tenth of the limit: the same parts in a tenth of the time.
    const baud = 1_152_000;
    const simulated = await simulate(memoryOf("x86"), { baud });
    await withKd(
      simulated.name,
      async (kd) => {
        const snapshot = await sampleKd(kd, "kd", 0, (halts) => `${halts} parts`);
        const { halts, bytesRead } = kd.session;
        const total = halts.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
        expect(total).toBeGreaterThan(wireMilliseconds(bytesRead, baud));
        // What the wire carries besides: small reads, and the packets of each break.
        const carried = ((kd.session.counts.received + kd.session.counts.sent) * 10_000) / baud;
        expect(carried).toBeLessThan(1.3 * wireMilliseconds(bytesRead, baud));
        expect(halts.length).toBeGreaterThanOrEqual(Math.ceil(carried / 500));
        expect(snapshot.gaps.map(({ problem }) => problem)).toContain(`${halts.length} parts`);
      },
      500,
    );
    simulated.close();
    expect(simulated.target.isRunning).toBe(true);
  },
  120_000,
);
