// The quick answer: most calls are told their tag by a constant in their own block. Where all calls that matter in a function
// are, the function need not be run as a whole.

import type { Call } from "../flow/call.ts";
import type { ControlFlowGraph } from "../lift/control-flow-graph.ts";
import { OP, OPERAND, type Op } from "../lift/ops.ts";
import { ATOM, soleAtom } from "../flow/values.ts";
import type { Sink } from "./sinks.ts";

/** Blocks by index, with the addresses of the direct calls in them that references lead to. */
export type DirectCalls = ReadonlyMap<number, ReadonlySet<number>>;

/**
 * The calls that references belong to; undefined where one of them is anything else, such as a load of a function's address,
 * whose effect may show anywhere behind it.
 */
export function directCalls(
  graph: ControlFlowGraph,
  references: readonly number[],
  volatile: readonly number[],
): DirectCalls | undefined {
  const found = new Map<number, Set<number>>();
  for (const rva of references) {
    const index = blockAt(graph, rva);
    const call = callAt(graph.blocks[index]?.ops ?? [], rva, volatile);
    if (call === undefined) return undefined;
    const calls = found.get(index);
    if (calls === undefined) found.set(index, new Set([call.at]));
    else calls.add(call.at);
  }
  return found;
}

/** The call that a reference is for: the one that holds it, or the next one through the register that it loads. */
function callAt(ops: readonly Op[], rva: number, volatile: readonly number[]): Op | undefined {
  const index = ops.findIndex(({ at, next }) => rva >= at && rva < next);
  const op = ops[index];
  if (op === undefined) return undefined;
  if (op.code === OP.call) {
    const isStatic = op.a.kind === OPERAND.memory && op.a.isStatic && op.a.index < 0;
    return op.a.kind === OPERAND.address || isStatic ? op : undefined;
  }
  // Behind the call a register that calls change holds the function no longer.
  const isLoad = op.code === OP.move && op.a.kind === OPERAND.memory && volatile.includes(op.dst);
  if (!isLoad) return undefined;
  for (let i = index + 1; i < ops.length; i++) {
    const next = ops[i];
    if (next?.code === OP.call)
      return next.a.kind === OPERAND.register && next.a.register === op.dst ? next : undefined;
    if (next?.dst === op.dst) return undefined;
  }
  return undefined;
}

/** Whether what a call says of its tag and pool is known, whatever came before its block. */
export function isSettled(sink: Sink, call: Call): boolean {
  if (call.isTail || sink.isFilterRegistration) return false;
  const isConstant = (place: number): boolean => soleAtom(call.argument(place))?.kind === ATOM.constant;
  if (sink.only !== undefined && !isConstant(sink.only.place)) return false;
  if (sink.pool.kind !== "fixed") {
    // The pool type is often a variable of the kernel's opt-in to no-execute pool.
    const kind = soleAtom(call.argument(sink.pool.place))?.kind;
    if (kind !== ATOM.constant && kind !== ATOM.load) return false;
  }
  if (sink.place < 0) return true;
  const argument = call.argument(sink.place);
  const value = sink.field < 0 ? argument : call.behind(argument, sink.field, 4);
  return soleAtom(value)?.kind === ATOM.constant;
}

/** The block that holds an address, or -1. Blocks stand in address order; where they overlap, the last one is taken. */
function blockAt(graph: ControlFlowGraph, rva: number): number {
  let low = 0;
  let high = graph.blocks.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((graph.blocks[middle]?.start ?? 0) <= rva) low = middle + 1;
    else high = middle - 1;
  }
  return rva < (graph.blocks[high]?.end ?? 0) ? high : -1;
}
