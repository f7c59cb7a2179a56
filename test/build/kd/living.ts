// A memory that changes while the target runs: its clock goes on, and one tag grows from break to break.

import type { TargetMemory } from "./image.ts";
import type { SimulatedTarget } from "./target.ts";

/** KUSER_SHARED_DATA, and in it the interrupt time and the system time: 100 ns, as low half, high half, high half again. */
const SHARED = { 0x8664: 0xfffff78000000000n, 0x14c: 0xffdf0000n } as const;
const TIMES = [0x08, 0x14];

/** Adds the time that the target ran to its clocks, and `count` to the u32 at `counter` at each break-in. */
export class LivingMemory implements TargetMemory {
  readonly machine: number;
  readonly kernelBase: bigint;
  readonly moduleList: bigint;
  readonly debuggerDataList: bigint;
  readonly #memory: TargetMemory;
  readonly #counter: bigint | undefined;
  readonly #start = performance.now();
  target: SimulatedTarget | undefined;

  constructor(memory: TargetMemory, counter?: bigint) {
    this.#memory = memory;
    this.#counter = counter;
    this.machine = memory.machine;
    this.kernelBase = memory.kernelBase;
    this.moduleList = memory.moduleList;
    this.debuggerDataList = memory.debuggerDataList;
  }

  read(given: bigint, length: number): Buffer {
    const bytes = Buffer.from(this.#memory.read(given, length));
    const is64 = this.machine === 0x8664;
    const address = is64 ? given : given & 0xffffffffn;
    const patch = (at: bigint, size: number, change: (part: Buffer) => void): void => {
      const offset = Number(at - address);
      if (offset >= 0 && offset + size <= bytes.length) change(bytes.subarray(offset, offset + size));
    };
    const ran = BigInt(Math.round((performance.now() - this.#start) * 10_000));
    for (const time of TIMES) {
      patch((is64 ? SHARED[0x8664] : SHARED[0x14c]) + BigInt(time), 12, (part) => {
        part.writeBigUInt64LE(part.readBigUInt64LE(0) + ran, 0);
        part.writeUInt32LE(part.readUInt32LE(4), 8);
      });
    }
    const breakIns = this.target?.log.breakIns ?? 0;
    if (this.#counter !== undefined)
      patch(this.#counter, 4, (part) => part.writeUInt32LE(part.readUInt32LE(0) + breakIns, 0));
    return bytes;
  }
}
