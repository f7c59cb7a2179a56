// Driver Verifier's record of allocations, put into a made-up machine with literal offsets.

import { expect, test } from "vitest";
import { answerModules, answerVerifier } from "../../src/formats/crash-dump/answers.ts";
import { openDump, type Dump } from "../../src/formats/crash-dump/dump.ts";
import { bytesSource } from "../../src/formats/crash-dump/source.ts";
import {
  readVerifierAllocations,
  type VerifierAllocations,
} from "../../src/formats/crash-dump/verifier-allocations.ts";
import { bitmapDump } from "../build/dump/files.ts";
import { buildMachine } from "../build/dump/machine.ts";

const text = (value: string): Uint8Array => Uint8Array.from(value, (char) => char.charCodeAt(0));
const u64 = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));

/** 130 allocations of leaky.sys from two places, in two pages; every fifth entry is free. */
function made(level: number): Dump {
  const machine = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" });
  const driver = machine.modules[2]?.base ?? 0n;
  const record = 0xffffa40c60000000n;
  const blocks = 0xffffa40c61000000n;
  let made = 0;
  for (let page = 0n; page < 2n; page++) {
    const at = record + page * 0x1000n;
    machine.memory.put(at + 8n, u64(0xffffa40c62000000n));
    for (let i = 0n; i < 80n; i++) {
      const entry = at + 0x18n + i * 0x20n;
      if (i % 5n === 4n) {
        machine.memory.put(entry, u64(at));
        continue;
      }
      const block = blocks + BigInt(made) * 0x40n + 0x10n;
      machine.memory.put(block - 0x10n, new Uint8Array([0, 0, 4, 2, ...text("Leak")]));
      machine.memory.put(entry, u64(block));
      machine.memory.put(entry + 8n, u64(driver + (made % 4 === 0 ? 0x1234n : 0x2345n)));
      machine.memory.put(entry + 0x10n, u64(0x30n));
      machine.memory.put(entry + 0x18n, text("Leak"));
      made += 1;
    }
  }
  const state = machine.debuggerData + 0x1000n;
  machine.memory.put(machine.debuggerData + 0x248n, u64(state));
  const bytes = new Uint8Array(0x60);
  new DataView(bytes.buffer).setUint32(0, level, true);
  new DataView(bytes.buffer).setUint32(0x44, made, true);
  machine.memory.put(state, bytes);
  return openDump(bytesSource(bitmapDump(machine)));
}

function tracked(dump: Dump): VerifierAllocations {
  if (dump.memory === undefined) throw new Error("no memory");
  const progress = { pages: 0, notInDump: 0, exhausted: false };
  return readVerifierAllocations(dump.memory.space, answerModules(dump).modules, progress);
}

test("every allocation is found, by the place that asked for it", () => {
  const dump = made(0x9);
  expect(answerVerifier(dump)).toMatchObject({ level: 9, counts: { nonpagedAllocations: 128 } });
  expect(tracked(dump)).toEqual({
    callers: [
      { module: "leaky.sys", rva: 0x2345, tag: 0x6b61654c, allocations: 96, bytes: 96 * 0x30 },
      { module: "leaky.sys", rva: 0x1234, tag: 0x6b61654c, allocations: 32, bytes: 32 * 0x30 },
    ],
    allocations: 128,
    tagsAgree: 128,
    withHeader: 128,
    pages: 2,
  });
});

test("a machine without the record has none", () => {
  const dump = openDump(bytesSource(bitmapDump(buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" }))));
  expect(tracked(dump).allocations).toBe(0);
});
