// The processes of a kernel, from the list that every one of them is on until its last handle is closed. Offsets inside a
// process differ in every version: they are found by what must stand there, and checked on all processes.

import { asciiText, pointer, timeOfFileTime, u32, u64 } from "./bytes.ts";
import { debuggerField } from "./debugger-data.ts";
import { kernelPointers } from "./kernel-data.ts";
import type { KernelMemory } from "./kernel-memory.ts";
import type { VirtualMemory } from "./virtual-memory.ts";

export interface Process {
  /** Address of its link in the list. */
  readonly links: bigint;
  readonly pid: number;
  /** At most 15 characters, as the kernel keeps it. */
  readonly name: string;
  /** Its handle table; undefined where it has none: it has ended. */
  readonly handleTable: bigint | undefined;
  /** Milliseconds since 1970; undefined where not told. */
  readonly start: number | undefined;
  readonly exit: number | undefined;
}

export interface TableOffsets {
  /** Distance from the links to the pointer to the handle table. */
  readonly table: number;
  readonly layout: HandleTableLayout;
}

export interface HandleTableLayout {
  readonly pointerSize: 4 | 8;
  readonly code: number;
  readonly pid: number;
  readonly pidBytes: 4 | 8;
  readonly builds: string;
}

export interface ProcessList {
  readonly processes: readonly Process[];
  /** Undefined where no pointer of the processes leads to tables that name them. */
  readonly handleTables: HandleTableLayout | undefined;
  /** Processes whose handle table names them, of those that have one. */
  readonly proven: number;
  readonly withTable: number;
  readonly problems: readonly string[];
}

const HANDLE_TABLES: readonly HandleTableLayout[] = [
  { pointerSize: 8, code: 8, pid: 0x28, pidBytes: 4, builds: "8 and later" },
  { pointerSize: 8, code: 0, pid: 0x10, pidBytes: 8, builds: "2003 to 7" },
  { pointerSize: 4, code: 8, pid: 0x18, pidBytes: 4, builds: "8 and later" },
  { pointerSize: 4, code: 0, pid: 0x08, pidBytes: 4, builds: "XP to 7" },
];

const MOST_PROCESSES = 1_000_000;
/** Bytes before and behind the links in which everything wanted lies, in all versions known. */
const BEFORE = 0x80;
const BEHIND = 0x800;
const SYSTEM_PID = 4;
const NAME_BYTES = 15;
/** How far behind the links the table's pointer lies: 60 to 130 in all versions known, less on x86. */
const TABLE_FROM = 0x10;
const TABLE_TO = 0x1c0;
/** Times are believed between a minute before start and a minute after the dump was taken. */
const TIME_SLACK = 60_000;

interface Entry {
  readonly links: bigint;
  readonly bytes: Uint8Array;
}

/** The processes; undefined where no list of them was found. */
export function readProcesses(
  memory: KernelMemory,
  listHead: bigint | undefined,
  times: { readonly from: number | undefined; readonly to: number | undefined },
): ProcessList | undefined {
  const { space } = memory;
  const head = headOf(memory, listHead);
  if (head === undefined) return undefined;
  const problems: string[] = [];
  const entries = walk(space, head, problems);
  const [first] = entries;
  const nameAt = first === undefined ? undefined : systemName(first.bytes);
  if (nameAt === undefined) return undefined;
  const p = space.pointerSize;
  const pidOf = ({ bytes }: Entry): number => u32(bytes, BEFORE - p);
  const table = tableOffset(space, entries, pidOf);
  const tableOf = ({ bytes }: Entry): bigint | undefined => {
    const value = table === undefined ? 0n : pointer(bytes, BEFORE + table.offset, p);
    return value === 0n ? undefined : value;
  };
  const clock = timeOffsets(entries, (entry) => table !== undefined && tableOf(entry) === undefined, times);
  const timeAt = ({ bytes }: Entry, offset: number | undefined): number | undefined =>
    offset === undefined ? undefined : timeOfFileTime(u64(bytes, offset));
  const processes = entries.map((entry) => ({
    links: entry.links,
    pid: pidOf(entry),
    name: asciiText(entry.bytes, nameAt, NAME_BYTES),
    handleTable: tableOf(entry),
    start: timeAt(entry, clock.start),
    exit: timeAt(entry, clock.exit),
  }));
  return {
    processes,
    handleTables: table?.layout,
    proven: table?.proven ?? 0,
    withTable: processes.filter((each) => each.handleTable !== undefined).length,
    problems,
  };
}

/** The list's head: named by the dump header or the debugger data block, else the list in the kernel's data that begins with System. */
function headOf(memory: KernelMemory, named: bigint | undefined): bigint | undefined {
  const { space, kernel, debuggerData } = memory;
  const told = debuggerData === undefined ? undefined : debuggerField(debuggerData, "processList", space.pointerSize);
  for (const head of [named, told]) {
    const first = head === undefined ? undefined : space.readPointer(head);
    if (head !== undefined && first !== undefined && isSystem(space, head, first)) return head;
  }
  for (const { at, value } of kernelPointers(space, kernel.data)) {
    if (value !== at && isSystem(space, at, value)) return at;
  }
  return undefined;
}

