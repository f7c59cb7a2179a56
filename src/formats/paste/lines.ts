// Lines of a listing as they were before a narrow window or a mail broke them, with plain numbers.

import type { Repair } from "../../model/intake.ts";
import type { Repaired } from "./repaired.ts";
import { hasPlainNumbers, plainNumbers } from "./rows.ts";

// bounded: MOST_LINE
const ROW = /(^|[^\w.])(\S.{0,3}?)[ \t|]+(Nonp|Paged)[ \t|]+(?=-?\d)/;
const POOLUSED_ROW = /^\s*(\S.{0,3}?)\s+(\d[\d.,]*)\s+(\d[\d.,]*)\s+(\d[\d.,]*)\s+(\d[\d.,]*)(?=\s|\D|$)/;
const ROW_START = /^\s*(\S.{0,3}?)\s+(Nonp|Paged)\b(.*)$/;
const MEMORY = /^\s*Memory:/i;
const COMMIT = /^\s*Commit:/i;
// bounded: MOST_LINE
const TITLES = /^\s*#?\s*Tag\s+Type\b/;
/** A row broken over more lines than these is no row. */
const MOST_LINES = 6;

/** Whether a line holds a row of a pool listing, whatever stands before it. */
export function isRowLike(line: string): boolean {
  return ROW.test(line);
}

interface Logical {
  readonly text: string;
  /** Lines it takes in the text. */
  readonly lines: number;
  readonly separated: boolean;
}

/** Joins broken lines and takes separators out of numbers. A joined line is followed by empty ones, so that line numbers hold. */
export function logicalLines(lines: readonly string[]): Repaired {
  const out: string[] = [];
  let wrapped = 0;
  let separated = 0;
  let sign = "";
  const groups = poolusedGroups(lines);
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? "";
    const logical = logicalAt(lines, at) ?? { text: groups(line), lines: 1, separated: groups(line) !== line };
    if (logical.lines > 1) wrapped += 1;
    if (logical.separated) {
      separated += 1;
      if (sign === "") sign = /\d([.,' \u00a0])\d{3}/.exec(lines.slice(at, at + logical.lines).join(" "))?.[1] ?? " ";
    }
    out.push(logical.text);
    for (let i = 1; i < logical.lines; i++) out.push("");
    at += logical.lines;
  }
  const repairs: Repair[] = [];
  if (wrapped > 0) repairs.push({ kind: "wrapped", lines: wrapped });
  if (separated > 0) repairs.push({ kind: "separators", lines: separated, found: sign });
  return repairs.length === 0 ? { lines, repairs } : { lines: out, repairs };
}

function logicalAt(lines: readonly string[], at: number): Logical | undefined {
  const line = lines[at] ?? "";
  const row = ROW_START.exec(line);
  if (row !== null) return rowAt(lines, at, row);
  if (MEMORY.test(line)) return joinUntil(lines, at, /\bP:\s*\d+K/);
  if (COMMIT.test(line)) return joinUntil(lines, at, /Pool N:\s*\d+K\s+P:\s*\d+K/);
  if (TITLES.test(line) && !/Alloc\b(?!s)/.test(line)) return joinUntil(lines, at, /Per\s+Alloc/);
  return undefined;
}

function joinUntil(lines: readonly string[], at: number, end: RegExp): Logical {
  let text = lines[at] ?? "";
  let count = 1;
  while (!end.test(text) && count < MOST_LINES && isContinuation(lines[at + count])) {
    text = `${text.trimEnd()} ${(lines[at + count] ?? "").trim()}`;
    count += 1;
  }
  return end.test(text)
    ? { text, lines: count, separated: false }
    : { text: lines[at] ?? "", lines: 1, separated: false };
}

function isContinuation(line: string | undefined): boolean {
  return line !== undefined && line.trim() !== "" && !ROW_START.test(line) && !/^\s*={3,}/.test(line);
}

function rowAt(
  lines: readonly string[],
  at: number,
  [line, tag = "", type = "", first = ""]: RegExpExecArray,
): Logical {
  let text = first;
  for (let count = 1; ; count++) {
    const row = rowOf(tag, type, text, line, count);
    const next = lines[at + count];
    if (row !== undefined) {
      const driver = count > 1 || !/\[/.test(text) ? next : undefined;
      const goesOn = driver !== undefined && /^\s*\[/.test(driver);
      return goesOn ? { ...row, text: `${row.text} ${driver.trim()}`, lines: count + 1 } : row;
    }
    if (count >= MOST_LINES || next === undefined || !isContinuation(next)) break;
    const joined = `${text.trimEnd()}  ${next.trim()}`;
    // A line cut at its very last column may have cut a number.
    const glued = `${text}${next}`;
    text =
      rowOf(tag, type, joined, line, 2) === undefined && rowOf(tag, type, glued, line, 2) !== undefined
        ? glued
        : joined;
  }
  return { text: line, lines: 1, separated: false };
}

/** The row of a text behind the type, or undefined where it is not whole. */
function rowOf(tag: string, type: string, text: string, line: string, lines: number): Logical | undefined {
  const head = ` ${tag.padEnd(4)} ${type}`;
  if (hasPlainNumbers(text)) {
    return { text: lines === 1 ? line : `${head}${text.startsWith(" ") ? "" : " "}${text}`, lines, separated: false };
  }
  const plain = plainNumbers(text);
  if (plain === undefined) return undefined;
  return { text: `${head}  ${plain.numbers.join("  ")} ${plain.rest}`.trimEnd(), lines, separated: true };
}

/** Rows of `!poolused` have no arithmetic of their own: separators are proven by a number with two groups of three. */
function poolusedGroups(lines: readonly string[]): (line: string) => string {
  const proven = lines.some(
    // bounded: MOST_LINE
    (line) => POOLUSED_ROW.test(line) && /(?<![\d.,])\d{1,3}(?:,\d{3}){2,}(?![\d,.])/.test(line),
  );
  if (!proven) return (line) => line;
  return (line) =>
    POOLUSED_ROW.test(line)
      ? line.replace(/(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,.])/g, (number) => number.replaceAll(",", ""))
      : line;
}
