// Where the jump of a switch can go: reads the table that the instructions in front of it index, as far as a comparison
// bounds the index, or as far as its rows lead into the function.
// Forms: `jmp [table+reg*4]` (x86), image base or table plus a 32-bit row (x64), base plus a byte, word or dword (ARM64).

import type { PeImage } from "../../formats/pe/image.ts";
import { OP, OPERAND, type Op, type Operand } from "./ops.ts";

/** Rows of the largest switch; a table without a visible bound is read no further than `MAX_UNBOUNDED`. */
const MAX_ROWS = 65_536;
const MAX_UNBOUNDED = 1024;
/** Operations in front of the jump that are looked at. */
const WINDOW = 40;
const MAX_DEPTH = 4;

interface Rows {
  readonly table: number;
  /** Bytes per row, and what a row is multiplied by. */
  readonly size: number;
  readonly factor: number;
  /** What is added to a row. */
  readonly base: number;
}

/** The targets of the jump that ends `ops`; empty where its table could not be told. `contains` says what is the function's. */
export function switchTargets(image: PeImage, ops: readonly Op[], contains: (rva: number) => boolean): number[] {
  const jump = ops[ops.length - 1];
  if (jump === undefined) return [];
  const { a } = jump;
  if (a.kind === OPERAND.memory && a.isStatic && a.index >= 0 && a.scale === 4) return pointerRows(image, a.low, ops);
  if (a.kind !== OPERAND.register) return [];
  const rows = rowsBehind(image, ops, ops.length - 1, a.register);
  if (rows === undefined) return [];
  const bound = indexBound(ops);
  // Rows of a byte or word always lead near: without a bound nothing tells where they end.
  if (bound === undefined && rows.size < 4) return [];
  const targets: number[] = [];
  for (let i = 0; i < (bound ?? MAX_UNBOUNDED); i++) {
    const row = readRow(image, rows.table + i * rows.size, rows.size);
    const target = row === undefined ? -1 : rows.base + row * rows.factor;
    if (!contains(target) || image.sectionAt(target)?.executable !== true) break;
    targets.push(target);
  }
  return targets;
}

/** x86: a table of addresses. */
function pointerRows(image: PeImage, table: number, ops: readonly Op[]): number[] {
  const targets: number[] = [];
  const most = indexBound(ops) ?? MAX_UNBOUNDED;
  for (let i = 0; i < most; i++) {
    const target = image.pointer(table + 4 * i);
    if (target === undefined || image.sectionAt(target)?.executable !== true) break;
    targets.push(target);
  }
  return targets;
}

/** The rows of which the value of a register in front of `before` is one. */
function rowsBehind(image: PeImage, ops: readonly Op[], before: number, register: number): Rows | undefined {
  const at = definition(ops, before, register);
  const op = ops[at];
  if (op === undefined) return undefined;
  if (op.code === OP.add && op.a.kind === OPERAND.register && op.b.kind === OPERAND.register) {
    return (
      rowsOf(image, ops, at, op.a.register, op.b.register, 1) ?? rowsOf(image, ops, at, op.b.register, op.a.register, 1)
    );
  }
  const { a } = op;
  const isScaled = op.code === OP.address && a.kind === OPERAND.memory && a.base >= 0 && a.index >= 0 && a.low === 0;
  return isScaled ? rowsOf(image, ops, at, a.index, a.base, a.scale) : undefined;
}

/** Rows where one register holds a row and another one what is added to it. */
function rowsOf(
  image: PeImage,
  ops: readonly Op[],
  before: number,
  row: number,
  added: number,
  factor: number,
): Rows | undefined {
  const at = definition(ops, before, row);
  const load = ops[at];
  if (load === undefined || load.code !== OP.move || load.a.kind !== OPERAND.memory) return undefined;
  const { a, size } = load;
  if (a.base < 0 || a.index < 0 || (size !== 1 && size !== 2 && size !== 4 && size !== 8)) return undefined;
  const bytes = a.scale === 1 && size < 4 ? size : Math.min(4, a.scale);
  // The register that holds the image's own base for a whole function is set long before.
  const isImageBase = a.base === added && a.low > 0 && image.sectionAt(a.low) !== undefined;
  const start = addressIn(ops, at, a.base, 0) ?? (isImageBase ? 0 : undefined);
  const base = addressIn(ops, before, added, 0) ?? (isImageBase ? 0 : undefined);
  if (start === undefined || base === undefined) return undefined;
  return { table: start + a.low, size: bytes, factor, base };
}

/** The address that a register holds in front of an operation, where it is put together nearby. */
function addressIn(ops: readonly Op[], before: number, register: number, depth: number): number | undefined {
  const at = definition(ops, before, register);
  const op = ops[at];
  if (op === undefined || depth > MAX_DEPTH) return undefined;
  if (op.code === OP.move && op.a.kind === OPERAND.address) return op.a.low;
  if (op.code === OP.move && op.a.kind === OPERAND.register) return addressIn(ops, at, op.a.register, depth + 1);
  if (op.code === OP.address && op.a.isStatic && op.a.index < 0) return op.a.low;
  if (op.code !== OP.add || op.a.kind !== OPERAND.register || op.b.kind !== OPERAND.immediate) return undefined;
  const page = addressIn(ops, at, op.a.register, depth + 1);
  return page === undefined ? undefined : page + (op.b.low | 0);
}

/** The last operation that writes a register, or -1 where it stands further away or behind a call. */
function definition(ops: readonly Op[], before: number, register: number): number {
  for (let i = before - 1; i >= Math.max(0, before - WINDOW); i--) {
    const op = ops[i];
    if (op === undefined || op.code === OP.call) return -1;
    if (op.dst === register || (op.code === OP.exchange && op.a.register === register)) return i;
  }
  return -1;
}

/** How many rows the comparisons in front of a jump allow: the largest of them, since one of them bounds the index. */
function indexBound(ops: readonly Op[]): number | undefined {
  let most = 0;
  for (let i = ops.length - 2; i >= Math.max(0, ops.length - WINDOW); i--) {
    const op = ops[i];
    if (op?.code !== OP.compare) continue;
    const rows = rowsAllowed(op.b);
    if (rows <= MAX_ROWS) most = Math.max(most, rows);
  }
  return most > 1 ? most : undefined;
}

function rowsAllowed(limit: Operand): number {
  return limit.kind === OPERAND.immediate ? limit.low + 1 : Infinity;
}

function readRow(image: PeImage, rva: number, size: number): number | undefined {
  if (size === 4) {
    const value = image.u32(rva);
    return value === undefined ? undefined : value | 0;
  }
  const offset = image.offsetOf(rva, size);
  if (offset < 0) return undefined;
  return size === 1 ? image.bytes.u8(offset) : image.bytes.u16(offset);
}
