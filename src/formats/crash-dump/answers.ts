// The questions put to an opened dump: pool by tag, large allocations, modules. Every answer names its method and coverage.

import { FormatError } from "../../model/errors.ts";
import { NONPAGED, PAGED, sumBytes, type PoolColumns } from "../../model/snapshot.ts";
import type { Tag } from "../../model/tag.ts";
import { check, FIGURES } from "./table-checks.ts";
import { readBigPages, type BigPages } from "./big-pages.ts";
import { debuggerField } from "./debugger-data.ts";
import type { Dump, DumpMemory } from "./dump.ts";
import { findTagTable } from "./find-tag-table.ts";
import type { KernelMemory } from "./kernel-memory.ts";
import { readModules, readUnloadedModules, type ListedModule, type UnloadedModule } from "./modules.ts";
import { readLookasides, type Lookasides } from "./lookasides.ts";
import { poolKindAt, poolLimits, poolRanges, type PoolLimits } from "./pool-ranges.ts";
import { compareRecount, countPool, recountProblems } from "./recount.ts";
import type { ScanProgress } from "./scan-tag.ts";
import { readHolders, type Holders } from "./holders.ts";
import { agreementShare, compareTypes, readObjectTypes, type ObjectTypes } from "./object-types.ts";
import { readProcesses } from "./processes.ts";
import { PAGE } from "./physical.ts";
import { poolBugcheck, type PoolBugcheck } from "./pool-bugcheck.ts";
import { parseVerifierState, VERIFIER_BYTES, type VerifierState } from "./verifier.ts";
import { readTagUses, type MachineFacts, type TagUses } from "./read-tag-table.ts";

/** The memory of a dump; throws FormatError with the reason where it has none. */
export function memoryOf(dump: Dump): DumpMemory {
  if (dump.memory !== undefined) return dump.memory;
  throw new FormatError("crash-dump", `this dump cannot answer pool questions: ${dump.cannotAnswer ?? "no memory"}`);
}

/** Pool by tag, summed over all CPUs. Throws FormatError where the dump holds no tag table that could be found. */
export function answerPoolUse(dump: Dump): TagUses {
  const memory = memoryOf(dump);
  const { cpus, physicalBytes } = dump.system;
  // Where the machine's RAM is not told, or told too low, the highest page in the file bounds it.
  const bound = Math.max(physicalBytes ?? 0, memory.space.memory.map.endPage * PAGE);
  const { bootTime, time } = dump.system;
  const uptime = bootTime === undefined || time === undefined || time <= bootTime ? undefined : time - bootTime;
  return poolUseOf(memory, { cpus, physicalBytes: bound, uptime });
}

/** The same of any kernel's memory. */
export function poolUseOf(memory: KernelMemory, machine: MachineFacts): TagUses {
  const { space, kernel, debuggerData } = memory;
  const table = findTagTable(space, kernel.data, debuggerData);
  if (table === undefined) {
    const lost = `${kernel.data.missing} of the ${kernel.data.total} bytes of the kernel's data are not in the dump`;
    throw new FormatError("crash-dump", `no tag table was found in it: no array obeys the tag hash (${lost})`);
  }
  const large = largeBytesByTag(readBigPages(space, kernel.data, table.variable));
  return withWitness(memory, readTagUses(space, kernel.data, table, machine, large));
}

/** With fewer rows compared a recount says nothing of the table. */
const FEWEST_RECOUNTED = 10;

/**
 * Holds every row against the blocks that stand in memory, reading all of it: each tag's own figures get a second count. Where the
 * pool's pages form no chains (the segment heap), or its own lists of freed blocks are not found, the check stays unmade.
 */
export function recountPoolUse(dump: Dump, uses: TagUses, progress: ScanProgress): TagUses {
  const memory = memoryOf(dump);
  const lookasides = readLookasides(memory);
  const big = bigPagesOf(memory);
  const without = (reason: string): TagUses => ({
    ...uses,
    problems: [...uses.problems, `the rows could not be held against the blocks in memory: ${reason}`],
  });
  if (lookasides === undefined || lookasides.freeBlocks.size === 0) {
    return without("the pool's own lists of freed blocks were not found");
  }
  if (big === undefined) return without("the list of large allocations was not found");
  const { modules } = modulesOf(memory);
  const counted = countPool(memory.space, modules, big.allocations, lookasides.freeBlocks, progress);
  const recount = compareRecount(uses.columns, counted, counted.isWhole && big.coverage >= 1);
  if (recount.compared < FEWEST_RECOUNTED) return without("its pages form no chains of blocks");
  const share = recount.agreeing / recount.compared;
  // Rows that could not be decided leave the doubt where it was.
  const figures = recount.unfound.length > 0 && share >= 1 ? FIGURES : check("figures", share);
  return {
    ...uses,
    recount,
    problems: [...uses.problems, ...recountProblems(recount)],
    checks: uses.checks.map((each) => (each.name === "figures" ? figures : each)),
  };
}

