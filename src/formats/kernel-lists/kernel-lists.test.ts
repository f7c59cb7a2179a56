import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { FormatError } from "../../model/errors.ts";
import type { PointerBytes } from "./answer.ts";
import { countHandles } from "./handle-table.ts";
import { parseModuleList, parseModuleListEx } from "./module-list.ts";
import { parseObjectTypes } from "./object-types.ts";
import { parseSessionPools } from "./session-pools.ts";
import { parseLiveCounts, parseProcessList } from "./process-list.ts";

/** Bytes by offset: numbers as u32, text as UTF-16, lists as raw bytes. */
function answer(length: number, fields: Readonly<Record<number, number | string | bigint>>): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  for (const [offset, value] of Object.entries(fields)) {
    const at = Number(offset);
    if (typeof value === "number") view.setUint32(at, value, true);
    else if (typeof value === "bigint") view.setBigUint64(at, value, true);
    else for (const [i, unit] of value.split("").entries()) view.setUint16(at + 2 * i, unit.charCodeAt(0), true);
  }
  return bytes;
}

describe("object types", () => {
  it("reads the 64-bit layout: the name behind the fixed part, entries padded to 8", () => {
    // "File" takes 8 bytes, 10 with its end: the next entry begins 68 + 10h behind the first.
    const bytes = answer(8 + 0x78 + 0x78, {
      0: 2,
      8: 8 + (10 << 16),
      [8 + 0x10]: 7000,
      [8 + 0x14]: 5000,
      [8 + 0x28]: 7001,
      [8 + 0x2c]: 5001,
      [8 + 0x58]: 37 << 16,
      [8 + 0x68]: "File",
      [0x80]: 6 + (8 << 16),
      [0x80 + 0x10]: 9,
      [0x80 + 0x68]: "Key",
    });
    expect(parseObjectTypes(bytes, 8)).toEqual([
      { type: "File", objects: 7000, handles: 5000, peakObjects: 7001, peakHandles: 5001, index: 37 },
      { type: "Key", objects: 9, handles: 0, peakObjects: 0, peakHandles: 0, index: 0 },
    ]);
  });

  it("reads the 32-bit layout, padded to 4", () => {
    const bytes = answer(4 + 0x6c + 0x68, {
      0: 2,
      4: 8 + (10 << 16),
      [4 + 8]: 7000,
      [4 + 0xc]: 5000,
      [4 + 0x60]: "File",
      [0x70]: 6 + (8 << 16),
      [0x70 + 8]: 9,
      [0x70 + 0x60]: "Key",
    });
    expect(parseObjectTypes(bytes, 4).map(({ type, objects }) => [type, objects])).toEqual([
      ["File", 7000],
      ["Key", 9],
    ]);
  });

  it("refuses a layout it does not know", () => {
    expect(() => parseObjectTypes(answer(400, { 0: 1, 8: 8 + (10 << 16) }), 8)).toThrow(/no type name where one/);
    expect(() => parseObjectTypes(answer(400, { 0: 70_000 }), 8)).toThrow(/no Windows has/);
  });
});

describe("processes", () => {
  it("reads the 32-bit layout, names behind the threads, without knowing where the buffer lay", () => {
    const first = 0xb8 + 0x40 + 16;
    const bytes = answer(first + 0xb8 + 12, {
      0: first,
      4: 1,
      [0x38]: 12 + (14 << 16),
      [0x3c]: 0x7f001000 + 0xb8 + 0x40,
      [0x44]: 4,
      [0x4c]: 300,
      [0x70]: 11,
      [0x78]: 12,
      [0x98]: 13n,
      [0xb8 + 0x40]: "System",
      [first + 0x38]: 10 + (12 << 16),
      [first + 0x3c]: 0x7f001000 + first + 0xb8,
      [first + 0x44]: 8,
      [first + 0xb8]: "a.exe",
    });
    const { programs, live } = parseProcessList(bytes, 4);
    expect(programs.map(({ pid, name }) => [pid, name])).toEqual([
      [4, "System"],
      [8, "a.exe"],
    ]);
    expect(programs[0]).toMatchObject({ handles: 300, pagedQuota: 11, nonpagedQuota: 12, otherOperations: 13 });
    expect(live).toEqual({ processes: 2, threads: 1, handles: 300 });
    expect(parseLiveCounts(bytes, 4)).toEqual(live);
  });
});

test("drivers: class 11 and class 77 tell the same, with the stamp of 77", () => {
  const path = "\\SystemRoot\\a.sys";
  const latin1 = (bytes: Uint8Array, at: number): Uint8Array => {
    for (const [i, letter] of path.split("").entries()) bytes[at + i] = letter.charCodeAt(0);
    return bytes;
  };
  const plain = latin1(answer(8 + 0x128, { 0: 1, [8 + 0x18]: 4096, [8 + 0x24]: 12 << 16 }), 8 + 0x28);
  expect(parseModuleList(plain, 8)).toEqual([{ file: "a.sys", path, imageBytes: 4096 }]);
  const extended = latin1(
    answer(0x140 + 2, { 0: 0x140, [8 + 0x18]: 4096, [8 + 0x24]: 12 << 16, [0x134]: 77 }),
    8 + 0x28,
  );
  expect(parseModuleListEx(extended, 8)).toEqual([{ file: "a.sys", path, imageBytes: 4096, stamp: 77 }]);
});

test("handles are counted by holder and type", () => {
  const entry = (at: number, pid: number, type: number): Record<number, number | bigint> => ({
    [at + 8]: BigInt(pid),
    [at + 0x1c]: type << 16,
  });
  const bytes = answer(0x10 + 3 * 0x28, {
    0: 3n,
    ...entry(0x10, 4, 37),
    ...entry(0x38, 8, 7),
    ...entry(0x60, 4, 37),
  });
  expect(countHandles(bytes, 8)).toEqual([
    { pid: 4, typeIndex: 37, handles: 2 },
    { pid: 8, typeIndex: 7, handles: 1 },
  ]);
  expect(() => countHandles(bytes.subarray(0, -1), 8)).toThrow(/cut off/);
});

test.each([
  ["object types", parseObjectTypes],
  ["processes", parseProcessList],
  ["counts of processes", parseLiveCounts],
  ["drivers", parseModuleList],
  ["drivers with stamps", parseModuleListEx],
  ["handles", countHandles],
  ["session pools", (bytes: Uint8Array, pointer: PointerBytes) => parseSessionPools(bytes, pointer, "all")],
] as const)("any bytes: %s or a FormatError, soon", (_, parse) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 2000 }),
      fc.constantFrom<PointerBytes>(4, 8),
      fc.nat(4),
      (bytes, pointer, low) => {
        if (bytes.length > 3) bytes.set([low, 0, 0, 0]);
        try {
          parse(bytes, pointer);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      },
    ),
    { numRuns: 500 },
  );
});
