// ARM64 loads and stores: literals, pairs, single registers with every way of addressing, exclusive and ordered accesses.

import { memory, NONE, OP, registerOperand, signedImmediate, staticMemory, type Operand } from "./ops.ts";
import { liftByClass, signed, source, VECTOR, type Arm64Word, type EncodingClass } from "./arm64-word.ts";

function movesVector({ word }: Arm64Word): boolean {
  return ((word >>> 26) & 1) === 1;
}

/** The register that is loaded or stored. */
function moved(fields: Arm64Word): number {
  return movesVector(fields) ? VECTOR + fields.rd : fields.rd;
}

function load({ emit }: Arm64Word, register: number, address: Operand, size: number): void {
  if (register !== 31) emit(OP.move, register, address, NONE, size);
}

function store({ emit }: Arm64Word, register: number, address: Operand, size: number): void {
  emit(OP.store, -1, register >= VECTOR ? registerOperand(register) : source(register), address, size);
}

function liftLiteral(fields: Arm64Word): void {
  const { word, rva } = fields;
  const isVector = movesVector(fields);
  const target = moved(fields);
  const kind = word >>> 30;
  const size = isVector ? 4 << kind : kind === 1 ? 8 : 4;
  load(fields, target, staticMemory(rva + signed(word >>> 5, 19) * 4), size);
}

function liftPair(fields: Arm64Word): void {
  const { word, rn, emit } = fields;
  const isVector = movesVector(fields);
  const target = moved(fields);
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
    if (isLoad) load(fields, register, memory(rn, at), size);
    else store(fields, register, memory(rn, at), size);
  }
  if (mode === 1) emit(OP.add, rn, registerOperand(rn), signedImmediate(offset), 8);
}

function liftSingle(fields: Arm64Word): void {
  const { word, rd, rn, rm, emit, kill } = fields;
  const isVector = movesVector(fields);
  const target = moved(fields);
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
    kill(rd);
    return;
  }
  if (updatesFirst && update !== 0) emit(OP.add, rn, registerOperand(rn), signedImmediate(update), 8);
  if (isSigned) kill(target);
  else if (isLoad) load(fields, target, address, size);
  else store(fields, target, address, size);
  if (!updatesFirst && update !== 0) emit(OP.add, rn, registerOperand(rn), signedImmediate(update), 8);
}

/** Exclusive and ordered accesses; the plain ordered forms (LDAR, STLR) move values like any other. */
function liftExclusive(fields: Arm64Word): void {
  const { word, rd, rn, rm, kill } = fields;
  const size = 1 << (word >>> 30);
  const isLoad = ((word >>> 22) & 1) === 1;
  if (isLoad) load(fields, rd, memory(rn, 0), size);
  else store(fields, rd, memory(rn, 0), size);
  if (((word >>> 23) & 1) === 0) kill(rm);
}

/** Loads and stores (C4.1.94). */
const CLASSES: readonly EncodingClass[] = [
  { mask: 0x3b00_0000, value: 0x1800_0000, lift: liftLiteral },
  { mask: 0x3a00_0000, value: 0x2800_0000, lift: liftPair },
  { mask: 0x3a00_0000, value: 0x3800_0000, lift: liftSingle },
  { mask: 0x3f00_0000, value: 0x0800_0000, lift: liftExclusive },
];

/** Lifts a load or store; one that is not told apart makes its register unknown. */
export function liftMemory(fields: Arm64Word): void {
  if (liftByClass(CLASSES, fields)) return;
  if (movesVector(fields)) fields.emit(OP.kill, moved(fields), NONE);
  else fields.kill(fields.rd);
}
