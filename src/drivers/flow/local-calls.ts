// What a call does to the flow of its caller: helpers of the compiler that must not be taken for ordinary functions, and on
// x86 the bytes of arguments that a callee takes off the stack.

import type { Import } from "../../formats/pe/imports.ts";
import type { PeImage } from "../../formats/pe/image.ts";
import type { Abi } from "./abi.ts";
import type { Callee, LocalRole } from "./driver-context.ts";
import { OP, OPERAND, type Lifter, type Op } from "../lift/ops.ts";

/** Instructions looked at in search of a function's return. */
const MAX_LOOK = 4000;
const MAX_THUNKS = 4;
/** Instructions of a function that counts as short. */
const MAX_LEAF = 64;

export class LocalCalls {
  readonly #image: PeImage;
  readonly #abi: Abi;
  readonly #lifter: Lifter;
  readonly #imports: ReadonlyMap<number, Import>;
  readonly #stdcall: ReadonlyMap<string, number>;
  readonly #changed = new Map<number, ReadonlySet<number> | undefined>();
  readonly #popped = new Map<number, number | undefined>();

  constructor(
    image: PeImage,
    abi: Abi,
    lifter: Lifter,
    imports: ReadonlyMap<number, Import>,
    stdcall: ReadonlyMap<string, number>,
  ) {
    this.#image = image;
    this.#abi = abi;
    this.#lifter = lifter;
    this.#imports = imports;
    this.#stdcall = stdcall;
  }

  roleOf(rva: number): LocalRole {
    const image = this.#image;
    const offset = image.offsetOf(rva, 4);
    if (offset < 0) return "function";
    const word = image.bytes.u32(offset);
    if (this.#abi.machine === "arm64") {
      if (word === 0xd65f_03c0) return "nothing";
      return word === 0xd61f_01e0 ? "jump-to-target" : "function";
    }
    if ((word & 0xff) === 0xc3 || (word & 0xff_ffff) === 0xc2) return "nothing";
    if (this.#abi.machine === "x64") {
      const isJump = (word & 0xffff) === 0xe0ff || (word & 0xff_ffff) === 0xe0ff48;
      return isJump ? "jump-to-target" : "function";
    }
    // push offset handler; push fs:[0]
    const isPrologue = (word & 0xff) === 0x68 && image.u32(rva + 5) === 0x0035ff64 && (image.u32(rva + 8) ?? 1) === 0;
    return isPrologue ? "frame-prologue" : "function";
  }

  /** Registers that a short function without calls changes; undefined where it may change every volatile one. */
  changedBy(rva: number): ReadonlySet<number> | undefined {
    if (!this.#changed.has(rva)) this.#changed.set(rva, this.#findChanged(rva));
    return this.#changed.get(rva);
  }

  #findChanged(start: number): ReadonlySet<number> | undefined {
    const changed = new Set<number>();
    const pending = [start];
    const seen = new Set<number>();
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      for (let isOpen = true; isOpen && !seen.has(at);) {
        seen.add(at);
        const ops: Op[] = [];
        const next = this.#lifter.lift(at, ops);
        if (next < 0 || seen.size > MAX_LEAF) return undefined;
        for (const op of ops) {
          if (op.dst >= 0) changed.add(op.dst);
          if (op.code === OP.exchange) changed.add(op.a.register);
          if (op.code === OP.call || op.code === OP.stop) return undefined;
          if (op.code === OP.jump || op.code === OP.branch) {
            if (op.a.kind !== OPERAND.address || Math.abs(op.a.low - start) > MAX_LEAF * 16) return undefined;
            pending.push(op.a.low);
          }
          if (op.code === OP.jump || op.code === OP.ret) isOpen = false;
        }
        at = next;
      }
    }
    return changed;
  }

  poppedBy(callee: Callee): number | undefined {
    if (callee.kind === "import") {
      const name = this.#imports.get(callee.slot)?.name ?? "";
      const decorated = /^_[^@]+@(\d{1,3})$/.exec(name)?.[1];
      return decorated === undefined ? this.#stdcall.get(name) : Number(decorated);
    }
    if (callee.kind !== "local") return undefined;
    if (!this.#popped.has(callee.rva)) this.#popped.set(callee.rva, this.#find(callee.rva, 0));
    return this.#popped.get(callee.rva);
  }

  /** Reads on from a function's start, along unconditional jumps, to its first return. */
  #find(start: number, depth: number): number | undefined {
    let at = start;
    const seen = new Set<number>();
    for (let i = 0; i < MAX_LOOK && !seen.has(at); i++) {
      seen.add(at);
      const ops: Op[] = [];
      const next = this.#lifter.lift(at, ops);
      if (next < 0) return undefined;
      const last = ops.at(-1);
      at = next;
      if (last?.code === OP.ret) return last.size;
      if (last?.code === OP.stop) return undefined;
      if (last?.code !== OP.jump) continue;
      if (last.a.kind === OPERAND.address) {
        at = last.a.low;
        continue;
      }
      if (last.a.kind !== OPERAND.memory || !last.a.isStatic || last.a.index >= 0) return undefined;
      const slot = this.#imports.get(last.a.low);
      return slot === undefined || depth > MAX_THUNKS ? undefined : this.poppedBy({ kind: "import", slot: last.a.low });
    }
    return undefined;
  }
}
