// One row of PoolMon's table, read from bytes: tag, Nonp or Paged, five numbers with optional (changes), Mapped_Driver.

import { NONPAGED, PAGED, outstandingOf } from "../model/snapshot.ts";
import { parseTag, tagFromBytes, type Tag } from "../model/tag.ts";
import { latin1 } from "./text-format.ts";

const SPACE = 32;
const TAB = 9;
const OPEN = 40;
const CLOSE = 41;
const PLUS = 43;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const TWO_32 = 2 ** 32;

/** Ends of the five number columns of the narrow layout, relative to the first character of the tag. */
const NARROW_ENDS = [20, 30, 40, 50, 61];

/** Fields of the row read last; reused, since a log has millions of rows. */
export class PoolmonRow {
  tag: Tag = 0;
  kind: number = NONPAGED;
  allocs = 0;
  frees = 0;
  diff = 0;
  bytes = 0;
  /** What stands behind the numbers. */
  mapped = "";
  /** Why a line that looks like a row could not be read. */
  problem = "";
  readonly #numbers = new Float64Array(5);

  /**
   * Reads `text[start..end)`. Answers "row", "bad" (looks like a row, see {@link problem}) or "other".
   * `tagColumn` is where the heading's `Tag` stands in its line: tags hold spaces, so the column decides where rows keep to it.
   */
  read(text: Uint8Array, start: number, end: number, tagColumn: number): "row" | "bad" | "other" {
    const fixed = start + tagColumn;
    const inColumn = typeAt(text, fixed + 5, end) >= 0 && isBlank(text[fixed + 4]) && isAllBlank(text, start, fixed);
    const type = inColumn ? fixed + 5 : findType(text, start, end);
    if (type < 0) return "other";
    this.kind = typeAt(text, type, end);
    if (inColumn) {
      this.tag = tagFromBytes(text[fixed] ?? 0, text[fixed + 1] ?? 0, text[fixed + 2] ?? 0, text[fixed + 3] ?? 0);
    } else {
      const name = latin1(text, start, type).trim();
      if (name === "" && type - start < 2) return this.#bad("the tag is missing");
      const tag = name === "" ? tagFromBytes(SPACE) : name.length <= 4 ? tagOfBytes(name) : parseTag(name);
      if (tag === undefined) return this.#bad(`the tag before the type is not 4 characters`);
      this.tag = tag;
    }
    let at = type + (this.kind === PAGED ? 5 : 4);
    let found = 0;
    while (found < 5) {
      const next = this.#number(text, at, end, found);
      if (next < 0) break;
      at = next;
      found += 1;
    }
    if (found < 5) {
      if (!this.#gluedNumbers(text, start, end, fixed)) return this.#bad(`has ${found} of 5 numbers`);
      at = end;
    }
    [this.allocs = 0, this.frees = 0, this.diff = 0, this.bytes = 0] = this.#numbers;
    this.mapped = at < end ? latin1(text, at, end).trim() : "";
    return "row";
  }

  #bad(problem: string): "bad" {
    this.problem = problem;
    return "bad";
  }

  /** Reads a whole number and an optional (change) after it; returns where it ends, or -1. */
  #number(text: Uint8Array, from: number, end: number, index: number): number {
    let at = from;
    while (at < end && isBlank(text[at])) at += 1;
    const negative = text[at] === MINUS;
    if (negative) at += 1;
    const first = at;
    let value = 0;
    for (; at < end; at++) {
      const digit = (text[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === first || at - first > 15) return -1;
    if (at < end && !isBlank(text[at]) && text[at] !== OPEN && index < 4) return -1;
    // A negative value is an unsigned 32-bit one printed as signed.
    this.#numbers[index] = negative ? TWO_32 - value : value;
    return skipChange(text, at, end);
  }

  /** The narrow layout leaves no room between numbers of ten digits: cut by columns, accept only if Diff agrees. */
  #gluedNumbers(text: Uint8Array, start: number, end: number, fixed: number): boolean {
    let from = Math.max(start, fixed + 10);
    for (const [index, columnEnd] of NARROW_ENDS.entries()) {
      const to = Math.min(end, fixed + columnEnd);
      const digits = latin1(text, from, to).trim();
      if (!/^\d{1,15}$/.test(digits)) return false;
      this.#numbers[index] = Number(digits);
      from = to;
    }
    const [allocs = 0, frees = 0, diff = 0] = this.#numbers;
    return outstandingOf(allocs, frees, 32) === diff;
  }
}

function typeAt(text: Uint8Array, at: number, end: number): number {
  const first = text[at];
  if (first === 78 && text[at + 1] === 111 && text[at + 2] === 110 && text[at + 3] === 112) {
    return at + 4 < end && isBlank(text[at + 4]) ? NONPAGED : -1;
  }
  if (first === 80 && text[at + 1] === 97 && text[at + 2] === 103 && text[at + 3] === 101 && text[at + 4] === 100) {
    return at + 5 < end && isBlank(text[at + 5]) ? PAGED : -1;
  }
  return -1;
}

/** Where `Nonp` or `Paged` stands as a word of its own, followed by a number; -1 if nowhere. */
function findType(text: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    if (at > start && !isBlank(text[at - 1])) continue;
    const kind = typeAt(text, at, end);
    if (kind < 0) continue;
    let next = at + (kind === PAGED ? 5 : 4);
    while (next < end && (isBlank(text[next]) || text[next] === MINUS)) next += 1;
    if (isDigit(text[next])) return at;
  }
  return -1;
}

/** Skips `( 12)`, `(-5)` or `(+5)` after a number; anything else in brackets belongs to what follows. */
function skipChange(text: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isBlank(text[at])) at += 1;
  if (text[at] !== OPEN) return from;
  at += 1;
  while (at < end && (isBlank(text[at]) || text[at] === MINUS || text[at] === PLUS)) at += 1;
  const digits = at;
  while (at < end && isDigit(text[at])) at += 1;
  if (at === digits) return from;
  while (at < end && isBlank(text[at])) at += 1;
  return at < end && text[at] === CLOSE ? at + 1 : from;
}

function isAllBlank(text: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!isBlank(text[at])) return false;
  return true;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function tagOfBytes(name: string): Tag {
  return tagFromBytes(
    name.charCodeAt(0),
    name.length > 1 ? name.charCodeAt(1) : SPACE,
    name.length > 2 ? name.charCodeAt(2) : SPACE,
    name.length > 3 ? name.charCodeAt(3) : SPACE,
  );
}
