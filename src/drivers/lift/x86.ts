// Lifts x86 and x64 instructions, decoded by iced-x86, into the operations of the data flow. The decoder is passed in: the
// package loads its WebAssembly by itself, which this folder must not.

import type * as Iced from "iced-x86";
import type { PeImage, Section } from "../../formats/pe/image.ts";
import {
  addressOperand,
  immediate,
  memory,
  NONE,
  OP,
  OPERAND,
  registerOperand,
  signedImmediate,
  staticMemory,
  type Lifter,
  type Op,
  type Operand,
} from "./ops.ts";
import { tablesFor, type IcedModule, type Tables, type Treatment } from "./x86-tables.ts";

const RSP = 4;
const RBP = 5;

/** RCX, RSI and RDI: what a string instruction counts and goes along with. */
const STRING_REGISTERS = [1, 6, 7];

/** A lifter over the executable sections of an x86 or x64 image. */
export function createX86Lifter(iced: IcedModule, image: PeImage, relocated: ReadonlySet<number>): Lifter {
  const tables = tablesFor(iced);
  return new X86Lifter(iced, tables, image, relocated);
}

class X86Lifter implements Lifter {
  readonly #iced: IcedModule;
  readonly #tables: Tables;
  readonly #image: PeImage;
  readonly #relocated: ReadonlySet<number>;
  readonly #wide: boolean;
  /** Bytes that a push or pop moves. */
  readonly #wordBytes: number;
  /** Operations of branches and calls that name their target. */
  readonly #directFlow: ReadonlyMap<Iced.FlowControl, number>;
  readonly #decoders = new Map<Section, Iced.Decoder>();
  readonly #instruction: Iced.Instruction;
  // The instruction being lifted.
  #rva = 0;
  #next = 0;
  #offset = 0;
  #immediateBytes = 0;

