// Memory as the data flow sees it: addresses, frame slots, static data, and what loads and stores do to them.

import type { Abi } from "./abi.ts";
import { bitsOf, replaceBits, valueOfBits, addBits, type KnownBits } from "./known-bits.ts";
import { OPERAND, type Op, type Operand } from "../lift/ops.ts";
import type { State } from "./state.ts";
import type { DriverContext } from "./driver-context.ts";
import { ATOM, constantOf, join, soleAtom, UNKNOWN, type Atom, type Atoms, type Value } from "./values.ts";

/** Told of every value that is stored to static memory. */
export type OnStored = (rva: number, value: Value, at: number) => void;

/** Rows of static tables are not longer than this. */
const MAX_ROW = 512;

/** Places looked at for one that is forgotten that cost as much as one operation. */
const PLACES_PER_STEP = 8;

/** Rows of a table that a store at an unknown index may reach. */
const MAX_ROWS_WRITTEN = 64;

/** What an unknown number is known to be a multiple of. */
function stepOf(value: Value): number {
  const atom = soleAtom(value);
  return atom?.kind === ATOM.multiple ? atom.a : 1;
}

function isSomeConstants(value: Value): boolean {
  return value.atoms.length > 0 && !value.open && value.atoms.every(({ kind }) => kind === ATOM.constant);
}

/** A number of which no more is known than some bits or a factor. */
function isUnknownNumber(value: Value): boolean {
  return value.open || value.atoms.some(({ kind }) => kind === ATOM.bits || kind === ATOM.multiple);
}

export class Memory {
  readonly #context: DriverContext;
  readonly #atoms: Atoms;
  readonly #abi: Abi;
  /** A byte and a word of which nothing is known but the zeroes above. */
  readonly #someByte: Value;
  readonly #someWord: Value;

  constructor(context: DriverContext) {
    this.#context = context;
    this.#atoms = context.atoms;
    this.#abi = context.abi;
    this.#someByte = this.#atoms.get(ATOM.bits, 0, 0xffff_ff00);
    this.#someWord = this.#atoms.get(ATOM.bits, 0, 0xffff_0000);
  }

  slot(state: State, offset: number): Value {
    return state.slot(offset, this.#abi, this.#atoms);
  }

  /** The low byte or word of a value, with zeroes above it. */
  #lowPart(value: Value, size: number): Value {
    const unknown = size === 1 ? this.#someByte : this.#someWord;
    const mask = size === 1 ? 0xff : 0xffff;
    if (value.atoms.length === 0) return unknown;
    return this.#atoms.map(value, (atom) =>
      atom.kind === ATOM.constant
        ? this.#atoms.constant(atom.a & mask)
        : atom.kind === ATOM.bits
          ? valueOfBits(this.#atoms, { value: atom.a & mask, mask: atom.b | ~mask })
          : unknown,
    );
  }

  /** The value of an operand. */
  read(state: State, operand: Operand, size: number): Value {
    switch (operand.kind) {
      case OPERAND.register:
        return size === 1 || size === 2
          ? this.#lowPart(state.get(operand.register), size)
          : state.get(operand.register);
      case OPERAND.immediate:
        return this.#atoms.constant(operand.low, size === 4 ? 0 : operand.high);
      case OPERAND.address:
        return this.#atoms.get(ATOM.address, operand.low);
      case OPERAND.memory:
        return this.#load(state, operand, size);
      default:
        return UNKNOWN;
    }
  }

  addressOf(state: State, operand: Operand): Value {
    const base = operand.isStatic
      ? this.#atoms.get(ATOM.address, operand.low)
      : operand.base < 0
        ? this.#atoms.constant(operand.low)
        : this.shift(state.get(operand.base), operand.low);
    if (operand.index < 0) return operand.isStatic || operand.base >= 0 ? base : UNKNOWN;
    const index = state.get(operand.index);
    if (operand.base === operand.index && operand.low === 0 && isUnknownNumber(index)) {
      return this.#multiple(stepOf(index) * (operand.scale + 1));
    }
    return this.sum(base, this.scaled(index, operand.scale));
  }

  /** A value times a constant. */
  scaled(value: Value, factor: number): Value {
    if (factor === 1) return value;
    if (!isSomeConstants(value)) return this.#multiple(stepOf(value) * factor);
    return this.#atoms.map(value, (atom) => this.#atoms.constant(Math.imul(atom.a, factor)));
  }

