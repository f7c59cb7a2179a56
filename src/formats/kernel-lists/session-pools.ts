// NtQuerySystemInformation class 67: pool tags of each session. Two layouts are told of, and which is true where is not known:
//
//   A (public headers, phnt)  next entry (pointer) 0, session 4/8, count 8/C, rows from C/10 on, of class 22's form
//   B (one report, 19045)     count 0, session 4, rows from 8 on
//
// The answer itself decides: lengths that add up, a tag of printable characters where the first one belongs. Where neither or
// both fit it is refused.

import { isPrintableTag } from "../../model/tag.ts";
import { parsePoolTagAnswer, type PoolTagAnswer } from "../class22.ts";
import { Answer, type PointerBytes } from "./answer.ts";

const ROW_BYTES = { 4: 28, 8: 40 } as const;

/** No Windows has so many sessions. */
const MOST_SESSIONS = 65_536;

interface Block {
  readonly session: number;
  readonly first: number;
  readonly count: number;
}

/**
 * The rows of one session, or of all of them summed. `rows` is empty where the session is not among them. Throws FormatError
 * where the layout cannot be told.
 */
export function parseSessionPools(
  bytes: Uint8Array,
  pointerBytes: PointerBytes,
  session: number | "all",
): PoolTagAnswer {
  const answer = new Answer("session pools (class 67)", bytes, pointerBytes);
  const a = layoutA(answer);
  const b = layoutB(answer);
  const blocks = a === undefined ? b : b === undefined ? a : undefined;
  if (blocks === undefined)
    throw answer.fault("session pools are not readable here: their layout cannot be told", 0, `${bytes.length} bytes`);
  const chosen = blocks.filter((block) => session === "all" || block.session === session);
  return parsePoolTagAnswer(asClass22(bytes, pointerBytes, chosen), pointerBytes === 8 ? "wide" : "narrow");
}

function layoutA(answer: Answer): readonly Block[] | undefined {
  const p = answer.pointerBytes;
  const head = p === 8 ? 16 : 12;
  const blocks: Block[] = [];
  for (let at = 0; ;) {
    if (at + head > answer.length || blocks.length >= MOST_SESSIONS) return undefined;
    const next = answer.pointer(at);
    const count = answer.u32(at + p + 4);
    const first = at + head;
    const end = first + count * ROW_BYTES[p];
    if (end > answer.length || !beginsWithTag(answer, first, count)) return undefined;
    blocks.push({ session: answer.u32(at + p), first, count });
    if (next === 0) return blocks;
    // Counted from the entry or from the buffer's start: the next one lies behind the rows of this one.
    const following = [at + next, next].find((place) => place >= end && place + head <= answer.length);
    if (following === undefined) return undefined;
    at = following;
  }
}

function layoutB(answer: Answer): readonly Block[] | undefined {
  if (answer.length < 8) return undefined;
  const count = answer.u32(0);
  if (count === 0 || 8 + count * ROW_BYTES[answer.pointerBytes] !== answer.length) return undefined;
  return beginsWithTag(answer, 8, count) ? [{ session: answer.u32(4), first: 8, count }] : undefined;
}

function beginsWithTag(answer: Answer, first: number, count: number): boolean {
  if (count === 0) return true;
  return isPrintableTag(answer.u32(first));
}

/** The rows of some sessions in the form of an answer of class 22. */
function asClass22(bytes: Uint8Array, pointerBytes: PointerBytes, blocks: readonly Block[]): Uint8Array {
  const row = ROW_BYTES[pointerBytes];
  const count = blocks.reduce((sum, block) => sum + block.count, 0);
  const made = new Uint8Array(pointerBytes + count * row);
  new DataView(made.buffer).setUint32(0, count, true);
  let at: number = pointerBytes;
  for (const block of blocks) {
    made.set(bytes.subarray(block.first, block.first + block.count * row), at);
    at += block.count * row;
  }
  return made;
}
