// NtQuerySystemInformation class 5: the live processes, each with its threads behind it. Exited processes are not listed.
// SYSTEM_PROCESS_INFORMATION as public headers (phnt) and geoffchappell.com state it; offsets in hexadecimal:
//
//   field                        x86     x64     field                            x86     x64
//   next entry, threads (u32)    0   4   0   4   quota: paged, nonpaged           70 78   A0 B0
//   create time (FILETIME)       20      20      private bytes                    84      C8
//   name: length, pointer        38 3C   38 40   other operations, bytes (u64)    98 B0   E0 F8
//   pid                          44      50      fixed part                       B8      100
//   handles (u32)                4C      60      one thread record                40      50
//   working set                  64      90
//
// "Next entry" is relative to the entry and need not be a multiple of 8.

import type { LiveCounts, Program } from "../../model/surroundings.ts";
import { Answer, type PointerBytes } from "./answer.ts";

/** All processes and their sums. */
export interface ProcessListAnswer {
  readonly programs: readonly Program[];
  readonly live: LiveCounts;
}

interface Layout {
  readonly namePointer: number;
  readonly pid: number;
  readonly handles: number;
  readonly workingSet: number;
  readonly paged: number;
  readonly nonpaged: number;
  readonly privateBytes: number;
  readonly otherOperations: number;
  readonly otherBytes: number;
  readonly fixed: number;
  readonly thread: number;
}

const LAYOUTS: Readonly<Record<PointerBytes, Layout>> = {
  4: {
    namePointer: 0x3c,
    pid: 0x44,
    handles: 0x4c,
    workingSet: 0x64,
    paged: 0x70,
    nonpaged: 0x78,
    privateBytes: 0x84,
    otherOperations: 0x98,
    otherBytes: 0xb0,
    fixed: 0xb8,
    thread: 0x40,
  },
  8: {
    namePointer: 0x40,
    pid: 0x50,
    handles: 0x60,
    workingSet: 0x90,
    paged: 0xa0,
    nonpaged: 0xb0,
    privateBytes: 0xc8,
    otherOperations: 0xe0,
    otherBytes: 0xf8,
    fixed: 0x100,
    thread: 0x50,
  },
};

const CREATED = 0x20;
const NAME = 0x38;

/** Far more than a machine can run: each process takes kernel memory of its own. */
const MOST_PROCESSES = 1 << 20;

interface Entry {
  readonly at: number;
  readonly end: number;
  readonly threads: number;
}

/** Throws FormatError where the answer is cut off or leads nowhere. */
export function parseProcessList(bytes: Uint8Array, pointerBytes: PointerBytes): ProcessListAnswer {
  const answer = new Answer("process list", bytes, pointerBytes);
  const layout = LAYOUTS[pointerBytes];
  const entries = entriesOf(answer, layout);
  const base = bufferAddress(answer, layout, entries);
  const programs: Program[] = [];
  let threads = 0;
  let handles = 0;
  for (const entry of entries) {
    const program = programAt(answer, layout, entry, base);
    if (program.pid !== 0) {
      programs.push(program);
      threads += program.threads ?? 0;
      handles += program.handles ?? 0;
    }
  }
  return { programs, live: { processes: programs.length, threads, handles } };
}

/** The sums alone, without names and counts of each process. Throws FormatError as {@link parseProcessList} does. */
export function parseLiveCounts(bytes: Uint8Array, pointerBytes: PointerBytes): LiveCounts {
  const answer = new Answer("process list", bytes, pointerBytes);
  const layout = LAYOUTS[pointerBytes];
  const live = { processes: 0, threads: 0, handles: 0 };
  for (const { at, threads } of entriesOf(answer, layout)) {
    if (answer.pointer(at + layout.pid) === 0) continue;
    live.processes += 1;
    live.threads += threads;
    live.handles += answer.u32(at + layout.handles);
  }
  return live;
}

function entriesOf(answer: Answer, layout: Layout): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; ;) {
    const next = answer.u32(at);
    const threads = answer.u32(at + 4);
    const end = next === 0 ? answer.length : at + next;
    if (end > answer.length || at + layout.fixed + threads * layout.thread > end)
      throw answer.fault("a layout that is not known: an entry does not hold its threads", at, `${threads} threads`);
    entries.push({ at, end, threads });
    if (next === 0) return entries;
    if (entries.length > MOST_PROCESSES) throw answer.fault("more processes than a machine can run", at);
    at = end;
  }
}

/**
 * The address at which the asker's buffer lay. Names are told by address; every name lies between the threads of its entry
 * and the end of it, so all entries together leave few addresses, of which the highest puts a name right behind the threads.
 */
function bufferAddress(answer: Answer, layout: Layout, entries: readonly Entry[]): number | undefined {
  let lowest = 0;
  let highest = Number.POSITIVE_INFINITY;
  for (const { at, end, threads } of entries) {
    const length = answer.u16(at + NAME);
    if (length === 0) continue;
    const pointer = answer.pointer(at + layout.namePointer);
    lowest = Math.max(lowest, pointer - (end - length));
    highest = Math.min(highest, pointer - (at + layout.fixed + threads * layout.thread));
  }
  return Number.isFinite(highest) && highest >= lowest ? highest : undefined;
}

function programAt(answer: Answer, layout: Layout, { at, threads }: Entry, base: number | undefined): Program {
  const pid = answer.pointer(at + layout.pid);
  const started = answer.fileTime(at + CREATED);
  const length = answer.u16(at + NAME);
  const name =
    base === undefined || length === 0 ? "" : answer.utf16(answer.pointer(at + layout.namePointer) - base, length);
  return {
    pid,
    name: name === "" ? (pid === 4 ? "System" : `process ${pid}`) : name,
    ...(started !== undefined && { started }),
    handles: answer.u32(at + layout.handles),
    threads,
    pagedQuota: answer.pointer(at + layout.paged),
    nonpagedQuota: answer.pointer(at + layout.nonpaged),
    otherOperations: answer.u64(at + layout.otherOperations),
    otherBytes: answer.u64(at + layout.otherBytes),
    privateBytes: answer.pointer(at + layout.privateBytes),
    workingSet: answer.pointer(at + layout.workingSet),
  };
}
