// Which functions a call can reach: imports, local functions, variables, and what Control Flow Guard stands in front of.

import type { Memory } from "./memory.ts";
import type { Op } from "../lift/ops.ts";
import type { State } from "./state.ts";
import type { Callee, DriverContext } from "./driver-context.ts";
import { ATOM, soleAtom, type Value } from "./values.ts";

export class Callees {
  readonly #context: DriverContext;
  readonly #memory: Memory;

  constructor(context: DriverContext, memory: Memory) {
    this.#context = context;
    this.#memory = memory;
  }

  /** Whether a call only checks a target, and leaves every register as it is. */
  isGuardCheck(state: State, op: Op): boolean {
    const atom = soleAtom(this.#memory.read(state, op.a, this.#context.abi.pointerSize));
    if (atom?.kind !== ATOM.load) return false;
    if (this.#context.guard.check.has(atom.a)) return true;
    if (this.#context.abi.machine === "arm64" && this.#context.guard.dispatch.has(atom.a)) return true;
    const target = this.#context.image.pointer(atom.a);
    return target !== undefined && this.#context.roleOf(target) === "nothing";
  }

  /** What a call can reach. Empty where it is unknown or a mere check of the target. */
  of(state: State, target: Value): Callee[] {
    const found: Callee[] = [];
    const visit = (value: Value, depth: number): void => {
      for (const atom of value.atoms) {
        if (atom.kind === ATOM.import) found.push({ kind: "import", slot: atom.a });
        else if (atom.kind === ATOM.wdfFunction) found.push({ kind: "wdf", index: atom.a });
        else if (atom.kind === ATOM.routine) found.push({ kind: "routine", name: atom.a });
        else if (atom.kind === ATOM.address) this.#localCallee(state, atom.a, depth, found, visit);
        else if (atom.kind === ATOM.load) this.#variableCallee(state, atom.a, depth, found, visit);
      }
    };
    visit(target, 0);
    return found;
  }

  #localCallee(
    state: State,
    rva: number,
    depth: number,
    found: Callee[],
    visit: (value: Value, depth: number) => void,
  ): void {
    if (this.#context.roleOf(rva) === "jump-to-target" && depth < 2)
      visit(state.get(this.#context.abi.guardTarget), depth + 1);
    else found.push({ kind: "local", rva });
  }

  #variableCallee(
    state: State,
    rva: number,
    depth: number,
    found: Callee[],
    visit: (value: Value, depth: number) => void,
  ): void {
    const { guard, image } = this.#context;
    if (guard.check.has(rva)) return;
    if (guard.dispatch.has(rva)) {
      if (this.#context.abi.machine === "x64" && depth < 2) visit(state.get(this.#context.abi.guardTarget), depth + 1);
      return;
    }
    const initial = image.pointer(rva);
    const isCode = initial !== undefined && image.sectionAt(initial)?.executable === true;
    if (isCode && this.#context.roleOf(initial) === "jump-to-target") {
      if (depth < 2) visit(state.get(this.#context.abi.guardTarget), depth + 1);
      return;
    }
    if (isCode && this.#context.roleOf(initial) === "nothing") return;
    found.push({ kind: "variable", rva });
    if (isCode) found.push({ kind: "local", rva: initial });
  }
}
