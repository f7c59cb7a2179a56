// Keeps loops short: what grows from one round to the next is replaced by what all its members have in common.

import { progressionBits, valueOfBits } from "./known-bits.ts";
import { ATOM, UNKNOWN, type Atoms, type Value } from "./values.ts";

/** Rounds of a loop after which what still grows is a series, and after which anything that grows is given up. */
export const WIDEN_AFTER = 3;
const GIVE_UP_AFTER = 8;
/** Bytes per row of a table that a loop may walk. */
const MIN_ROW = 4;
const MAX_ROW = 512;

/** What a place may hold at the head of a loop that has run `rounds` times, where `after` is more than `before`. */
export function widen(atoms: Atoms, before: Value, after: Value, rounds: number): Value {
  if (rounds < WIDEN_AFTER || after === before) return after;
  if (before.open && before.atoms.length === 0) return before;
  const [first] = after.atoms;
  const isOneKind = first !== undefined && after.atoms.every(({ kind }) => kind === first.kind);
  const numbers = isOneKind ? after.atoms.map(({ a }) => a).sort((x, y) => x - y) : [];
  const [lowest = 0] = numbers;
  if (first?.kind === ATOM.address && isOneKind) {
    const step = stepOf(numbers);
    if (step >= MIN_ROW && step <= MAX_ROW) return atoms.get(ATOM.table, lowest, step);
  }
  // A pointer that walks through the frame.
  if (first?.kind === ATOM.stack && isOneKind) return atoms.get(ATOM.frame, lowest);
  if (first?.kind === ATOM.constant && isOneKind) {
    const step = stepOf(numbers);
    // An index times the bytes of a row.
    if (lowest === 0 && step >= MIN_ROW && step <= MAX_ROW) return atoms.get(ATOM.multiple, step);
    // Anything else that counts: a tag whose last letter does keeps the letters below it, and proves no single one.
    const bits = progressionBits(numbers);
    if (bits !== undefined) return valueOfBits(atoms, bits);
  }
  if (after.atoms.length === before.atoms.length) return after.open && after.atoms.length === 0 ? UNKNOWN : after;
  if (rounds < GIVE_UP_AFTER) return after;
  return before.open ? before : { atoms: before.atoms, open: true };
}

/** The step of three numbers or more that are a fixed step apart; 0 where they are not. */
function stepOf(sorted: readonly number[]): number {
  const [first = 0, second = 0] = sorted;
  if (sorted.length < 3) return 0;
  return sorted.every((number, i) => number === first + i * (second - first)) ? second - first : 0;
}
