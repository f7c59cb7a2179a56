// NtQuerySystemInformation class 64: every handle of the machine. Counted in place by holder and type: a list of millions of
// handles is too much to keep. SYSTEM_HANDLE_TABLE_ENTRY_INFO_EX as public headers (phnt) state it; offsets in hexadecimal:
//
//   head: count at 0 (pointer size); entries at 8 (x86) / 10 (x64), 1C / 28 bytes each: pid 4 / 8, type index (u16) 12 / 1E

import { Answer, type PointerBytes } from "./answer.ts";

const LAYOUTS = {
  4: { first: 8, entry: 0x1c, pid: 4, type: 0x12 },
  8: { first: 0x10, entry: 0x28, pid: 8, type: 0x1e },
} as const;

/** How many handles one process has to objects of one type (by index, see object-types.ts). */
export interface HandleCount {
  readonly pid: number;
  readonly typeIndex: number;
  readonly handles: number;
}

const TYPE_INDEX_RANGE = 65_536;

/** Handles by holder and type, most first. Throws FormatError where the answer is shorter than its count. */
export function countHandles(bytes: Uint8Array, pointerBytes: PointerBytes): readonly HandleCount[] {
  const answer = new Answer("handle table (class 64)", bytes, pointerBytes);
  const layout = LAYOUTS[pointerBytes];
  const count = answer.pointer(0);
  if (count * layout.entry > answer.length - layout.first) throw answer.fault("the answer is cut off", 0, `${count}`);
  const counts = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const at = layout.first + i * layout.entry;
    const key = answer.pointer(at + layout.pid) * TYPE_INDEX_RANGE + answer.u16(at + layout.type);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Array.from(counts, ([key, handles]) => ({
    pid: Math.floor(key / TYPE_INDEX_RANGE),
    typeIndex: key % TYPE_INDEX_RANGE,
    handles,
  })).sort((a, b) => b.handles - a.handles);
}
