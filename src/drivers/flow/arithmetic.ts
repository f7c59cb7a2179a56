// Arithmetic on what is known of values: constants are computed, addresses shifted, and what flags do not touch is kept.

import type { Memory } from "./memory.ts";
import { OP, type Op } from "../lift/ops.ts";
import { andBits, bitsOf, orBits, replaceBits, shiftBits, valueOfBits } from "./known-bits.ts";
import { ATOM, constantOf, soleAtom, UNKNOWN, type Atom, type Atoms, type Value } from "./values.ts";

/** Below every slot of a frame. */
const LOWEST_OFFSET = -0x8000_0000;

/** A value with 16 of its bits replaced. */
export function insertBits(atoms: Atoms, before: Value, op: Op): Value {
  const shift = op.size;
  return atoms.map(before, (atom) => {
    if (atom.kind === ATOM.bits && shift < 32) {
      const value = op.a.low << shift;
      return valueOfBits(atoms, replaceBits(bitsOf(atom), 0xffff << shift, { value, mask: 0xffff_ffff }));
    }
    if (atom.kind !== ATOM.constant) return UNKNOWN;
    if (shift >= 32) {
      const mask = 0xffff << (shift - 32);
      return atoms.constant(atom.a, (atom.b & ~mask) | (op.a.low << (shift - 32)));
    }
    return atoms.constant((atom.a & ~(0xffff << shift)) | (op.a.low << shift), atom.b);
  });
}

/** A number of which some bits have become unknown. */
export function blurBits(atoms: Atoms, before: Value, mask: number): Value {
  if (mask === 0) return before;
  return atoms.map(before, (atom) => {
    // Low bits of an address in the frame replaced: an index into something aligned.
    if (atom.kind === ATOM.stack || atom.kind === ATOM.frame) return atoms.get(ATOM.frame, lowestFrom(atom.a, mask));
    return valueOfBits(atoms, replaceBits(bitsOf(atom), mask, { value: 0, mask: 0 }));
  });
}

/** The lowest offset that remains where some bits of one have become unknown. */
function lowestFrom(offset: number, mask: number): number {
  return mask >>> 0 <= 0xfff ? offset - mask : LOWEST_OFFSET;
}

/** The result of an operation on two values. */
export function compute(atoms: Atoms, memory: Memory, op: Op, x: Value, y: Value): Value {
  const right = constantOf(y);
  const left = constantOf(x);
  if (op.code === OP.add) return memory.sum(x, y);
  if (op.code === OP.sub) {
    if (right !== undefined) return memory.shift(x, -(right | 0));
    return isInFrame(x) ? atoms.get(ATOM.frame, LOWEST_OFFSET) : UNKNOWN;
  }
  if (op.code === OP.multiply) {
    const factor = right ?? left;
    return factor === undefined ? UNKNOWN : memory.scaled(right === undefined ? y : x, factor | 0);
  }
  if (op.code === OP.shiftLeft) return right === undefined ? UNKNOWN : shifted(atoms, memory, x, right & 63, op.size);
  if (right === undefined && left === undefined) {
    if (isInFrame(x) || isInFrame(y)) return atoms.get(ATOM.frame, LOWEST_OFFSET);
    return op.code === OP.or ? union(atoms, x, y) : UNKNOWN;
  }
  const value = right === undefined ? y : x;
  const constant = right ?? left ?? 0;
  return atoms.map(value, (atom) => bitwise(atoms, op.code, atom, constant));
}

function isInFrame(value: Value): boolean {
  const atom = soleAtom(value);
  return atom?.kind === ATOM.stack || atom?.kind === ATOM.frame;
}

/** Letters put together: each part brings the bits that the others leave zero. */
function union(atoms: Atoms, x: Value, y: Value): Value {
  const one = soleAtom(x);
  const other = soleAtom(y);
  if (one === undefined || other === undefined) return UNKNOWN;
  return valueOfBits(atoms, orBits(bitsOf(one), bitsOf(other)));
}

function bitwise(atoms: Atoms, code: number, atom: Atom, constant: number): Value {
  if (atom.kind === ATOM.constant) {
    if (code === OP.and) return atoms.constant(atom.a & constant, constant >>> 31 === 1 ? atom.b : 0);
    if (code === OP.or) return atoms.constant(atom.a | constant, atom.b);
    return atoms.constant(atom.a ^ constant, atom.b);
  }
  if (atom.kind === ATOM.bits) {
    const bits = bitsOf(atom);
    if (code === OP.and) return valueOfBits(atoms, andBits(bits, constant));
    if (code === OP.or) return valueOfBits(atoms, orBits(bits, { value: constant, mask: 0xffff_ffff }));
    return valueOfBits(atoms, { value: bits.value ^ constant, mask: bits.mask });
  }
  if (code === OP.and && constant === 0) return atoms.constant(0);
  // Aligning the stack pointer; flags set on, or taken from, a tag or pool type that arrives as a parameter.
  if (code === OP.and && atom.kind === ATOM.stack) return atom.only;
  const isFlag = code === OP.and || code === OP.or;
  const isSource = atom.kind === ATOM.parameter || atom.kind === ATOM.load || atom.kind === ATOM.field;
  const keeps = code === OP.and ? constant >>> 0 >= 0x7fff_0000 : (constant & 0x7fff_0000) === 0;
  return isFlag && isSource && keeps ? atom.only : UNKNOWN;
}

/** Constants shifted left, over 64 bits where the register has them. */
function shifted(atoms: Atoms, memory: Memory, value: Value, bits: number, size: number): Value {
  const isConstant = value.atoms.length > 0 && !value.open && value.atoms.every(({ kind }) => kind === ATOM.constant);
  if (!isConstant) {
    // A short shift makes an index an offset in a table; a long one a letter, with zeroes below it.
    if (bits < 10) return memory.scaled(value, 1 << bits);
    const atom = soleAtom(value);
    return valueOfBits(atoms, shiftBits(atom === undefined ? { value: 0, mask: 0 } : bitsOf(atom), bits));
  }
  return atoms.map(value, ({ a, b }) => {
    if (bits === 0) return atoms.constant(a, b);
    const low = bits < 32 ? a << bits : 0;
    if (size !== 8) return atoms.constant(low);
    return atoms.constant(low, bits < 32 ? (b << bits) | (a >>> (32 - bits)) : a << (bits - 32));
  });
}
