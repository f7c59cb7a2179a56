// Lookaside lists: all of a real kernel's, those of made-up machines, and rings that lead nowhere.

import { afterAll, describe, expect, test } from "vitest";
import { answerLookasides } from "../../src/formats/crash-dump/answers.ts";
import { openDump } from "../../src/formats/crash-dump/dump.ts";
import type { Lookasides } from "../../src/formats/crash-dump/lookasides.ts";
import { bytesSource } from "../../src/formats/crash-dump/source.ts";
import { formatTag } from "../../src/model/tag.ts";
import { openDumpFile } from "../../src/sources/dump-file.ts";
import { bitmapDump } from "../build/dump/files.ts";
import { addLookasides, type MadeLookaside, type MadeRing } from "../build/dump/lookasides.ts";
import { buildMachine, type Machine, type MachineOptions } from "../build/dump/machine.ts";
import { imagePath, sampleMissing, type SampleName } from "./nt-kernel.ts";

const text = (value: string): Uint8Array => Uint8Array.from(value, (char) => char.charCodeAt(0));

describe.skipIf(sampleMissing !== undefined)("on the memory of a real kernel", () => {
  const open: { close: () => void }[] = [];
  afterAll(() => {
    for (const file of open) file.close();
  });
  const lookasides = async (name: SampleName): Promise<Lookasides> => {
    const file = await openDumpFile(imagePath(name));
    open.push(file);
    const found = answerLookasides(openDump(file.bytes));
    if (found === undefined) throw new Error("none found");
    return found;
  };

  // 64 of the pool's own, and what the kernel and the file system of the CD-ROM make: none is known from elsewhere, so each
  // list must prove itself by its counters and by its idle blocks.
  test.each([
    ["x64", 72],
    ["x86", 80],
  ] as const)(
    "%s: every list's counters agree with its %i idle blocks, and each of these is found",
    async (name, idle) => {
      const found = await lookasides(name);
      const { rings, broken, foreign, lists, countsAgree } = found;
      expect({ rings, broken, foreign, lists: lists.length, countsAgree }).toEqual({
        rings: 4,
        broken: 0,
        foreign: 0,
        lists: 88,
        countsAgree: 88,
      });
      for (const list of lists)
        expect([list.followed, list.tagged], formatTag(list.tag)).toEqual([list.idle, list.idle]);
      expect(found.idleBlocks.size).toBe(idle);
      expect(lists.filter((list) => formatTag(list.tag) === "CDRO")).toMatchObject([{ idle: 3, maximumDepth: 256 }]);
      expect(found.idleTags.map(({ tag, blocks }) => `${formatTag(tag)} ${blocks}`)).toContain("MDL  4");
    },
  );
});

const LISTS: readonly MadeLookaside[] = [
  { tag: "Ntfx", size: 496, idle: 4, paged: true },
  { tag: "AcpB", size: 80, idle: 40, allocations: 3, frees: 43 },
  { tag: "Irps", size: 280, idle: 2, blockTag: "Irp " },
  { tag: "Thre", size: 32, idle: 0 },
];

const opened = (machine: Machine): Lookasides | undefined =>
  answerLookasides(openDump(bytesSource(bitmapDump(machine))));