/** Bytes of large allocations by tag, a bound of the tag table's rows; undefined where the list is not known to be whole. */
function largeBytesByTag(big: BigPages | undefined): ((tag: Tag) => number) | undefined {
  if (big === undefined || big.coverage < 1) return undefined;
  const bytes = new Map<Tag, number>();
  for (const each of big.allocations) bytes.set(each.tag, (bytes.get(each.tag) ?? 0) + each.bytes);
  return (tag) => bytes.get(tag) ?? 0;
}

/**
 * Uses with what speaks for them: the object manager's own counts against the tags of its types, the memory manager's total.
 * `objects` unread, where reading them costs too much, is a check that was not made.
 */
export function withWitness(memory: KernelMemory, uses: TagUses, objects: "read" | "unread" = "read"): TagUses {
  const found = objects === "read" ? readObjectTypes(memory) : undefined;
  const agreement = found === undefined ? undefined : compareTypes(found.types, (tag) => blocksOf(uses.columns, tag));
  const share = agreement === undefined ? undefined : agreementShare(agreement);
  const total = allocatedNonPaged(memory);
  const sum = sumBytes(uses.columns, NONPAGED);
  const problems = [...uses.problems];
  if (total !== undefined && totalShare(sum, total) < 1) {
    problems.push(
      `nonpaged pool adds up to ${sum} bytes, which does not fit the memory manager's own count of ${total}: ` +
        "rows are damaged, missing or too low",
    );
  }
  if (agreement !== undefined && share !== undefined && share < 1) {
    problems.push(
      `the object manager's own counts agree for ${agreement.agreeing} of ${agreement.compared} object types only: ` +
        "rows are damaged, missing or not summed over all CPUs",
    );
  }
  return {
    ...uses,
    problems,
    witness: found === undefined || agreement === undefined ? undefined : { ...found, agreement },
    checks: [
      ...uses.checks,
      check("pool-total", total === undefined ? undefined : totalShare(sum, total)),
      check("object-types", share),
      FIGURES,
    ],
  };
}

/** Bytes of nonpaged pool by the memory manager's own count; undefined where the kernel does not tell (Windows 10 and later). */
function allocatedNonPaged({ space, debuggerData }: KernelMemory): number | undefined {
  const at =
    debuggerData === undefined ? undefined : debuggerField(debuggerData, "allocatedNonPagedPool", space.pointerSize);
  const pages = at === undefined ? undefined : space.readPointer(at);
  return pages === undefined || pages === 0n || pages > MOST_POOL_PAGES ? undefined : Number(pages) * PAGE;
}

/** 16 TiB: no value above is a count of pages. */
const MOST_POOL_PAGES = 2n ** 32n;
/** Pages hold blocks of several tags, free ones and look-aside lists: the tags' sum is less than the pages, by up to this. */
const MOST_SLACK = 1.3;

/** 1 where the sum of the tags fits into the pages and fills most of them, else by how much it does not. */
function totalShare(sum: number, total: number): number {
  if (sum > total) return total / sum;
  return sum * MOST_SLACK >= total ? 1 : (sum * MOST_SLACK) / total;
}

/** How far each pool may grow, where the kernel tells. */
export function answerPoolLimits(dump: Dump, { columns }: TagUses): PoolLimits {
  return poolLimits(memoryOf(dump), { nonpaged: sumBytes(columns, NONPAGED), paged: sumBytes(columns, PAGED) });
}

/** Blocks outstanding of a tag, in both pools. */
export function blocksOf(columns: PoolColumns, tag: Tag): number {
  let blocks = 0;
  for (let row = 0; row < columns.length; row++) if (columns.tag[row] === tag) blocks += columns.outstanding[row] ?? 0;
  return blocks;
}

/** The table of large allocations, undefined where none was found. */
export function answerBigPages(dump: Dump): BigPages | undefined {
  return bigPagesOf(memoryOf(dump));
}