  /** The sum of two values: a constant moves an address, an unknown multiple makes it a row of a table. */
  sum(x: Value, y: Value): Value {
    const right = constantOf(y);
    if (right !== undefined) return this.shift(x, right | 0);
    const left = constantOf(x);
    if (left !== undefined) return this.shift(y, left | 0);
    const base = soleAtom(x);
    const other = soleAtom(y);
    if (base?.kind === ATOM.address) return this.#offset(base.a, y);
    if (other?.kind === ATOM.address) return this.#offset(other.a, x);
    if (base?.kind === ATOM.stack || base?.kind === ATOM.frame) return this.#frameOffset(base, y);
    if (other?.kind === ATOM.stack || other?.kind === ATOM.frame) return this.#frameOffset(other, x);
    const isPartlyKnown = base?.kind === ATOM.bits && other?.kind === ATOM.bits;
    return isPartlyKnown ? valueOfBits(this.#atoms, addBits(bitsOf(base), bitsOf(other))) : UNKNOWN;
  }

  /** A place in the frame at a distance that is one of some numbers, or unknown. */
  #frameOffset(base: Atom, distance: Value): Value {
    if (base.kind === ATOM.stack && isSomeConstants(distance)) {
      return this.#atoms.map(distance, (atom) => this.#atoms.get(ATOM.stack, base.a + (atom.a | 0)));
    }
    return this.#atoms.get(ATOM.frame, base.a);
  }