  constructor(iced: IcedModule, tables: Tables, image: PeImage, relocated: ReadonlySet<number>) {
    this.#iced = iced;
    this.#tables = tables;
    this.#image = image;
    this.#relocated = relocated;
    this.#wide = image.machine === "x64";
    this.#wordBytes = this.#wide ? 8 : 4;
    this.#directFlow = new Map([
      [iced.FlowControl.Call, OP.call],
      [iced.FlowControl.UnconditionalBranch, OP.jump],
      [iced.FlowControl.ConditionalBranch, OP.branch],
    ]);
    this.#instruction = new iced.Instruction();
  }

  dispose(): void {
    for (const decoder of this.#decoders.values()) decoder.free();
    this.#decoders.clear();
    this.#instruction.free();
  }

  lift(rva: number, into: Op[]): number {
    const section = this.#image.sectionAt(rva);
    if (section === undefined || !section.executable || rva - section.rva >= section.rawSize) return -1;
    let decoder = this.#decoders.get(section);
    if (decoder === undefined) {
      const code = this.#image.bytes.data.subarray(section.offset, section.offset + section.rawSize);
      decoder = new this.#iced.Decoder(this.#wide ? 64 : 32, code, 0);
      this.#decoders.set(section, decoder);
    }
    decoder.position = rva - section.rva;
    const instruction = this.#instruction;
    decoder.decodeOut(instruction);
    const mnemonic = instruction.mnemonic;
    if (instruction.isInvalid) return -1;
    this.#rva = rva;
    this.#next = rva + instruction.length;
    this.#offset = section.offset + (rva - section.rva);
    this.#liftDecoded(instruction, mnemonic, into);
    return this.#next;
  }

  #liftDecoded(instruction: Iced.Instruction, mnemonic: Iced.Mnemonic, into: Op[]): void {
    if (instruction.flowControl !== this.#iced.FlowControl.Next) {
      this.#liftFlow(instruction, into);
      return;
    }
    const tables = this.#tables;
    const count = instruction.opCount;
    const treatment = tables.treatment[mnemonic] ?? "write";
    const implicit = tables.implicit.get(mnemonic);
    if (implicit !== undefined && ((treatment !== "write" && treatment !== "arithmetic") || count < 2)) {
      for (const register of implicit) into.push(this.#op(OP.kill, register, NONE));
    }
    if (treatment === "read") return;
    if (treatment === "leave") {
      into.push(this.#op(OP.move, RSP, registerOperand(RBP)));
      into.push(this.#op(OP.pop, RBP, NONE, this.#wordBytes));
      return;
    }
    if (treatment === "copy" && isStringOperand(instruction.opKind(0), this.#iced)) {
      if (instruction.hasRepPrefix) into.push(this.#op(OP.copy, -1, NONE, tables.copyBytes.get(mnemonic) ?? 1));
      for (const register of STRING_REGISTERS) into.push(this.#op(OP.kill, register, NONE));
      return;
    }
    if (count === 0) return;
    this.#immediateBytes = this.#trailingImmediate(instruction, count);
    // MOVSD is a string copy and a vector move under one mnemonic.
    this.#liftOperands(instruction, mnemonic, treatment === "copy" ? "vector" : treatment, into);
  }

  /** Calls, jumps, returns and what ends a path. */
  #liftFlow(instruction: Iced.Instruction, into: Op[]): void {
    const flow = instruction.flowControl;
    const kinds = this.#iced.FlowControl;
    const direct = this.#directFlow.get(flow);
    if (direct !== undefined) {
      into.push(this.#op(direct, -1, addressOperand(this.#branchTarget())));
      return;
    }
    if (flow === kinds.IndirectCall || flow === kinds.IndirectBranch) {
      this.#immediateBytes = 0;
      const target = this.#operand(instruction, 0);
      into.push(this.#op(flow === kinds.IndirectCall ? OP.call : OP.jump, -1, target));
      return;
    }
    if (flow === kinds.Return) {
      const bytes = instruction.opCount > 0 ? this.#u16(this.#nextOffset() - 2) : 0;
      into.push(this.#op(OP.ret, -1, NONE, bytes));
      return;
    }
    // int 29h (fast fail) and ud2 end the path; int 3 and the others go on.
    const fastFail = instruction.length === 2 && this.#u16(this.#offset) === 0x29cd;
    if (flow === kinds.Exception || fastFail) into.push(this.#op(OP.stop, -1, NONE));
  }

  /** What goes on to the next instruction, by what its first operand is. */
  #liftOperands(instruction: Iced.Instruction, mnemonic: Iced.Mnemonic, treatment: Treatment, into: Op[]): void {
    const first = instruction.opKind(0);
    const kinds = this.#iced.OpKind;
    if (treatment === "push") {
      into.push(this.#op(OP.push, -1, this.#operand(instruction, 0), this.#wordBytes));
    } else if (treatment === "compare") {
      const limit = this.#immediateBytes === 0 ? NONE : this.#operand(instruction, 1);
      // Only a comparison with a number can bound the index of a switch.
      if (first === kinds.Register && limit.kind === OPERAND.immediate)
        into.push(this.#op(OP.compare, -1, this.#operand(instruction, 0), 0, limit));
    } else if (first === kinds.Memory) {
      into.push(this.#memoryOp(instruction, treatment));
    } else if (first === kinds.Register) {
      this.#liftToRegister(instruction, mnemonic, treatment, into);
    }
  }

  /** An instruction whose first operand is in memory. */
  #memoryOp(instruction: Iced.Instruction, treatment: Treatment): Op {
    const tables = this.#tables;
    if (treatment === "pop") return this.#op(OP.pop, -1, NONE, this.#wordBytes);
    if (treatment === "exchange")
      return this.#op(OP.kill, tables.registerNumber[instruction.opRegister(1)] ?? -1, NONE);
    // Read-modify-write: the slot is no longer what it was.
    const source = treatment === "move" || treatment === "vector" ? this.#operand(instruction, 1) : NONE;
    const size = tables.memoryBytes[instruction.memorySize] ?? 0;
    return this.#op(OP.store, -1, source, size, this.#memoryOperand(instruction));
  }

  #liftToRegister(instruction: Iced.Instruction, mnemonic: Iced.Mnemonic, treatment: Treatment, into: Op[]): void {
    const tables = this.#tables;
    const register = instruction.opRegister(0);
    const dst = tables.registerNumber[register] ?? -1;
    if (dst < 0) return;
    if (treatment === "condition" || (treatment === "borrow" && this.#isSame(instruction))) {
      // Comparison results that arithmetic turns into one of two constants.
      into.push(this.#op(OP.move, dst, immediate(0), 4));
      into.push(this.#op(OP.merge, dst, immediate(treatment === "condition" ? 1 : 0xffff_ffff), 4));
      return;
    }
    const size = tables.registerSize[register] ?? 0;
    into.push(this.#registerOp(instruction, treatment, mnemonic, dst, size, instruction.opCount));
  }

  /** `sbb r, r`, the borrow alone. */
  #isSame(instruction: Iced.Instruction): boolean {
    return (
      instruction.opKind(1) === this.#iced.OpKind.Register && instruction.opRegister(1) === instruction.opRegister(0)
    );
  }

  #registerOp(
    instruction: Iced.Instruction,
    treatment: Treatment,
    mnemonic: Iced.Mnemonic,
    dst: number,
    size: number,
    count: number,
  ): Op {
    if (treatment === "pop") return this.#op(OP.pop, dst, NONE, this.#wordBytes);
    if (treatment === "vectorZero") {
      const a = instruction.opRegister(count - 2);
      return a === instruction.opRegister(count - 1) && instruction.opKind(count - 1) === this.#iced.OpKind.Register
        ? this.#op(OP.move, dst, immediate(0), 16)
        : this.#op(OP.kill, dst, NONE);
    }
    if (treatment === "vector") return this.#op(OP.move, dst, this.#operand(instruction, 1), 16);
    if (size < 4) return this.#narrow(instruction, mnemonic, dst, size, count);
    if (treatment === "move")
      return this.#op(OP.move, dst, this.#operand(instruction, 1), this.#sourceSize(instruction, size));
    if (treatment === "lea") return this.#op(OP.address, dst, this.#memoryOperand(instruction), size);
    if (treatment === "merge") return this.#op(OP.merge, dst, this.#operand(instruction, 1), size);
    if (treatment === "step") {
      const code = mnemonic === this.#iced.Mnemonic.Inc ? OP.add : OP.sub;
      return this.#op(code, dst, registerOperand(dst), size, immediate(1));
    }
    if (treatment === "exchange") {
      const other = this.#operand(instruction, 1);
      return other.register >= 0 ? this.#op(OP.exchange, dst, other) : this.#op(OP.kill, dst, NONE);
    }
    const code = this.#tables.arithmetic.get(mnemonic);
    if (code === OP.multiply && count === 3) {
      const factor = this.#operand(instruction, 2);
      return this.#op(code, dst, this.#operand(instruction, 1), size, factor);
    }
    if (treatment === "arithmetic" && code !== undefined && count === 2) {
      const b = this.#operand(instruction, 1);
      if (code === OP.xor && b.register === dst) return this.#op(OP.move, dst, immediate(0), size);
      return { ...this.#op(code, dst, registerOperand(dst), size), b };
    }
    return this.#op(OP.kill, dst, NONE);
  }

  /** Flags set in a part of a register leave the rest; everything else makes that part unknown. */
  #narrow(instruction: Iced.Instruction, mnemonic: Iced.Mnemonic, dst: number, size: number, count: number): Op {
    const shift = this.#tables.isHighByte[instruction.opRegister(0)] === 1 ? 8 : 0;
    const code = this.#tables.arithmetic.get(mnemonic);
    if (code === OP.or && count === 2 && instruction.opKind(1) === this.#iced.OpKind.Immediate8 && size === 1) {
      const flags = this.#u8(this.#nextOffset() - 1) << shift;
      return this.#op(OP.or, dst, registerOperand(dst), 4, immediate(flags));
    }
    return this.#op(OP.blur, dst, immediate((size === 1 ? 0xff : 0xffff) << shift));
  }

  /** A byte or word loaded with movzx keeps its size, so that no dword is read in its place. */
  #sourceSize(instruction: Iced.Instruction, size: number): number {
    if (instruction.opKind(1) === this.#iced.OpKind.Register) {
      const source = this.#tables.registerSize[instruction.opRegister(1)] ?? 0;
      return source > 0 && source < 4 ? source : size;
    }
    if (instruction.opKind(1) !== this.#iced.OpKind.Memory) return size;
    return this.#tables.memoryBytes[instruction.memorySize] ?? size;
  }

  #op(code: number, dst: number, a: Operand, size = 0, b: Operand = NONE): Op {
    return { code, at: this.#rva, next: this.#next, dst, a, b, size };
  }

  #operand(instruction: Iced.Instruction, index: number): Operand {
    const kind = instruction.opKind(index);
    const kinds = this.#iced.OpKind;
    if (kind === kinds.Register) {
      const register = this.#tables.registerNumber[instruction.opRegister(index)] ?? -1;
      return register < 0 ? NONE : registerOperand(register);
    }
    if (kind === kinds.Memory) return this.#memoryOperand(instruction);
    const at = this.#nextOffset() - this.#immediateBytes;
    if (this.#immediateBytes === 1) return signedImmediate((this.#u8(at) << 24) >> 24);
    if (this.#immediateBytes === 2) return signedImmediate((this.#u16(at) << 16) >> 16);
    if (this.#immediateBytes === 8) return immediate(this.#u32(at), this.#u32(at + 4));
    if (this.#immediateBytes !== 4) return NONE;
    const low = this.#u32(at);
    if (!this.#wide) {
      if (this.#relocated.has(this.#next - 4)) {
        const rva = this.#image.rvaOf(low);
        if (rva !== undefined) return addressOperand(rva);
      }
      return immediate(low);
    }
    return kind === kinds.Immediate32to64 ? signedImmediate(low | 0) : immediate(low);
  }

  #memoryOperand(instruction: Iced.Instruction): Operand {
    const numbers = this.#tables.registerNumber;
    const registers = this.#iced.Register;
    const baseRegister = instruction.memoryBase;
    const size = instruction.memoryDisplSize;
    if (baseRegister === registers.RIP) {
      return staticMemory(this.#next + (this.#u32(this.#nextOffset() - this.#immediateBytes - 4) | 0));
    }
    // Segment-relative memory (gs:, fs:) is per processor: nothing is known of it.
    if (instruction.segmentPrefix === registers.GS || instruction.segmentPrefix === registers.FS) return memory(-1, 0);
    const base = baseRegister === registers.None ? -1 : (numbers[baseRegister] ?? -1);
    const indexRegister = instruction.memoryIndex;
    const index = indexRegister === registers.None ? -1 : (numbers[indexRegister] ?? -1);
    const scale = index < 0 ? 1 : instruction.memoryIndexScale;
    let displacement = 0;
    const at = this.#nextOffset() - this.#immediateBytes;
    if (size === 1) displacement = (this.#u8(at - 1) << 24) >> 24;
    else if (size >= 4) displacement = this.#u32(at - 4) | 0;
    if (!this.#wide && size === 4 && this.#relocated.has(this.#next - this.#immediateBytes - 4)) {
      const rva = this.#image.rvaOf(displacement >>> 0);
      if (rva !== undefined && base < 0) return staticMemory(rva, index, scale);
      // A table indexed by a register that the encoder put in the base field.
      if (rva !== undefined && index < 0) return staticMemory(rva, base, 1);
    }
    return memory(base, displacement, index, scale);
  }

  #branchTarget(): number {
    const end = this.#nextOffset();
    const first = this.#u8(this.#offset);
    const length = this.#next - this.#rva;
    const isShort =
      first === 0xeb || (first >= 0x70 && first <= 0x7f) || (first >= 0xe0 && first <= 0xe3) || length < 5;
    return this.#next + (isShort ? (this.#u8(end - 1) << 24) >> 24 : this.#u32(end - 4) | 0);
  }

  /** Bytes of the immediate that ends the instruction. */
  #trailingImmediate(instruction: Iced.Instruction, count: number): number {
    const kind = instruction.opKind(count - 1);
    const kinds = this.#iced.OpKind;
    if (kind === kinds.Register || kind === kinds.Memory) return 0;
    if (kind === kinds.Immediate32 || kind === kinds.Immediate32to64) return 4;
    if (kind === kinds.Immediate64) return 8;
    return kind === kinds.Immediate16 ? 2 : 1;
  }

  #nextOffset(): number {
    return this.#offset + (this.#next - this.#rva);
  }

  #u8(offset: number): number {
    return this.#image.bytes.data[offset] ?? 0;
  }

  #u16(offset: number): number {
    return this.#u8(offset) | (this.#u8(offset + 1) << 8);
  }

  #u32(offset: number): number {
    return (this.#u16(offset) | (this.#u16(offset + 2) << 16)) >>> 0;
  }
}

function isStringOperand(kind: Iced.OpKind, iced: IcedModule): boolean {
  return kind !== iced.OpKind.Register && kind !== iced.OpKind.Memory;
}
