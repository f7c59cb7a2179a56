import { expect, test } from "vitest";
import { ATOM, Atoms, join, soleAtom, UNKNOWN, type Value } from "./values.ts";
import { widen, WIDEN_AFTER } from "./widen.ts";

const atoms = new Atoms();
const any = (values: readonly Value[]): Value => values.reduce((sum, value) => join(sum, value));
const constants = (...numbers: number[]): Value => any(numbers.map((number) => atoms.constant(number)));

test("before the third round a loop may bring anything; after it a series becomes what its members share", () => {
  const before = constants(0x3062_7448, 0x3162_7448);
  const after = constants(0x3062_7448, 0x3162_7448, 0x3262_7448);
  expect(widen(atoms, before, after, WIDEN_AFTER - 1)).toBe(after);
  expect(soleAtom(widen(atoms, before, after, WIDEN_AFTER))).toMatchObject({
    kind: ATOM.bits,
    a: 0x0062_7448,
    b: 0x00ff_ffff,
  });
});

test("tags that are no series stay, and are given up only when they go on growing", () => {
  const before = constants(0x3162_6f41, 0x5a62_6f41);
  const after = constants(0x3162_6f41, 0x5a62_6f41, 0x6b62_6f41);
  expect(widen(atoms, before, after, WIDEN_AFTER)).toBe(after);
  expect(widen(atoms, before, after, 8)).toEqual({ atoms: before.atoms, open: true });
});

test("addresses become a table, offsets of rows a multiple, a pointer in the frame any place above it", () => {
  const table = any([0x100, 0x118, 0x130].map((rva) => atoms.get(ATOM.address, rva)));
  expect(soleAtom(widen(atoms, UNKNOWN_FREE, table, 3))).toMatchObject({ kind: ATOM.table, a: 0x100, b: 0x18 });
  expect(soleAtom(widen(atoms, UNKNOWN_FREE, constants(0, 24, 48), 3))).toMatchObject({ kind: ATOM.multiple, a: 24 });
  const frame = any([-40, -39, -38].map((offset) => atoms.get(ATOM.stack, offset)));
  expect(soleAtom(widen(atoms, UNKNOWN_FREE, frame, 3))).toMatchObject({ kind: ATOM.frame, a: -40 });
  expect(widen(atoms, UNKNOWN, join(UNKNOWN, constants(7)), 3)).toBe(UNKNOWN);
});

/** Some value that is not the one after it. */
const UNKNOWN_FREE = atoms.constant(0x9999);
