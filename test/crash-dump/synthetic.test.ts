// Dumps written by the independent writer in test/build/dump, for every container, machine and table layout.

import { describe, expect, test } from "vitest";
import { answerBigPages, answerModules, answerPoolUse } from "../../src/formats/crash-dump/answers.ts";
import { openDump, type Dump } from "../../src/formats/crash-dump/dump.ts";
import { judgeTable } from "../../src/formats/crash-dump/find-tag-table.ts";
import { readTagUses } from "../../src/formats/crash-dump/read-tag-table.ts";
import { scanForTag } from "../../src/formats/crash-dump/scan-tag.ts";
import { bytesSource } from "../../src/formats/crash-dump/source.ts";
import { usesOf } from "../../src/model/snapshot.ts";
import { formatTag, parseTag } from "../../src/model/tag.ts";
import {
  bitmapDump,
  elfCore,
  fullDump,
  limeImage,
  rangesDump,
  rawImage,
  summaryDump,
  triageDump,
} from "../build/dump/files.ts";
import { buildMachine, type Machine, type MachineOptions } from "../build/dump/machine.ts";
import type { Mapping } from "../build/dump/memory.ts";

const open = (bytes: Uint8Array): Dump => openDump(bytesSource(bytes));

const X64: MachineOptions = { kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" };

/** `tag pool` -> allocations, frees, bytes. */
function figures(dump: Dump): Map<string, readonly [number | undefined, number | undefined, number]> {
  const { columns } = answerPoolUse(dump);
  return new Map(
    usesOf(columns).map((use) => [`${formatTag(use.tag)} ${use.kind}`, [use.allocs, use.frees, use.bytes]]),
  );
}

function expectAllAnswers(machine: Machine, dump: Dump): void {
  expect(dump.cannotAnswer).toBeUndefined();
  expect(figures(dump)).toEqual(machine.truth);
  const uses = answerPoolUse(dump);
  expect([uses.cpusSummed, uses.coverage, uses.table.score, uses.problems]).toEqual([machine.cpus, 1, 1, []]);
  const answer = answerModules(dump);
  expect(answer.modules.map(({ base, sizeOfImage, name }) => ({ base, size: sizeOfImage, name }))).toEqual(
    machine.modules,
  );
  const big = answerBigPages(dump);
  const live = machine.bigTruth.filter((row) => row.freed !== true);
  const byAddress = (a: { address: bigint }, b: { address: bigint }): number => (a.address < b.address ? -1 : 1);
  const told = big?.layout.poolType !== undefined;
  expect(big?.allocations.toSorted(byAddress)).toEqual(
    live
      .map(({ address, tag, pages, paged }) => ({
        address,
        tag: parseTag(tag),
        bytes: pages * 4096,
        kind: told ? (paged ? "paged" : "nonpaged") : undefined,
      }))
      .toSorted(byAddress),
  );
  expect(big?.freed).toBe(machine.bigTruth.length - live.length);
}

describe("containers", () => {
  const machine = buildMachine(X64);
  test.each([
    ["full, type 1", fullDump(machine), "full"],
    ["bitmap, type 5", bitmapDump(machine, 5), "bitmap"],
    ["bitmap, type 6", bitmapDump(machine, 6), "bitmap"],
    ["summary, type 2", summaryDump(machine), "summary"],
    ["ranges, type 8", rangesDump(machine, 8), "ranges"],
    ["ranges, type 9", rangesDump(machine, 9), "ranges"],
    ["ranges, type A", rangesDump(machine, 10), "ranges"],
    ["ELF core", elfCore(machine), "elf-core"],
    ["LiME", limeImage(machine), "lime"],
    ["raw", rawImage(machine), "raw"],
  ])("%s", (_, bytes, kind) => {
    const dump = open(bytes);
    expect(dump.container.kind).toBe(kind);
    expect(dump.problems).toEqual([]);
    expectAllAnswers(machine, dump);
    expect(dump.system).toMatchObject({ build: 19041, cpus: 2, time: 1_714_979_289_000, bootTime: 1_714_975_689_000 });
  });

  test("a 32-bit summary dump has its bitmap eight bytes earlier", () => {
    const small = buildMachine({ kind: "x86", tagRecipe: "A32", bigRecipe: "vista-32", build: 7601 });
    const dump = open(summaryDump(small));
    expect(dump.container.kind).toBe("summary");
    expectAllAnswers(small, dump);
  });
});

describe("machines and table layouts", () => {
  const cases: MachineOptions[] = [
    { kind: "x64", tagRecipe: "A64", bigRecipe: "2003-64", build: 3790 },
    { kind: "x64", tagRecipe: "A64", bigRecipe: "vista-64", build: 7601 },
    { kind: "x64", tagRecipe: "A64", bigRecipe: "ten-64", build: 14393 },
    { kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64", build: 19041 },
    { kind: "x64", tagRecipe: "C64", bigRecipe: "new-64", build: 22631 },
    { kind: "arm64", tagRecipe: "B64", bigRecipe: "ten-64", build: 18885 },
    { kind: "arm64", tagRecipe: "C64", bigRecipe: "new-64", build: 22000 },
    { kind: "x86", tagRecipe: "A32", bigRecipe: "xp32", build: 2600 },
    { kind: "x86", tagRecipe: "A32", bigRecipe: "2003-32", build: 3790 },
    { kind: "x86-pae", tagRecipe: "A32", bigRecipe: "vista-32", build: 7601 },
    { kind: "x86-pae", tagRecipe: "A32", bigRecipe: "ten-32", build: 15063 },
    { kind: "x86-pae", tagRecipe: "B32", bigRecipe: "ten-32", build: 19041 },
    { kind: "x86-pae", tagRecipe: "C32", bigRecipe: "ten-32", build: 21292 },
  ];
  describe.each(cases)("$kind $tagRecipe $bigRecipe", (options) => {
    const machine = buildMachine(options);
    test("out of a dump", () => {
      const dump = open(bitmapDump(machine));
      expect(dump.problems).toEqual([]);
      expect(answerPoolUse(dump).table.layout.id).toBe(options.tagRecipe);
      expectAllAnswers(machine, dump);
      expect(answerModules(dump).unloaded.map(({ name }) => name)).toEqual(["old.sys"]);
    });
    test("out of a raw image without header, hints and debugger data block", () => {
      const bare = buildMachine({ ...options, debuggerData: false, selfIndex: 0x1a7 });
      const dump = open(rawImage(bare));
      expect(dump.memory?.space.paging.id).toBe(options.kind);
      expect(answerPoolUse(dump).table.method).toContain("among");
      expectAllAnswers(bare, dump);
    });
  });
});

describe("five-level paging", () => {
  /** A table on top whose last entry leads to the machine's own, and which maps itself instead of it. */
  const withTop = (): { machine: Machine; top: number } => {
    const machine = buildMachine(X64);
    const { memory } = machine;
    const top = 0x5000;
    const page = new Uint8Array(4096);
    const view = new DataView(page.buffer);
    view.setBigUint64(511 * 8, BigInt(memory.root) + 0x63n, true);
    view.setBigUint64(0x1ed * 8, BigInt(top) * 4096n + 0x8000000000000063n, true);
    for (let i = 256; i < 262; i++) view.setBigUint64(i * 8, BigInt(memory.root) + 0x63n, true);
    const own = memory.pages.get(memory.root / 4096);
    if (own !== undefined) new DataView(own.buffer).setBigUint64(0x1ed * 8, 0n, true);
    memory.pages.set(top, page);
    return { machine, top: top * 4096 };
  };
  test("out of a dump whose header names the fifth level", () => {
    const { machine, top } = withTop();
    const bytes = bitmapDump(machine);
    new DataView(bytes.buffer).setBigUint64(0x10, BigInt(top), true);
    const dump = open(bytes);
    expect(dump.memory?.rootMethod).toContain("five levels");
    expectAllAnswers(machine, dump);
  });
  test("out of a raw image", () => {
    const { machine } = withTop();
    const dump = open(rawImage(machine));
    expect(dump.memory?.rootMethod).toContain("five levels");
    expectAllAnswers(machine, dump);
  });
});

describe("ways to map a page", () => {
  const mappings: readonly (readonly [Mapping, readonly MachineOptions["kind"][]])[] = [
    ["transition", ["x64", "arm64", "x86", "x86-pae"]],
    ["transition-swizzled", ["x64"]],
    ["large", ["x64", "arm64", "x86", "x86-pae"]],
    ["huge", ["x64", "arm64"]],
  ];
  for (const [mapping, kinds] of mappings) {
    test.each(kinds)(`${mapping} on %s`, (kind) => {
      const wide = kind === "x64" || kind === "arm64";
      const machine = buildMachine({
        kind,
        tagRecipe: wide ? "B64" : "A32",
        bigRecipe: wide ? "ten-64" : "ten-32",
        mapping,
        cpus: 1,
      });
      expectAllAnswers(machine, open(bitmapDump(machine)));
    });
  }

  test.each(["x64", "arm64", "x86", "x86-pae"] as const)("prototype on %s", (kind) => {
    const wide = kind === "x64" || kind === "arm64";
    // A table of 64 slots takes one page (two for wide rows), so that one prototype entry does.
    const machine = buildMachine({
      kind,
      tagRecipe: wide ? "A64" : "A32",
      bigRecipe: wide ? "ten-64" : "ten-32",
      cpus: 1,
    });
    const address = machine.poolPage + 0x40_0000n;
    machine.memory.put(
      address,
      Uint8Array.from("through a prototype", (c) => c.charCodeAt(0)),
      "prototype",
    );
    const dump = open(bitmapDump(machine));
    const bytes = dump.memory?.space.readExact(address, 19);
    expect(String.fromCharCode(...(bytes ?? []))).toBe("through a prototype");
  });

  test("what was never there is not the same as what the dump does not hold", () => {
    const machine = buildMachine({ ...X64, cpus: 1 });
    const present = machine.poolPage + 0x20_0000n;
    const out = machine.poolPage + 0x20_1000n;
    machine.memory.put(present, new Uint8Array(8));
    machine.memory.put(out, new Uint8Array(8), "paged-out");
    machine.memory.drop(present);
    const space = open(bitmapDump(machine)).memory?.space;
    expect(space?.translate(present)).toMatchObject({ state: "not-in-dump", what: "page" });
    expect(space?.translate(out)).toEqual({ state: "not-present", why: "paged-out" });
    expect(space?.translate(machine.poolPage + 0x30_0000n)).toEqual({ state: "not-present", why: "empty" });
    expect(space?.translate(0x1234_0000_0000_0000n)).toEqual({ state: "not-present", why: "not-canonical" });
  });
});

describe("tag tables", () => {
  test("the tables of eight CPUs are summed as signed numbers", () => {
    const machine = buildMachine({ ...X64, cpus: 8 });
    const dump = open(bitmapDump(machine));
    expectAllAnswers(machine, dump);
    // CPU 1 freed 30 blocks of Even that others had allocated.
    expect(figures(dump).get("Even nonpaged")?.[1]).toBe(7 * 28 + 40);
  });

  test("the sums are the same when another CPU's table was found first", () => {
    const machine = buildMachine({ ...X64, cpus: 4 });
    const { space, kernel } = open(bitmapDump(machine)).memory ?? {};
    if (space === undefined || kernel === undefined) throw new Error("no memory");
    for (const address of machine.cpuTables) {
      const judged = judgeTable(space, address);
      if (judged === undefined) continue;
      const table = { ...judged, variable: undefined, method: "", slotsSaid: undefined, sizeConfirmed: undefined };
      const uses = readTagUses(space, kernel.data, table, { cpus: 4, physicalBytes: undefined });
      expect(uses.cpusSummed).toBe(4);
      expect(usesOf(uses.columns).reduce((sum, use) => sum + use.bytes, 0)).toBe(
        [...machine.truth.values()].reduce((sum, [, , bytes]) => sum + bytes, 0),
      );
    }
  });

  test.each([128, 2048, 4096])("a full table of %d slots has its rest in the expansion table, and says so", (slots) => {
    const machine = buildMachine({ ...X64, cpus: 1, slots, overfull: true });
    const dump = open(bitmapDump(machine));
    expect(figures(dump)).toEqual(machine.truth);
    expect(answerPoolUse(dump).problems).toEqual([expect.stringContaining("12 more tags come from its expansion")]);
  });

  test("without the array of the other CPUs' tables the answer is a lower bound, and says so", () => {
    const machine = buildMachine({ ...X64, noCpuArray: true });
    const uses = answerPoolUse(open(bitmapDump(machine)));
    expect(uses.cpusSummed).toBe(1);
    expect(uses.problems).toEqual(["CPU 0 only, lower bound: no tables of the other 1 CPUs were found"]);
  });
});

describe("find", () => {
  test.each(["x64", "x86"] as const)("blocks of a tag in a chain of headers, %s", (kind) => {
    const machine = buildMachine({
      kind,
      tagRecipe: kind === "x64" ? "A64" : "A32",
      bigRecipe: kind === "x64" ? "vista-64" : "vista-32",
    });
    const space = open(bitmapDump(machine)).memory?.space;
    if (space === undefined) throw new Error("no memory");
    const progress = { pages: 0, notInDump: 0, exhausted: false };
    const blocks = [...scanForTag(space, 0x6b61654c, [], progress)];
    const unit = kind === "x64" ? 16 : 8;
    expect(blocks.filter((block) => block.state !== "unchained")).toEqual([
      { address: machine.poolPage, bytes: 10 * unit, poolType: 2, state: "in-use" },
      { address: machine.poolPage + BigInt(30 * unit), bytes: 6 * unit, poolType: 0, state: "freed" },
    ]);
  });
});

describe("dumps without memory", () => {
  const machine = buildMachine(X64);
  test("a small dump lists its modules and says that it cannot answer", () => {
    const dump = open(triageDump(machine));
    expect(dump.cannotAnswer).toContain("small (triage) dump");
    expect(dump.problems).toEqual([]);
    const { modules, unloaded } = answerModules(dump);
    expect(modules.map(({ base, sizeOfImage, name }) => ({ base, size: sizeOfImage, name }))).toEqual(machine.modules);
    expect(unloaded.map(({ name }) => name)).toEqual(["old.sys"]);
    expect(dump.triage?.kernelBase).toBe(machine.kernelBase);
    expect(dump.triage?.buildLab).toBe("19041.1.amd64fre.vb_release.191206-1406");
    expect(() => answerPoolUse(dump)).toThrow(/cannot answer pool questions/);
  });

  test("the header alone says so", () => {
    const dump = open(fullDump(machine).subarray(0, 0x2000));
    expect(dump.container.kind).toBe("header-only");
    expect(dump.cannotAnswer).toBe("it holds no memory, only the header");
    expect(dump.system.build).toBe(19041);
  });

  test.each([
    ["MDMP", /user-mode minidump \(MDMP\)/],
    ["USERDU64", /user-mode dump/],
    ["hibr", /hibernation file/],
    ["PK\x03\x04", /ZIP archive/],
  ])("%j is refused by name", (signature, message) => {
    const bytes = new Uint8Array(0x4000);
    bytes.set(Uint8Array.from(signature, (char) => char.charCodeAt(0)));
    expect(() => open(bytes)).toThrow(message);
  });
});
