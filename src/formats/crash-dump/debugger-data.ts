// The kernel's debugger data block (KDBG): addresses of kernel variables. Dumps hold it in the clear; memory images of
// Windows 8 and later hold it encoded, and then it is not used: nothing here depends on it.

import { address64, hasText, hex, u32 } from "./bytes.ts";
import type { KernelData } from "./kernel-data.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

/** Fields used here, by offset from the block's start. Values are addresses of variables (lists: of their heads). */
export const DEBUGGER_FIELDS = {
  kernelBase: 0x18,
  moduleList: 0x48,
  processList: 0x50,
  rootDirectory: 0x98,
  nonPagedPoolLimit: 0x100,
  pagedPoolStart: 0x120,
  pagedPoolEnd: 0x128,
  nonPagedPoolStart: 0x110,
  nonPagedPoolEnd: 0x118,
  pagedPoolLimit: 0x140,
  poolTrackTable: 0x1b8,
  buildLab: 0x208,
  processorBlocks: 0x218,
  unloadedDrivers: 0x220,
  verifierData: 0x248,
  allocatedNonPagedPool: 0x250,
} as const;

export interface DebuggerData {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly method: string;
}

const SMALLEST = 0x228;
const LARGEST = 0x1000;

/** Undefined where the bytes at the address are no decoded block. */
export function readDebuggerData(space: VirtualMemory, address: bigint, method: string): DebuggerData | undefined {
  const start = space.readExact(address, 0x18);
  if (start === undefined) return undefined;
  const size = u32(start, 0x14);
  if (!hasText(start, 0x10, "KDBG") || size < SMALLEST || size > LARGEST) return undefined;
  const bytes = space.readExact(address, size);
  return bytes === undefined ? undefined : { address, bytes, method };
}

/** Looks for the block in the kernel's data by its signature. */
export function searchDebuggerData(space: VirtualMemory, data: KernelData): DebuggerData | undefined {
  for (const { address, bytes } of data.blocks) {
    for (let offset = 0; offset + 0x18 <= bytes.length; offset += 4) {
      if (!hasText(bytes, offset + 0x10, "KDBG")) continue;
      const at = address + BigInt(offset);
      const found = readDebuggerData(space, at, `signature at ${hex(at)}`);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** A field: on x86 addresses are stored in 64 bits, of which the lower half counts. Undefined where it is 0 or beyond the end. */
export function debuggerField(
  block: DebuggerData,
  field: keyof typeof DEBUGGER_FIELDS,
  pointerSize: 4 | 8,
): bigint | undefined {
  const offset = DEBUGGER_FIELDS[field];
  if (offset + 8 > block.bytes.length) return undefined;
  const value = address64(block.bytes, offset);
  const address = pointerSize === 4 ? value & 0xffffffffn : value;
  return address === 0n ? undefined : address;
}
