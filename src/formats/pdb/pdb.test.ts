import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { writePdb } from "../../../test/build/pdb.ts";
import { FormatError } from "../../model/errors.ts";
import { readPdbReference } from "../pe/debug.ts";
import { PeImage } from "../pe/image.ts";
import { isPdbOf, parsePdb, symbolAt } from "./pdb.ts";

const fixture = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../../test/fixtures/pdb/${name}`, import.meta.url)));
const file = Uint8Array.from(gunzipSync(fixture("private.x64.pdb.gz")));

test("functions with their sizes, and public symbols, as llvm-pdbutil lists them", () => {
  const pdb = parsePdb(file);
  const functions = pdb.symbols.filter(({ isFunction }) => isFunction);
  expect(functions.map(({ rva, name, size }) => [rva, name, size])).toEqual([
    [0x1000, "Outer", 27],
    [0x1020, "Inner", 43],
    [0x1050, "DriverEntry", 14],
    [0x1060, "ExAllocatePoolWithTag", undefined],
  ]);
  expect(pdb.symbols.filter(({ isFunction }) => !isFunction).map(({ name }) => name)).toContain("held");
});

test("an address belongs to the function that holds it, and to none behind its end", () => {
  const pdb = parsePdb(file);
  expect(symbolAt(pdb, 0x102a)).toMatchObject({ symbol: { name: "Inner" }, displacement: 10 });
  expect(symbolAt(pdb, 0x101f)).toBeUndefined();
  expect(symbolAt(pdb, 0xfff)).toBeUndefined();
});

test("the driver names its PDB by GUID and age", () => {
  const reference = readPdbReference(new PeImage(fixture("private.x64.sys")));
  if (reference?.guid === undefined) throw new Error("no reference");
  const { guid, age } = reference;
  expect(isPdbOf(parsePdb(file), { guid, age })).toBe(true);
  expect(isPdbOf(parsePdb(file), { guid, age: age + 1 })).toBe(false);
  expect(isPdbOf(parsePdb(file), { guid: guid.replace(/^./, "G"), age })).toBe(false);
});

test("a rearranged image: symbols follow the map, and what is gone has no place", () => {
  const plan = {
    sections: [0x1000, 0x5000],
    omap: [
      [0x1000, 0x9000],
      [0x1100, 0],
      [0x5000, 0x2000],
    ] as const,
    publics: [
      { name: "moved", segment: 1, offset: 0x20, code: true },
      { name: "gone", segment: 1, offset: 0x120, code: true },
      { name: "data", segment: 2, offset: 8, code: false },
      { name: "absolute", segment: 9, offset: 8, code: false },
    ],
  };
  const pdb = parsePdb(writePdb(plan));
  expect(pdb.guid).toBe("00112233445566778899AABBCCDDEEFF");
  expect(pdb.age).toBe(3);
  expect(pdb.symbols.map(({ rva, name }) => [rva, name])).toEqual([
    [0x2008, "data"],
    [0x9020, "moved"],
  ]);
  const plain = parsePdb(writePdb({ sections: plan.sections, publics: plan.publics }));
  expect(plain.symbols.map(({ rva }) => rva)).toEqual([0x1020, 0x1120, 0x5008]);
});

test("what is no PDB, an old one or a portable one is said", () => {
  expect(() => parsePdb(new Uint8Array(100))).toThrow(/MSF 7.00/);
  expect(() => parsePdb(Buffer.from(`Microsoft C/C++ program database 2.00\r\n`))).toThrow(/2.00/);
  expect(() => parsePdb(Buffer.from("BSJB and more"))).toThrow(/portable/);
});

test("cut anywhere it is said to be truncated", () => {
  for (let length = 0; length < file.length; length += 509) {
    expect(() => parsePdb(file.subarray(0, length))).toThrow(FormatError);
  }
});

test("changed anywhere: names, or a FormatError, and nothing else", () => {
  const small = writePdb({
    sections: [0x1000],
    omap: [[0x1000, 0x2000]],
    publics: Array.from({ length: 40 }, (_, i) => ({ name: `f${i}`, segment: 1, offset: 16 * i, code: true })),
  });
  const change = fc.record({ at: fc.nat(), value: fc.constantFrom(0, 1, 0x7f, 0x80, 0xff) });
  fc.assert(
    fc.property(fc.constantFrom(small, file), fc.array(change, { minLength: 1, maxLength: 30 }), (bytes, changes) => {
      const damaged = bytes.slice();
      for (const { at, value } of changes) damaged[at % (at % 3 === 0 ? 64 : damaged.length)] = value;
      try {
        expect(parsePdb(damaged).symbols.length).toBeLessThan(100_000);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
    { numRuns: 500 },
  );
});
