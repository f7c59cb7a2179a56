// A kernel whose memory can be read: what every question about structures starts from, whoever serves the memory.

import type { DebuggerData } from "./debugger-data.ts";
import type { Kernel } from "./find-kernel.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

export interface KernelMemory {
  readonly space: VirtualMemory;
  readonly kernel: Kernel;
  /** Undefined where the block is encoded, missing, or of another kernel. */
  readonly debuggerData: DebuggerData | undefined;
}
