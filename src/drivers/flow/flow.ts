// The data flow inside one function: runs its blocks over abstract states until nothing changes, and tells a visitor of
// every call and every store to static memory.

import { compute, insertBits } from "./arithmetic.ts";
import type { Abi } from "./abi.ts";
import { Call } from "./call.ts";
import { Callees } from "./callees.ts";
import type { ControlFlowGraph } from "../lift/control-flow-graph.ts";
import { Memory } from "./memory.ts";
import { OP, OPERAND, type Op } from "../lift/ops.ts";
import { State } from "./state.ts";
import type { Callee, DriverContext } from "./driver-context.ts";
import type { Visitor } from "./visitor.ts";
import { ATOM, constantOf, join, soleAtom, UNKNOWN, type Atoms, type Value } from "./values.ts";

const MAX_VISITS = 16;
const WIDEN_AFTER = 3;

export class Flow {
  readonly abi: Abi;
  readonly #context: DriverContext;
  readonly #atoms: Atoms;
  readonly #callees: Callees;
  readonly #memory: Memory;

  constructor(context: DriverContext) {
    this.#context = context;
    this.abi = context.abi;
    this.#atoms = context.atoms;
    this.#memory = new Memory(context);
    this.#callees = new Callees(context, this.#memory);
  }

  /** Runs a function; answers the operations carried out. */
  run(graph: ControlFlowGraph, visitor: Visitor): number {
    const count = graph.blocks.length;
    if (count === 0) return 0;
    const entries: (State | undefined)[] = Array.from({ length: count });
    const visits = new Uint16Array(count);
    const dirty = new Uint8Array(count);
    let work = 0;
    let computed: State | undefined;
    let body: State | undefined;
    const single = singlePredecessor(graph);
    /** Takes over `state` where `isLast`, otherwise a copy of it. */
    const arrive = (index: number, state: State, isLast: boolean): void => {
      const known = entries[index];
      const seen = visits[index] ?? 0;
      if (known === undefined || single[index] === 1) {
        if (seen >= MAX_VISITS) return;
        entries[index] = isLast ? state : state.copy();
        dirty[index] = 1;
        return;
      }
      const widen = (before: Value, after: Value): Value =>
        after === before || seen < WIDEN_AFTER ? after : this.#widen(before, after);
      if (known.joinWith(state, this.abi, this.#atoms, widen) && seen < MAX_VISITS) dirty[index] = 1;
    };
    const settle = (): void => {
      for (let index = nextDirty(dirty); index >= 0; index = nextDirty(dirty)) {
        dirty[index] = 0;
        visits[index] = (visits[index] ?? 0) + 1;
        const block = graph.blocks[index];
        const entry = entries[index];
        if (block === undefined || entry === undefined) continue;
        // What comes from one place only is never joined again, so it need not be kept.
        const state = single[index] === 1 ? entry : entry.copy();
        const { ops, successors } = block;
        work += ops.length;
        for (let i = 0; i < ops.length; i++) {
          const op = ops[i];
          if (op === undefined) break;
          if (op.code === OP.call && body === undefined) body = state.copy();
          const following = op.code === OP.call ? this.#stackChange(ops, i + 1) : undefined;
          this.#step(state, op, following, graph, visitor);
        }
        if (block.isComputed) {
          if (computed === undefined) computed = state.copy();
          else computed.joinWith(state, this.abi, this.#atoms, (_before, after) => after);
        }
        for (let i = 0; i < successors.length; i++) arrive(successors[i] ?? 0, state, i === successors.length - 1);
      }
    };
    arrive(graph.entry, this.#entryState(), true);
    settle();
    // Switch cases start as the computed jumps end; exception handlers start with the frame of the function's body.
    for (const [index, block] of graph.blocks.entries()) {
      if (!block.isOrphan || entries[index] !== undefined) continue;
      let state = computed;
      if (state === undefined) {
        state = (body ?? this.#entryState()).copy();
        for (const register of this.abi.volatile) state.set(register, UNKNOWN);
      }
      arrive(index, state, false);
      settle();
    }
    return work;
  }

  #entryState(): State {
    const registers: Value[] = Array.from({ length: this.abi.registers }, () => UNKNOWN);
    for (const register of this.abi.entryRegisters) registers[register] = this.#atoms.get(ATOM.parameter, register);
    registers[this.abi.sp] = this.#atoms.get(ATOM.stack, 0);
    return new State(registers, new Map(), new Map(), 0);
  }

  /** Keeps loops short: addresses a fixed step apart become a table, other growing sets stay as they were. */
  #widen(before: Value, after: Value): Value {
    if (before.open && before.atoms.length === 0) return before;
    const addresses = after.atoms.filter((atom) => atom.kind === ATOM.address).map((atom) => atom.a);
    if (addresses.length === after.atoms.length && addresses.length >= 3) {
      addresses.sort((x, y) => x - y);
      const [first = 0, second = 0] = addresses;
      const step = second - first;
      if (step >= 4 && step <= 512 && addresses.every((address, i) => address === first + i * step)) {
        return this.#atoms.get(ATOM.table, first, step);
      }
    }
    const step = progressionStep(after);
    if (step >= 4) return this.#atoms.get(ATOM.multiple, step);
    if (after.atoms.length === before.atoms.length) return after;
    return before.open ? before : { atoms: before.atoms, open: true };
  }

  #step(state: State, op: Op, following: Op | undefined, graph: ControlFlowGraph, visitor: Visitor): void {
    const abi = this.abi;
    switch (op.code) {
      case OP.move:
        state.set(op.dst, this.#memory.read(state, op.a, op.size));
        return;
      case OP.address:
        state.set(op.dst, this.#memory.addressOf(state, op.a));
        return;
      case OP.store:
        this.#memory.store(
          state,
          op.b,
          op.a.kind === OPERAND.none ? UNKNOWN : this.#memory.read(state, op.a, op.size),
          op,
          visitor.stored,
        );
        return;
      case OP.kill:
        state.set(op.dst, UNKNOWN);
        return;
      case OP.merge:
        state.set(op.dst, join(state.get(op.dst), this.#memory.read(state, op.a, op.size)));
        return;
      case OP.insert:
        state.set(op.dst, insertBits(this.#atoms, state.get(op.dst), op));
        return;
      case OP.exchange: {
        const before = state.get(op.dst);
        state.set(op.dst, state.get(op.a.register));
        state.set(op.a.register, before);
        return;
      }
      case OP.push: {
        const value = this.#memory.read(state, op.a, op.size);
        this.#moveSp(state, -op.size);
        const sp = soleAtom(state.get(abi.sp));
        if (sp?.kind !== ATOM.stack) return;
        state.setSlot(sp.a, value);
        if (abi.machine === "x86" && isSavedRegister(op, value)) state.pushBase = sp.a;
        return;
      }
      case OP.pop: {
        const sp = soleAtom(state.get(abi.sp));
        state.set(op.dst, sp?.kind === ATOM.stack ? this.#memory.slot(state, sp.a) : UNKNOWN);
        if (op.dst !== abi.sp) this.#moveSp(state, op.size);
        return;
      }
      case OP.call:
        this.#call(state, op, following, visitor);
        return;
      case OP.jump:
      case OP.branch:
        if (op.a.kind === OPERAND.address && graph.starts.has(op.a.low)) return;
        if (op.a.kind === OPERAND.memory && op.a.index >= 0) return;
        for (const callee of this.#callees.of(state, this.#memory.read(state, op.a, abi.pointerSize))) {
          visitor.call(new Call(this.abi, this.#memory, callee, op.at, true, state));
        }
        return;
      case OP.copy: {
        const times = constantOf(state.get(1));
        if (times !== undefined)
          this.#memory.copyMemory(state, state.get(7), state.get(6), Math.min(times * op.size, 4096));
        return;
      }
      case OP.ret:
      case OP.stop:
        return;
      default: {
        const x = this.#memory.read(state, op.a, op.size);
        const y = this.#memory.read(state, op.b, op.size);
        state.set(op.dst, compute(this.#atoms, this.#memory, op, x, y));
        // x86: room made for locals is no argument of the next call.
        if (op.dst === abi.sp) state.pushBase = soleAtom(state.get(abi.sp))?.a ?? state.pushBase;
      }
    }
  }

  /** The operation behind a call that changes the stack pointer, if it comes soon. */
  #stackChange(ops: readonly Op[], from: number): Op | undefined {
    for (let i = from; i < Math.min(from + 8, ops.length); i++) {
      const op = ops[i];
      if (op === undefined || op.code === OP.call || op.code === OP.push || op.code === OP.pop) return undefined;
      if (op.dst === this.abi.sp) return op;
    }
    return undefined;
  }

  #moveSp(state: State, bytes: number): void {
    const sp = soleAtom(state.get(this.abi.sp));
    if (sp?.kind === ATOM.stack) state.set(this.abi.sp, this.#atoms.get(ATOM.stack, sp.a + bytes));
  }

  #call(state: State, op: Op, following: Op | undefined, visitor: Visitor): void {
    const { abi } = this;
    const callees = this.#callees.of(state, this.#memory.read(state, op.a, abi.pointerSize));
    const [first] = callees;
    if (first?.kind === "local") {
      const role = this.#context.roleOf(first.rva);
      if (role === "nothing") return;
      if (role === "frame-prologue") {
        this.#framePrologue(state);
        return;
      }
    }
    if (first === undefined && this.#callees.isGuardCheck(state, op)) return;
    let result: Value | undefined;
    for (const callee of callees) {
      const given = visitor.call(new Call(this.abi, this.#memory, callee, op.at, false, state));
      result = given === undefined ? result : result === undefined ? given : join(result, given);
    }
    const kept = following?.code === OP.sub && following.dst === abi.sp ? state.get(abi.resultRegister) : UNKNOWN;
    const changed = first?.kind === "local" && callees.length === 1 ? this.#context.changedBy(first.rva) : undefined;
    for (const register of abi.volatile) {
      if (changed === undefined || changed.has(register)) state.set(register, UNKNOWN);
    }
    state.set(abi.resultRegister, result ?? kept);
    if (abi.machine === "x86") this.#popArguments(state, first, following, visitor);
  }

  /** x86: the callee may take its arguments off the stack. Where that is unknown, it takes what was pushed for it. */
  #popArguments(state: State, callee: Callee | undefined, following: Op | undefined, visitor: Visitor): void {
    const sp = soleAtom(state.get(this.abi.sp));
    if (sp?.kind !== ATOM.stack) return;
    const known = callee === undefined ? undefined : visitor.poppedBy(callee);
    const pushed = Math.max(0, state.pushBase - sp.a);
    const popped = known ?? guessPopped(following, this.abi.sp, pushed) ?? pushed;
    state.set(this.abi.sp, this.#atoms.get(ATOM.stack, sp.a + popped));
    state.pushBase = sp.a + popped;
  }

  /** x86: the compiler's helper that sets up a frame with an exception handler. */
  #framePrologue(state: State): void {
    const sp = soleAtom(state.get(this.abi.sp));
    if (sp?.kind !== ATOM.stack) return;
    const locals = constantOf(this.#memory.slot(state, sp.a + 4)) ?? 0;
    state.set(5, this.#atoms.get(ATOM.stack, -4));
    const bottom = -4 - 0x18 - 12 - (locals < 0x10_0000 ? locals : 0);
    state.set(this.abi.sp, this.#atoms.get(ATOM.stack, bottom));
    state.pushBase = bottom;
  }
}

/** The step of constants that count up from zero, 0 where they do not. */
function progressionStep(value: Value): number {
  if (value.atoms.length < 3 || value.atoms.some((atom) => atom.kind !== ATOM.constant || atom.b !== 0)) return 0;
  const numbers = value.atoms.map((atom) => atom.a).sort((x, y) => x - y);
  const step = numbers[1] ?? 0;
  return step <= 512 && numbers.every((number, i) => number === i * step) ? step : 0;
}

/**
 * x86: what the code behind a call tells: `add esp` cleans up itself; where nothing was pushed, but arguments were stored,
 * `sub esp` makes up for what the callee took.
 */
function guessPopped(following: Op | undefined, sp: number, pushed: number): number | undefined {
  if (following === undefined || following.dst !== sp) return undefined;
  if (following.code === OP.add) return 0;
  if (pushed > 0) return undefined;
  const isConstant = following.code === OP.sub && following.b.kind === OPERAND.immediate;
  return isConstant && following.b.low <= 64 ? following.b.low : undefined;
}

/** x86: whether a push saves one of the caller's registers, and so is no argument of the next call. */
function isSavedRegister(op: Op, value: Value): boolean {
  const register = op.a.register;
  if (register === 5) return value.open;
  const atom = soleAtom(value);
  const isSaved = register === 3 || register === 6 || register === 7;
  return isSaved && atom?.kind === ATOM.parameter && atom.a === register && atom.b === 0;
}

/** Marks the blocks that can only be reached from the end of one other block. */
function singlePredecessor(graph: ControlFlowGraph): Uint8Array {
  const counts = new Uint8Array(graph.blocks.length);
  for (const [index, block] of graph.blocks.entries()) {
    if (block.isOrphan || index === graph.entry) counts[index] = 2;
    for (const successor of block.successors) counts[successor] = Math.min(2, (counts[successor] ?? 0) + 1);
  }
  return counts;
}

function nextDirty(dirty: Uint8Array): number {
  return dirty.indexOf(1);
}
