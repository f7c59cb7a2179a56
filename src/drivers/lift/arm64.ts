// Lifts ARM64 instructions into the operations of the data flow. Only what builds constants, moves them and calls is told
// apart; every other instruction makes its destination unknown. Encodings: Arm Architecture Reference Manual, C4.

import type { PeImage } from "../../formats/pe/image.ts";
import {
  addressOperand,
  immediate,
  memory,
  NONE,
  OP,
  registerOperand,
  signedImmediate,
  staticMemory,
  type Lifter,
  type Op,
  type Operand,
} from "./ops.ts";

const VECTOR = 32;

export function createArm64Lifter(image: PeImage): Lifter {
  return {
    lift(rva, into) {
      const section = image.sectionAt(rva);
      if (section === undefined || !section.executable || (rva & 3) !== 0) return -1;
      const offset = image.offsetOf(rva, 4);
      if (offset < 0) return -1;
      const word = image.bytes.u32(offset);
      if (word === 0) return -1;
      liftWord(word, rva, into);
      return rva + 4;
    },
    dispose() {},
  };
}

/** Sign-extends the low `bits` of a value. */
function signed(value: number, bits: number): number {
  return (value << (32 - bits)) >> (32 - bits);
}

/** A general register as a source; 31 is the zero register. */
function source(register: number): Operand {
  return register === 31 ? immediate(0) : registerOperand(register);
}

function liftWord(word: number, rva: number, into: Op[]): void {
  const emit = (code: number, dst: number, a: Operand, b: Operand = NONE, size = 0): void => {
    into.push({ code, at: rva, next: rva + 4, dst, a, b, size });
  };
  const rd = word & 31;
  const rn = (word >>> 5) & 31;
  const rm = (word >>> 16) & 31;
  const kill = (register: number): void => {
    if (register !== 31) emit(OP.kill, register, NONE);
  };

  // Branches, exceptions, system.
  if ((word & 0x7c00_0000) === 0x1400_0000) {
    emit(word >>> 31 === 1 ? OP.call : OP.jump, -1, addressOperand(rva + signed(word, 26) * 4));
    return;
  }
  if ((word & 0xff00_0010) >>> 0 === 0x5400_0000 || (word & 0x7e00_0000) === 0x3400_0000) {
    emit(OP.branch, -1, addressOperand(rva + signed(word >>> 5, 19) * 4));
    return;
  }
  if ((word & 0x7e00_0000) === 0x3600_0000) {
    emit(OP.branch, -1, addressOperand(rva + signed(word >>> 5, 14) * 4));
    return;
  }
  if ((word & 0xfe00_0000) >>> 0 === 0xd600_0000) {
    const kind = (word >>> 21) & 7;
    if (kind === 0) emit(OP.jump, -1, registerOperand(rn));
    else if (kind === 1) emit(OP.call, -1, registerOperand(rn));
    else emit(OP.ret, -1, NONE);
    return;
  }
  if ((word & 0xff00_0000) >>> 0 === 0xd400_0000) {
    // BRK 0xF003 is a fast fail: nothing comes back. Other breakpoints and system calls go on.
    if ((word & 0xffff_ffe0) >>> 0 === 0xd43e_0060) emit(OP.stop, -1, NONE);
    return;
  }
  if ((word & 0xfff0_0000) >>> 0 === 0xd530_0000) {
    kill(rd);
    return;
  }
  if ((word & 0xff00_0000) >>> 0 === 0xd500_0000) return;

  const group = (word >>> 25) & 15;
  if ((group & 0b1110) === 0b1000) liftImmediate(word, rva, rd, rn, emit, kill);
  else if ((group & 0b0101) === 0b0100) liftMemory(word, rva, rd, rn, rm, emit, kill);
  else if ((group & 0b0111) === 0b0101) liftRegister(word, rd, rn, rm, emit, kill);
  else if ((group & 0b0111) === 0b0111) liftVector(word, rd, rn, emit, kill);
}

type Emit = (code: number, dst: number, a: Operand, b?: Operand, size?: number) => void;
type Kill = (register: number) => void;

