// The code of one function as basic blocks: decoded from its entry along its jumps, then what its range still holds.

import type { PeImage } from "../../formats/pe/image.ts";
import type { Steps } from "../steps.ts";
import { OP, OPERAND, type Lifter, type Op } from "./ops.ts";
import { switchTargets } from "./switch-tables.ts";

/** A function with more instructions than this is cut there. */
const MAX_INSTRUCTIONS = 60_000;

/** Instructions of a part of a function that stands apart from it. */
const MAX_COLD_PART = 48;

/** Look-ups in a list that cost as much as one instruction decoded. */
const PARTS_PER_STEP = 16;

/** Operations in front of a computed jump that may say where it leads. */
const RUN = 48;

export interface Block {
  readonly start: number;
  end: number;
  readonly ops: Op[];
  /** Indexes of the blocks that may run next. */
  readonly successors: number[];
  /** Not reached by any jump that could be followed: a switch case, or an exception handler. */
  readonly isOrphan: boolean;
  /** Ends in a jump whose target is computed. */
  readonly isComputed: boolean;
}

export interface ControlFlowGraph {
  readonly start: number;
  /** In address order; `entry` is the index of the first one to run. */
  readonly blocks: readonly Block[];
  readonly entry: number;
  readonly instructions: number;
  /** Start addresses of the blocks. */
  readonly starts: ReadonlySet<number>;
}

export interface Bounds {
  /** Whether a jump target belongs to the function; others are tail calls. */
  contains(rva: number): boolean;
  /** Ranges whose undecoded rest belongs to the function too, such as switch cases. */
  readonly ranges: readonly (readonly [start: number, end: number])[];
}

interface Instruction {
  readonly at: number;
  readonly next: number;
  /** Its operations in the list of all. */
  readonly from: number;
  readonly to: number;
  readonly isOrphanRoot: boolean;
}

/** Decodes the function that starts at `start`, or what of it the steps are enough for. */
export function buildControlFlowGraph(
  image: PeImage,
  lifter: Lifter,
  start: number,
  bounds: Bounds,
  steps: Steps,
): ControlFlowGraph {
  const instructions = new Map<number, Instruction>();
  const leaders = new Set<number>([start]);
  const pending: number[] = [start];
  const ops: Op[] = [];
  /** Where jumps and branches lead, by their address. */
  const targets = new Map<number, readonly number[]>();
  let bytes = 0;
  /** Parts of the function that the compiler has moved away. */
  const away: (readonly [start: number, end: number])[] = [];
  const contains = (rva: number): boolean => {
    if (bounds.contains(rva)) return true;
    steps.take(away.length / PARTS_PER_STEP);
    return away.some(([from, to]) => rva >= from && rva < to);
  };
  const isInside = (target: number, op: Op): boolean => {
    if (contains(target)) return true;
    const end = op.code === OP.branch ? endOfColdPart(lifter, target, (rva) => rva !== start && contains(rva)) : -1;
    if (end > 0) away.push([target, end]);
    return end > 0;
  };
  const decodeFrom = (root: number, isOrphan: boolean): void => {
    let at = root;
    let isFirst = isOrphan;
    while (instructions.size < MAX_INSTRUCTIONS && !instructions.has(at) && contains(at)) {
      const from = ops.length;
      const next = lifter.lift(at, ops);
      if (next < 0) return;
      instructions.set(at, { at, next, from, to: ops.length, isOrphanRoot: isFirst });
      bytes += next - at;
      isFirst = false;
      const last = ops.length > from ? ops[ops.length - 1] : undefined;
      at = next;
      if (last === undefined) continue;
      if (last.code === OP.ret || last.code === OP.stop) return;
      if (last.code !== OP.jump && last.code !== OP.branch) continue;
      const known =
        last.a.kind === OPERAND.address
          ? [last.a.low]
          : last.code === OP.jump
            ? switchTargets(image, ops.slice(Math.max(0, ops.length - RUN)), contains)
            : [];
      targets.set(last.at, known);
      steps.take(known.length);
      for (const target of known) {
        if (!isInside(target, last)) continue;
        leaders.add(target);
        pending.push(target);
      }
      if (last.code === OP.jump) return;
      leaders.add(next);
    }
    if (instructions.has(at)) leaders.add(at);
  };
  const drain = (): void => {
    for (let root = pending.pop(); root !== undefined; root = pending.pop()) decodeFrom(root, false);
  };
  drain();
  const size = bounds.ranges.reduce((sum, [from, to]) => sum + (to - from), 0);
  for (const [from, to] of bounds.ranges) {
    // Mostly everything has been reached by now.
    if (bytes >= size || steps.areSpent) break;
    steps.take(instructions.size / PARTS_PER_STEP);
    const covered = [...instructions.values()].filter((each) => each.at >= from && each.at < to);
    covered.sort((a, b) => a.at - b.at);
    let at = from;
    for (let i = 0; i <= covered.length; i++) {
      const until = covered[i]?.at ?? to;
      while (at < until && instructions.size < MAX_INSTRUCTIONS && !steps.areSpent) {
        steps.take(1);
        if (instructions.has(at)) {
          at = instructions.get(at)?.next ?? at + 1;
          continue;
        }
        const padding = paddingAt(image, at);
        if (padding > 0) {
          at += padding;
          continue;
        }
        leaders.add(at);
        decodeFrom(at, true);
        drain();
        at = instructions.get(at)?.next ?? at + 1;
      }
      at = Math.max(at, covered[i]?.next ?? at);
    }
  }
  return toBlocks(start, [...instructions.values()], ops, leaders, targets);
}

