// Lifts ARM64 instructions into the operations of the data flow. Only what builds constants, moves them and calls is told
// apart; every other instruction makes its destination unknown. Encodings: Arm Architecture Reference Manual, C4.

import type { PeImage } from "../../formats/pe/image.ts";
import { IMMEDIATE_CLASSES } from "./arm64-immediate.ts";
import { liftMemory } from "./arm64-memory.ts";
import { REGISTER_CLASSES } from "./arm64-register.ts";
import { liftByClass, signed, takeApart, VECTOR, type Arm64Word, type EncodingClass } from "./arm64-word.ts";
import { addressOperand, immediate, NONE, OP, registerOperand, type Lifter } from "./ops.ts";

export function createArm64Lifter(image: PeImage): Lifter {
  return {
    lift(rva, into) {
      const section = image.sectionAt(rva);
      if (section === undefined || !section.executable || (rva & 3) !== 0) return -1;
      const offset = image.offsetOf(rva, 4);
      if (offset < 0) return -1;
      const word = image.bytes.u32(offset);
      if (word === 0) return -1;
      liftWord(takeApart(word, rva, into));
      return rva + 4;
    },
    dispose() {},
  };
}

/** Branches, exceptions, system (C4.1.93). */
const CONTROL_CLASSES: readonly EncodingClass[] = [
  {
    mask: 0x7c00_0000,
    value: 0x1400_0000,
    lift: ({ word, rva, emit }) =>
      emit(word >>> 31 === 1 ? OP.call : OP.jump, -1, addressOperand(rva + signed(word, 26) * 4)),
  },
  { mask: 0xff00_0010, value: 0x5400_0000, lift: (fields) => liftBranch(fields, 19) },
  { mask: 0x7e00_0000, value: 0x3400_0000, lift: (fields) => liftBranch(fields, 19) },
  { mask: 0x7e00_0000, value: 0x3600_0000, lift: (fields) => liftBranch(fields, 14) },
  { mask: 0xfe00_0000, value: 0xd600_0000, lift: liftRegisterBranch },
  {
    mask: 0xff00_0000,
    value: 0xd400_0000,
    lift: ({ word, emit }) => {
      // BRK 0xF003 is a fast fail: nothing comes back. Other breakpoints and system calls go on.
      if ((word & 0xffff_ffe0) >>> 0 === 0xd43e_0060) emit(OP.stop, -1, NONE);
    },
  },
  { mask: 0xfff0_0000, value: 0xd530_0000, lift: ({ rd, kill }) => kill(rd) },
  { mask: 0xff00_0000, value: 0xd500_0000, lift: () => undefined },
];

/** A conditional branch whose distance has so many bits. */
function liftBranch({ word, rva, emit }: Arm64Word, bits: number): void {
  emit(OP.branch, -1, addressOperand(rva + signed(word >>> 5, bits) * 4));
}

function liftRegisterBranch({ word, rn, emit }: Arm64Word): void {
  const kind = (word >>> 21) & 7;
  if (kind === 0) emit(OP.jump, -1, registerOperand(rn));
  else if (kind === 1) emit(OP.call, -1, registerOperand(rn));
  else emit(OP.ret, -1, NONE);
}

function liftWord(fields: Arm64Word): void {
  if (liftByClass(CONTROL_CLASSES, fields)) return;
  const group = (fields.word >>> 25) & 15;
  if ((group & 0b1110) === 0b1000) liftData(IMMEDIATE_CLASSES, fields);
  else if ((group & 0b0101) === 0b0100) liftMemory(fields);
  else if ((group & 0b0111) === 0b0101) liftData(REGISTER_CLASSES, fields);
  else if ((group & 0b0111) === 0b0111) liftVector(fields);
}

/** What is not told apart makes its destination unknown. */
function liftData(classes: readonly EncodingClass[], fields: Arm64Word): void {
  if (!liftByClass(classes, fields)) fields.kill(fields.rd);
}

function liftVector({ word, rd, rn, emit, kill }: Arm64Word): void {
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
