// The abstract state of a function at one point: registers, the frame's slots, and static memory written on the way.

import { placeOfSlot, type Abi } from "./abi.ts";
import { ATOM, join, UNKNOWN, type Atoms, type Value } from "./values.ts";

/** A frame or a function that writes more places than this is followed no further. */
const MAX_SLOTS = 2048;

export class State {
  readonly registers: Value[];
  #slots: Map<number, Value>;
  #statics: Map<number, Value>;
  #shared: boolean;
  /** x86: stack offset after the last call, from which on pushes belong to the next one. */
  pushBase: number;

  constructor(registers: Value[], slots: Map<number, Value>, statics: Map<number, Value>, pushBase: number) {
    this.registers = registers;
    this.#slots = slots;
    this.#statics = statics;
    this.#shared = true;
    this.pushBase = pushBase;
  }

  /** Places that a join has to look at. */
  get places(): number {
    return this.registers.length + this.#slots.size + this.#statics.size;
  }

  copy(): State {
    this.#shared = true;
    return new State(this.registers.slice(), this.#slots, this.#statics, this.pushBase);
  }

  get(register: number): Value {
    return this.registers[register] ?? UNKNOWN;
  }

  set(register: number, value: Value): void {
    if (register >= 0) this.registers[register] = value;
  }

  /** A frame slot; slots of the caller's frame hold arguments until they are written. */
  slot(offset: number, abi: Abi, atoms: Atoms): Value {
    const known = this.#slots.get(offset);
    if (known !== undefined) return known;
    const place = placeOfSlot(abi, offset);
    return place < 0 ? UNKNOWN : atoms.get(ATOM.parameter, place);
  }

  setSlot(offset: number, value: Value): void {
    this.#own();
    if (this.#slots.size < MAX_SLOTS || this.#slots.has(offset)) this.#slots.set(offset, value);
  }

  /** Forgets a slot that has been overwritten, if anything was known of it. */
  clearSlot(offset: number, abi: Abi): void {
    if (this.#slots.has(offset) || placeOfSlot(abi, offset) >= 0) this.setSlot(offset, UNKNOWN);
  }

  /** Forgets the frame's slots from an offset on: a write may have gone to any of them. The caller's frame stays. */
  forgetSlotsFrom(offset: number): void {
    for (const at of this.#slots.keys()) {
      if (at > offset - 4 && (at < 0 || offset >= 0)) this.setSlot(at, UNKNOWN);
    }
  }

  /** Forgets what was written to static memory from an RVA on, for as far as a table may go. */
  forgetStaticsFrom(rva: number, bytes: number): void {
    for (const at of this.#statics.keys()) {
      if (at > rva - 4 && at < rva + bytes) this.setStatic(at, UNKNOWN);
    }
  }

  static(rva: number): Value | undefined {
    return this.#statics.get(rva);
  }

  setStatic(rva: number, value: Value): void {
    this.#own();
    if (this.#statics.size < MAX_SLOTS || this.#statics.has(rva)) this.#statics.set(rva, value);
  }

  /** Joins another state into this one; answers whether that changed anything. `widen` bounds how often it can. */
  joinWith(other: State, abi: Abi, atoms: Atoms, widen: (before: Value, after: Value) => Value): boolean {
    let changed = false;
    for (let i = 0; i < this.registers.length; i++) {
      const before = this.registers[i] ?? UNKNOWN;
      const incoming = other.registers[i] ?? UNKNOWN;
      // Every path to a place has the same stack; where the count went wrong on one, the first one is believed.
      if (before === incoming || i === abi.sp) continue;
      const after = widen(before, join(before, incoming));
      if (after !== before) {
        this.registers[i] = after;
        changed = true;
      }
    }
    if (this.#slots !== other.#slots) {
      for (const [offset, incoming] of other.#slots)
        changed = this.#joinSlot(offset, incoming, abi, atoms, widen) || changed;
      for (const offset of this.#slots.keys()) {
        if (other.#slots.has(offset)) continue;
        changed = this.#joinSlot(offset, other.slot(offset, abi, atoms), abi, atoms, widen) || changed;
      }
    }
    if (this.#statics !== other.#statics) {
      for (const [rva, value] of other.#statics) {
        const before = this.#statics.get(rva);
        const after = before === undefined ? join(value, UNKNOWN) : widen(before, join(before, value));
        if (after !== before) {
          this.setStatic(rva, after);
          changed = true;
        }
      }
    }
    return changed;
  }

  #joinSlot(
    offset: number,
    incoming: Value,
    abi: Abi,
    atoms: Atoms,
    widen: (before: Value, after: Value) => Value,
  ): boolean {
    const before = this.slot(offset, abi, atoms);
    if (before === incoming) return false;
    const after = widen(before, join(before, incoming));
    if (after === before) return false;
    this.setSlot(offset, after);
    return true;
  }

  #own(): void {
    if (!this.#shared) return;
    this.#slots = new Map(this.#slots);
    this.#statics = new Map(this.#statics);
    this.#shared = false;
  }
}
