// Numbers of which only some bits are known: a tag whose last letter is computed, or a letter written over a constant.

import { ATOM, UNKNOWN, type Atom, type Atoms, type Value } from "./values.ts";

/** The low dword of a number: the bits of `mask` are known and stand in `value`. */
export interface KnownBits {
  readonly value: number;
  readonly mask: number;
}

const NOTHING: KnownBits = { value: 0, mask: 0 };

/** What is known of an atom's low dword. */
export function bitsOf(atom: Atom): KnownBits {
  if (atom.kind === ATOM.constant) return { value: atom.a, mask: 0xffff_ffff };
  return atom.kind === ATOM.bits ? { value: atom.a, mask: atom.b } : NOTHING;
}

/** A value of known bits: a constant where all are known, unknown where none is. */
export function valueOfBits(atoms: Atoms, { value, mask }: KnownBits): Value {
  const known = mask >>> 0;
  if (known === 0) return UNKNOWN;
  if (known === 0xffff_ffff) return atoms.constant(value);
  return atoms.get(ATOM.bits, (value & known) >>> 0, known);
}

/** Makes the bits of `mask` unknown, and then known as `bits` says. */
export function replaceBits(before: KnownBits, mask: number, bits: KnownBits): KnownBits {
  return {
    value: (before.value & ~mask) | (bits.value & mask),
    mask: (before.mask & ~mask) | (bits.mask & mask),
  };
}

/** Bits of a sum: a carry leaves only those below the first unknown bit of either. */
export function addBits(x: KnownBits, y: KnownBits): KnownBits {
  const both = x.mask & y.mask;
  const trailing = both === -1 ? both : (~both & -~both) - 1;
  return { value: (x.value + y.value) & trailing, mask: trailing };
}

export function shiftBits({ value, mask }: KnownBits, by: number): KnownBits {
  if (by >= 32) return { value: 0, mask: 0xffff_ffff };
  return { value: value << by, mask: (mask << by) | ((1 << by) - 1) };
}

export function orBits(x: KnownBits, y: KnownBits): KnownBits {
  const ones = (x.value & x.mask) | (y.value & y.mask);
  return { value: ones, mask: (x.mask & y.mask) | ones };
}

export function andBits({ value, mask }: KnownBits, constant: number): KnownBits {
  return { value: value & constant, mask: mask | ~constant };
}

/** The bits that stay the same in constants a fixed step apart, however far they go: those below the step's lowest one. */
export function progressionBits(numbers: readonly number[]): KnownBits | undefined {
  if (numbers.length < 3) return undefined;
  const sorted = [...numbers].sort((x, y) => x - y);
  const [first = 0, second = 0] = sorted;
  const step = second - first;
  if (!sorted.every((number, i) => number === first + i * step)) return undefined;
  const mask = (step & -step) - 1;
  return { value: first & mask, mask };
}
