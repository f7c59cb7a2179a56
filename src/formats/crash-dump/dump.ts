// A kernel dump or memory image, opened: what it is, the kernel in it, and the questions it can answer.
// Pure: the bytes come through a ByteSource. Facts and limits: docs/sources/crash-dump.md.

import { FormatError } from "../../model/errors.ts";
import { AddressSpace } from "./address-space.ts";
import { u32 } from "./bytes.ts";
import { parseContainer, type Container } from "./container.ts";
import { debuggerField, readDebuggerData, searchDebuggerData } from "./debugger-data.ts";
import { kernelFromHeader, searchKernel, WALK_BUDGET, type Kernel } from "./find-kernel.ts";
import { FIRST_PAGES, mayHoldPageTables, rootCandidates } from "./find-root.ts";
import type { Architecture, DumpHeader } from "./header.ts";
import type { KernelMemory } from "./kernel-memory.ts";
import { ARM64, X64, X86, X86_PAE, type Paging } from "./paging.ts";
import { PAGE, PhysicalMemory, RunMap, type PageMap } from "./physical.ts";
import { CachedSource, type ByteSource } from "./source.ts";
import { readSystemFacts, type SystemFacts } from "./system-facts.ts";
import { parseTriage, type Triage } from "./triage.ts";

/** The kernel's memory over the page tables of a dump. */
export interface DumpMemory extends KernelMemory {
  readonly space: AddressSpace;
  /** How the page tables were found, in words. */
  readonly rootMethod: string;
}

export interface Dump {
  readonly source: CachedSource;
  readonly container: Container;
  readonly architecture: Architecture | undefined;
  /** Undefined where the dump holds no memory, or no kernel was found in it; `cannotAnswer` then says why. */
  readonly memory: DumpMemory | undefined;
  readonly system: SystemFacts;
  /** What a small dump holds instead. */
  readonly triage: Triage | undefined;
  /** Why no pool question can be answered, in a sentence. */
  readonly cannotAnswer: string | undefined;
  /** What is odd or incomplete, in sentences. */
  readonly problems: readonly string[];
}

/** Opens a dump. Throws FormatError where the file is no kernel memory. */
export function openDump(bytes: ByteSource): Dump {
  const source = bytes instanceof CachedSource ? bytes : new CachedSource(bytes);
  const container = parseContainer(source);
  const { header } = container;
  const problems = [...container.problems];
  const triage = container.kind === "triage" && header !== undefined ? parseTriage(source, header) : undefined;
  problems.push(...(triage?.problems ?? []));
  const base = { source, container, triage, problems };
  const without = (cannotAnswer: string): Dump => ({
    ...base,
    architecture: header?.architecture,
    memory: undefined,
    system: readSystemFacts(header, undefined, undefined),
    cannotAnswer,
  });

  if (container.kind === "triage") return without(TRIAGE);
  if (container.map === undefined) return without("it holds no memory, only the header");
  if (header !== undefined && header.architecture === undefined) {
    return without(`its machine type 0x${header.machine.toString(16)} is not supported`);
  }
  if (container.map.pages === 0) return without("none of the memory it lists is in the file");
  // A raw image has no sign of its own: ten gigabytes of zeros are not searched for a kernel.
  if (container.kind === "raw" && !mayHoldPageTables(source))
    throw new FormatError("crash-dump", "no kernel dump, and no memory image: no page tables in its first 128 MiB");
  const memory = openAny(source, container, problems);
  if (memory === undefined && container.kind === "raw") {
    const hint =
      source.size > 2 ** 31
        ? "; of a VMware machine keep the .vmsn or .vmss beside the .vmem: it says where memory lies"
        : "";
    throw new FormatError("crash-dump", `no kernel dump, and no memory image in which a kernel could be found${hint}`);
  }
  if (memory === undefined) return without(NO_KERNEL);
  return {
    ...base,
    architecture: architectureOf(memory.space.paging),
    memory,
    system: readSystemFacts(header, memory.space, memory.debuggerData),
    cannotAnswer: undefined,
  };
}

const TRIAGE = "it is a small (triage) dump: it holds no page tables, no tag tables and no pool";
const NO_KERNEL =
  "no kernel was found in its memory: page tables or the kernel's data are missing, or of a form not known here";

function architectureOf(paging: Paging): Architecture {
  return paging.id === "x64" || paging.id === "arm64" ? paging.id : "x86";
}

function pagingOf(header: DumpHeader): Paging {
  if (header.architecture === "arm64") return ARM64;
  if (header.architecture === "x64") return X64;
  return header.pae ? X86_PAE : X86;
}

/** Entries of one table, at most (32-bit without PAE; 512 else). */
const TABLE_ENTRIES = 1024;
/** Where a machine's memory has its hole below 4 GiB: VMware and QEMU, Xen, older QEMU, QEMU's q35. */
const HOLES = [0xc000_0000, 0xf000_0000, 0xe000_0000, 0x8000_0000];
const FOUR_GIB = 2 ** 32;

/**
 * The memory, and of a large raw image, which has no sign of its hole, the one that fits: a wrong hole leads page tables astray.
 */
