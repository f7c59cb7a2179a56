// The data flow inside one function: runs its blocks over abstract states until nothing changes, and tells a visitor of
// every call and every store to static memory.

import { blurBits, compute, insertBits } from "./arithmetic.ts";
import type { Abi } from "./abi.ts";
import { orderBlocks } from "./block-order.ts";
import { Call } from "./call.ts";
import { Callees } from "./callees.ts";
import type { ControlFlowGraph } from "../lift/control-flow-graph.ts";
import { Memory } from "./memory.ts";
import { OP, OPERAND, type Op } from "../lift/ops.ts";
import { State } from "./state.ts";
import type { Callee, DriverContext } from "./driver-context.ts";
import type { Visitor } from "./visitor.ts";
import { widen } from "./widen.ts";
import { ATOM, constantOf, join, soleAtom, UNKNOWN, type Atoms, type Value } from "./values.ts";

/** Rounds of one loop; what has not settled by then is given up as it stands. */
const MAX_ROUNDS = 24;

/** Blocks of a loop that are passed in the time of one operation, in search of one that has changed. */
const BLOCKS_PER_STEP = 64;

/** Stack offset at the start of a block that is run alone. */
const ALONE_SP = -0x10_0000;

/** A visitor that is told nothing: loops are run until they settle, and only then told of. */
function quiet(visitor: Visitor): Visitor {
  return {
    call: () => {},
    resultOf: (call) => visitor.resultOf(call),
    poppedBy: (callee) => visitor.poppedBy(callee),
    stored: () => {},
  };
}

