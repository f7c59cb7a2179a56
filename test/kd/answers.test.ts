// Every question to the simulated target gives the dump's own answer, and the target runs on.

import { expect, test } from "vitest";
import { answerBigPages, answerHolders, answerModules, answerPoolUse } from "../../src/formats/crash-dump/answers.ts";
import { holdersOf, modulesOf } from "../../src/formats/crash-dump/answers.ts";
import { openDump } from "../../src/formats/crash-dump/dump.ts";
import { usesOf } from "../../src/model/snapshot.ts";
import { formatTag } from "../../src/model/tag.ts";
import { openDumpFile } from "../../src/sources/dump-file.ts";
import { sampleKd } from "../../src/sources/kd/open.ts";
import { kdBigPages, kdPoolUse } from "../../src/sources/kd/questions.ts";
import { wireMilliseconds } from "../../src/words/kd.ts";
import { expectedUses, imagePath, sampleMissing, type SampleName } from "../crash-dump/nt-kernel.ts";
import { memoryOf, simulate, withKd } from "./simulated.test-support.ts";

const names: readonly SampleName[] = ["x64", "x86"];

test.skipIf(sampleMissing !== undefined).each(names)(
  "%s: used is the kernel's own table, within 1 s of halt",
  async (name) => {
    const simulated = await simulate(memoryOf(name), { loadSymbols: 34, prints: 5 });
    const { target } = simulated;
    const snapshot = await withKd(simulated.name, async (kd) => {
      const taken = await sampleKd(kd, "kd", 0, String);
      expect(target.isRunning).toBe(true);
      expect(kd.session.halts).toHaveLength(1);
      // The bar is 1 s on a machine that does nothing else (0.54 s); here other tests run beside it.
      expect(kd.session.readMs).toBeLessThan(1000);
      expect(kd.session.halts[0]?.milliseconds).toBeLessThan(5000);
      expect(kd.session.bytesRead).toBeLessThan(name === "x64" ? 130_000 : 100_000);
      return taken;
    });
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
  30_000,
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
        const holders = await kd.questions.ask(() => holdersOf(target, undefined, times));
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
  30_000,
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
        // What it takes besides: the packets of each break, and the readers' own time.
        expect(total).toBeLessThan(2 * wireMilliseconds(bytesRead, baud) + 1000);
        expect(halts.length).toBeGreaterThan(1);
        expect(Math.max(...halts.map(({ milliseconds }) => milliseconds))).toBeLessThan(600);
        expect(snapshot.gaps.map(({ problem }) => problem)).toContain(`${halts.length} parts`);
      },
      500,
    );
    simulated.close();
    expect(simulated.target.isRunning).toBe(true);
  },
  30_000,
);
