// What changes a screen from one set of lines to another, in as few bytes as is simple: of a line that differs only what lies
// between its equal ends is written. Pure.

import { isSimpleUnit } from "../reports/cells.ts";

const RESET = "\x1b[0m";
const ESCAPE = 0x1b;

/** Cursor moves and texts that turn `before` into `after`, both lines of at most the screen's width. */
export function changedLines(before: readonly string[], after: readonly string[]): string {
  let out = "";
  for (let row = 0; row < after.length; row++) {
    const line = after[row] ?? "";
    const was = before[row];
    if (line !== was) out += was === undefined ? wholeLine(row, line) : changeOf(row, was, line);
  }
  return out;
}

/** Erased first: after a full line the cursor stands on its last character, and erasing would take that away. */
function wholeLine(row: number, line: string): string {
  return `\x1b[${row + 1};1H\x1b[K${line}`;
}

/** A place in a line: index of the character, cells before it, colour code in force there. */
interface Place {
  readonly at: number;
  readonly cells: number;
  readonly code: string;
}

function changeOf(row: number, was: string, line: string): string {
  const least = Math.min(was.length, line.length);
  let equal = 0;
  while (equal < least && was.charCodeAt(equal) === line.charCodeAt(equal)) equal += 1;
  const start = placeAt(line, equal);
  if (start === undefined) return wholeLine(row, line);
  const rest = line.slice(start.at);
  const move = `\x1b[${row + 1};${start.cells + 1}H`;
  let same = 0;
  const most = least - start.at;
  while (same < most && was.charCodeAt(was.length - 1 - same) === line.charCodeAt(line.length - 1 - same)) same += 1;
  const end = placeAt(line, line.length - same, true);
  if (end !== undefined && end.at >= start.at) {
    const old = placeAt(was, was.length - (line.length - end.at), true);
    // What follows stays as it is only where it stands in the same cells and in the same colour.
    if (old?.at === was.length - (line.length - end.at) && old.cells === end.cells && old.code === end.code) {
      const middle = line.slice(start.at, end.at);
      return move + start.code + middle + (end.code === "" || end.code === RESET ? "" : RESET);
    }
  }
  return `${move}\x1b[K${start.code}${rest}`;
}

/**
 * The place of an index, moved out of a colour code it lies in: before it, or behind it. Undefined where characters of another
 * width than one cell come before it or stand at it.
 */
function placeAt(line: string, index: number, isForward = false): Place | undefined {
  let cells = 0;
  let codeFrom = 0;
  let codeTo = 0;
  let at = 0;
  for (;;) {
    const unit = at < line.length ? line.charCodeAt(at) : 0;
    // Codes at the place itself belong before it where what follows is to stay as it is.
    if (at >= index && !(isForward && unit === ESCAPE)) break;
    if (unit === ESCAPE) {
      const next = line.indexOf("m", at) + 1;
      if (next > index && !isForward) break;
      codeFrom = at;
      codeTo = next;
      at = next;
    } else if (isSimpleUnit(unit)) {
      cells += 1;
      at += 1;
    } else return undefined;
  }
  // A mark that combines with the character before would stand at a cell of its own.
  if (at < line.length && line.charCodeAt(at) !== ESCAPE && !isSimpleUnit(line.charCodeAt(at))) return undefined;
  return { at, cells, code: line.slice(codeFrom, codeTo) };
}