/** The same of any kernel's memory. */
export function bigPagesOf(memory: KernelMemory): BigPages | undefined {
  const { space, kernel, debuggerData } = memory;
  const near = findTagTable(space, kernel.data, debuggerData)?.variable;
  const found = readBigPages(space, kernel.data, near);
  const ranges = found === undefined ? [] : poolRanges(memory);
  if (found === undefined || ranges.length === 0) return found;
  const allocations = found.allocations.map((each) => ({
    ...each,
    kind: each.kind ?? poolKindAt(ranges, each.address),
  }));
  const told = allocations.every((each) => each.kind !== undefined);
  const problems = told && found.layout.poolType === undefined ? [] : found.problems;
  return { ...found, allocations, problems };
}

export interface ModuleAnswer {
  readonly modules: readonly ListedModule[];
  readonly unloaded: readonly UnloadedModule[];
  readonly problems: readonly string[];
}

/** Modules of the kernel's list, and those unloaded as far as the debugger data block leads to them. */
export function answerModules(dump: Dump): ModuleAnswer {
  if (dump.triage !== undefined) return dump.triage;
  return modulesOf(memoryOf(dump));
}

/** The same of any kernel's memory. */
export function modulesOf({ space, kernel, debuggerData }: KernelMemory): ModuleAnswer {
  const { modules, problems } = readModules(space, kernel.moduleList);
  const variable =
    debuggerData === undefined ? undefined : debuggerField(debuggerData, "unloadedDrivers", space.pointerSize);
  const table = variable === undefined ? undefined : space.readPointer(variable);
  if (variable === undefined) {
    return {
      modules,
      unloaded: [],
      problems: [...problems, "unloaded modules are not listed: the kernel's debugger data block is not readable"],
    };
  }
  const known = table !== undefined && space.isKernelAddress(table);
  return { modules, unloaded: known ? readUnloadedModules(space, table) : [], problems };
}

/** The object manager's types with their counts; undefined where they were not found. */
export function answerObjectTypes(dump: Dump): ObjectTypes | undefined {
  return readObjectTypes(memoryOf(dump));
}

/** The lookaside lists of the kernel and its drivers; undefined where no ring of them was found. */
export function answerLookasides(dump: Dump): Lookasides | undefined {
  return readLookasides(memoryOf(dump));
}

/** Who holds the objects. Throws FormatError where the dump's processes or handle tables cannot be read. */
export function answerHolders(dump: Dump): Holders {
  return holdersOf(memoryOf(dump), dump.container.header?.processList, {
    from: dump.system.bootTime,
    to: dump.system.time,
  });
}

/** The same of any kernel's memory. `times`: start of the machine and moment of the dump, where known. */
export function holdersOf(
  memory: KernelMemory,
  processList: bigint | undefined,
  times: { readonly from: number | undefined; readonly to: number | undefined },
): Holders {
  const list = readProcesses(memory, processList, times);
  const found = list === undefined ? "no list of processes was found in it" : readHolders(memory, list);
  if (typeof found === "string") throw new FormatError("crash-dump", found);
  return found;
}

/** What the bug check says of pool; undefined where it says nothing, or the dump has none. */
export function answerBugcheck(dump: Dump): PoolBugcheck | undefined {
  const { header } = dump.container;
  if (header?.bugcheck === undefined) return undefined;
  const { memory, triage } = dump;
  const unloaded = memory === undefined && triage === undefined ? [] : answerModules(dump).unloaded;
  // The last one by time where times are told, else the last of the list.
  const last = unloaded.toSorted((a, b) => (a.time ?? 0) - (b.time ?? 0)).at(-1);
  return poolBugcheck(header.bugcheck, {
    pointerSize: header.bits === 64 ? 8 : 4,
    read: (address, length) => memory?.space.readExact(address, length) ?? triage?.read(address, length),
    lastUnloaded: last?.name,
  });
}

/** Driver Verifier's state, undefined where the dump does not hold it. */
export function answerVerifier(dump: Dump): VerifierState | undefined {
  if (dump.triage !== undefined) return dump.triage.verifier;
  if (dump.memory === undefined) return undefined;
  const { space, debuggerData } = dump.memory;
  const at = debuggerData === undefined ? undefined : debuggerField(debuggerData, "verifierData", space.pointerSize);
  const bytes = at === undefined ? undefined : space.readExact(at, VERIFIER_BYTES);
  return bytes === undefined ? undefined : parseVerifierState(bytes, space.pointerSize);
}