/** The blocks of a function as they are run. */
interface Course {
  readonly graph: ControlFlowGraph;
  /** Blocks that may follow, with those that no jump says: switch cases and exception handlers. */
  readonly successors: readonly (readonly number[])[];
  readonly entries: (State | undefined)[];
  /** The block with the first call, and the state in front of it: exception handlers start with its frame. */
  readonly body: number;
  handler: State | undefined;
}

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

  /**
   * Runs a function, as far as the steps are enough. The visitor is told of each call and store once, with all that
   * may arrive there: blocks are run in an order in which everything that leads to a block comes before it. Where only
   * some blocks are `wanted`, those from which none of them can be reached are left out.
   */
  run(graph: ControlFlowGraph, visitor: Visitor, wanted?: Iterable<number>): void {
    if (graph.blocks.length === 0) return;
    const course = this.#courseOf(graph, wanted);
    course.entries[graph.entry] = this.#entryState();
    for (const component of orderBlocks(course.successors, graph.entry)) {
      const { blocks, isLoop } = component;
      if (isLoop) this.#settle(course, blocks, quiet(visitor));
      const inside = isLoop ? new Set(blocks) : undefined;
      for (const index of blocks) {
        const state = course.entries[index];
        if (state === undefined || this.#context.steps.areSpent) continue;
        course.entries[index] = undefined;
        this.#runBlock(course, index, state, visitor);
        this.#leave(course, index, state, inside);
      }
    }
  }

  /** Runs one block alone, as if nothing were known in front of it. */
  runAlone(graph: ControlFlowGraph, index: number, visitor: Visitor): void {
    const registers: Value[] = Array.from({ length: this.abi.registers }, () => UNKNOWN);
    // Deep enough in the frame that no slot reaches the caller's.
    registers[this.abi.sp] = this.#atoms.get(ATOM.stack, ALONE_SP);
    const state = new State(registers, new Map(), new Map(), ALONE_SP);
    this.#runBlock({ graph, successors: [], entries: [], body: -1, handler: undefined }, index, state, visitor);
  }

  /** Runs the blocks of a loop until nothing changes at any of them. */
  #settle(course: Course, blocks: readonly number[], visitor: Visitor): void {
    const { entries, successors } = course;
    const { steps } = this.#context;
    const place = new Map(blocks.map((block, i) => [block, i]));
    const dirty = new Uint8Array(blocks.length);
    const rounds = new Uint8Array(blocks.length);
    for (const [i, block] of blocks.entries()) if (entries[block] !== undefined) dirty[i] = 1;
    for (let i = dirty.indexOf(1); i >= 0 && !steps.areSpent; i = dirty.indexOf(1)) {
      dirty[i] = 0;
      steps.take(i / BLOCKS_PER_STEP);
      const index = blocks[i] ?? 0;
      const entry = entries[index];
      if (entry === undefined || (rounds[i] ?? 0) >= MAX_ROUNDS) continue;
      rounds[i] = (rounds[i] ?? 0) + 1;
      const state = entry.copy();
      this.#runBlock(course, index, state, visitor);
      for (const successor of successors[index] ?? []) {
        const at = place.get(successor);
        if (at === undefined) continue;
        // Only a way back can make a value grow without end.
        const seen = at <= i ? (rounds[at] ?? 0) : 0;
        if (this.#arrive(course, successor, this.#stateFor(course, index, successor, state), seen)) dirty[at] = 1;
      }
    }
  }

  /** Hands the state at the end of a block on to what follows, except inside the loop that it belongs to. */
  #leave(course: Course, index: number, state: State, inside: ReadonlySet<number> | undefined): void {
    const following = course.successors[index] ?? [];
    for (let i = 0; i < following.length; i++) {
      const successor = following[i] ?? 0;
      if (inside?.has(successor) === true) continue;
      const next = this.#stateFor(course, index, successor, state);
      const known = course.entries[successor];
      this.#context.steps.take(next.places);
      if (known === undefined) course.entries[successor] = i === following.length - 1 ? next : next.copy();
      else known.joinWith(next, this.abi, this.#atoms, (_before, after) => after);
    }
  }

  /** What arrives at a block from another: an exception handler starts with the frame of the function's body. */
  #stateFor(course: Course, from: number, to: number, state: State): State {
    const { blocks } = course.graph;
    const isHandler =
      from === course.body &&
      blocks[to]?.isOrphan === true &&
      blocks[from]?.isComputed !== true &&
      blocks[from]?.successors.includes(to) !== true;
    if (!isHandler) return state;
    const handler = (course.handler ?? state).copy();
    for (const register of this.abi.volatile) handler.set(register, UNKNOWN);
    return handler;
  }

  /** Joins a state into a block's entry; answers whether that changed it. */
  #arrive(course: Course, index: number, state: State, rounds: number): boolean {
    const known = course.entries[index];
    this.#context.steps.take(state.places);
    if (known === undefined) {
      course.entries[index] = state.copy();
      return true;
    }
    return known.joinWith(state, this.abi, this.#atoms, (before, after) => widen(this.#atoms, before, after, rounds));
  }

  #runBlock(course: Course, index: number, state: State, visitor: Visitor): void {
    const ops = course.graph.blocks[index]?.ops ?? [];
    this.#context.steps.take(ops.length);
    let isBody = index === course.body;
    for (let i = 0; i < ops.length; i++) {
      const op = ops[i];
      if (op === undefined) break;
      if (op.code === OP.call && isBody) {
        course.handler = state.copy();
        isBody = false;
      }
      const following = op.code === OP.call ? this.#stackChange(ops, i + 1) : undefined;
      this.#step(state, op, following, course.graph, visitor);
    }
  }

  /**
   * Adds the ways that no jump says. Blocks that nothing leads to are the cases behind the jumps whose targets are computed;
   * where there is no such jump they are exception handlers, which the function's body leads to.
   */
  #courseOf(graph: ControlFlowGraph, wanted: Iterable<number> | undefined): Course {
    const course = this.#wholeCourseOf(graph);
    if (wanted === undefined) return course;
    const isNeeded = leadingTo(course.successors, wanted);
    return {
      ...course,
      successors: course.successors.map((own, index) =>
        isNeeded[index] === 0 ? [] : own.filter((successor) => isNeeded[successor] === 1),
      ),
    };
  }

  #wholeCourseOf(graph: ControlFlowGraph): Course {
    const entries: (State | undefined)[] = Array.from({ length: graph.blocks.length });
    const orphans = graph.blocks.flatMap((block, index) => (block.isOrphan && index !== graph.entry ? [index] : []));
    const plain = graph.blocks.map(({ successors }) => successors);
    if (orphans.length === 0) return { graph, successors: plain, entries, body: -1, handler: undefined };
    const reached = new Set(orderBlocks(plain, graph.entry).flatMap(({ blocks }) => blocks));
    const isSwitch = graph.blocks.some(({ isComputed }, index) => isComputed && reached.has(index));
    let body = -1;
    if (!isSwitch) {
      body = [...reached].find((index) => graph.blocks[index]?.ops.some(({ code }) => code === OP.call)) ?? graph.entry;
    }
    const { steps } = this.#context;
    const successors = plain.map((own, index) => {
      if (steps.areSpent || !(graph.blocks[index]?.isComputed === true || index === body)) return own;
      steps.take(orphans.length);
      return [...new Set([...own, ...orphans])];
    });
    return { graph, successors, entries, body, handler: undefined };
  }

  #entryState(): State {
    const registers: Value[] = Array.from({ length: this.abi.registers }, () => UNKNOWN);
    for (const register of this.abi.entryRegisters) registers[register] = this.#atoms.get(ATOM.parameter, register);
    registers[this.abi.sp] = this.#atoms.get(ATOM.stack, 0);
    return new State(registers, new Map(), new Map(), 0);
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
      case OP.blur:
        state.set(op.dst, blurBits(this.#atoms, state.get(op.dst), op.a.low));
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
      case OP.compare:
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
      const call = new Call(this.abi, this.#memory, callee, op.at, false, state);
      visitor.call(call);
      const given = visitor.resultOf(call);
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

/** Marks the blocks from which one of some others can be reached, those included. */
function leadingTo(successors: readonly (readonly number[])[], wanted: Iterable<number>): Uint8Array {
  const before: number[][] = Array.from({ length: successors.length }, () => []);
  for (const [index, own] of successors.entries()) for (const successor of own) before[successor]?.push(index);
  const marks = new Uint8Array(successors.length);
  const pending = [...wanted];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (marks[index] === 1) continue;
    marks[index] = 1;
    for (const each of before[index] ?? []) if (marks[each] === 0) pending.push(each);
  }
  return marks;
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
