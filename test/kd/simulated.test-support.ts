// A simulated target on loopback and a session with it.

import type { AddressInfo } from "node:net";
import { openKd, type OpenKd } from "../../src/sources/kd/open.ts";
import { imageMemory, type TargetMemory } from "../build/kd/image.ts";
import { SimulatedTarget, type TargetHabits } from "../build/kd/target.ts";
import type { SampleName } from "../crash-dump/nt-kernel.ts";

const memories = new Map<SampleName, TargetMemory>();

export function memoryOf(name: SampleName): TargetMemory {
  const folder = new URL(`../../../shared/samples/nt-kernel/${name}/`, import.meta.url);
  const memory = memories.get(name) ?? imageMemory(folder, name === "x64" ? 0x8664 : 0x14c);
  memories.set(name, memory);
  return memory;
}

export interface Simulated {
  readonly target: SimulatedTarget;
  /** As a user names it. */
  readonly name: string;
  close(): void;
}

export async function simulate(memory: TargetMemory, habits: TargetHabits = {}): Promise<Simulated> {
  const target = new SimulatedTarget(memory, habits);
  await new Promise<void>((resolve) => {
    target.server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = target.server.address() as AddressInfo;
  return { target, name: `tcp:127.0.0.1:${port}`, close: () => target.server.close() };
}

/** Opens a target, works with it, and continues it whatever happens. */
export async function withKd<T>(name: string, work: (kd: OpenKd) => Promise<T>, maxHaltMs = 10_000): Promise<T> {
  const kd = await openKd(name, { maxHaltMs });
  try {
    return await work(kd);
  } finally {
    await kd.close();
  }
}

/** A small kernel of nothing but zeros, for what needs no real one. */
export const ZEROS: TargetMemory = {
  machine: 0x8664,
  kernelBase: 0xfffff80000400000n,
  moduleList: 0xfffff80000500000n,
  debuggerDataList: 0xfffff80000600000n,
  read: (_address, length) => Buffer.alloc(length),
};
