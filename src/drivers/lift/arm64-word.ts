// What the lifters of ARM64 share: the fields of an instruction word, and classes of encodings told by a mask.

import { immediate, NONE, OP, registerOperand, type Op, type Operand } from "./ops.ts";

/** First vector register in the numbering of the operations. */
export const VECTOR = 32;

/** One instruction word taken apart, with the ways to say what it does. */
export interface Arm64Word {
  readonly word: number;
  readonly rva: number;
  /** Destination (bits 0 to 4), for loads and stores the register moved. */
  readonly rd: number;
  readonly rn: number;
  readonly rm: number;
  /** Bytes of the registers, by the top bit: 8 or 4. */
  readonly size: number;
  readonly emit: (code: number, dst: number, a: Operand, b?: Operand, size?: number) => void;
  /** Makes a general register unknown; the zero register stays what it is. */
  readonly kill: (register: number) => void;
}

/** Instructions whose word under `mask` is `value`. */
export interface EncodingClass {
  readonly mask: number;
  readonly value: number;
  readonly lift: (word: Arm64Word) => void;
}

export function takeApart(word: number, rva: number, into: Op[]): Arm64Word {
  const emit: Arm64Word["emit"] = (code, dst, a, b = NONE, size = 0) => {
    into.push({ code, at: rva, next: rva + 4, dst, a, b, size });
  };
  return {
    word,
    rva,
    rd: word & 31,
    rn: (word >>> 5) & 31,
    rm: (word >>> 16) & 31,
    size: word >>> 31 === 1 ? 8 : 4,
    emit,
    kill: (register) => {
      if (register !== 31) emit(OP.kill, register, NONE);
    },
  };
}

/** Lifts by the first class that fits; false where none does. */
export function liftByClass(classes: readonly EncodingClass[], fields: Arm64Word): boolean {
  const found = classes.find(({ mask, value }) => (fields.word & mask) >>> 0 === value);
  found?.lift(fields);
  return found !== undefined;
}

/** Sign-extends the low `bits` of a value. */
export function signed(value: number, bits: number): number {
  return (value << (32 - bits)) >> (32 - bits);
}

/** A general register as a source; 31 is the zero register. */
export function source(register: number): Operand {
  return register === 31 ? immediate(0) : registerOperand(register);
}