function isSystem(space: VirtualMemory, head: bigint, first: bigint): boolean {
  if (space.readPointer(first + BigInt(space.pointerSize)) !== head) return false;
  if (space.readPointer(first - BigInt(space.pointerSize)) !== BigInt(SYSTEM_PID)) return false;
  return systemName(readEntry(space, first).bytes) !== undefined;
}

function readEntry(space: VirtualMemory, links: bigint): Entry {
  return { links, bytes: space.read(links - BigInt(BEFORE), BEFORE + BEHIND).bytes };
}

/** Where the name stands in an entry: the first process is called System. */
function systemName(bytes: Uint8Array): number | undefined {
  for (let at = BEFORE; at + 8 <= bytes.length; at += 4) {
    if (asciiText(bytes, at, 8) === "System" && bytes[at + 6] === 0) return at;
  }
  return undefined;
}

function walk(space: VirtualMemory, head: bigint, problems: string[]): Entry[] {
  const entries: Entry[] = [];
  const seen = new Set<bigint>();
  let at = space.readPointer(head);
  while (at !== undefined && at !== head) {
    if (seen.has(at) || entries.length >= MOST_PROCESSES) {
      problems.push("the list of processes runs in a circle");
      break;
    }
    seen.add(at);
    const next = space.readPointer(at);
    if (next === undefined) {
      problems.push(`the process behind ${entries.length} others is not in the dump: those after it are missing`);
      break;
    }
    entries.push(readEntry(space, at));
    at = next;
  }
  return entries;
}

interface FoundTable {
  readonly offset: number;
  readonly layout: HandleTableLayout;
  readonly proven: number;
}

/** The pointer behind the links whose target names its own process, in the most processes. */
function tableOffset(
  space: VirtualMemory,
  entries: readonly Entry[],
  pidOf: (entry: Entry) => number,
): FoundTable | undefined {
  const p = space.pointerSize;
  let best: FoundTable | undefined;
  const sample = entries.slice(0, SAMPLE);
  for (let offset = TABLE_FROM; offset <= TABLE_TO; offset += p) {
    for (const layout of HANDLE_TABLES) {
      if (layout.pointerSize !== p) continue;
      const names = (entry: Entry): boolean => {
        const table = pointer(entry.bytes, BEFORE + offset, p);
        return space.isKernelAddress(table) && namesProcess(space, table, layout, pidOf(entry));
      };
      const inSample = sample.filter((entry) => names(entry)).length;
      if (inSample <= (best === undefined ? 0 : Math.min(best.proven, sample.length))) continue;
      best = { offset, layout, proven: entries.filter((entry) => names(entry)).length };
    }
  }
  return best;
}

const SAMPLE = 64;

function namesProcess(space: VirtualMemory, table: bigint, layout: HandleTableLayout, pid: number): boolean {
  const bytes = space.readExact(table, 0x30);
  if (bytes === undefined || u32(bytes, layout.pid) !== pid) return false;
  if (layout.pidBytes === 8 && u32(bytes, layout.pid + 4) !== 0) return false;
  const code = pointer(bytes, layout.code, layout.pointerSize);
  return space.isKernelAddress(code) && (code & 3n) <= 2n;
}

interface TimeOffsets {
  readonly start: number | undefined;
  readonly exit: number | undefined;
}

/** Start: a time in every process but the first, which may have none. Exit: a time in just those that have ended. */
function timeOffsets(
  entries: readonly Entry[],
  hasEnded: (entry: Entry) => boolean,
  { from, to }: { readonly from: number | undefined; readonly to: number | undefined },
): TimeOffsets {
  const later = entries.slice(1, 1 + SAMPLE);
  const ended = entries.filter((entry) => hasEnded(entry)).slice(0, SAMPLE);
  const living = entries.filter((entry) => !hasEnded(entry)).slice(0, SAMPLE);
  if (later.length < 2 || from === undefined || to === undefined) return { start: undefined, exit: undefined };
  const isTime = ({ bytes }: Entry, offset: number): boolean => {
    const time = timeOfFileTime(u64(bytes, offset));
    return time !== undefined && time >= from - TIME_SLACK && time <= to + TIME_SLACK;
  };
  const isZero = ({ bytes }: Entry, offset: number): boolean => u64(bytes, offset) === 0;
  let start: number | undefined;
  let exit: number | undefined;
  for (let offset = 0; offset + 8 <= BEFORE + BEHIND; offset += 8) {
    if (start === undefined && later.every((entry) => isTime(entry, offset))) start = offset;
    if (ended.length === 0 || exit !== undefined) continue;
    if (ended.every((entry) => isTime(entry, offset)) && living.every((entry) => isZero(entry, offset))) exit = offset;
  }
  return { start, exit };
}
