// The small language into which x86, x64 and ARM64 instructions are lifted: only what moves constants towards a call.

export const OP = {
  /** dst = a */
  move: 0,
  /** dst = address of memory operand a */
  address: 1,
  /** memory operand b = a */
  store: 2,
  add: 3,
  sub: 4,
  and: 5,
  or: 6,
  xor: 7,
  shiftLeft: 8,
  /** dst may also become a (conditional move) */
  merge: 9,
  /** dst = dst with 16 bits at bit `size` replaced by a */
  insert: 10,
  /** dst becomes unknown */
  kill: 11,
  /** pushes a; `size` bytes */
  push: 12,
  pop: 13,
  /** exchanges dst and register a */
  exchange: 14,
  /** call of a */
  call: 15,
  /** unconditional jump to a */
  jump: 16,
  /** conditional jump to a */
  branch: 17,
  ret: 18,
  /** end of the path: a trap that does not return */
  stop: 19,
  /** copies `size` bytes per step from [rsi] to [rdi], rcx times */
  copy: 20,
  multiply: 21,
  /** the bits of dst that a has set become unknown; the others stay */
  blur: 22,
  /** compares a with the number b; writes nothing */
  compare: 23,
} as const;

export const OPERAND = { none: 0, register: 1, immediate: 2, address: 3, memory: 4 } as const;

/** An operand. For memory, `low` is the displacement, or the RVA where `base` is -1 and the address is static. */
export interface Operand {
  readonly kind: number;
  readonly register: number;
  /** Low and high dword of an immediate; RVA of an address. */
  readonly low: number;
  readonly high: number;
  readonly base: number;
  readonly index: number;
  readonly scale: number;
  /** Memory whose displacement is an RVA. */
  readonly isStatic: boolean;
}

export interface Op {
  readonly code: number;
  readonly at: number;
  readonly next: number;
  readonly dst: number;
  readonly a: Operand;
  readonly b: Operand;
  /** Bytes moved, stored or popped; the bit position for `insert`. */
  readonly size: number;
}

// One shape for all operands, made in one place, keeps the flow's reads fast.
function operand(
  kind: number,
  register: number,
  low: number,
  high: number,
  base: number,
  index: number,
  scale: number,
  isStatic: boolean,
): Operand {
  return { kind, register, low, high, base, index, scale, isStatic };
}

export const NONE: Operand = operand(OPERAND.none, -1, 0, 0, -1, -1, 1, false);

const REGISTERS: readonly Operand[] = Array.from({ length: 64 }, (_, register) =>
  operand(OPERAND.register, register, 0, 0, -1, -1, 1, false),
);

export function registerOperand(register: number): Operand {
  return REGISTERS[register] ?? NONE;
}

export function immediate(low: number, high = 0): Operand {
  return operand(OPERAND.immediate, -1, low >>> 0, high >>> 0, -1, -1, 1, false);
}

/** A signed number as a 64-bit immediate. */
export function signedImmediate(value: number): Operand {
  return immediate(value, value < 0 ? 0xffff_ffff : 0);
}

export function addressOperand(rva: number): Operand {
  return operand(OPERAND.address, -1, rva, 0, -1, -1, 1, false);
}

export function memory(base: number, displacement: number, index = -1, scale = 1): Operand {
  return operand(OPERAND.memory, -1, displacement, 0, base, index, scale, false);
}

export function staticMemory(rva: number, index = -1, scale = 1): Operand {
  return operand(OPERAND.memory, -1, rva, 0, -1, index, scale, true);
}

/** Turns the bytes of an image into operations. */
export interface Lifter {
  /** Appends the operations of the instruction at `rva`; answers the RVA behind it, or -1 where none can be decoded. */
  lift(rva: number, into: Op[]): number;
  /** Gives back what the lifter holds outside the JavaScript heap. */
  dispose(): void;
}
