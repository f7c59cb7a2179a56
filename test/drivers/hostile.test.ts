// Files that lie: whatever the bytes, a scan answers with a status, in bounded time and memory.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadScanTools } from "../../src/driver-index/tools.ts";
import { scanDriver } from "../../src/drivers/scan.ts";
import { Steps } from "../../src/drivers/steps.ts";
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

/** Code with an import of ExAllocatePoolWithTag behind it and, where functions are told, a table of them; the whole as a PE. */
function allocating(
  code: Uint8Array,
  slotFrom: (slot: (at: number) => number) => void,
  functions: readonly (readonly [start: number, end: number])[] = [],
): Uint8Array {
  const table = Math.ceil(code.length / 16) * 16;
  const pdata = table + 0x1000;
  const whole = new Uint8Array(pdata + functions.length * 12);
  slotFrom((at) => table + 0x60 - at);
  whole.set(code);
  const view = new DataView(whole.buffer);
  // Import descriptor, its one slot, and names.
  view.setUint32(table + 12, 0x1000 + table + 0x80, true);
  view.setUint32(table + 16, 0x1000 + table + 0x60, true);
  view.setUint32(table, 0x1000 + table + 0x40, true);
  view.setUint32(table + 0x40, 0x1000 + table + 0xa0, true);
  view.setUint32(table + 0x60, 0x1000 + table + 0xa0, true);
  whole.set(Buffer.from("ntoskrnl.exe"), table + 0x80);
  whole.set(Buffer.from("ExAllocatePoolWithTag"), table + 0xa2);
  for (const [i, [start, end]] of functions.entries()) {
    view.setUint32(pdata + i * 12, 0x1000 + start, true);
    view.setUint32(pdata + i * 12 + 4, 0x1000 + end, true);
    view.setUint32(pdata + i * 12 + 8, 0x1000 + table + 0x200, true);
  }
  return peWith(whole, [
    [1, 0x1000 + table, 40],
    [3, 0x1000 + pdata, functions.length * 12],
  ]);
}

test("100,000 functions that all call an import, in a ring", () => {
  const count = 100_000;
  const stride = 24;
  const code = new Uint8Array(count * stride);
  const view = new DataView(code.buffer);
  const bytes = allocating(
    code,
    (slot) => {
      for (let i = 0; i < count; i++) {
        const at = i * stride;
        code.set([0xff, 0x15], at);
        view.setInt32(at + 2, slot(at + 6), true);
        code.set([0xe8], at + 6);
        view.setInt32(at + 7, ((i + 1) % count) * stride - (at + 11), true);
        code[at + 11] = 0xc3;
      }
    },
    Array.from({ length: count }, (_, i) => [i * stride, i * stride + 12] as const),
  );
  const scan = scanDriver(bytes, "ring", tools);
  expect(scan.machine).toBe("x64");
  expect(scan.tags.filter((tag) => tag.tier === "proven")).toEqual([]);
});

test("what a driver may cost is linear in its bytes", () => {
  expect(new Steps(0).most).toBe(1_000_000);
  expect(new Steps(100_000).most).toBe(7_000_000);
  expect(new Steps(1e9).most).toBe(400_000_000);
});

test("a frame of thousands of places joined at thousands of branches is given up with a word, and soon", () => {
  const stores = 2000;
  const branches = 20_000;
  // mov [rsp+n], rcx; jz +0; call [slot]; ret
  const code = new Uint8Array(stores * 8 + branches * 2 + 7);
  const view = new DataView(code.buffer);
  const bytes = allocating(
    code,
    (slot) => {
      for (let i = 0; i < stores; i++) {
        code.set([0x48, 0x89, 0x8c, 0x24], i * 8);
        view.setUint32(i * 8 + 4, 8 * i, true);
      }
      for (let i = 0; i < branches; i++) code[stores * 8 + i * 2] = 0x74;
      const at = stores * 8 + branches * 2;
      code.set([0xff, 0x15], at);
      view.setInt32(at + 2, slot(at + 6), true);
      code[at + 6] = 0xc3;
    },
    [[0, code.length]],
  );
  const { most } = new Steps(bytes.length);
  const scan = scanDriver(bytes, "joins", { ...tools, isThorough: true });
  expect(scan.status).toContain(`damaged or hostile: more than ${most} steps for a file of ${bytes.length} bytes`);
  // Nothing more is begun: what is over is one block, one join, one look along a list.
  expect(scan.steps).toBeLessThan(most + 100_000);
});

test("a section of gigabytes that the file holds kilobytes of is not walked through", () => {
  const code = new Uint8Array(4096);
  const view = new DataView(code.buffer);
  const second = 0x1000_0000;
  // mov rax, [slot] from everywhere, where the code lies in a second section, which lies inside the first.
  const bytes = allocating(code, (slot) => {
    for (let at = 0; at + 7 <= code.length; at += 7) {
      code.set([0x48, 0x8b, 0x05], at);
      view.setInt32(at + 3, slot(at + 7) - (second - 0x1000), true);
    }
  });
  const headers = new DataView(bytes.buffer);
  const section = 0x98 + 240;
  headers.setUint16(0x86, 2, true);
  headers.setUint32(0x98 + 56, 0x7fff_ffff, true);
  bytes.copyWithin(section + 40, section, section + 40);
  headers.setUint32(section + 8, 0x7000_0000, true);
  headers.setUint32(section + 40 + 12, second, true);
  const scan = scanDriver(bytes, "far", tools);
  expect(scan.imports).toEqual(["ExAllocatePoolWithTag"]);
  expect(scan.status).toContain("overlap: what lies in both was read as the first");
  // Each byte of the gigabyte in front of it would be a step.
  expect(scan.steps).toBeLessThan(200_000);
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
