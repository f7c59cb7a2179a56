// Rows of PoolMon whose numbers hold separators, or which stand several on one line. What is taken must agree with the
// arithmetic of the row: Diff = Allocs - Frees, and Per Alloc = Bytes / Diff.

import { GROUP_SPACE } from "./characters.ts";
import type { Repaired } from "./repaired.ts";

/** Five numbers of a row, as plain digits, and what stands behind them. */
export interface PlainRow {
  readonly numbers: readonly string[];
  readonly rest: string;
}

const TWO_32 = 2 ** 32;
/** Groups of digits looked at; five numbers of 13 digits are 25. */
const MOST_GROUPS = 30;

/** Whether five numbers can be a row: Allocs, Frees, Diff, Bytes, Per Alloc. */
function agrees([allocs = 0, frees = 0, diff = 0, bytes = 0, perAlloc = 0]: readonly number[]): boolean {
  const difference = (((allocs - frees) % TWO_32) + TWO_32) % TWO_32;
  if (difference !== diff % TWO_32) return false;
  return diff === 0 || Math.abs(Math.floor(bytes / diff) - perAlloc) <= 1 || bytes >= TWO_32;
}

/** Whether numbers stand in the text without any separator, so that nothing has to be proven. */
export function hasPlainNumbers(text: string): boolean {
  const match = /^(?:\s*-?\d{1,15}(?:\s*\(\s*[+-]?\d+\s*\))?(?=[\s([]|$)){5}/.exec(text);
  if (match === null) return false;
  // A sixth number: groups of digits stand apart, unless the first five are a row by themselves.
  if (!/^\s*\d{1,3}(?=\s|$)/.test(text.slice(match[0].length))) return true;
  return agrees((match[0].match(/\d+/g) ?? []).map(Number));
}

/** The numbers behind the type of a row, separators taken out where the arithmetic proves them; undefined where it does not. */
export function plainNumbers(text: string): PlainRow | undefined {
  const bare = text
    .replace(/\(\s*(?:[+-]\s*)?(?:[\d.,'][\d.,'\s]*)?\)/g, " ")
    .replace(/(?<=\d)['\u00a0](?=\d{3})/g, GROUP_SPACE);
  const tokens: string[] = [];
  let at = 0;
  for (;;) {
    const match = /^\s*(-?\d[\d.,\u00a0]*)(?=[\s[]|$)/.exec(bare.slice(at));
    if (match === null || tokens.length >= MOST_GROUPS) break;
    tokens.push(match[1] ?? "");
    at += match[0].length;
  }
  const whole = tokens.map(ungrouped);
  const five = whole.slice(0, 5);
  if (five.length === 5 && five.every((value) => value !== undefined)) {
    const numbers = five.filter((value) => value !== undefined);
    if (agrees(numbers.map(Number))) return { numbers, rest: restAfter(bare, 5) };
  }
  return spacedNumbers(tokens, bare, at);
}

/** A number whose separators stand before groups of three; undefined where they do not. */
function ungrouped(token: string): string | undefined {
  if (/^\d{1,15}$/.test(token)) return token;
  // India groups by two above the thousands.
  if (/^\d{1,2}(?:,\d{2}){1,6},\d{3}$/.test(token)) return token.replaceAll(",", "");
  return /^\d{1,3}(?:([.,\u00a0])\d{3})(?:\1\d{3})*$/.test(token) ? token.replace(/\D/g, "") : undefined;
}

function restAfter(text: string, numbers: number): string {
  const match = new RegExp(String.raw`^(?:\s*[\d.,\u00a0-]+){${numbers}}`).exec(text);
  return text.slice(match?.[0].length ?? text.length).trim();
}

/** Numbers whose groups stand apart by blanks: the one way to part them into five that agree. */
function spacedNumbers(tokens: readonly string[], bare: string, at: number): PlainRow | undefined {
  if (tokens.length <= 5 || !tokens.every((token) => /^\d{1,3}$/.test(token))) return undefined;
  const found = new Map<string, readonly string[]>();
  const part = (from: number, numbers: readonly string[]): void => {
    if (found.size > 1) return;
    if (numbers.length === 5) {
      if (from === tokens.length && agrees(numbers.map(Number))) found.set(numbers.join(" "), numbers);
      return;
    }
    let number = "";
    for (let to = from; to < tokens.length && to - from < 5; to++) {
      const group = tokens[to] ?? "";
      if (to > from && group.length !== 3) break;
      number += group;
      part(to + 1, [...numbers, number]);
    }
  };
  part(0, []);
  const [only] = found.values();
  return found.size === 1 && only !== undefined ? { numbers: only, rest: bare.slice(at).trim() } : undefined;
}

const FLAT_ROW =
  // bounded: MOST_LINE
  /(?<![^\s])(\S{1,4}|\S{1,2} \S)\s+(Nonp|Paged)\s+(\d[\d.,]*)\s+(\d[\d.,]*)\s+(\d[\d.,]*)\s+(\d[\d.,]*)\s+(\d[\d.,]*)(?=\s|$|\[)/g;

/** Rows that a copy from a web page put on one line, with titles and running text around them. */
export function splitFlattened(lines: readonly string[]): Repaired {
  let count = 0;
  const out = lines.flatMap((line) => {
    const rows = [...line.matchAll(FLAT_ROW)].filter((match) => {
      const numbers = match.slice(3, 8).map((token) => ungrouped(token ?? ""));
      return numbers.every((value) => value !== undefined) && agrees(numbers.map(Number));
    });
    const first = rows[0];
    const isFlat = rows.length > 1 || (first !== undefined && /\bTag\s+Type\b/.test(line.slice(0, first.index)));
    if (!isFlat) return [line];
    count += 1;
    return rows.map(
      (match) =>
        ` ${(match[1] ?? "").padEnd(4)} ${match[2]}  ${match
          .slice(3, 8)
          .map((token) => ungrouped(token ?? ""))
          .join("  ")}`,
    );
  });
  return count === 0 ? { lines, repairs: [] } : { lines: out, repairs: [{ kind: "flattened", lines: count }] };
}
