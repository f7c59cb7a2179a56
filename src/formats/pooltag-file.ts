// The user's own pooltag.txt (`TAG - binary - description`) and lists of drivers per tag in the manner of localtag.txt.
// Reading the file belongs to src/sources/pooltag-search.ts, what a tag means to src/knowledge.
// Format: learn.microsoft.com "PoolMon Display" and "Using PoolMon"; the odd cases below were counted in public copies.

import { FormatError } from "../model/errors.ts";
import type { Gap } from "../model/snapshot.ts";
import { formatBytes } from "../model/units.ts";
import { LineSplitter } from "./line-splitter.ts";
import { decodeLatin1 } from "./text-encoding.ts";

/** One line of the list. */
export interface PoolTagEntry {
  /** Four characters as they stand in the file, space-padded; `?` is any one character, `*` any run of characters. */
  readonly tag: string;
  /** `afd.sys`, `nt!mm`; empty where the line has none or says `<unknown>`. */
  readonly binary: string;
  readonly description: string;
  /** Line in the file, from 1. */
  readonly line: number;
}

export interface PoolTagFile {
  readonly file: string;
  readonly entries: readonly PoolTagEntry[];
  readonly gaps: readonly Gap[];
}

/** Real lists have about 250 KB; more than this is another kind of file. */
export const MAX_POOLTAG_BYTES = 64 * 1024 * 1024;
/** The longest line of the copies seen has 164 characters. */
const MAX_LINE = 4096;
const MAX_GAPS = 200;
const DASH = "-";

/**
 * Reads a list of pool tags. Lines that are neither entry, comment (`rem`, `//`) nor blank become Gaps with their line
 * number. Duplicates are all kept, in the order of the file.
 * @throws FormatError where the file is too big, binary, or holds no entry at all.
 */
export function parsePoolTagFile(bytes: Uint8Array, file: string): PoolTagFile {
  if (bytes.length > MAX_POOLTAG_BYTES) {
    throw new FormatError("pooltag", "too big for a list of pool tags", {
      file,
      expected: `at most ${formatBytes(MAX_POOLTAG_BYTES)}`,
      found: "more",
    });
  }
  const text = decodeLatin1(bytes);
  if (text.includes(0)) throw new FormatError("pooltag", "binary data, not a text", { file, found: "a NUL byte" });
  const entries: PoolTagEntry[] = [];
  const gaps = new GapList(file);
  let lines = 0;
  const tooLong = (line: number): void => {
    lines = line;
    gaps.add(line, `longer than ${MAX_LINE} characters`);
  };
  const splitter = new LineSplitter((chunk, start, end, line) => {
    lines = line;
    if (end - start > MAX_LINE) {
      tooLong(line);
      return;
    }
    const content = String.fromCharCode(...chunk.subarray(start, end));
    if (isBlankOrComment(content)) return;
    const parsed = parseEntry(content) ?? parseDriverList(content);
    if (parsed === undefined) gaps.add(line, "not `TAG - binary - description`");
    else entries.push({ ...parsed, line });
  }, tooLong);
  splitter.push(text);
  splitter.end();
  if (entries.length === 0) {
    throw new FormatError("pooltag", "no pool tag in it", {
      file,
      expected: "lines of the form `TAG - binary - description`",
      found: bytes.length === 0 ? "an empty file" : `${lines} other lines`,
    });
  }
  return { file, entries, gaps: gaps.all() };
}

type Parsed = Omit<PoolTagEntry, "line">;

/**
 * `ReMo` is a tag, so only `rem` followed by white space or the end of the line is a comment; and since a list may well
 * hold a tag `Rem `, that must be the word `rem` or `REM`.
 */
function isBlankOrComment(text: string): boolean {
  const start = text.trimStart();
  return start === "" || start.startsWith("//") || /^(?:rem|REM)(?:\s|$)/.test(start);
}

function parseEntry(text: string): Parsed | undefined {
  const head = splitTag(text) ?? splitTag(text.trimStart());
  return head === undefined ? undefined : { tag: head.tag, ...splitRest(head.rest) };
}

interface Head {
  readonly tag: string;
  readonly rest: string;
}

/**
 * The tag in the first four columns, then a dash. A tag may hold spaces and dashes (`Dh 1`), so the columns decide:
 * `TTTT - ...`, and `PX1 - ...` where the tag's own fourth column is the one space before the dash. Shorter tags with
 * one space (`Io - ...`) are padded.
 */
