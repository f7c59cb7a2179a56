// Where the pools lie, as far as the kernel's debugger data tells (Windows 10 and later leave these fields empty).

import type { PoolKind } from "../../model/snapshot.ts";
import { debuggerField, type DEBUGGER_FIELDS } from "./debugger-data.ts";
import type { KernelMemory } from "./kernel-memory.ts";

export interface PoolRange {
  readonly kind: PoolKind;
  readonly start: bigint;
  /** First address behind it. */
  readonly end: bigint;
}

/** The ranges of nonpaged and paged pool; empty where the kernel does not tell. */
export function poolRanges({ space, debuggerData }: KernelMemory): readonly PoolRange[] {
  const value = (field: keyof typeof DEBUGGER_FIELDS): bigint | undefined => {
    const variable = debuggerData === undefined ? undefined : debuggerField(debuggerData, field, space.pointerSize);
    return variable === undefined ? undefined : space.readPointer(variable);
  };
  const ranges: PoolRange[] = [];
  const add = (kind: PoolKind, start: bigint | undefined, end: bigint | undefined): void => {
    if (start === undefined || end === undefined || !space.isKernelAddress(start) || end <= start) return;
    ranges.push({ kind, start, end });
  };
  add("nonpaged", value("nonPagedPoolStart"), value("nonPagedPoolEnd"));
  add("paged", value("pagedPoolStart"), value("pagedPoolEnd"));
  return ranges;
}

/** Bytes that each pool may grow to, by the memory manager; undefined where the kernel does not tell or the value makes no sense. */
export interface PoolLimits {
  readonly nonpaged: number | undefined;
  readonly paged: number | undefined;
}

/** 16 TiB: no kernel maps more pool. */
const MOST_POOL_BYTES = 2n ** 44n;

/** The limits, where they stand in the variables that the debugger data block names. `used`: bytes by the tag table, which a limit cannot be below. */
export function poolLimits(
  { space, debuggerData }: KernelMemory,
  used: { readonly nonpaged: number; readonly paged: number },
): PoolLimits {
  const limit = (field: "nonPagedPoolLimit" | "pagedPoolLimit", least: number): number | undefined => {
    const variable = debuggerData === undefined ? undefined : debuggerField(debuggerData, field, space.pointerSize);
    const value = variable === undefined ? undefined : space.readPointer(variable);
    if (value === undefined || value === 0n || value > MOST_POOL_BYTES || value % 4096n !== 0n) return undefined;
    return Number(value) < least ? undefined : Number(value);
  };
  return { nonpaged: limit("nonPagedPoolLimit", used.nonpaged), paged: limit("pagedPoolLimit", used.paged) };
}

/** The pool that an address lies in, undefined where no range says. */
export function poolKindAt(ranges: readonly PoolRange[], address: bigint): PoolKind | undefined {
  return ranges.find((range) => address >= range.start && address < range.end)?.kind;
}
