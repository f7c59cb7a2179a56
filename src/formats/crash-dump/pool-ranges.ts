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

/** The pool that an address lies in, undefined where no range says. */
export function poolKindAt(ranges: readonly PoolRange[], address: bigint): PoolKind | undefined {
  return ranges.find((range) => address >= range.start && address < range.end)?.kind;
}
