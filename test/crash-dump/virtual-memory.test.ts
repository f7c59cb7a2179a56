// A memory that has no page tables, only reads by virtual address, gives every answer that a dump gives.

import { expect, test } from "vitest";
import { bigPagesOf, modulesOf, poolUseOf } from "../../src/formats/crash-dump/answers.ts";
import { openDump } from "../../src/formats/crash-dump/dump.ts";
import { bytesSource } from "../../src/formats/crash-dump/source.ts";
import { PagedMemory, type Absence, type VirtualMemory } from "../../src/formats/crash-dump/virtual-memory.ts";
import { bitmapDump } from "../build/dump/files.ts";
import { buildMachine } from "../build/dump/machine.ts";

const machine = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" });
const dump = openDump(bytesSource(bitmapDump(machine)));
if (dump.memory === undefined) throw new Error(dump.cannotAnswer);
const { memory } = dump;

/** Serves what another memory serves, one read within a page at a time. */
class Wire extends PagedMemory {
  readonly pointerSize = 8;
  readonly kernelStart: bigint;
  readonly #target: VirtualMemory;
  reads = 0;

  constructor(target: VirtualMemory) {
    super();
    this.#target = target;
    this.kernelStart = target.kernelStart;
  }

  protected readInPage(address: bigint, length: number): Uint8Array | Absence {
    this.reads += 1;
    const read = this.#target.readExactly(address, length);
    return read.state === "read" ? read.bytes : read.absence;
  }

  protected holds(address: bigint): boolean {
    return this.#target.readExactly(address, 1).state === "read";
  }
}

test("the questions are answered alike", () => {
  const wire = new Wire(memory.space);
  const live = { ...memory, space: wire };
  const facts = { cpus: machine.cpus, physicalBytes: 2 ** 33 };
  expect(poolUseOf(live, facts)).toEqual(poolUseOf(memory, facts));
  expect(bigPagesOf(live)).toEqual(bigPagesOf(memory));
  expect(modulesOf(live)).toEqual(modulesOf(memory));
  expect(wire.reads).toBeGreaterThan(10);
});

test("a read is exact, or says which byte is missing and why", () => {
  const { space } = memory;
  const { base } = memory.kernel;
  expect(space.readExactly(base, 16)).toMatchObject({ state: "read", bytes: space.read(base, 16).bytes });
  const nothing = 0xffff_8000_0000_0000n;
  expect(space.readExactly(nothing, 4)).toEqual({
    state: "missing",
    at: nothing,
    absence: { state: "not-present", why: "empty" },
  });
  expect(space.readExactly(0x8000_0000_0000n, 4)).toMatchObject({ absence: { why: "not-canonical" } });
  // The first address without a byte is named, not the start of the range.
  let end = base;
  while (space.readExact(end, 1) !== undefined) end += 4096n;
  expect(space.readExactly(end - 16n, 64)).toMatchObject({ state: "missing", at: end });
  expect(space.read(end - 16n, 64).missing).toBe(48);
});
