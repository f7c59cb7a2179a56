// The segment heap: what its chunks and bitmaps decide on made-up memory, and that what does not prove itself decides nothing. There
// is no real memory of such a kernel to try it on.

import { expect, test } from "vitest";
import { openDump } from "../../src/formats/crash-dump/dump.ts";
import { scanForTag, type ScannedBlock } from "../../src/formats/crash-dump/scan-tag.ts";
import { findSegmentHeap } from "../../src/formats/crash-dump/segment-heap.ts";
import { bytesSource } from "../../src/formats/crash-dump/source.ts";
import { parseTag } from "../../src/model/tag.ts";
import { bitmapDump } from "../build/dump/files.ts";
import { buildMachine, type Machine } from "../build/dump/machine.ts";
import { addSegmentHeap, type MadeHeap } from "../build/dump/segment-heap.ts";

interface Found {
  readonly heap: MadeHeap;
  readonly kinds: readonly string[];
  readonly of: (state: ScannedBlock["state"]) => readonly bigint[];
}

function find(
  change: (machine: Machine, heap: MadeHeap) => void = () => undefined,
  bitmap: 0x30n | 0x40n = 0x30n,
): Found {
  const machine = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" });
  const heap = addSegmentHeap(machine, "Heap", bitmap);
  change(machine, heap);
  const { memory } = openDump(bytesSource(bitmapDump(machine)));
  if (memory === undefined) throw new Error("no memory");
  const kinds: string[] = [];
  const decides = findSegmentHeap(memory.space, memory.kernel.data, []);
  const ranges =
    decides === undefined
      ? undefined
      : {
          at: (address: bigint, page: Uint8Array) => decides.at(address, page),
          found: ({ kind }: { readonly kind: string }) => void kinds.push(kind),
        };
  const progress = { pages: 0, notInDump: 0, exhausted: false };
  const blocks = [...scanForTag(memory.space, parseTag("Heap") ?? 0, [], progress, new Set(), ranges)];
  return { heap, kinds, of: (state) => blocks.filter((each) => each.state === state).map(({ address }) => address) };
}

test.each([0x30n, 0x40n] as const)("blocks in use and freed ones, bitmap at %s", (bitmap) => {
  const { heap, kinds, of } = find(undefined, bitmap);
  expect(kinds).toEqual(["chunks", "blocks"]);
  expect(of("in-use")).toEqual(heap.inUse);
  expect(of("freed")).toEqual(heap.freed);
  expect(of("unchained")).toEqual([]);
});

test("without the key in the kernel's data nothing is decided", () => {
  const { heap, kinds, of } = find(({ memory, moduleList }) => memory.put(moduleList + 0x300n, new Uint8Array(8)));
  expect(kinds).toEqual([]);
  expect(of("unchained").length).toBe(heap.inUse.length + heap.freed.length);
});

test("a chunk of another length than the next one tells: its subsegment decides nothing", () => {
  const { kinds, of } = find(({ memory }, { chunks }) =>
    memory.put(chunks + 0x30n + 0x60n + 5n, new Uint8Array([0x77])),
  );
  // With its chunks gone the key has nothing to prove itself on.
  expect([kinds, of("in-use")]).toEqual([[], []]);
});

test("a bitmap with one block more in use than it counts decides nothing", () => {
  const { kinds, of, heap } = find(({ memory }, { blocks }) => memory.put(blocks + 0x30n, new Uint8Array([0x55])));
  expect(kinds).toEqual(["chunks"]);
  expect(of("unchained").every((address) => address >= heap.blocks)).toBe(true);
  expect(of("unchained").length).toBeGreaterThan(10);
});

test("pages full of signs and data full of words that fit the first chunks end soon", () => {
  const { kinds } = find(({ memory, moduleList }, { chunks }) => {
    const page = memory.map(chunks).slice();
    for (let i = 1n; i < 40n; i++) memory.put(chunks + i * 0x10000n, page);
    const key = memory
      .map(moduleList + 0x300n)
      .slice(Number((moduleList + 0x300n) % 4096n))
      .slice(0, 8);
    for (let i = 0n; i < 500n; i++) memory.put(moduleList + 0x2000n + 8n * i, key);
    memory.put(chunks + 0x3000n, new Uint8Array(4096));
  });
  expect(kinds).toEqual([]);
});