function liftImmediate(word: number, rva: number, rd: number, rn: number, emit: Emit, kill: Kill): void {
  const wide = word >>> 31;
  const size = wide === 1 ? 8 : 4;
  if ((word & 0x1f00_0000) === 0x1000_0000) {
    const value = (signed(word >>> 5, 19) << 2) | ((word >>> 29) & 3);
    if (rd === 31) return;
    // ADRP counts pages of 4 KiB, ADR bytes.
    emit(OP.move, rd, addressOperand(wide === 1 ? (rva & ~0xfff) + value * 4096 : rva + value), NONE, 8);
    return;
  }
  if ((word & 0x1f80_0000) === 0x1100_0000) {
    const setsFlags = ((word >>> 29) & 1) === 1;
    const value = ((word >>> 10) & 0xfff) << (((word >>> 22) & 1) * 12);
    if (setsFlags && rd === 31) {
      if (((word >>> 30) & 1) === 1) emit(OP.compare, -1, registerOperand(rn), immediate(value));
      return;
    }
    emit(((word >>> 30) & 1) === 1 ? OP.sub : OP.add, rd, registerOperand(rn), immediate(value), size);
    return;
  }
  if ((word & 0x1f80_0000) === 0x1200_0000) {
    const kind = (word >>> 29) & 3;
    if (kind === 3 && rd === 31) return;
    const mask = bitmask((word >>> 22) & 1, (word >>> 16) & 63, (word >>> 10) & 63, wide === 1);
    if (mask === undefined) return kill(rd);
    const code = kind === 1 ? OP.or : kind === 2 ? OP.xor : OP.and;
    emit(code, rd, source(rn), mask, size);
    return;
  }
  if ((word & 0x1f80_0000) === 0x1280_0000) {
    const kind = (word >>> 29) & 3;
    const shift = ((word >>> 21) & 3) * 16;
    const value = (word >>> 5) & 0xffff;
    if (rd === 31) return;
    if (kind === 3) {
      emit(OP.insert, rd, immediate(value), NONE, shift);
      return;
    }
    let low = shift < 32 ? (value << shift) >>> 0 : 0;
    let high = shift >= 32 ? (value << (shift - 32)) >>> 0 : 0;
    if (kind === 0) {
      low = ~low >>> 0;
      high = wide === 1 ? ~high >>> 0 : 0;
    }
    emit(OP.move, rd, immediate(low, high), NONE, size);
    return;
  }
  if ((word & 0x1f80_0000) === 0x1300_0000 && rd !== 31) {
    // UBFM and SBFM: left shifts (with a width) are multiples; a move of the whole low word stays a move.
    const rotate = (word >>> 16) & 63;
    const last = (word >>> 10) & 63;
    const isInsert = ((word >>> 29) & 3) === 1;
    if (!isInsert && last < rotate) {
      emit(OP.shiftLeft, rd, source(rn), immediate(size * 8 - rotate), size);
      return;
    }
    if (!isInsert && rotate === 0 && last === 31) {
      emit(OP.move, rd, source(rn), NONE, 4);
      return;
    }
    if (isInsert) {
      // BFI puts low bits somewhere, BFXIL bits from somewhere at the bottom: the other bits stay.
      const at = last < rotate ? size * 8 - rotate : 0;
      const width = last < rotate ? last + 1 : last - rotate + 1;
      const ones = width >= 32 ? 0xffff_ffff : (1 << width) - 1;
      if (at < 32) emit(OP.blur, rd, immediate(ones << at), NONE, size);
      return;
    }
    // UBFM of the low byte or word: zeroes above it.
    if (((word >>> 29) & 3) === 2 && rotate === 0 && (last === 7 || last === 15)) {
      emit(OP.and, rd, source(rn), immediate((1 << (last + 1)) - 1), size);
      return;
    }
  }
  kill(rd);
}

/** The immediate of a logical instruction (DecodeBitMasks of the architecture manual). */
function bitmask(n: number, rotate: number, ones: number, wide: boolean): Operand | undefined {
  const length = 31 - Math.clz32((n << 6) | (~ones & 63));
  if (length < 1 || (n === 1 && !wide)) return undefined;
  const esize = 1 << length;
  const levels = esize - 1;
  const s = ones & levels;
  const r = rotate & levels;
  if (s === levels) return undefined;
  let low = 0;
  let high = 0;
  for (let bit = 0; bit < 64; bit++) {
    const inElement = bit & levels;
    if (((inElement + r) & levels) <= s) {
      if (bit < 32) low |= 1 << bit;
      else high |= 1 << (bit - 32);
    }
  }
  return immediate(low, wide ? high : 0);
}