function openAny(source: CachedSource, container: Container, problems: string[]): DumpMemory | undefined {
  if (container.map === undefined) return undefined;
  const whole = new PhysicalMemory(container.pages ?? source, container.map);
  const holes = container.kind === "raw" ? HOLES.filter((hole) => source.size > hole) : [];
  if (holes.length === 0) return openMemory(whole, container, problems);
  // A kernel may be found under a wrong hole too: under the right one all the pages that it maps are in the file.
  let best: { memory: DumpMemory; held: number; hole: number } | undefined;
  for (const hole of [0, ...holes]) {
    const map = hole === 0 ? container.map : mapWithHole(source.size, hole);
    const memory = openMemory(new PhysicalMemory(source, map), container, [], FIRST_PAGES);
    const held = memory === undefined ? 0 : shareHeld(memory.space);
    if (memory !== undefined && (best === undefined || held > best.held)) best = { memory, held, hole };
    if (best?.held === 1) break;
  }
  if (best === undefined) return openMemory(whole, container, problems);
  if (best.hole > 0) {
    problems.push(
      `its memory has a hole from 0x${best.hole.toString(16)} to 4 GiB, told by where the kernel's pages lie`,
    );
  }
  return best.memory;
}

function mapWithHole(size: number, hole: number): PageMap {
  return new RunMap([
    { firstPage: 0, pages: hole / PAGE, fileOffset: 0 },
    { firstPage: FOUR_GIB / PAGE, pages: Math.floor((size - hole) / PAGE), fileOffset: hole },
  ]);
}

/** Table entries looked at to tell a hole. */
const SAMPLED_ENTRIES = 2 ** 17;

/** Share of the kernel's pages whose memory is in the file; of large ones the first and the last page are looked at. */
function shareHeld(space: AddressSpace): number {
  let pages = 0;
  let held = 0;
  for (const { physical, size } of space.mappedPages({ left: SAMPLED_ENTRIES })) {
    pages += 1;
    if (space.memory.holds(physical) && space.memory.holds(physical + size - PAGE)) held += 1;
  }
  return pages === 0 ? 0 : held / pages;
}

function openMemory(
  physical: PhysicalMemory,
  container: Container,
  problems: string[],
  mostPages?: number,
): DumpMemory | undefined {
  const { header } = container;
  // Each candidate may use half of what is left, so that a file full of false ones ends. No more tables than pages are followed.
  const budget = { left: Math.min(WALK_BUDGET, TABLE_ENTRIES * physical.map.pages) };
  if (header?.root !== undefined) {
    const space = new AddressSpace(physical, pagingOf(header), header.root);
    const kernel = kernelOf(space, header, problems, budget);
    if (kernel !== undefined) return withDebuggerData(space, kernel, header, "named by the dump header");
    const fifth = withFiveLevels(space, header, budget);
    if (fifth !== undefined) return { ...fifth, rootMethod: `named by the dump header, ${FIVE_LEVELS}` };
    problems.push("the page tables that the header names lead to no kernel; others were looked for");
  }
  for (const { paging, root, method } of rootCandidates(physical, container.elfMachine, mostPages)) {
    if (header !== undefined && architectureOf(paging) !== header.architecture) continue;
    const space = new AddressSpace(physical, paging, root);
    const kernel = kernelOf(space, header, [], budget);
    if (kernel !== undefined) return withDebuggerData(space, kernel, header, method);
    const fifth = withFiveLevels(space, header, budget);
    if (fifth !== undefined) return { ...fifth, rootMethod: `${method}, ${FIVE_LEVELS}` };
  }
  return undefined;
}

const FIVE_LEVELS = "five levels, of which the lower four hold the kernel";

/**
 * Five-level paging (x64, Server 2022 and later where it is turned on): the last entry of the top table leads to the four-level
 * table of all kernel addresses in use. That it is one, the kernel found through it proves.
 */
function withFiveLevels(
  space: AddressSpace,
  header: DumpHeader | undefined,
  budget: { left: number },
): DumpMemory | undefined {
  const bytes = space.paging.id === "x64" ? space.memory.read(space.root + LAST_ENTRY, 8) : undefined;
  const entry = bytes === undefined ? undefined : space.paging.entry(0, u32(bytes, 0), u32(bytes, 4));
  if (entry?.kind !== "table" || entry.physical === space.root || !space.memory.holds(entry.physical)) return undefined;
  const lower = new AddressSpace(space.memory, X64, entry.physical);
  const kernel = kernelOf(lower, header, [], budget);
  return kernel === undefined ? undefined : withDebuggerData(lower, kernel, header, FIVE_LEVELS);
}

/** Offset of entry 511. */
const LAST_ENTRY = 511 * 8;

function kernelOf(
  space: AddressSpace,
  header: DumpHeader | undefined,
  problems: string[],
  budget: { left: number },
): Kernel | undefined {
  const named = header?.moduleList === undefined ? undefined : kernelFromHeader(space, header.moduleList);
  if (named !== undefined) return named;
  if (header?.moduleList !== undefined) problems.push("the module list that the header names is not readable");
  const most = Math.ceil(budget.left / 2);
  budget.left -= most;
  return searchKernel(space, most);
}

function withDebuggerData(
  space: AddressSpace,
  kernel: Kernel,
  header: DumpHeader | undefined,
  rootMethod: string,
): DumpMemory {
  const named =
    header?.debuggerBlock === undefined
      ? undefined
      : readDebuggerData(space, header.debuggerBlock, "named by the dump header");
  const found = named ?? searchDebuggerData(space, kernel.data);
  // A block of another kernel, or one whose fields were not filled in, is worse than none.
  const agrees = found !== undefined && debuggerField(found, "kernelBase", space.pointerSize) === kernel.base;
  return { space, kernel, debuggerData: agrees ? found : undefined, rootMethod };
}
