// Every row of the tag table held against the blocks in memory: of real kernels, of made-up ones, and of damaged tables.

import { describe, expect, test } from "vitest";
import { answerPoolUse, recountPoolUse } from "../../src/formats/crash-dump/answers.ts";
import { openDump, type Dump } from "../../src/formats/crash-dump/dump.ts";
import type { TagUses } from "../../src/formats/crash-dump/read-tag-table.ts";
import { bytesSource } from "../../src/formats/crash-dump/source.ts";
import { certaintyOf } from "../../src/formats/crash-dump/table-checks.ts";
import { formatTag } from "../../src/model/tag.ts";
import { openDumpFile } from "../../src/sources/dump-file.ts";
import { bitmapDump } from "../build/dump/files.ts";
import { buildMachine, type Machine, type MachineOptions } from "../build/dump/machine.ts";
import { addPoolPages } from "../build/dump/pool-pages.ts";
import { imagePath, sampleMissing } from "./nt-kernel.ts";

function recounted(dump: Dump): TagUses {
  return recountPoolUse(dump, answerPoolUse(dump), { pages: 0, notInDump: 0, exhausted: false });
}

describe.skipIf(sampleMissing !== undefined)("on the memory of a real kernel", () => {
  test.each([
    ["x64", 165],
    ["x86", 164],
  ] as const)(
    "%s: blocks and bytes of all %i tags that are in use stand in memory, no more and no less",
    async (name, tags) => {
      const file = await openDumpFile(imagePath(name));
      try {
        const dump = openDump(file.bytes);
        const before = answerPoolUse(dump);
        const uses = recounted(dump);
        expect(uses.recount).toEqual({ agreeing: tags, compared: tags, differing: [], unfound: [] });
        expect(uses.checks.find((each) => each.name === "figures")).toEqual({
          name: "figures",
          state: "passed",
          share: 1,
        });
        expect(certaintyOf(uses.checks)).toBeGreaterThan(certaintyOf(before.checks));
        expect(uses.problems).toEqual(before.problems);
      } finally {
        file.close();
      }
    },
  );
});

/** Memory for large pages lies behind all others, so that no page is mapped twice. */
const placement = { distance: 8, firstLarge: 0x4000 };
const OPTIONS: MachineOptions = { kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64", build: 17763, placement };

function made(options: MachineOptions, change: (machine: Machine) => void = () => undefined): TagUses {
  const machine = buildMachine(options);
  addPoolPages(machine);
  change(machine);
  return recounted(openDump(bytesSource(bitmapDump(machine))));
}

describe("on made-up machines", () => {
  const cases: MachineOptions[] = [
    OPTIONS,
    { kind: "x86-pae", tagRecipe: "A32", bigRecipe: "vista-32", build: 7601, placement },
    { kind: "x64", tagRecipe: "A64", bigRecipe: "vista-64", build: 7601, debuggerData: false, placement },
  ];
  test.each(cases)("$kind $tagRecipe: all rows fit, freed blocks of the pool's own lists are left out", (options) => {
    const { recount, problems } = made(options);
    expect(recount?.differing.map(({ tag, table, memory }) => [formatTag(tag), table, memory])).toEqual([]);
    expect(recount?.agreeing).toBe(recount?.compared);
    expect(recount?.compared).toBe(119);
    expect(problems).toEqual([]);
  });

  /** Changes one figure of CPU 0's row of a tag: `field` in bytes from the row's beginning (B64). */
  const withFigure = (tag: string, field: number, by: bigint): TagUses =>
    made(OPTIONS, (machine) => {
      const { memory, trackTable } = machine;
      const stride = 0x38n;
      for (let slot = 0n; slot < 512n; slot++) {
        const at = trackTable + slot * stride;
        const page = memory.map(at);
        const offset = Number(at % 4096n);
        if (offset + 0x38 > 4096 || String.fromCharCode(...page.subarray(offset, offset + 4)) !== tag) continue;
        const view = new DataView(page.buffer, page.byteOffset);
        view.setBigUint64(offset + field, view.getBigUint64(offset + field, true) + by, true);
        return;
      }
      throw new Error("no such row");
    });

  test("one count of one row that breaks no other rule is named, and certainty falls", () => {
    const sound = made(OPTIONS);
    for (const [field, by] of [
      [0x10, 1n],
      [0x18, 1n],
      [0x08, 16n],
    ] as const) {
      const uses = withFigure("AcpB", field, by);
      expect(uses.recount?.differing.map(({ tag }) => formatTag(tag))).toEqual(["AcpB"]);
      expect(uses.problems.join()).toMatch(/1 rows do not fit the blocks that stand in memory and are doubted: AcpB/);
      expect(certaintyOf(uses.checks)).toBeLessThan(certaintyOf(sound.checks));
    }
  });

  test("a tag whose row is gone is told by its blocks", () => {
    const uses = made(OPTIONS, ({ memory, trackTable }) =>
      memory.put(trackTable + 0x38n * 100n, new Uint8Array(0x38 * 40)),
    );
    expect(uses.recount?.differing.some(({ table }) => table.blocks === 0)).toBe(true);
  });

  test("fewer blocks in memory contradict a row only where nothing of it can be paged out", () => {
    const uses = made(OPTIONS, ({ memory }) => memory.put(0xffffa40c30000000n, new Uint8Array(4096)));
    // The first page holds nonpaged blocks of the first tags, some of which have paged ones as well.
    expect(uses.recount?.differing.length).toBeGreaterThan(0);
    expect(uses.recount?.unfound.length).toBeGreaterThan(0);
    expect(uses.problems.join()).toContain("fewer blocks stand in memory than they count");
  });

  test("without the pool's own lists, or without chains, nothing is judged and the reason is said", () => {
    const machine = buildMachine(OPTIONS);
    const uses = recounted(openDump(bytesSource(bitmapDump(machine))));
    expect(uses.recount).toBeUndefined();
    expect(uses.problems.join()).toContain("could not be held against the blocks in memory: the pool's own lists");
    expect(uses.checks.find((each) => each.name === "figures")?.state).toBe("not-made");
  });
});