  #offset(rva: number, distance: Value): Value {
    if (isSomeConstants(distance)) {
      return this.#atoms.map(distance, (atom) => this.#atoms.get(ATOM.address, rva + (atom.a | 0)));
    }
    const step = stepOf(distance);
    return step >= 4 && step <= MAX_ROW ? this.#atoms.get(ATOM.table, rva, step) : UNKNOWN;
  }

  #multiple(step: number): Value {
    return step >= 2 && step <= MAX_ROW ? this.#atoms.get(ATOM.multiple, step) : UNKNOWN;
  }

  /** A value plus a constant. */
  shift(value: Value, bytes: number): Value {
    if (bytes === 0) return value;
    return this.#atoms.map(value, (atom) => {
      switch (atom.kind) {
        case ATOM.constant: {
          const low = atom.a + (bytes >>> 0);
          return this.#atoms.constant(low, atom.b + (low > 0xffff_ffff ? 1 : 0) + (bytes < 0 ? 0xffff_ffff : 0));
        }
        case ATOM.address:
        case ATOM.stack:
          return this.#atoms.get(atom.kind, atom.a + bytes);
        case ATOM.parameter:
          return this.#atoms.get(ATOM.parameter, atom.a, atom.b + bytes);
        case ATOM.table:
          return bytes % atom.b === 0 ? atom.only : this.#atoms.get(ATOM.table, atom.a + bytes, atom.b);
        case ATOM.multiple:
          return bytes % atom.a === 0 ? atom.only : UNKNOWN;
        case ATOM.wdf:
          return this.#atoms.get(ATOM.wdf, atom.a + bytes);
        case ATOM.bits:
          return valueOfBits(this.#atoms, addBits(bitsOf(atom), { value: bytes, mask: 0xffff_ffff }));
        case ATOM.frame:
          return bytes < 0 ? this.#atoms.get(ATOM.frame, atom.a + bytes) : atom.only;
        default:
          return UNKNOWN;
      }
    });
  }

  #load(state: State, operand: Operand, size: number): Value {
    if (size < 4) return this.#loadPart(state, operand, size);
    if (operand.index >= 0) return this.deref(state, this.addressOf(state, operand), 0, size);
    if (operand.isStatic) return this.#loadStatic(state, operand.low, size);
    return operand.base < 0 ? UNKNOWN : this.deref(state, state.get(operand.base), operand.low, size);
  }

  /** A byte or word, with zeroes above it: known where it lies in a frame slot, or in data that nobody writes. */
  #loadPart(state: State, operand: Operand, size: number): Value {
    const unknown = size === 1 ? this.#someByte : this.#someWord;
    if (size === 0) return UNKNOWN;
    const atom = soleAtom(this.addressOf(state, operand));
    const mask = size === 1 ? 0xff : 0xffff;
    if (atom?.kind === ATOM.stack) {
      const start = Math.floor(atom.a / 4) * 4;
      const bits = soleAtom(this.slot(state, start));
      if (bits === undefined || atom.a + size > start + 4) return unknown;
      const shift = 8 * (atom.a - start);
      const known = bitsOf(bits);
      return valueOfBits(this.#atoms, {
        value: (known.value >>> shift) & mask,
        mask: (known.mask >>> shift) | ~mask,
      });
    }
    if (atom?.kind === ATOM.address && state.static(atom.a) === undefined) {
      const { image } = this.#context;
      const section = image.sectionAt(atom.a);
      const offset = image.offsetOf(atom.a, size);
      if (section === undefined || section.writable || offset < 0) return unknown;
      return this.#atoms.constant(size === 1 ? image.bytes.u8(offset) : image.bytes.u16(offset));
    }
    return unknown;
  }

  /** What stands at an offset behind a pointer. */
  deref(state: State, pointer: Value, offset: number, size: number): Value {
    return this.#atoms.map(pointer, (atom) => {
      switch (atom.kind) {
        case ATOM.stack:
          return size > 8 ? UNKNOWN : this.slot(state, atom.a + offset);
        case ATOM.address:
          return this.#loadStatic(state, atom.a + offset, size);
        case ATOM.parameter:
          return this.#atoms.get(ATOM.field, atom.a, atom.b + offset);
        case ATOM.table:
          return this.#atoms.get(ATOM.row, atom.a + offset, atom.b);
        case ATOM.wdf:
          return this.#atoms.get(ATOM.wdfFunction, Math.floor((atom.a + offset) / this.#abi.pointerSize));
        default:
          return UNKNOWN;
      }
    });
  }

  #loadStatic(state: State, rva: number, size: number): Value {
    const written = state.static(rva);
    if (written !== undefined) return written;
    if (size > 8) return this.#atoms.get(ATOM.data, rva);
    const { imports, image, wdf, guard } = this.#context;
    if (imports.has(rva)) return this.#atoms.get(ATOM.import, rva);
    if (wdf !== undefined && rva >= wdf.rva) {
      if (!wdf.isArray && rva === wdf.rva) return this.#atoms.get(ATOM.wdf, 0);
      const index = (rva - wdf.rva) / this.#abi.pointerSize;
      if (wdf.isArray && index < wdf.count) return this.#atoms.get(ATOM.wdfFunction, Math.floor(index));
    }
    if (guard.check.has(rva) || guard.dispatch.has(rva)) return this.#atoms.get(ATOM.load, rva);
    const section = image.sectionAt(rva);
    if (section === undefined) return UNKNOWN;
    return section.writable ? this.#atoms.get(ATOM.load, rva) : this.#constantAt(rva, size);
  }

  /** The value that the file holds at an RVA: an address where a relocation says so, otherwise a number. */
  #constantAt(rva: number, size: number): Value {
    const { image, abi, relocated } = this.#context;
    const low = image.u32(rva);
    if (low === undefined) return UNKNOWN;
    if (size >= abi.pointerSize && (abi.pointerSize === 8 || relocated.has(rva))) {
      const target = image.pointer(rva);
      if (target !== undefined) return this.#atoms.get(ATOM.address, target);
    }
    return this.#atoms.constant(low, size === 8 ? (image.u32(rva + 4) ?? 0) : 0);
  }

  store(state: State, operand: Operand, value: Value, op: Op, onStored: OnStored): void {
    const address = this.addressOf(state, operand);
    const target = soleAtom(address);
    if (target === undefined || target.kind === ATOM.frame || target.kind === ATOM.table) {
      this.#storeSomewhere(state, address, value, op.size);
      return;
    }
    if (target.kind === ATOM.stack) this.#storeSlots(state, target.a, value, op.size);
    if (target.kind !== ATOM.address) return;
    if (op.size < 4) {
      this.#storePart(state, target.a, value, op, onStored);
      return;
    }
    state.setStatic(target.a, value);
    onStored(target.a, value, op.at);
    const atom = soleAtom(value);
    if (op.size === 8 && atom?.kind === ATOM.constant && atom.b !== 0) {
      const high = this.#atoms.constant(atom.b);
      state.setStatic(target.a + 4, high);
      onStored(target.a + 4, high, op.at);
    }
    if (op.size === 16 && atom?.kind === ATOM.data) {
      for (let i = 0; i < 16; i += 4) {
        const part = this.#constantAt(atom.a + i, 4);
        state.setStatic(target.a + i, part);
        onStored(target.a + i, part, op.at);
      }
    }
  }

  /**
   * A store to one of several places: each may hold the new value from now on, and a place written in part is no longer
   * known. A store behind a pointer of which nothing is known is taken to go elsewhere: to other memory than the frame.
   */
  #storeSomewhere(state: State, address: Value, value: Value, size: number): void {
    this.#context.steps.take(state.places / PLACES_PER_STEP);
    for (const atom of address.atoms) {
      if (atom.kind === ATOM.frame || (atom.kind === ATOM.stack && address.open)) state.forgetSlotsFrom(atom.a);
      else if (atom.kind === ATOM.stack) {
        const start = Math.floor(atom.a / 4) * 4;
        const isWhole = size >= 4 && start === atom.a;
        state.setSlot(start, isWhole ? join(this.slot(state, start), value) : UNKNOWN);
        for (let at = start + 4; at < atom.a + size; at += 4) state.clearSlot(at, this.#abi);
      } else if (atom.kind === ATOM.table) state.forgetStaticsFrom(atom.a, MAX_ROWS_WRITTEN * atom.b);
      else if (atom.kind === ATOM.address) state.forgetStaticsFrom(atom.a, Math.max(4, size));
    }
  }

  /** A byte or word stored to static memory: told of only where it makes the dword known as a whole. */
  #storePart(state: State, rva: number, value: Value, op: Op, onStored: OnStored): void {
    const start = Math.floor(rva / 4) * 4;
    const after = this.#withPart(state.static(start) ?? UNKNOWN, rva - start, value, op.size);
    state.setStatic(start, after);
    if (constantOf(after) !== undefined) onStored(start, after, op.at);
  }

  /** A dword of which one or two bytes have been overwritten. */
  #withPart(before: Value, at: number, value: Value, size: number): Value {
    const ones = size === 1 ? 0xff : 0xffff;
    const atom = soleAtom(value);
    const written = atom === undefined ? { value: 0, mask: 0 } : bitsOf(atom);
    const part: KnownBits = { value: written.value << (8 * at), mask: written.mask << (8 * at) };
    const replace = (bits: KnownBits): Value => valueOfBits(this.#atoms, replaceBits(bits, ones << (8 * at), part));
    if (before.atoms.length === 0) return replace({ value: 0, mask: 0 });
    return this.#atoms.map(before, (each) => replace(bitsOf(each)));
  }

  #storeSlots(state: State, offset: number, value: Value, size: number): void {
    const start = Math.floor(offset / 4) * 4;
    if (size < 4) {
      const spills = offset + size > start + 4;
      state.setSlot(start, spills ? UNKNOWN : this.#withPart(this.slot(state, start), offset - start, value, size));
      if (spills) state.clearSlot(start + 4, this.#abi);
      return;
    }
    if (start !== offset) {
      // Slots begin at multiples of four; what lies across them is not followed.
      for (let at = start; at < offset + size; at += 4) state.setSlot(at, UNKNOWN);
      return;
    }
    const atom = soleAtom(value);
    if (size === 4) {
      state.setSlot(offset, value);
      return;
    }
    if (atom?.kind === ATOM.data) {
      for (let i = 0; i < size; i += 4) {
        const wide = this.#abi.pointerSize === 8 && i % 8 === 0;
        const part = this.#constantAt(atom.a + i, wide ? 8 : 4);
        state.setSlot(offset + i, part);
        const isAddress = wide && soleAtom(part)?.kind === ATOM.address;
        if (isAddress) {
          state.clearSlot(offset + i + 4, this.#abi);
          i += 4;
        }
      }
      return;
    }
    state.setSlot(offset, value);
    const isConstant = atom?.kind === ATOM.constant;
    if (isConstant && size === 8 && atom.b !== 0) state.setSlot(offset + 4, this.#atoms.constant(atom.b));
    else for (let i = 4; i < Math.min(size, 64); i += 4) state.clearSlot(offset + i, this.#abi);
  }

  copyMemory(state: State, to: Value, from: Value, bytes: number): void {
    const target = soleAtom(to);
    const source = soleAtom(from);
    if (target?.kind !== ATOM.stack || source === undefined) return;
    const length = Math.min(bytes, 1024);
    this.#context.steps.take(length / 4);
    for (let i = 0; i + 4 <= length; i += 4) {
      if (source.kind === ATOM.address) {
        const wide = i + 8 <= length && i % 8 === 0 && this.#abi.pointerSize === 8;
        state.setSlot(target.a + i, this.#loadStatic(state, source.a + i, wide ? 8 : 4));
      } else if (source.kind === ATOM.stack) {
        state.setSlot(target.a + i, this.slot(state, source.a + i));
      } else if (source.kind === ATOM.parameter) {
        state.setSlot(target.a + i, this.#atoms.get(ATOM.field, source.a, source.b + i));
      }
    }
  }
}
