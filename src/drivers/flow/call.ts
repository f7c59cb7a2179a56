// One call as the data flow meets it, with its arguments as they stand.

import { STACK_PLACE, stackArgumentOffset, type Abi } from "./abi.ts";
import type { Memory } from "./memory.ts";
import type { State } from "./state.ts";
import type { Callee } from "./driver-context.ts";
import { ATOM, soleAtom, UNKNOWN, type Value } from "./values.ts";

export class Call {
  readonly callee: Callee;
  readonly at: number;
  readonly isTail: boolean;
  readonly state: State;
  readonly #abi: Abi;
  readonly #memory: Memory;

  constructor(abi: Abi, memory: Memory, callee: Callee, at: number, isTail: boolean, state: State) {
    this.#abi = abi;
    this.#memory = memory;
    this.callee = callee;
    this.at = at;
    this.isTail = isTail;
    this.state = state;
  }

  /** The same call with its state as it is now, which the flow goes on to change. */
  kept(): Call {
    return new Call(this.#abi, this.#memory, this.callee, this.at, this.isTail, this.state.copy());
  }

  /** The value at a place (see abi.ts). */
  argument(place: number): Value {
    if (place < STACK_PLACE) return this.state.get(place);
    const abi = this.#abi;
    const sp = soleAtom(this.state.get(abi.sp));
    if (sp?.kind !== ATOM.stack) return UNKNOWN;
    const offset = sp.a + stackArgumentOffset(abi, place - STACK_PLACE) + (this.isTail ? abi.returnAddress : 0);
    return this.#memory.slot(this.state, offset);
  }

  /** What a pointer leads to, at an offset. */
  behind(pointer: Value, offset: number, size: number): Value {
    return this.#memory.deref(this.state, pointer, offset, size);
  }

  /** Copies memory as memcpy does, where both ends are known. */
  copyMemory(to: Value, from: Value, bytes: number): void {
    this.#memory.copyMemory(this.state, to, from, bytes);
  }
}
