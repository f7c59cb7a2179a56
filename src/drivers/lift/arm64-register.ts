// ARM64 instructions on registers alone: logic, sums with a shifted or extended register, selections, multiplications.

import { immediate, memory, NONE, OP, registerOperand, signedImmediate } from "./ops.ts";
import { source, type Arm64Word, type EncodingClass } from "./arm64-word.ts";

function liftLogical({ word, rd, rn, rm, size, emit, kill }: Arm64Word): void {
  const shift = (word >>> 10) & 63;
  const kind = (word >>> 29) & 3;
  if (rd === 31) return;
  const inverted = ((word >>> 21) & 1) === 1;
  if (kind === 1 && rn === 31 && shift === 0 && !inverted) {
    emit(OP.move, rd, source(rm), NONE, size);
    return;
  }
  if (inverted || shift !== 0) return kill(rd);
  emit(kind === 1 ? OP.or : kind === 2 ? OP.xor : OP.and, rd, source(rn), source(rm), size);
}

function liftSum({ word, rd, rn, rm, size, emit, kill }: Arm64Word): void {
  const shift = (word >>> 10) & 63;
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
}

/** CSEL takes either source; CSINC, CSINV and CSNEG change the second one. */
function liftSelection({ word, rd, rn, rm, size, emit }: Arm64Word): void {
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
}

/** MADD and its widening forms. */
function liftMultiply({ word, rd, rn, rm, size, emit, kill }: Arm64Word): void {
  if (rd === 31) return;
  const added = (word >>> 10) & 31;
  if (added !== 31 && added === rd) return kill(rd);
  emit(OP.multiply, rd, source(rn), source(rm), size);
  if (added !== 31) emit(OP.add, rd, registerOperand(rd), registerOperand(added), size);
}

/** Conditional compares write no register. */
function liftNothing(): void {}

/** Data processing of registers (C4.1.95). */
export const REGISTER_CLASSES: readonly EncodingClass[] = [
  { mask: 0x1f00_0000, value: 0x0a00_0000, lift: liftLogical },
  { mask: 0x1f00_0000, value: 0x0b00_0000, lift: liftSum },
  { mask: 0x1fe0_0000, value: 0x1a80_0000, lift: liftSelection },
  { mask: 0x1f00_8000, value: 0x1b00_0000, lift: liftMultiply },
  { mask: 0x1fe0_0000, value: 0x1a40_0000, lift: liftNothing },
];