/**
 * The end of a part that is rarely run and stands apart from its function: a conditional branch leads there, and it soon
 * jumps back. -1 where the code at `start` is none.
 */
function endOfColdPart(lifter: Lifter, start: number, contains: (rva: number) => boolean): number {
  const ops: Op[] = [];
  let at = start;
  for (let i = 0; i < MAX_COLD_PART; i++) {
    at = lifter.lift(at, ops);
    const last = ops.at(-1);
    if (at < 0 || last?.code === OP.ret || last?.code === OP.stop) return -1;
    if (last?.code === OP.jump) return last.a.kind === OPERAND.address && contains(last.a.low) ? at : -1;
  }
  return -1;
}

/** Bytes of padding between functions at an address: int 3, zeroes, and the nops of one to many bytes; 0 where there is none. */
export function paddingAt(image: PeImage, rva: number): number {
  const offset = image.offsetOf(rva);
  if (offset < 0) return image.machine === "arm64" ? 4 : 1;
  const data = image.bytes.data;
  if (image.machine === "arm64") {
    const word = offset + 4 <= data.length ? image.bytes.u32(offset) : 0;
    return word === 0 || word === 0xd503_201f ? 4 : 0;
  }
  const byte = (i: number): number => data[offset + i] ?? 0xff;
  if (byte(0) === 0xcc || byte(0) === 0x90 || byte(0) === 0) return 1;
  let at = 0;
  while (at < 12 && (byte(at) === 0x66 || byte(at) === 0x2e)) at += 1;
  if (at > 0 && byte(at) === 0x90) return at + 1;
  if (byte(at) === 0x0f && byte(at + 1) === 0x1f) return at + 2 + modrmBytes(byte(at + 2), byte(at + 3));
  // Older compilers pad with a lea or mov that changes nothing.
  if (byte(0) === 0x8d && byte(1) === 0xb6 && image.bytes.data[offset + 2] === 0) return 6;
  if (byte(0) === 0x8d && byte(1) === 0x76 && byte(2) === 0) return 3;
  if (byte(0) === 0x8d && byte(1) === 0x74 && byte(2) === 0x26 && byte(3) === 0) return 4;
  if (byte(0) === 0x8d && (byte(1) === 0xb4 || byte(1) === 0xbc) && (byte(2) === 0x26 || byte(2) === 0x27)) return 7;
  return 0;
}

/** Bytes of a ModRM byte with what belongs to it. */
function modrmBytes(modrm: number, sib: number): number {
  const mode = modrm >>> 6;
  if (mode === 3) return 1;
  const withSib = (modrm & 7) === 4 ? 2 : 1;
  if (mode === 1) return withSib + 1;
  if (mode === 2) return withSib + 4;
  const isBare = (modrm & 7) === 5 || (withSib === 2 && (sib & 7) === 5);
  return isBare ? withSib + 4 : withSib;
}

function toBlocks(
  start: number,
  all: Instruction[],
  ops: readonly Op[],
  leaders: ReadonlySet<number>,
  targetsAt: ReadonlyMap<number, readonly number[]>,
): ControlFlowGraph {
  all.sort((a, b) => a.at - b.at);
  const blocks: Block[] = [];
  const indexOf = new Map<number, number>();
  let current: Block | undefined;
  let expected = -1;
  for (const instruction of all) {
    // Overlapping decodings of the same bytes stay blocks of their own.
    if (current === undefined || instruction.at !== expected || leaders.has(instruction.at)) {
      indexOf.set(instruction.at, blocks.length);
      current = {
        start: instruction.at,
        end: instruction.next,
        ops: [],
        successors: [],
        isOrphan: instruction.isOrphanRoot,
        isComputed: false,
      };
      blocks.push(current);
    }
    for (let i = instruction.from; i < instruction.to; i++) {
      const op = ops[i];
      if (op !== undefined) current.ops.push(op);
    }
    current.end = instruction.next;
    expected = instruction.next;
    const last = instruction.to > instruction.from ? ops[instruction.to - 1] : undefined;
    if (last !== undefined && isEnd(last.code)) current = undefined;
  }
  const linked = blocks.map((block) => {
    const last = block.ops.at(-1);
    const successors = new Set<number>();
    const add = (rva: number): void => {
      const index = indexOf.get(rva);
      if (index !== undefined) successors.add(index);
    };
    let isComputed = false;
    if (last?.code === OP.jump || last?.code === OP.branch) {
      const targets = targetsAt.get(last.at) ?? [];
      for (const target of targets) add(target);
      // A jump through an import or another variable is a tail call.
      const isTailCall = last.a.kind === OPERAND.memory && last.a.isStatic && last.a.index < 0;
      isComputed = last.code === OP.jump && targets.length === 0 && !isTailCall;
    }
    if (last === undefined || !isEnd(last.code)) add(block.end);
    return { ...block, successors: [...successors], isComputed };
  });
  const starts = new Set(blocks.map((block) => block.start));
  return { start, blocks: linked, entry: indexOf.get(start) ?? 0, instructions: all.length, starts };
}

/** Whether a function's own blocks hold an address. */
export function covers(graph: ControlFlowGraph, rva: number): boolean {
  let low = 0;
  let high = graph.blocks.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const block = graph.blocks[middle];
    if (block === undefined) return false;
    if (rva < block.start) high = middle - 1;
    else if (rva >= block.end) low = middle + 1;
    else return true;
  }
  return false;
}

function isEnd(code: number): boolean {
  return code === OP.jump || code === OP.ret || code === OP.stop;
}