function liftMemory(word: number, rva: number, rt: number, rn: number, rm: number, emit: Emit, kill: Kill): void {
  const isVector = ((word >>> 26) & 1) === 1;
  const target = isVector ? VECTOR + rt : rt;
  const load = (register: number, address: Operand, size: number): void => {
    if (register !== 31) emit(OP.move, register, address, NONE, size);
  };
  const store = (register: number, address: Operand, size: number): void => {
    emit(OP.store, -1, register >= VECTOR ? registerOperand(register) : source(register), address, size);
  };
  if ((word & 0x3b00_0000) === 0x1800_0000) {
    const kind = word >>> 30;
    const size = isVector ? 4 << kind : kind === 1 ? 8 : 4;
    load(target, staticMemory(rva + signed(word >>> 5, 19) * 4), size);
    return;
  }
  if ((word & 0x3a00_0000) === 0x2800_0000) {
    const size = isVector ? 4 << (word >>> 30) : word >>> 31 === 1 ? 8 : 4;
    const second = (isVector ? VECTOR : 0) + ((word >>> 10) & 31);
    const offset = signed(word >>> 15, 7) * size;
    const mode = (word >>> 23) & 3;
    const isLoad = ((word >>> 22) & 1) === 1;
    const access = mode === 2 || mode === 0 ? offset : 0;
    if (mode === 3) emit(OP.add, rn, registerOperand(rn), signedImmediate(offset), 8);
    for (const [register, at] of [
      [target, access],
      [second, access + size],
    ] as const) {
      if (isLoad) load(register, memory(rn, at), size);
      else store(register, memory(rn, at), size);
    }
    if (mode === 1) emit(OP.add, rn, registerOperand(rn), signedImmediate(offset), 8);
    return;
  }
  if ((word & 0x3a00_0000) === 0x3800_0000) {
    const kind = (word >>> 22) & 3;
    const sizeBits = word >>> 30;
    const size = isVector && kind >= 2 ? 16 : 1 << sizeBits;
    const isLoad = isVector ? (kind & 1) === 1 : kind !== 0;
    if (!isVector && sizeBits === 3 && kind === 2) return;
    // LDRSB and LDRSH: what stands above the loaded part depends on it. A row of a switch table is read by the table's reader.
    const isSigned = !isVector && kind >= 2 && sizeBits < 2;
    let address: Operand;
    let update = 0;
    let updatesFirst = false;
    if (((word >>> 24) & 1) === 1) {
      address = memory(rn, ((word >>> 10) & 0xfff) * size);
    } else if (((word >>> 21) & 1) === 0) {
      const offset = signed(word >>> 12, 9);
      const mode = (word >>> 10) & 3;
      updatesFirst = mode === 3;
      update = (mode & 1) === 1 ? offset : 0;
      address = memory(rn, update === 0 ? offset : 0);
    } else if (((word >>> 10) & 3) === 2) {
      address = memory(rn, 0, rm, ((word >>> 12) & 1) === 1 ? size : 1);
    } else {
      // Atomic memory operations give back the old value.
      kill(rt);
      return;
    }
    if (updatesFirst && update !== 0) emit(OP.add, rn, registerOperand(rn), signedImmediate(update), 8);
    if (isSigned) kill(target);
    else if (isLoad) load(target, address, size);
    else store(target, address, size);
    if (!updatesFirst && update !== 0) emit(OP.add, rn, registerOperand(rn), signedImmediate(update), 8);
    return;
  }
  if ((word & 0x3f00_0000) === 0x0800_0000) {
    // Exclusive and ordered accesses; the plain ordered forms (LDAR, STLR) move values like any other.
    const size = 1 << (word >>> 30);
    const isLoad = ((word >>> 22) & 1) === 1;
    if (isLoad) load(rt, memory(rn, 0), size);
    else store(rt, memory(rn, 0), size);
    if (((word >>> 23) & 1) === 0) kill(rm);
    return;
  }
  if (!isVector) kill(rt);
  else emit(OP.kill, target, NONE);
}

