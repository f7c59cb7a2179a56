// IRPs: all that a real kernel's tag table counts, those of made-up machines by driver, and what only looks like one.

import { describe, expect, test } from "vitest";
import { answerLookasides, answerModules, answerPoolUse, blocksOf } from "../../src/formats/crash-dump/answers.ts";
import { openDump, type Dump } from "../../src/formats/crash-dump/dump.ts";
import { readIrps, type Irps } from "../../src/formats/crash-dump/irps.ts";
import { bytesSource } from "../../src/formats/crash-dump/source.ts";
import { parseTag } from "../../src/model/tag.ts";
import { openDumpFile } from "../../src/sources/dump-file.ts";
import { bitmapDump } from "../build/dump/files.ts";
import { addIrps, type MadeIrps } from "../build/dump/irps.ts";
import { addLookasides } from "../build/dump/lookasides.ts";
import { buildMachine, type Machine, type MachineOptions } from "../build/dump/machine.ts";
import { imagePath, sampleMissing } from "./nt-kernel.ts";

const IRP_TAG = parseTag("Irp ") ?? 0;

function irpsOf(dump: Dump): Irps {
  if (dump.memory === undefined) throw new Error("no memory");
  const idle = answerLookasides(dump)?.idleBlocks ?? new Set<bigint>();
  const progress = { pages: 0, notInDump: 0, exhausted: false };
  return readIrps(dump.memory.space, answerModules(dump).modules, idle, progress);
}

describe.skipIf(sampleMissing !== undefined)("on the memory of a real kernel", () => {
  test.each([
    ["x64", 9, 5],
    ["x86", 8, 6],
  ] as const)(
    "%s: %i IRPs and %i blocks idle in lookaside lists are all that the tag table counts",
    async (name, irps, idle) => {
      const file = await openDumpFile(imagePath(name));
      try {
        const dump = openDump(file.bytes);
        const found = irpsOf(dump);
        expect(found.byTag).toEqual(new Map([[IRP_TAG, irps]]));
        expect(answerLookasides(dump)?.idleTags.find(({ tag }) => tag === IRP_TAG)?.blocks).toBe(idle);
        expect(blocksOf(answerPoolUse(dump).columns, IRP_TAG)).toBe(irps + idle);
        // On x64 ACPI has one in work; the other groups are kept by their makers between two uses.
        const pending = found.groups.filter((group) => group.state === "pending");
        expect(pending).toEqual(
          name === "x86"
            ? []
            : [expect.objectContaining({ module: "acpi.sys", driver: "\\Driver\\acpi", major: 14, irps: 1 })],
        );
      } finally {
        file.close();
      }
    },
  );
});

const GROUPS: readonly MadeIrps[] = [
  { count: 40, locations: 3, current: 2, module: 2, completion: 1, tag: "Irp " },
  { count: 7, locations: 2, current: 3, completion: 2, tag: "Irp " },
  { count: 3, locations: 9, current: 9, major: 0x1b, module: 1, tag: "Irp " },
  { count: 2, locations: 1, current: 1, tag: "UsbX" },
  { count: 4, locations: 4, current: 1, major: 0x0f, module: 2 },
];

const open = (machine: Machine): Irps => irpsOf(openDump(bytesSource(bitmapDump(machine))));

describe("on made-up machines", () => {
  const cases: MachineOptions[] = [
    { kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" },
    { kind: "arm64", tagRecipe: "C64", bigRecipe: "new-64" },
    { kind: "x86-pae", tagRecipe: "A32", bigRecipe: "vista-32" },
    { kind: "x86", tagRecipe: "B32", bigRecipe: "ten-32" },
  ];
  test.each(cases)("$kind: by driver, request and who completes them", (options) => {
    const machine = buildMachine(options);
    addIrps(machine, GROUPS);
    const found = open(machine);
    expect(found.groups).toMatchObject([
      {
        state: "pending",
        module: "leaky.sys",
        driver: "\\Driver\\made2",
        major: 3,
        irps: 40,
        maker: { module: "hal.dll", rva: 0x1230 },
      },
      { state: "no-driver", module: undefined, irps: 7, maker: { module: "leaky.sys" } },
      { state: "pending", module: "leaky.sys", major: 0x0f, irps: 4, maker: undefined },
      { state: "pending", module: "hal.dll", major: 0x1b, irps: 3 },
      { state: "unknown-device", module: undefined, irps: 2 },
    ]);
    // Those inside larger structures have no header of their own.
    expect(found.byTag).toEqual(
      new Map([
        [IRP_TAG, 50],
        [parseTag("UsbX"), 2],
      ]),
    );
  });

  test("a pointer one location further, a major function that there is none of, a device of another type", () => {
    const machine = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" });
    addIrps(machine, [
      { count: 5, locations: 3, current: 2, module: 2, tag: "Irp ", off: 0x48n },
      { count: 1, locations: 3, current: 2, module: 2, tag: "Irp ", major: 0x1c },
      { count: 1, locations: 3, current: 2, module: 1, tag: "Irp " },
    ]);
    machine.memory.put(0xffffa40c78001000n, new Uint8Array([5]));
    expect(open(machine).groups).toMatchObject([{ state: "unknown-device", irps: 2 }]);
  });

  test("blocks that lie idle in a lookaside list are left out, though they look like IRPs", () => {
    const machine = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" });
    const [idle = 0n] = addIrps(machine, [{ count: 2, locations: 1, current: 2, tag: "Irp " }]);
    const ring = addLookasides(
      machine,
      ["Aaaa", "Bbbb", "Cccc"].map((tag) => ({ tag, size: 0x118, idle: 0 })),
    );
    const list = (ring.links[0] ?? 0n) - 0x40n;
    machine.memory.put(list, new Uint8Array([1, 0]));
    machine.memory.putPointer(list + 8n, idle | 3n);
    // The link of the list does not stand where the type of an IRP stands: this one is as a driver's own list would keep it.
    expect(open(machine)).toMatchObject({ irps: 1, idle: 1 });
  });

  test("a page full of what begins as an IRP does", () => {
    const machine = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" });
    const page = new Uint8Array(4096);
    for (let at = 0; at < 4096; at += 16) page.set([6, 0, 0xff, 0xff], at);
    machine.memory.put(0xffffa40c79000000n, page);
    expect(open(machine)).toMatchObject({ irps: 0, groups: [] });
  });
});
