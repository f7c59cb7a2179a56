// What each x86 mnemonic does to the registers, as tables over iced-x86's numbering; built once per decoder.

import type * as Iced from "iced-x86";
import { OP } from "./ops.ts";

export type IcedModule = Pick<
  typeof Iced,
  "Decoder" | "Instruction" | "Mnemonic" | "Register" | "OpKind" | "MemorySize" | "FlowControl"
>;

/** How a mnemonic is treated; `write` (an unknown value into the first operand) is the default. */
export type Treatment =
  | "write"
  | "read"
  | "move"
  | "lea"
  | "arithmetic"
  | "merge"
  | "vector"
  | "vectorZero"
  | "push"
  | "pop"
  | "exchange"
  | "leave"
  | "step"
  | "copy"
  | "condition"
  | "compare"
  | "signed"
  | "borrow"
  | "stop";

export interface Tables {
  readonly treatment: readonly Treatment[];
  readonly arithmetic: ReadonlyMap<number, number>;
  /** Registers that a mnemonic writes beside its first operand. */
  readonly implicit: ReadonlyMap<number, readonly number[]>;
  readonly registerNumber: Int16Array;
  readonly registerSize: Uint8Array;
  /** 1 for AH, CH, DH and BH. */
  readonly isHighByte: Uint8Array;
  readonly memoryBytes: Uint8Array;
  readonly copyBytes: ReadonlyMap<number, number>;
}

const tablesOf = new WeakMap<IcedModule, Tables>();

export function tablesFor(iced: IcedModule): Tables {
  let tables = tablesOf.get(iced);
  if (tables === undefined) {
    tables = buildTables(iced);
    tablesOf.set(iced, tables);
  }
  return tables;
}

const MOVES = "Mov Movzx Movsxd Movnti";
const VECTOR_MOVES =
  "Movaps Movups Movapd Movupd Movdqa Movdqu Movq Movd Movntdq Movntps Vmovaps Vmovups Vmovapd Vmovupd Vmovdqa Vmovdqu " +
  "Vmovq Vmovd Vmovdqu8 Vmovdqu16 Vmovdqu32 Vmovdqu64 Vmovdqa32 Vmovdqa64 Movlps Movlpd Movss";
const VECTOR_ZEROES = "Xorps Xorpd Pxor Vxorps Vxorpd Vpxor Vpxord Vpxorq";
const READS =
  "Test Bt Comiss Comisd Ucomiss Ucomisd Vcomiss Vcomisd Vucomiss Vucomisd Ptest Vptest Nop Prefetchnta Prefetcht0 " +
  "Prefetcht1 Prefetcht2 Prefetchw Out Invlpg Lidt Lgdt Lldt Ltr Lmsw Wrmsr Clflush Clflushopt Fxrstor Fxrstor64 Xrstor " +
  "Xrstor64 Xrstors Xrstors64 Cmpsb Cmpsd Cmpsq Cmpsw Scasb Scasd Scasq Scasw Reservednop Fld Fild Fldcw Ldmxcsr Ptwrite " +
  "Endbr64 Endbr32 Lfence Mfence Sfence Pause Cli Sti Cld Std Hlt Int3 Invd Wbinvd Swapgs Clac Stac";

