// ARM64 instructions with a constant in the word: addresses, sums, logic, moves of 16 bits, bit fields.

import { addressOperand, immediate, NONE, OP, registerOperand, type Operand } from "./ops.ts";
import { signed, source, type Arm64Word, type EncodingClass } from "./arm64-word.ts";

/** ADRP counts pages of 4 KiB, ADR bytes. */
function liftAddress({ word, rva, rd, size, emit }: Arm64Word): void {
  const value = (signed(word >>> 5, 19) << 2) | ((word >>> 29) & 3);
  if (rd === 31) return;
  emit(OP.move, rd, addressOperand(size === 8 ? (rva & ~0xfff) + value * 4096 : rva + value), NONE, 8);
}

function liftAddImmediate({ word, rd, rn, size, emit }: Arm64Word): void {
  const setsFlags = ((word >>> 29) & 1) === 1;
  const value = ((word >>> 10) & 0xfff) << (((word >>> 22) & 1) * 12);
  if (setsFlags && rd === 31) {
    if (((word >>> 30) & 1) === 1) emit(OP.compare, -1, registerOperand(rn), immediate(value));
    return;
  }
  emit(((word >>> 30) & 1) === 1 ? OP.sub : OP.add, rd, registerOperand(rn), immediate(value), size);
}

function liftLogicalImmediate({ word, rd, rn, size, emit, kill }: Arm64Word): void {
  const kind = (word >>> 29) & 3;
  if (kind === 3 && rd === 31) return;
  const mask = bitmask((word >>> 22) & 1, (word >>> 16) & 63, (word >>> 10) & 63, size === 8);
  if (mask === undefined) return kill(rd);
  const code = kind === 1 ? OP.or : kind === 2 ? OP.xor : OP.and;
  emit(code, rd, source(rn), mask, size);
}

/** MOVN, MOVZ and MOVK. */
function liftMoveWide({ word, rd, size, emit }: Arm64Word): void {
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
    high = size === 8 ? ~high >>> 0 : 0;
  }
  emit(OP.move, rd, immediate(low, high), NONE, size);
}

/** UBFM and SBFM: left shifts (with a width) are multiples; a move of the whole low word stays a move. */
function liftBitField({ word, rd, rn, size, emit, kill }: Arm64Word): void {
  if (rd === 31) return;
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

/** Data processing with an immediate (C4.1.92). */
export const IMMEDIATE_CLASSES: readonly EncodingClass[] = [
  { mask: 0x1f00_0000, value: 0x1000_0000, lift: liftAddress },
  { mask: 0x1f80_0000, value: 0x1100_0000, lift: liftAddImmediate },
  { mask: 0x1f80_0000, value: 0x1200_0000, lift: liftLogicalImmediate },
  { mask: 0x1f80_0000, value: 0x1280_0000, lift: liftMoveWide },
  { mask: 0x1f80_0000, value: 0x1300_0000, lift: liftBitField },
];
