// Lines that tell of one block: `!poolfind` old and new, `!verifier 3`. Summed per tag they are blocks listed, not totals.

import { NONPAGED, PAGED } from "../../model/snapshot.ts";
import { parseTag, type Tag } from "../../model/tag.ts";

export interface BlockLine {
  readonly tag: Tag;
  readonly kind: number;
  readonly bytes: number;
  /** Module of the caller, where the line names one. */
  readonly caller?: string;
  /** The line tells the pool; else it is taken as nonpaged. */
  readonly tellsPool: boolean;
}

// bounded: lines of a session are cut
const POOLFIND = /^\*?\s*([0-9a-f`]{8,17})\s*:\s*tag\s(.{1,4}?),\s*size\s+(0x[0-9a-f]+|\d+),\s*(.*pool.*)$/i;
const POOLFIND_OLD =
  // bounded: lines of a session are cut
  /^\*?\s*([0-9a-f`]{8,17})\s+size:\s*([0-9a-f]+)\s+previous size:\s*[0-9a-f]+\s+\((\w+)[^)]*\)\s+(.{1,4})/i;
// bounded: lines of a session are cut
const VERIFIER = /^\s*0x([0-9a-f`]{8,17})\s+0x([0-9a-f]+)\s+(.{1,4}?)\s+0x[0-9a-f`]{8,17}(?:\s+([^\s!]+)![^\s]*)?/i;

/** Where `!poolfind` says which pool it looks into. */
export const SEARCHING = /^Searching\s+(NonPaged|Paged)/i;

/** The block of a line; `kind` is the pool that was announced. A free block is `undefined` as any other line. */
export function readBlockLine(text: string, kind: number): BlockLine | undefined {
  const found = POOLFIND.exec(text);
  if (found !== null) {
    const tag = parseTag(found[2] ?? "");
    const pool = found[4] ?? "";
    if (tag === undefined || /free/i.test(pool)) return undefined;
    return { tag, kind: /non-?paged/i.test(pool) ? NONPAGED : PAGED, bytes: Number(found[3]), tellsPool: true };
  }
  const old = POOLFIND_OLD.exec(text);
  if (old !== null) {
    const tag = parseTag((old[4] ?? "").trimEnd());
    if (tag === undefined || !/^(?:alloc|protected)/i.test(old[3] ?? "")) return undefined;
    return { tag, kind, bytes: Number.parseInt(old[2] ?? "0", 16), tellsPool: true };
  }
  const held = VERIFIER.exec(text);
  const tag = held === null ? undefined : parseTag(held[3] ?? "");
  if (held === null || tag === undefined) return undefined;
  const caller = held[4];
  const bytes = Number.parseInt(held[2] ?? "0", 16);
  return { tag, kind: NONPAGED, bytes, tellsPool: false, ...(caller === undefined ? {} : { caller }) };
}