describe("on made-up machines", () => {
  const cases: MachineOptions[] = [
    { kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" },
    { kind: "arm64", tagRecipe: "C64", bigRecipe: "new-64", debuggerData: false },
    { kind: "x86-pae", tagRecipe: "A32", bigRecipe: "vista-32" },
  ];
  test.each(cases)("$kind: lists, counters, idle blocks by the tag of their headers", (options) => {
    const machine = buildMachine(options);
    const { blocks } = addLookasides(machine, LISTS);
    const found = opened(machine);
    expect(found?.lists).toMatchObject([
      { size: 496, kind: "paged", idle: 4, followed: 4, tagged: 4 },
      // More freed than allocated: the counters are taken mod 2^32.
      { size: 80, kind: "nonpaged", idle: 40, allocations: 3, frees: 43, missed: 11 },
      { size: 280, idle: 2 },
      { size: 32, idle: 0, missed: 31 },
    ]);
    expect(found?.countsAgree).toBe(4);
    expect(found?.idleBlocks).toEqual(new Set(blocks.flat()));
    expect(found?.idleTags.map(({ tag, blocks, bytes }) => [formatTag(tag), blocks, bytes])).toEqual([
      ["AcpB", 40, 3200],
      ["Ntfx", 4, 1984],
      ["Irp ", 2, 560],
    ]);
  });

  const damaged = (change: (machine: Machine, ring: MadeRing) => void): Lookasides | undefined => {
    const machine = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" });
    const more = Array.from({ length: 12 }, (_, i): MadeLookaside => ({
      tag: `Tag${i.toString(36)}`,
      size: 64,
      idle: 1,
    }));
    change(machine, addLookasides(machine, [...LISTS, ...more]));
    return opened(machine);
  };

  test("a link that leads nowhere: the rest is reached from behind, and the ring is called broken", () => {
    const found = damaged(({ memory }, { links }) => memory.putPointer(links[6] ?? 0n, 0xffffdead00000000n));
    expect([found?.lists.length, found?.broken]).toEqual([16, 1]);
  });

  test("links that run in a circle among themselves end", () => {
    const found = damaged(({ memory }, { links }) => memory.putPointer(links[9] ?? 0n, links[2] ?? 0n));
    expect([found?.lists.length, found?.broken]).toEqual([16, 1]);
  });

  test("one list without its function, or with a tag that is no text, is left out and told", () => {
    const found = damaged(({ memory }, { links }) => memory.putPointer((links[3] ?? 0n) - 0x10n, 0n));
    expect([found?.lists.length, found?.foreign, found?.broken]).toEqual([15, 1, 0]);
    const other = damaged(({ memory }, { links }) =>
      memory.put((links[3] ?? 0n) - 0x18n, new Uint8Array([1, 2, 3, 4])),
    );
    expect([other?.lists.length, other?.foreign]).toEqual([15, 1]);
  });

  test("many entries that are no lists: it is no ring of them", () => {
    const found = damaged(({ memory }, { links }) => {
      for (const each of links.slice(0, 4)) memory.putU32(each - 0x14n, 0);
    });
    expect(found).toBeUndefined();
  });

  test("counters that contradict the idle blocks are told; a chain of idle blocks that leads into itself ends", () => {
    const found = damaged(({ memory }, { links, blocks }) => {
      memory.putU32((links[0] ?? 0n) - 0x40n + 0x18n, 9);
      const [first = 0n, second = 0n] = blocks[1] ?? [];
      memory.putPointer(second + 0x10n, first + 0x10n);
      // 65,535 idle blocks, says the list.
      memory.put((links[1] ?? 0n) - 0x40n, new Uint8Array([0xff, 0xff]));
    });
    expect(found?.lists[0]).toMatchObject({ missed: undefined, followed: 4 });
    expect(found?.lists[1]).toMatchObject({ idle: 65_535, followed: 2, missed: undefined });
    expect(found?.countsAgree).toBe(14);
  });

  test("three lists are a ring, two are none", () => {
    const count = (lists: number): number | undefined => {
      const machine = buildMachine({ kind: "x86", tagRecipe: "A32", bigRecipe: "vista-32" });
      addLookasides(machine, LISTS.slice(0, lists));
      return opened(machine)?.lists.length;
    };
    expect([count(2), count(3)]).toEqual([undefined, 3]);
  });

  test("a kernel whose data is full of links that hold nothing has no lists", () => {
    const machine = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" });
    const data = machine.moduleList + 0x2000n;
    for (let i = 0n; i < 400n; i++) {
      machine.memory.putPointer(data + i * 16n, data + ((i + 1n) % 400n) * 16n);
      machine.memory.putPointer(data + i * 16n + 8n, data + ((i + 399n) % 400n) * 16n);
    }
    machine.memory.put(data + 0x18n, text("Tags"));
    expect(opened(machine)).toBeUndefined();
  });
});