function buildTables(iced: IcedModule): Tables {
  const mnemonics: Readonly<Record<string, number | string | undefined>> = iced.Mnemonic;
  const treatment: Treatment[] = [];
  const set = (names: string, value: Treatment): void => {
    for (const name of names.split(" ")) {
      const number = mnemonics[name];
      if (typeof number === "number") treatment[number] = value;
    }
  };
  set(MOVES, "move");
  set(VECTOR_MOVES, "vector");
  set(VECTOR_ZEROES, "vectorZero");
  set(READS, "read");
  set("Movsx", "signed");
  set("Cmp", "compare");
  set("Lea", "lea");
  set("Push", "push");
  set("Pop", "pop");
  set("Xchg Xadd", "exchange");
  set("Leave", "leave");
  set("Inc Dec", "step");
  set("Add Sub And Or Xor Shl Sal", "arithmetic");
  set("Movsb Movsw Movsd Movsq", "copy");
  set(
    Object.keys(mnemonics)
      .filter((name) => name.startsWith("Cmov"))
      .join(" "),
    "merge",
  );
  set(
    Object.keys(mnemonics)
      .filter((name) => name.startsWith("Set") && name !== "Setssbsy")
      .join(" "),
    "condition",
  );
  set("Sbb", "borrow");
  set("Imul", "arithmetic");
  const arithmetic = new Map<number, number>();
  for (const [name, code] of [
    ["Add", OP.add],
    ["Sub", OP.sub],
    ["And", OP.and],
    ["Or", OP.or],
    ["Xor", OP.xor],
    ["Shl", OP.shiftLeft],
    ["Sal", OP.shiftLeft],
    ["Imul", OP.multiply],
  ] as const) {
    const number = mnemonics[name];
    if (typeof number === "number") arithmetic.set(number, code);
  }
  const implicit = new Map<number, readonly number[]>();
  const alsoWrites = (names: string, registers: readonly number[]): void => {
    for (const name of names.split(" ")) {
      const number = mnemonics[name];
      if (typeof number === "number") implicit.set(number, registers);
    }
  };
  alsoWrites("Mul Imul Div Idiv Rdtsc Rdmsr Cmpxchg8b Cmpxchg16b Xgetbv", [0, 2]);
  alsoWrites("Rdtscp", [0, 1, 2]);
  alsoWrites("Cpuid", [0, 1, 2, 3]);
  alsoWrites("Cdq Cqo Cwd", [2]);
  alsoWrites("Cdqe Cwde Cbw Cmpxchg In Lahf Salc Xlatb Aad Aam", [0]);
  alsoWrites("Lodsb Lodsw Lodsd Lodsq", [0, 6]);
  alsoWrites("Stosb Stosw Stosd Stosq", [1, 7]);
  alsoWrites("Scasb Scasw Scasd Scasq", [1, 7]);
  alsoWrites("Cmpsb Cmpsw Cmpsd Cmpsq", [1, 6, 7]);
  alsoWrites("Loop Loope Loopne", [1]);
  set("Stosb Stosw Stosd Stosq Lodsb Lodsw Lodsd Lodsq", "read");

  const registerNumber = new Int16Array(256).fill(-1);
  const registerSize = new Uint8Array(256);
  const isHighByte = new Uint8Array(256);
  const names = ["AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI"];
  const registers: Readonly<Record<string, number | string | undefined>> = iced.Register;
  const name = (text: string, number: number, size: number): void => {
    const register = registers[text];
    if (typeof register !== "number") return;
    registerNumber[register] = number;
    registerSize[register] = size;
  };
  for (const [i, text] of names.entries()) {
    name(`R${text}`, i, 8);
    name(`E${text}`, i, 4);
    name(text, i, 2);
    name(i < 4 ? `${text[0]}L` : `${text}L`, i, 1);
    const high = registers[`${text[0]}H`];
    if (i < 4 && typeof high === "number") {
      name(`${text[0]}H`, i, 1);
      isHighByte[high] = 1;
    }
  }
  for (let i = 8; i < 16; i++) {
    name(`R${i}`, i, 8);
    name(`R${i}D`, i, 4);
    name(`R${i}W`, i, 2);
    name(`R${i}L`, i, 1);
  }
  for (let i = 0; i < 16; i++) for (const kind of ["XMM", "YMM", "ZMM"]) name(`${kind}${i}`, 16 + i, 16);

  const memoryBytes = new Uint8Array(256);
  const sizes: Readonly<Record<string, number | string | undefined>> = iced.MemorySize;
  for (const [text, number] of Object.entries(sizes)) {
    if (typeof number !== "number") continue;
    const plain = /^U?Int(\d+)$|^Float(\d+)$|^(?:Packed)(\d+)_/.exec(text);
    const bits = Number(plain?.[1] ?? plain?.[2] ?? plain?.[3] ?? 0);
    memoryBytes[number] = Math.min(64, bits / 8);
    if (/^(?:DwordOffset|SegPtr32|DwordPtr)/.test(text)) memoryBytes[number] = 4;
    if (text.startsWith("QwordOffset")) memoryBytes[number] = 8;
  }
  const copyBytes = new Map<number, number>();
  for (const [text, bytes] of [
    ["Movsb", 1],
    ["Movsw", 2],
    ["Movsd", 4],
    ["Movsq", 8],
  ] as const) {
    const number = mnemonics[text];
    if (typeof number === "number") copyBytes.set(number, bytes);
  }
  return { treatment, arithmetic, implicit, registerNumber, registerSize, isHighByte, memoryBytes, copyBytes };
}
