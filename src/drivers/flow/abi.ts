// Calling conventions: where the arguments of a call stand, on the caller's and on the callee's side.
// A place is a register (0 to 63) or, from 64 on, the number of an argument on the stack.

import type { Machine } from "../../formats/pe/image.ts";

export const STACK_PLACE = 64;
/** Arguments beyond this are not followed. */
export const MAX_STACK_ARGUMENT = 24;

export interface Abi {
  readonly machine: "x64" | "x86" | "arm64";
  readonly pointerSize: 4 | 8;
  readonly registers: number;
  readonly sp: number;
  readonly resultRegister: number;
  readonly argumentRegisters: readonly number[];
  /** Registers that may carry an argument of a local function. */
  readonly entryRegisters: readonly number[];
  readonly volatile: readonly number[];
  /** Bytes between the stack pointer before a call and at the callee's entry (the return address). */
  readonly returnAddress: number;
  /** Bytes of stack per argument, and the argument number that stands at offset 0 before the call. */
  readonly slot: number;
  readonly firstStackArgument: number;
  /** Register that holds the target of a call made through Control Flow Guard's dispatcher. */
  readonly guardTarget: number;
}

const X64: Abi = {
  machine: "x64",
  pointerSize: 8,
  registers: 32,
  sp: 4,
  resultRegister: 0,
  argumentRegisters: [1, 2, 8, 9],
  entryRegisters: [1, 2, 8, 9],
  volatile: [0, 1, 2, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21],
  returnAddress: 8,
  slot: 8,
  firstStackArgument: 0,
  guardTarget: 0,
};

const X86: Abi = {
  machine: "x86",
  pointerSize: 4,
  registers: 32,
  sp: 4,
  resultRegister: 0,
  argumentRegisters: [],
  // Link-time code generation passes arguments in any register.
  entryRegisters: [0, 1, 2, 3, 6, 7],
  volatile: [0, 1, 2, 16, 17, 18, 19, 20, 21, 22, 23],
  returnAddress: 4,
  slot: 4,
  firstStackArgument: 0,
  guardTarget: 1,
};

const ARM64: Abi = {
  machine: "arm64",
  pointerSize: 8,
  registers: 64,
  sp: 31,
  resultRegister: 0,
  argumentRegisters: [0, 1, 2, 3, 4, 5, 6, 7],
  entryRegisters: [0, 1, 2, 3, 4, 5, 6, 7],
  volatile: [
    ...Array.from({ length: 18 }, (_, i) => i),
    30,
    ...Array.from({ length: 8 }, (_, i) => 32 + i),
    ...Array.from({ length: 16 }, (_, i) => 48 + i),
  ],
  returnAddress: 0,
  slot: 8,
  firstStackArgument: 8,
  guardTarget: 15,
};

/** The convention of a machine; undefined for machines whose code is not read. */
export function abiOf(machine: Machine): Abi | undefined {
  if (machine === "x64") return X64;
  if (machine === "x86") return X86;
  return machine === "arm64" ? ARM64 : undefined;
}

/** The place of the argument with a zero-based number. */
export function placeOfArgument(abi: Abi, index: number): number {
  return abi.argumentRegisters[index] ?? STACK_PLACE + index;
}

/** Offset of a stack argument from the stack pointer just before the call. */
export function stackArgumentOffset(abi: Abi, argument: number): number {
  return (argument - abi.firstStackArgument) * abi.slot;
}

/** The place of the stack argument at an offset from the entry's stack pointer, or -1 where none stands there. */
export function placeOfSlot(abi: Abi, offset: number): number {
  const bytes = offset - abi.returnAddress;
  if (bytes < 0 || bytes % abi.slot !== 0) return -1;
  const argument = abi.firstStackArgument + bytes / abi.slot;
  if (argument < abi.argumentRegisters.length || argument > MAX_STACK_ARGUMENT) return -1;
  return STACK_PLACE + argument;
}