function liftRegister(word: number, rd: number, rn: number, rm: number, emit: Emit, kill: Kill): void {
  const size = word >>> 31 === 1 ? 8 : 4;
  const shift = (word >>> 10) & 63;
  if ((word & 0x1f00_0000) === 0x0a00_0000) {
    const kind = (word >>> 29) & 3;
    if (rd === 31) return;
    const inverted = ((word >>> 21) & 1) === 1;
    if (kind === 1 && rn === 31 && shift === 0 && !inverted) {
      emit(OP.move, rd, source(rm), NONE, size);
      return;
    }
    if (inverted || shift !== 0) return kill(rd);
    emit(kind === 1 ? OP.or : kind === 2 ? OP.xor : OP.and, rd, source(rn), source(rm), size);
    return;
  }
  if ((word & 0x1f00_0000) === 0x0b00_0000) {
    const extended = ((word >>> 21) & 1) === 1;
    const setsFlags = ((word >>> 29) & 1) === 1;
    if (setsFlags && rd === 31) return;
    if (rd === 31 && !extended) return;
    const plain = extended ? ((word >>> 10) & 7) === 0 : shift === 0;
    if (!plain) {
      const option = extended ? (word >>> 10) & 7 : (word >>> 10) & 63;
      const isLeft = extended || ((word >>> 22) & 3) === 0;
      if (((word >>> 30) & 1) === 1 || !isLeft || option > 12) return kill(rd);
      emit(OP.address, rd, memory(rn, 0, rm, 1 << option), NONE, size);
      return;
    }
    const first = extended ? registerOperand(rn) : source(rn);
    emit(((word >>> 30) & 1) === 1 ? OP.sub : OP.add, rd, first, source(rm), size);
    return;
  }
  if ((word & 0x1fe0_0000) === 0x1a80_0000) {
    // CSEL takes either source; CSINC, CSINV and CSNEG change the second one.
    const plain = ((word >>> 30) & 1) === 0 && ((word >>> 10) & 3) === 0;
    if (rd === 31) return;
    if (rd === rm && plain) {
      emit(OP.merge, rd, source(rn), NONE, size);
      return;
    }
    const increments = ((word >>> 30) & 1) === 0 && ((word >>> 10) & 3) === 1;
    const inverts = ((word >>> 30) & 1) === 1 && ((word >>> 10) & 3) === 0;
    if (rn === 31 && rm === 31 && (increments || inverts)) {
      emit(OP.move, rd, immediate(0), NONE, size);
      emit(OP.merge, rd, increments ? immediate(1) : signedImmediate(-1), NONE, size);
      return;
    }
    if (increments && rd !== rn) {
      emit(OP.add, rd, source(rm), immediate(1), size);
      emit(OP.merge, rd, source(rn), NONE, size);
      return;
    }
    // The second source is merged into a copy of the first; where it is the destination itself, order does not matter.
    if (rd !== rn) emit(OP.move, rd, source(rn), NONE, size);
    emit(OP.merge, rd, plain ? source(rm) : NONE, NONE, size);
    return;
  }
  if ((word & 0x1f00_8000) === 0x1b00_0000 && rd !== 31) {
    // MADD and its widening forms.
    const added = (word >>> 10) & 31;
    if (added !== 31 && added === rd) return kill(rd);
    emit(OP.multiply, rd, source(rn), source(rm), size);
    if (added !== 31) emit(OP.add, rd, registerOperand(rd), registerOperand(added), size);
    return;
  }
  // Conditional compares write no register.
  if ((word & 0x1fe0_0000) === 0x1a40_0000) return;
  kill(rd);
}

function liftVector(word: number, rd: number, rn: number, emit: Emit, kill: Kill): void {
  if ((word & 0x9ff8_fc00) >>> 0 === 0x0f00_e400 || (word & 0xbff8_fc00) >>> 0 === 0x2f00_e400) {
    // MOVI of a byte mask: zero where all its bits are clear.
    const bits = ((word >>> 5) & 31) | ((word >>> 11) & 0xe0);
    if (bits === 0) emit(OP.move, VECTOR + rd, immediate(0), NONE, 16);
    else emit(OP.kill, VECTOR + rd, NONE);
    return;
  }
  if ((word & 0xbfe0_fc00) >>> 0 === 0x0ea0_1c00 && rn === ((word >>> 16) & 31)) {
    emit(OP.move, VECTOR + rd, registerOperand(VECTOR + rn), NONE, 16);
    return;
  }
  const toGeneral = (word & 0x7f20_fc00) === 0x1e20_0000 || (word & 0xbfe0_ec00) >>> 0 === 0x0e00_2c00;
  if (toGeneral) kill(rd);
  emit(OP.kill, VECTOR + rd, NONE);
}
