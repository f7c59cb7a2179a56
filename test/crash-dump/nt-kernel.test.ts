import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDump, type Dump, type DumpMemory } from "../../src/formats/crash-dump/dump.ts";
import { findTagTable } from "../../src/formats/crash-dump/find-tag-table.ts";
import { answerBigPages, answerPoolUse } from "../../src/formats/crash-dump/answers.ts";
import { scanForTag } from "../../src/formats/crash-dump/scan-tag.ts";
import { readModules } from "../../src/formats/crash-dump/modules.ts";
import { readTagUses } from "../../src/formats/crash-dump/read-tag-table.ts";
import { usesOf } from "../../src/model/snapshot.ts";
import { formatTag } from "../../src/model/tag.ts";
import { toSnapshot } from "../../src/sources/crash-dump.ts";
import { openDumpFile, type OpenDumpFile } from "../../src/sources/dump-file.ts";
import { expectedUses, imagePath, modules, sampleMissing, symbols } from "./nt-kernel.ts";

if (sampleMissing !== undefined) console.warn(sampleMissing);

describe.skipIf(sampleMissing !== undefined).each(["x64", "x86"] as const)("memory of a real kernel, %s", (name) => {
  let file: OpenDumpFile;
  let dump: Dump;
  let memory: DumpMemory;

  beforeAll(async () => {
    file = await openDumpFile(imagePath(name));
    dump = openDump(file.bytes);
    if (dump.memory === undefined) throw new Error(dump.cannotAnswer);
    memory = dump.memory;
  });
  afterAll(() => file.close());

  test("page tables, kernel and module list are found with no hint", () => {
    expect(memory.space.root).toBe(name === "x64" ? 0x3ff000 : 0x030f0000);
    expect(memory.kernel.base).toBe(name === "x64" ? 0xfffff80000400000n : 0x80400000n);
    expect(memory.kernel.moduleList).toBe(symbols(name).get("PsLoadedModuleList"));
    expect(memory.debuggerData?.address).toBe(symbols(name).get("KdDebuggerDataBlock"));
    expect(dump.problems).toEqual([]);
  });

  test("as a source it tells how far the kernel lets each pool grow", () => {
    const { totals } = toSnapshot(dump, answerPoolUse(dump), { path: "memory.raw", modified: 0 });
    const [nonpaged, paged] = name === "x64" ? [25_356, 8_192] : [11_343, 23_552];
    expect(totals).toMatchObject({ nonpagedLimitBytes: nonpaged * 4096, pagedLimitBytes: paged * 4096 });
  });

  test("the modules are those of the kernel's own list", () => {
    const { modules: found, problems } = readModules(memory.space, memory.kernel.moduleList);
    expect(problems).toEqual([]);
    expect(found.map(({ base, sizeOfImage, path }) => ({ base, size: sizeOfImage, path }))).toEqual(modules(name));
  });

  test.each([
    ["with", true],
    ["without", false],
  ])("the tag table gives the kernel's own figures, %s its debugger data block", (_, useBlock) => {
    const table = findTagTable(memory.space, memory.kernel.data, useBlock ? memory.debuggerData : undefined);
    if (table === undefined) throw new Error("no table");
    expect(table).toMatchObject({
      layout: { id: name === "x64" ? "A64" : "A32" },
      slots: 2048,
      keys: name === "x64" ? 206 : 205,
      score: 1,
      variable: symbols(name).get("PoolTrackTable"),
      sizeConfirmed: true,
    });
    const uses = readTagUses(memory.space, memory.kernel.data, table, dump.system);
    expect(uses.coverage).toBe(1);
    const found = usesOf(uses.columns).map(
      (use) =>
        [
          `${formatTag(use.tag)} ${use.kind === "paged" ? "Paged" : "Nonp"}`,
          [use.allocs, use.frees, use.bytes],
        ] as const,
    );
    expect(new Map(found)).toEqual(expectedUses(name));
  });

  test("the table of large allocations has the rows that the kernel counts", () => {
    const big = answerBigPages(dump);
    expect(big).toMatchObject({ layout: { id: "2003" }, rows: name === "x64" ? 512 : 256, sizeConfirmedBy: "word" });
    // expected.txt: `big entries 512 used 117 pages 331` and `big 256 used 147 pages 1956`.
    expect(big?.allocations.length).toBe(name === "x64" ? 117 : 147);
    expect(big?.allocations.reduce((sum, each) => sum + each.bytes, 0)).toBe((name === "x64" ? 331 : 1956) * 4096);
    expect(big?.allocations.some((each) => each.kind === undefined)).toBe(false);
  });

  test("a scan finds as many blocks in use as the tag table counts", () => {
    const even = expectedUses(name).get("Even Nonp");
    if (even === undefined) throw new Error("no Even");
    const progress = { pages: 0, notInDump: 0, exhausted: false };
    const blocks = [...scanForTag(memory.space, 0x6e657645, [], progress)].filter((block) => block.state === "in-use");
    expect(blocks.length).toBe(even[0] - even[1]);
    expect(progress.exhausted).toBe(false);
  });
});
