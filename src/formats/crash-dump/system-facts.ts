// What a dump tells of the machine: from its header, from the page the kernel shares with every process, from its data.

import { asciiText, timeOfFileTime, u32, utf16Text } from "./bytes.ts";
import { debuggerField, type DebuggerData } from "./debugger-data.ts";
import type { DumpHeader } from "./header.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

export interface SystemFacts {
  /** Windows build number, e.g. 19045. */
  readonly build: number | undefined;
  readonly cpus: number | undefined;
  /** When the dump was taken, and when the machine had started; milliseconds since 1970. */
  readonly time: number | undefined;
  readonly bootTime: number | undefined;
  readonly physicalBytes: number | undefined;
  readonly systemRoot: string;
  readonly buildLab: string;
}

/** KUSER_SHARED_DATA, at a fixed address in every kernel. */
function readSharedData(space: VirtualMemory): Uint8Array | undefined {
  return space.readExact(space.pointerSize === 8 ? 0xfffff78000000000n : 0xffdf0000n, 0x400);
}

/** A KSYSTEM_TIME: two halves and a copy of the upper one. */
function systemTimeAt(bytes: Uint8Array, offset: number): number {
  return u32(bytes, offset + 4) * 2 ** 32 + u32(bytes, offset);
}

/** Processors by the array of their control blocks, for kernels whose shared page does not count them. */
function countProcessorBlocks(space: VirtualMemory, debuggerData: DebuggerData | undefined): number | undefined {
  if (debuggerData === undefined) return undefined;
  const block = debuggerField(debuggerData, "processorBlocks", space.pointerSize);
  if (block === undefined) return undefined;
  let count = 0;
  while (count < 64) {
    const entry = space.readPointer(block + BigInt(count * space.pointerSize));
    if (entry === undefined || !space.isKernelAddress(entry)) break;
    count += 1;
  }
  return count === 0 ? undefined : count;
}

/** Facts of the header come first: they are of the moment of the crash. */
export function readSystemFacts(
  header: DumpHeader | undefined,
  space: VirtualMemory | undefined,
  debuggerData: DebuggerData | undefined,
): SystemFacts {
  const shared = space === undefined ? undefined : readSharedData(space);
  const sharedTime = shared === undefined ? undefined : timeOfFileTime(systemTimeAt(shared, 0x14));
  const sharedUpTime = shared === undefined ? undefined : Math.round(systemTimeAt(shared, 8) / 10_000);
  const sharedBuild = shared === undefined ? 0 : u32(shared, 0x260) & 0xffff;
  const sharedCpus = shared === undefined ? 0 : u32(shared, 0x3c0);
  const sharedPages = shared === undefined ? 0 : u32(shared, 0x2e8);
  const time = header?.systemTime ?? sharedTime;
  const upTime = header?.upTime ?? sharedUpTime;
  // Some writers list in the header only what is in the file.
  const pages = Math.max(header?.pagesSaid ?? 0, sharedPages);
  const lab =
    space === undefined || debuggerData === undefined
      ? undefined
      : debuggerField(debuggerData, "buildLab", space.pointerSize);
  const labText = lab === undefined || space === undefined ? undefined : space.read(lab, 128).bytes;
  return {
    build: header !== undefined && header.build > 0 ? header.build : sharedBuild > 0 ? sharedBuild : undefined,
    cpus:
      header?.processors ??
      (sharedCpus > 0 && sharedCpus <= 2048
        ? sharedCpus
        : space === undefined
          ? undefined
          : countProcessorBlocks(space, debuggerData)),
    time,
    bootTime: time !== undefined && upTime !== undefined && upTime > 0 && upTime < time ? time - upTime : undefined,
    physicalBytes: pages > 0 && pages < 2 ** 40 ? pages * 4096 : undefined,
    systemRoot: shared === undefined ? "" : utf16Text(shared, 0x30, 260),
    buildLab: labText === undefined ? "" : asciiText(labText, 0, 128),
  };
}