function splitTag(text: string): Head | undefined {
  const tag = text.slice(0, 4);
  if (isTagText(tag)) {
    const dash = skipBlanks(text, 4);
    if (text[dash] === DASH && (dash > 4 || tag.endsWith(" "))) {
      return { tag, rest: text.slice(dash + 1) };
    }
  }
  const end = text.search(/\s/);
  if (end < 1 || end > 4) return undefined;
  const padded = text.slice(0, end).padEnd(4);
  const dash = skipBlanks(text, end);
  if (!isTagText(padded) || text[dash] !== DASH) return undefined;
  return { tag: padded, rest: text.slice(dash + 1) };
}

/** Four characters of one byte each, no control characters, not blank and not made of dashes as a ruler is. */
function isTagText(tag: string): boolean {
  return /^[ -~\u00a0-\u00ff]{4}$/.test(tag) && !/^[ -]*$/.test(tag);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\t") at += 1;
  return at;
}

/**
 * Binary and description. Both may hold dashes, so the first dash with white space before or after it parts them
 * (`-text` without a space occurs). Lines with two fields hold either one: what looks like a file or module is the binary.
 * Sub-entries of a group, set in before the tag or before the description, are entries like all others.
 */
function splitRest(rest: string): { binary: string; description: string } {
  const dash = findSeparator(rest);
  const first = rest.slice(0, dash ?? rest.length).trim();
  if (dash === undefined) {
    return looksLikeBinary(first) ? { binary: known(first), description: "" } : { binary: "", description: first };
  }
  if (first !== "" && !looksLikeBinary(first)) {
    return { binary: "", description: rest.trim() };
  }
  return { binary: known(first), description: rest.slice(dash + 1).trim() };
}

function findSeparator(rest: string): number | undefined {
  for (let at = rest.indexOf(DASH); at >= 0; at = rest.indexOf(DASH, at + 1)) {
    if (isBlank(rest[at - 1]) || isBlank(rest[at + 1])) return at;
  }
  return undefined;
}

function isBlank(char: string | undefined): boolean {
  return char === undefined || char === " " || char === "\t";
}

/** A word without spaces, or something with a module's marks in it: `nt!store or rdyboost.sys`. */
function looksLikeBinary(field: string): boolean {
  if (field === "") return false;
  if (!/\s/.test(field)) return true;
  return /!\w|\.(?:sys|dll|exe|lib)\b/i.test(field) || field.startsWith("<");
}

function known(binary: string): string {
  return /^<?unknown>?$/i.test(binary) ? "" : binary;
}

/**
 * A tag and the drivers that use it, without dashes: `IpEQ [ipsec][tcpip]` or `IpEQ ipsec.sys tcpip.sys`. No public
 * sample of localtag.txt exists; this is the form in which PoolMon shows what it read from it.
 */
function parseDriverList(text: string): Parsed | undefined {
  const tag = text.slice(0, 4);
  const rest = text.slice(4).trim();
  if (!isTagText(tag) || !isBlank(text[4]) || rest === "") return undefined;
  const bracketed = rest.startsWith("[");
  const names = rest.split(bracketed ? /[[\]]/ : /[\s,;]+/).filter((name) => name.trim() !== "");
  const isName = bracketed ? /^[\w.$~ -]+$/ : /^[\w.$~-]+\.sys$/i;
  if (names.length === 0 || !names.every((name) => isName.test(name))) return undefined;
  return { tag, binary: names.map((name) => name.trim()).join(" or "), description: "" };
}

/** Names the first lines one by one and counts the rest, so that a file of another kind does not flood the outputs. */
class GapList {
  readonly #file: string;
  readonly #gaps: Gap[] = [];
  #more = 0;
  #last = 0;

  constructor(file: string) {
    this.#file = file;
  }

  add(line: number, problem: string): void {
    if (this.#gaps.length < MAX_GAPS) this.#gaps.push({ where: `${this.#file}, line ${line}`, problem });
    else this.#more += 1;
    this.#last = line;
  }

  all(): readonly Gap[] {
    if (this.#more === 0) return this.#gaps;
    const summary = `${this.#more} further lines up to line ${this.#last} could not be read`;
    return [...this.#gaps, { where: this.#file, problem: summary }];
  }
}
