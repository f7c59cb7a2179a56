// Damaged and hostile dumps: every one ends in an answer that says what is missing, or in one typed error, in bounded work.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerBigPages, answerModules, answerPoolUse } from "../../src/formats/crash-dump/answers.ts";
import { openDump, type Dump } from "../../src/formats/crash-dump/dump.ts";
import { readModuleFacts } from "../../src/formats/crash-dump/module-facts.ts";
import { structureReport } from "../../src/formats/crash-dump/structure-report.ts";
import { scanForTag } from "../../src/formats/crash-dump/scan-tag.ts";
import { bytesSource, type ByteSource } from "../../src/formats/crash-dump/source.ts";
import { FormatError } from "../../src/model/errors.ts";
import { usesOf } from "../../src/model/snapshot.ts";
import { bitmapDump, elfCore, fullDump, header, join, limeImage, rangesDump, triageDump } from "../build/dump/files.ts";
import { buildMachine, type Machine, type MachineOptions } from "../build/dump/machine.ts";

const X64: MachineOptions = { kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" };
const open = (bytes: Uint8Array): Dump => openDump(bytesSource(bytes));
const problemsOf = (dump: Dump): string => [...dump.problems, ...answerPoolUse(dump).problems].join("\n");

/** A copy with a number written into it. */
function poke(bytes: Uint8Array, at: number, value: bigint, size: 4 | 8 = 8): Uint8Array {
  const copy = bytes.slice();
  for (let i = 0; i < size; i++) copy[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
  return copy;
}

describe("damage that is told", () => {
  test("a file that ends early: what it lists and does not hold is counted", () => {
    const machine = buildMachine(X64);
    const whole = bitmapDump(machine);
    const cut = open(whole.subarray(0, whole.length - 5 * 4096 - 7));
    expect(cut.problems).toEqual(["the file ends early: 6 of the pages it lists are not in it"]);
    const full = fullDump(machine);
    expect(open(full.subarray(0, full.length - 4096)).problems).toEqual([
      "the file ends early: 1 of the pages it lists are not in it",
    ]);
  });

  test("a page of the tag table that the dump does not hold: the rest is answered, with the share that was there", () => {
    const machine = buildMachine({ ...X64, cpus: 1 });
    machine.memory.drop(machine.trackTable + 0x3000n);
    const dump = open(bitmapDump(machine));
    const uses = answerPoolUse(dump);
    expect(uses.coverage).toBeCloseTo(1 - 4096 / (513 * 56), 5);
    expect(uses.problems).toEqual([
      expect.stringContaining("4096 of the 28728 bytes of the tag table are not in the dump"),
    ]);
    expect(uses.columns.length).toBeLessThan(machine.truth.size);
    for (const use of usesOf(uses.columns)) expect(use.bytes).toBeGreaterThan(0);
  });

  test("a missing page table: the table behind it cannot be read, and that is the answer", () => {
    const machine = buildMachine({ ...X64, cpus: 1 });
    machine.memory.dropTable(machine.trackTable);
    expect(() => answerPoolUse(open(bitmapDump(machine)))).toThrow(/no tag table was found/);
  });

  test("a kernel whose own header is missing: its whole image is searched", () => {
    const machine = buildMachine(X64);
    machine.memory.drop(machine.kernelBase);
    const dump = open(bitmapDump(machine));
    expect(dump.memory?.kernel.method).toContain("its own header is missing");
    const uses = answerPoolUse(dump);
    expect([uses.cpusSummed, uses.columns.length]).toEqual([2, machine.truth.size]);
  });

  test("an absent table of CPU 1", () => {
    const machine = buildMachine({ ...X64, cpus: 3 });
    const pages = BigInt(Math.ceil((513 * 56) / 4096));
    for (let page = 0n; page < pages; page++) machine.memory.drop((machine.cpuTables[1] ?? 0n) + page * 4096n);
    const uses = answerPoolUse(open(bitmapDump(machine)));
    expect(uses.cpusSummed).toBe(2);
    expect(uses.cpuTables.map(({ cpu, state }) => [cpu, state])).toEqual([
      [1, "not-in-dump"],
      [2, "summed"],
    ]);
    expect(uses.problems[0]).toBe("the tag tables of CPU 1 are not in the dump or not readable");
    expect(uses.coverage).toBeCloseTo(2 / 3, 5);
  });

  test("a row of another width fits no layout: no table, never wrong figures", () => {
    const machine = buildMachine({ ...X64, cpus: 1 });
    const bytes = bitmapDump(machine);
    // Rows of 0x40 bytes, which no 64-bit kernel has.
    const stretched = buildMachine({ ...X64, cpus: 1, slots: 512 });
    for (let slot = 511; slot >= 0; slot--) {
      const from = stretched.trackTable + BigInt(slot * 56);
      const key = readMemory(machine, from, 4);
      stretched.memory.put(from, new Uint8Array(56));
      stretched.memory.put(stretched.trackTable + BigInt(slot * 64), join(key, new Uint8Array(60)));
    }
    expect(bytes.length).toBeGreaterThan(0);
    expect(() => answerPoolUse(open(bitmapDump(stretched)))).toThrow(/no array obeys the tag hash/);
  });

  test("a module list with a cycle, and one with a broken link", () => {
    const machine = buildMachine(X64);
    const third = machine.modules.length - 1;
    expect(third).toBe(2);
    const entry = (i: number): bigint => machine.poolPage + 0x8000n + BigInt(i) * 0x200n;
    machine.memory.putPointer(entry(2), entry(1));
    const cycle = answerModules(open(bitmapDump(machine)));
    expect(cycle.modules.length).toBe(3);
    expect(cycle.problems[0]).toContain("runs in a circle");
    machine.memory.putPointer(entry(1), 0xffff_f000_dead_0000n);
    const broken = answerModules(open(bitmapDump(machine)));
    expect(broken.modules.length).toBe(2);
    expect(broken.problems[0]).toContain("is not readable; modules after it are not listed");
  });

  test("a header whose pointers are filled with PAGE: they are looked for instead", () => {
    const machine = buildMachine(X64);
    let bytes = bitmapDump(machine);
    for (const at of [0x10, 0x20, 0x80]) bytes = poke(bytes, at, 0x4547415045474150n);
    const dump = open(bytes);
    expect(dump.memory?.rootMethod).toContain("maps itself");
    expect(answerPoolUse(dump).columns.length).toBe(machine.truth.size);
  });

  test("page tables that lead nowhere: others are looked for, and that is said", () => {
    const machine = buildMachine(X64);
    const dump = open(poke(bitmapDump(machine), 0x10, 0x5000n));
    expect(dump.problems).toContain("the page tables that the header names lead to no kernel; others were looked for");
    expect(answerPoolUse(dump).columns.length).toBe(machine.truth.size);
  });

  test("a bitmap that disagrees with its count of pages", () => {
    const machine = buildMachine(X64);
    const bytes = bitmapDump(machine);
    const dump = open(poke(bytes, 0x2028, 7n));
    expect(problemsOf(dump)).toMatch(/the bitmap has \d+ pages, the header says 7/);
  });

  test("runs beyond the end of any machine", () => {
    const machine = buildMachine(X64);
    const dump = open(poke(fullDump(machine), 0x98 + 16, 2n ** 50n));
    expect(dump.problems.join()).toContain("beyond any machine");
  });

  test("a 32-bit small dump, a small dump cut off, hostile counts in it", () => {
    const small = buildMachine({ kind: "x86", tagRecipe: "A32", bigRecipe: "vista-32" });
    expect(open(join(header(small, 4), new Uint8Array(0x2000))).problems).toEqual([
      "the modules of 32-bit small dumps are not read",
    ]);
    const bytes = triageDump(buildMachine(X64));
    expect(open(bytes.subarray(0, 0x3000)).problems).toContain(
      "the mark at the end of the dump is missing: the file may be cut off",
    );
    const hostile = open(poke(bytes, 0x2034, 0xffffffffn, 4));
    expect(hostile.problems).toEqual([expect.stringContaining("4294967295 modules are listed")]);
  });
});

function readMemory(machine: Machine, address: bigint, length: number): Uint8Array {
  return machine.memory.map(address).slice(Number(address % 4096n), Number(address % 4096n) + length);
}

describe("refused in one sentence", () => {
  const machine = buildMachine(X64);
  test.each([
    ["hostile bits in the bitmap", poke(bitmapDump(machine), 0x2030, 2n ** 40n), /bitmap is not readable/],
    ["a first page inside the bitmap", poke(bitmapDump(machine), 0x2020, 0x2040n), /bitmap is not readable/],
    ["a range dump whose first page lies outside", poke(rangesDump(machine, 8), 0x2018, 2n ** 60n), /outside the file/],
    ["a full dump without runs", poke(fullDump(machine), 0x88, 0x45474150n, 4), /lists no runs/],
    ["a type that nobody knows", poke(fullDump(machine), 0xf98, 77n, 4), /no form known here/],
    ["half a header", fullDump(machine).subarray(0, 0x800), /ends inside its header/],
    ["an ELF program", elfCore(machine).fill(2, 16, 17), /no 64-bit core/],
    ["a segment table outside", poke(elfCore(machine), 32, 2n ** 52n), /segment table is not readable/],
    ["an empty file", new Uint8Array(0), /no kernel dump/],
  ])("%s", (_, bytes, message) => {
    expect(() => open(bytes)).toThrow(FormatError);
    expect(() => open(bytes)).toThrow(message);
  });

  test("machines that are not supported are named", () => {
    expect(open(poke(fullDump(machine), 0x30, 0x200n, 4)).cannotAnswer).toBe("its machine type 0x200 is not supported");
  });
});

describe("bounded work", () => {
  test("page tables that name each other without end", () => {
    const machine = buildMachine(X64);
    const page = machine.memory.root / 4096;
    const bytes = machine.memory.pages.get(page) ?? new Uint8Array(0);
    // Every entry of the kernel's half leads to the next table, which is this one at another address.
    const other = 0x3ff;
    const copy = new Uint8Array(4096);
    machine.memory.pages.set(other, copy);
    const view = new DataView(copy.buffer);
    for (let i = 0; i < 512; i++) view.setBigUint64(i * 8, BigInt(other) * 4096n + 0x63n, true);
    new DataView(bytes.buffer).setBigUint64(510 * 8, BigInt(other) * 4096n + 0x63n, true);
    const { space } = open(bitmapDump(machine)).memory ?? {};
    if (space === undefined) throw new Error("no memory");
    const progress = { pages: 0, notInDump: 0, exhausted: false };
    expect([...scanForTag(space, 0x12345678, [], progress)]).toEqual([]);
    expect(progress.exhausted).toBe(true);
    expect(progress.pages + progress.notInDump).toBeLessThan(8192);
  });

  test("a hostile file of a terabyte is not read through", () => {
    const machine = buildMachine(X64);
    const start = bitmapDump(machine);
    let read = 0;
    const huge: ByteSource = {
      size: 2 ** 40,
      read: (offset, length) => {
        read += length;
        const bytes = new Uint8Array(length);
        if (offset < start.length) bytes.set(start.subarray(offset, Math.min(start.length, offset + length)));
        return bytes;
      },
    };
    expect(answerPoolUse(openDump(huge)).columns.length).toBe(machine.truth.size);
    expect(read).toBeLessThan(2 ** 20);
  });
});

describe("any damage", () => {
  const machines = [
    buildMachine({ ...X64, cpus: 2, slots: 128 }),
    buildMachine({ kind: "x86-pae", tagRecipe: "A32", bigRecipe: "vista-32", slots: 128 }),
    buildMachine({ kind: "arm64", tagRecipe: "C64", bigRecipe: "new-64", slots: 128 }),
  ];
  const files = machines.flatMap((machine) => [
    bitmapDump(machine),
    fullDump(machine),
    ...(machine.memory.wide ? [rangesDump(machine, 8), rangesDump(machine, 10), triageDump(machine)] : []),
    elfCore(machine),
    limeImage(machine),
  ]);

  /** Whether there was an answer about the pool. */
  function answerEverything(bytes: Uint8Array): boolean {
    let reads = 0;
    let answered = false;
    const source: ByteSource = {
      size: bytes.length,
      read: (offset, length) => {
        reads += 1;
        return bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + length, bytes.length));
      },
    };
    try {
      const dump = openDump(source);
      readModuleFacts(dump, answerModules(dump).modules);
      const uses = answerPoolUse(dump);
      answered = true;
      for (const use of usesOf(uses.columns)) {
        expect(use.bytes).toBeGreaterThanOrEqual(0);
        expect(use.outstanding).toBeGreaterThanOrEqual(0);
      }
      answerBigPages(dump);
      const progress = { pages: 0, notInDump: 0, exhausted: false };
      if (dump.memory !== undefined) for (const _ of scanForTag(dump.memory.space, 0x6b61654c, [], progress));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
    expect(reads).toBeLessThan(20_000);
    structureReport(bytesSource(bytes));
    return answered;
  }

  // fast-check likes small numbers, and a broken signature ends everything: places are spread evenly, behind it.
  const share = fc.noBias(fc.integer({ min: 0, max: 999_999 })).map((value) => value / 1e6);
  const change = fc.tuple(share, fc.uint8Array({ minLength: 1, maxLength: 8 }));
  let answered = 0;

  test("bytes overwritten anywhere", () => {
    fc.assert(
      fc.property(
        fc.noBias(fc.nat(files.length - 1)),
        fc.array(change, { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        (file, changes, early) => {
          const bytes = (files[file] ?? new Uint8Array(0)).slice();
          // Half of the time all changes fall into headers and the first tables, where they do the most.
          const reach = (early ? Math.min(bytes.length, 0x6000) : bytes.length) - 16;
          for (const [where, change] of changes) bytes.set(change, 8 + Math.floor(where * reach));
          if (answerEverything(bytes)) answered += 1;
        },
      ),
      { numRuns: 300 },
    );
    // Most damage is to bytes that matter little: it must not cost the answer.
    expect(answered).toBeGreaterThan(100);
  });

  test("cut off anywhere", () => {
    fc.assert(
      fc.property(fc.noBias(fc.nat(files.length - 1)), share, (file, part) => {
        const bytes = files[file] ?? new Uint8Array(0);
        answerEverything(bytes.subarray(0, Math.floor(part * bytes.length)));
      }),
      { numRuns: 100 },
    );
  });
});
