// The list of loaded modules and the array of unloaded ones.

import { hex, pointer, timeOfFileTime, u16, u32, u64, utf16Text } from "./bytes.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

export interface ListedModule {
  readonly base: bigint;
  readonly sizeOfImage: number;
  /** Base name, e.g. `ntoskrnl.exe`; empty where its text is not in the dump. */
  readonly name: string;
  readonly path: string;
}

export interface ModuleList {
  readonly modules: readonly ListedModule[];
  readonly problems: readonly string[];
}

export interface UnloadedModule {
  readonly name: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly time: number | undefined;
}

const MOST_MODULES = 4096;
const MOST_NAME_BYTES = 1024;

/** Offsets in a list entry, by pointer size; unchanged from XP to Windows 11. */
const ENTRY = {
  8: { base: 0x30, size: 0x40, path: 0x48, name: 0x58, bytes: 0x68 },
  4: { base: 0x18, size: 0x20, path: 0x24, name: 0x2c, bytes: 0x34 },
} as const;

/**
 * Base and size in the list's first entry; undefined where its links do not agree with the head. The debugger data block
 * hangs on such a list too and has the kernel's base at the same offset: only the size tells them apart.
 */
export function firstModule(
  space: VirtualMemory,
  head: bigint,
  first: bigint,
): { readonly base: bigint; readonly sizeOfImage: number } | undefined {
  const size = space.pointerSize;
  const { base, size: sizeAt, bytes } = ENTRY[size];
  if (space.readPointer(first + BigInt(size)) !== head) return undefined;
  const entry = space.readExact(first, bytes);
  return entry === undefined ? undefined : { base: pointer(entry, base, size), sizeOfImage: u32(entry, sizeAt) };
}

/** Walks the list from its head. A broken link, a cycle or an absurd length ends it with a problem. */
export function readModules(space: VirtualMemory, head: bigint): ModuleList {
  const layout = ENTRY[space.pointerSize];
  const modules: ListedModule[] = [];
  const problems: string[] = [];
  const seen = new Set<bigint>();
  let at = space.readPointer(head);
  if (at === undefined) problems.push(`the list head at ${hex(head)} is not readable`);
  while (at !== undefined && at !== head) {
    if (seen.has(at)) {
      problems.push(`the list runs in a circle at ${hex(at)}`);
      break;
    }
    if (modules.length >= MOST_MODULES) {
      problems.push(`more than ${MOST_MODULES} modules; the rest is left out`);
      break;
    }
    seen.add(at);
    const entry = space.readExact(at, layout.bytes);
    if (entry === undefined) {
      problems.push(`the entry at ${hex(at)} is not readable; modules after it are not listed`);
      break;
    }
    modules.push({
      base: pointer(entry, layout.base, space.pointerSize),
      sizeOfImage: u32(entry, layout.size),
      path: readUnicodeString(space, entry, layout.path),
      name: readUnicodeString(space, entry, layout.name),
    });
    at = pointer(entry, 0, space.pointerSize);
  }
  return { modules, problems };
}

function readUnicodeString(space: VirtualMemory, bytes: Uint8Array, offset: number): string {
  const length = Math.min(u16(bytes, offset), MOST_NAME_BYTES);
  const text = space.readExact(pointer(bytes, offset + space.pointerSize, space.pointerSize), length);
  return text === undefined ? "" : utf16Text(text, 0, length);
}

/** The 50 modules unloaded last; `table` is the value of MmUnloadedDrivers. Empty slots are left out. */
export function readUnloadedModules(space: VirtualMemory, table: bigint): readonly UnloadedModule[] {
  const size = space.pointerSize;
  const stride = size === 8 ? 0x28 : 0x18;
  const { bytes } = space.read(table, 50 * stride);
  const unloaded: UnloadedModule[] = [];
  for (let at = 0; at < bytes.length; at += stride) {
    const entry = bytes.subarray(at, at + stride);
    const start = pointer(entry, 2 * size, size);
    const end = pointer(entry, 3 * size, size);
    if (start === 0n || end <= start) continue;
    const name = readUnicodeString(space, entry, 0);
    unloaded.push({ name, start, end, time: timeOfFileTime(u64(entry, 4 * size)) });
  }
  return unloaded;
}
