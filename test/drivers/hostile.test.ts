// Files that lie: whatever the bytes, a scan answers with a status, in bounded time and memory.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadScanTools } from "../../src/driver-index/tools.ts";
import { scanDriver } from "../../src/drivers/scan.ts";
import { peWith } from "../build/pe.ts";

const tools = await loadScanTools();
const read = (name: string): Uint8Array =>
  Uint8Array.from(readFileSync(fileURLToPath(new URL(`../fixtures/drivers/${name}.sys`, import.meta.url))));
const names = ["kmdf_pointer.clang-x64", "wrapper.clang-x86", "structures.clang-arm64", "filter.gcc-x64"];
const drivers = names.map((name) => read(name));

test.each(names)("%s cut at every offset", (name) => {
  const whole = read(name);
  for (let length = 0; length < whole.length; length++) {
    const scan = scanDriver(whole.subarray(0, length), name, tools);
    expect(scan.status).toMatch(/truncated: |not a driver: /);
  }
});

test("any bytes at all", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4096 }), (bytes) => {
      expect(scanDriver(bytes, "x", tools).tags).toEqual([]);
    }),
  );
});

test("bytes changed anywhere, and dwords of the headers set to extremes", () => {
  const change = fc.record({ at: fc.nat(6000), value: fc.nat(255) });
  const extreme = fc.record({ at: fc.nat(1024), value: fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff) });
  fc.assert(
    fc.property(
      fc.nat(drivers.length - 1),
      fc.array(change, { maxLength: 40 }),
      fc.array(extreme, { maxLength: 4 }),
      (which, changes, extremes) => {
        const bytes = (drivers[which] ?? new Uint8Array()).slice();
        const view = new DataView(bytes.buffer);
        for (const { at, value } of changes) bytes[at % bytes.length] = value;
        for (const { at, value } of extremes) view.setUint32(at % (bytes.length - 4), value, true);
        const scan = scanDriver(bytes, "x", tools);
        for (const { uses } of scan.tags) expect(uses.length).toBeLessThan(10_000);
      },
    ),
    { numRuns: 2000 },
  );
});

test("100,000 functions that all call an import, in a ring", () => {
  const count = 100_000;
  const stride = 24;
  const code = new Uint8Array(count * stride + 0x1000 + count * 12);
  const view = new DataView(code.buffer);
  const table = count * stride;
  const functions = table + 0x1000;
  // Import descriptor, its one slot, and names.
  view.setUint32(table + 12, 0x1000 + table + 0x80, true);
  view.setUint32(table + 16, 0x1000 + table + 0x60, true);
  view.setUint32(table, 0x1000 + table + 0x40, true);
  view.setUint32(table + 0x40, 0x1000 + table + 0xa0, true);
  view.setUint32(table + 0x60, 0x1000 + table + 0xa0, true);
  const text = (at: number, value: string): void => {
    for (let i = 0; i < value.length; i++) code[at + i] = value.charCodeAt(i);
  };
  text(table + 0x80, "ntoskrnl.exe");
  text(table + 0xa2, "ExAllocatePoolWithTag");
  for (let i = 0; i < count; i++) {
    const at = i * stride;
    code.set([0xff, 0x15], at);
    view.setInt32(at + 2, table + 0x60 - (at + 6), true);
    code.set([0xe8], at + 6);
    view.setInt32(at + 7, ((i + 1) % count) * stride - (at + 11), true);
    code[at + 11] = 0xc3;
    view.setUint32(functions + i * 12, 0x1000 + at, true);
    view.setUint32(functions + i * 12 + 4, 0x1000 + at + 12, true);
    view.setUint32(functions + i * 12 + 8, 0x1000 + table + 0x200, true);
  }
  const scan = scanDriver(
    peWith(code, [
      [1, 0x1000 + table, 40],
      [3, 0x1000 + functions, count * 12],
    ]),
    "ring",
    tools,
  );
  expect(scan.machine).toBe("x64");
  expect(scan.tags.filter((tag) => tag.tier === "proven")).toEqual([]);
});

test("imports that point at themselves, resources that loop, and relocation blocks of nothing end", () => {
  const code = new Uint8Array(0x400);
  const view = new DataView(code.buffer);
  for (let at = 0; at < 0x400; at += 4) view.setUint32(at, 0x1000, true);
  const everywhere = Array.from({ length: 16 }, (_, index) => [index, 0x1000, 0xffff_fff0] as const);
  expect(scanDriver(peWith(code, everywhere), "loop", tools).machine).toBe("x64");
  const resources = new Uint8Array(0x400);
  new DataView(resources.buffer).setUint32(12, 0xffff_ffff, true);
  for (let at = 16; at < 0x400; at += 8) {
    new DataView(resources.buffer).setUint32(at, 16, true);
    new DataView(resources.buffer).setUint32(at + 4, 0x8000_0000, true);
  }
  expect(scanDriver(peWith(resources, [[2, 0x1000, 0x400]]), "loop", tools).version).toEqual({});
});
