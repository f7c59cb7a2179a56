// The tag tables of the other CPUs. Each CPU counts in a table of its own; the kernel's figures are the sums.

import { u32 } from "./bytes.ts";
import type { TagTable } from "./find-tag-table.ts";
import { wordIn, type KernelData } from "./kernel-data.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

/** What is known of the table of one CPU besides the table found. */
export interface CpuTable {
  readonly cpu: number;
  readonly address: bigint;
  readonly state: "summed" | "not-in-dump" | "disagrees";
}

const MOST_CPUS = 2048;
/** Keys in the same slots that make an array the table of another CPU, and how many may differ for each. */
const FEWEST_SAME = 8;
const MOST_DIFFERING = 1;

/**
 * The tables of the other CPUs: an array of pointers in the kernel's data that also holds the table found. Of all places that
 * hold its address the one beside the most tables with the same keys in the same slots is the array. The table found is
 * CPU 0's unless it was found by the hash alone and another's has as many keys, so the array is followed both ways.
 */
export function findCpuTables(
  space: VirtualMemory,
  data: KernelData,
  table: TagTable,
  cpus: number | undefined,
): readonly CpuTable[] {
  if (cpus === 1) return [];
  const size = space.pointerSize;
  const limit = Math.min(cpus ?? MOST_CPUS, MOST_CPUS);
  let best: readonly CpuTable[] = [];
  for (const { address, bytes } of data.blocks) {
    for (let offset = 0; offset + size <= bytes.length; offset += size) {
      const at = address + BigInt(offset);
      if (u32(bytes, offset) !== Number(table.address & 0xffffffffn)) continue;
      if (wordIn(data, at, size) !== table.address) continue;
      const first = arrayStart(space, data, table, at, limit);
      const tables = tablesFrom(space, data, table, first, limit, cpus === undefined);
      const good = (list: readonly CpuTable[]): number => list.filter((each) => each.state === "summed").length;
      if (good(tables) > good(best)) best = tables;
    }
  }
  return best;
}

/** The first entry of the array that `at` is an entry of. */
function arrayStart(space: VirtualMemory, data: KernelData, table: TagTable, at: bigint, limit: number): bigint {
  const size = BigInt(space.pointerSize);
  let first = at;
  for (let back = 1; back < limit; back++) {
    const address = wordIn(data, first - size, space.pointerSize);
    if (address === undefined || address === table.address || !mayBeTable(space, address)) break;
    if (agreement(space, table, address) !== "summed") break;
    first -= size;
  }
  return first;
}

function mayBeTable(space: VirtualMemory, address: bigint): boolean {
  return space.isKernelAddress(address) && (address & 0xfffn) === 0n;
}

function tablesFrom(
  space: VirtualMemory,
  data: KernelData,
  table: TagTable,
  first: bigint,
  limit: number,
  stopAtFirst: boolean,
): readonly CpuTable[] {
  const tables: CpuTable[] = [];
  const seen = new Set<bigint>();
  for (let cpu = 0; cpu < limit; cpu++) {
    const address = wordIn(data, first + BigInt(cpu * space.pointerSize), space.pointerSize);
    // Absent CPUs have no table; an entry that is no address of a new array ends the array.
    if (address === undefined) break;
    if (address === 0n && !stopAtFirst) continue;
    if (!mayBeTable(space, address) || seen.has(address)) break;
    seen.add(address);
    if (address === table.address) continue;
    const state = agreement(space, table, address);
    if (state === "disagrees") break;
    tables.push({ cpu, address, state });
  }
  // Without a count, addresses of nothing readable at the end are no tables.
  const last = tables.findLastIndex((each) => each.state === "summed");
  return stopAtFirst ? tables.slice(0, last + 1) : tables;
}

/** Whether the keys of another table are those of the first, slot by slot; a key may be missing, never differ. */
function agreement(space: VirtualMemory, table: TagTable, address: bigint): CpuTable["state"] {
  const { stride } = table.layout;
  const length = table.slots * stride;
  const own = space.read(table.address, length).bytes;
  const other = space.read(address, length);
  if (other.missing === length) return "not-in-dump";
  let same = 0;
  let differ = 0;
  for (let at = 0; at < length; at += stride) {
    const key = u32(other.bytes, at);
    const expected = u32(own, at);
    if (key === 0 || expected === 0) continue;
    if (key === expected) same += 1;
    else differ += 1;
  }
  // A page or two may be other memory; rows that differ are not counted.
  return same >= FEWEST_SAME && differ <= same * MOST_DIFFERING ? "summed" : "disagrees";
}
