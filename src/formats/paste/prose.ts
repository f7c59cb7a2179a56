// Pool tags in running text and in tables rounded by hand: `NtFC: 18.09 GB nonpaged`, `WCsc 874 alloc / 0 free`, `first row is
// NtFC Nonp with 134,902,771 allocs`. A number is what the word or the unit beside it says; what has neither is not taken.

import { PARTIAL_TABLE } from "../csv.ts";
import { columnsOf } from "../tables/csv-layout.ts";
import type { Repaired } from "./repaired.ts";

type Field = "allocs" | "frees" | "diff" | "bytes";
const FIELDS: readonly Field[] = ["allocs", "frees", "diff", "bytes"];

const NONPAGED = /\bnon[- ]?paged\b|\bnonp\b|\bnpp?\b/i;
const PAGED = /(?<!non[- ]?)\bpaged\b/i;
/** Words by which a number beside them is known. */
const WORDS: Readonly<Record<Field, RegExp>> = {
  allocs: /^alloc(?:s|ations?|ated)?$/i,
  frees: /^(?:frees?|freed|deallocs?)$/i,
  diff: /^(?:diff|blocks?|outstanding|difference)$/i,
  bytes: /^(?:bytes?|used|size|octets)$/i,
};
// bounded: MOST_SEGMENT
const NUMBER =
  /(?<![\w.,+±])(\d{1,3}(?:([.,'\u00a0])\d{3})(?:\2\d{3})*|\d{1,15}(?:[.,]\d{1,3})?)\s?(?:([kKMGT])(?:i?B|Byte|bytes)?|(B|[Bb]ytes))?(?![\w])(?![.,]\d)/gu;
/** Short words that begin a line and are no tags. */
const NO_TAG =
  /^(?:the|and|but|for|with|from|this|that|then|when|here|top|now|all|our|its|has|had|was|are|is|it|in|on|at|to|of|so|we|you|he|she|they|i|my|ram|pool|tags?|type|size|mb|gb|kb|one|two|also|not|per|over|used|uses|free|after|since|non|nonp|page|seen|some|most|each|only|both|what|why|how|can|der|die|das|und|von|mit|les|des|une|est|para|con|los|las|row|next|see|hi|re|fw|about|diff|host|disk|cpu|max|min|sum)$/i;
/** What grows or leaks by so much is a rate, not what is held. */
const GROWTH =
  /\b(?:grow(?:s|n|ing|th)?|grew|increas\w{0,3}|gain(?:s|ed)?|leaks|leaking|leaked|rose|rises|wächst|wuchs|augmente)\b/iu;
const RATE =
  /^\s?(?:\/\s?(?:h|hr|hours?|s|sec|min|minutes?|d|days?|weeks?)\b|(?:per|an?|each|every|pro|je|par)\s+(?:hour|second|minute|day|week|boot|Stunde|Tag|Minute|heure|jour))/iu;
/** One row in a longer text is a remark, not a list. */
const MOST_LINES_OF_ONE = 5;
/** Longest piece of text in which a row is looked for. */
const MOST_SEGMENT = 400;
/** PoolMon's five numbers behind the type, some of them rounded. */
const COLUMNS: readonly (Field | "each")[] = ["allocs", "frees", "diff", "bytes", "each"];

/** A type with two numbers behind it is a row of a table, read as such or not at all. */
const TABLE_ROW = /\b(?:Nonp|Paged)[ \t]+\d[\d.,]{0,30}[ \t]+[\d(]/;

interface Row {
  readonly tag: string;
  readonly type: "Nonp" | "Paged" | "";
  readonly cells: Partial<Readonly<Record<Field, string>>>;
}

/** The rows that a text tells, as a table that lists a part of the pool; only where it holds no table that is read as it is. */
export function readProse(lines: readonly string[]): Repaired {
  if (lines.some((line) => columnsOf(line) !== undefined || /^\s*Tag\s+Allocs\s/.test(line)))
    return { lines, repairs: [] };
  if (lines.some((line) => TABLE_ROW.test(line) && !isRounded(line))) return { lines, repairs: [] };
  const rows = rowsOf(lines);
  const isRemark = rows.length === 1 && lines.filter((line) => line.trim() !== "").length > MOST_LINES_OF_ONE;
  if (toldTwice(lines) !== undefined || isRemark || rows.every(({ type }) => type === ""))
    return { lines, repairs: [] };
  const known = FIELDS.filter((field) => rows.some(({ cells }) => cells[field] !== undefined));
  const table = rows.map(({ tag, type, cells }) => [tag, type, ...known.map((field) => cells[field] ?? "")].join("\t"));
  const heading = ["Tag", "Type", ...known].join("\t");
  return { lines: [PARTIAL_TABLE, heading, ...table], repairs: [{ kind: "prose", lines: rows.length }] };
}

/** The first tag of rows in words, where none of them tells its pool. */
export function toldWithoutPool(lines: readonly string[]): string | undefined {
  const rows = rowsOf(lines);
  return rows.every(({ type }) => type === "") ? rows[0]?.tag : undefined;
}

/** The first tag that rows in words tell twice with other values: lists of several moments or machines. */
export function toldTwice(lines: readonly string[]): string | undefined {
  const seen = new Map<string, string>();
  for (const { tag, type, cells } of rowsOf(lines)) {
    const key = `${tag} ${type}`;
    const values = FIELDS.map((field) => cells[field] ?? "").join(" ");
    if ((seen.get(key) ?? values) !== values) return tag;
    seen.set(key, values);
  }
  return undefined;
}

function rowsOf(lines: readonly string[]): readonly Row[] {
  const rows: Row[] = [];
  let pool: Row["type"] = "";
  for (const line of lines) {
    // Sentences, and the parts of a list in one line: `NtFC (18 GB), EtwB (156 MB)`.
    const segments =
      line.length > MOST_SEGMENT * 4 ? [] : line.split(/(?<=[.;!?])\s+(?=\p{Lu}|\d)|,\s+(?=\S{2,4}\s?[(:=]\s?\d)/u);
    const ofLine = poolOf(line);
    for (const segment of segments) {
      const row = segment.length > MOST_SEGMENT ? undefined : (roundedRow(segment) ?? rowOf(segment));
      if (row === undefined) pool = poolOf(segment) === "" ? pool : poolOf(segment);
      else rows.push(row.type === "" ? { ...row, type: ofLine === "" ? pool : ofLine } : row);
    }
  }
  return rows;
}

function poolOf(text: string): Row["type"] {
  const isNonpaged = NONPAGED.test(text);
  const isPaged = PAGED.test(text);
  return isNonpaged === isPaged ? "" : isNonpaged ? "Nonp" : "Paged";
}

/** A row of PoolMon whose numbers are rounded: `NtFC Nonp 134.9M 484 134.9M 18.1G 144`. */
function roundedRow(text: string): Row | undefined {
  const words = text.trim().split(/[\s|]+/);
  const at = words.findIndex((word) => /^(?:nonp|paged|nonpaged)$/i.test(word));
  const numbers = words.slice(at + 1, at + 1 + COLUMNS.length);
  const tag = words.slice(0, Math.max(0, at)).join(" ");
  if (at < 1 || !/^.{1,4}$/.test(tag) || numbers.length < COLUMNS.length - 1) return undefined;
  if (!numbers.every((word) => /^\d[\d.,]{0,20}(?:[kKMGT](?:i?B)?|B)?$/.test(word))) return undefined;
  const cells: Partial<Record<Field, string>> = {};
  for (const [i, field] of COLUMNS.entries()) {
    const word = numbers[i];
    if (word === undefined || field === "each") continue;
    // Allocations and frees that were rounded are no counters: their difference is not that of the row.
    const value = field === "bytes" ? withUnit(word) : field === "diff" ? rounded(word) : word;
    if (/^[\d.,]+(?: [KMGT]B)?$/.test(value)) cells[field] = value;
  }
  if (cells.allocs === undefined || cells.frees === undefined) {
    delete cells.allocs;
    delete cells.frees;
  }
  return { tag, type: poolOf(` ${words[at]} `), cells };
}

function isRounded(line: string): boolean {
  return /\d[kKMGT]\b/.test(line) && roundedRow(line) !== undefined;
}

function rowOf(segment: string): Row | undefined {
  const tag = GROWTH.test(segment) ? undefined : tagOf(segment);
  if (tag === undefined) return undefined;
  const rest = segment.slice(segment.indexOf(tag) + tag.length);
  const cells: Partial<Record<Field, string>> = {};
  for (const match of rest.matchAll(NUMBER)) {
    const [whole, digits = "", , unit, plain] = match;
    const field =
      unit !== undefined || plain !== undefined ? "bytes" : fieldBeside(rest, match.index, match.index + whole.length);
    const isRate = RATE.test(rest.slice(match.index + whole.length));
    if (field === undefined || isRate || cells[field] !== undefined) continue;
    cells[field] = field === "bytes" ? withUnit(`${digits}${unit ?? ""}`) : digits;
  }
  const tells =
    cells.bytes !== undefined || cells.diff !== undefined || (cells.allocs !== undefined && cells.frees !== undefined);
  return tells ? { tag, type: poolOf(segment), cells } : undefined;
}

/** The tag of a piece of text: before a type, behind the word tag, or the first word. */
function tagOf(text: string): string | undefined {
  // bounded: MOST_SEGMENT
  const typed = /(?:^|[\s"'`(])([^\s"'`(]{3,4})["'`]?\s+\(?(?:Nonp|Paged)\b/.exec(text)?.[1];
  // bounded: MOST_SEGMENT
  const called = /\b(?:pool ?)?tags?\s*[:=]?\s*["'`]?([A-Za-z0-9_?!@#$%+]{2,4})["'`]?(?=[\s,:;)]|$)/i.exec(text)?.[1];
  // bounded: MOST_SEGMENT
  const first = /^\s*(?:[-*•+]|\d{1,3}[.)])?\s*["'`]?([^\s"'`,:;()]{2,4})["'`]?(?=\s*[:=(,–-]|\s)/u.exec(text)?.[1];
  return [typed, called, first].find((tag) => tag !== undefined && !NO_TAG.test(tag) && /[A-Za-z]/.test(tag));
}

/** The counter whose word stands right behind a number, else right before it. */
function fieldBeside(text: string, start: number, end: number): Field | undefined {
  // bounded: MOST_SEGMENT
  const next = /^\s*(\p{L}+)/u.exec(text.slice(end))?.[1];
  // bounded: MOST_SEGMENT
  const before = /(\p{L}+)\s*(?:[:=]\s*)?$/u.exec(text.slice(0, start))?.[1];
  for (const word of [next, before]) {
    const field = word === undefined ? undefined : FIELDS.find((each) => WORDS[each].test(word));
    if (field !== undefined) return field;
  }
  return undefined;
}

/** `134.9M` blocks as a whole number: people count in thousands. */
function rounded(text: string): string {
  const [, digits = "", unit = ""] = /^(\d{1,9}(?:[.,]\d{1,3})?)([kKMGT])$/.exec(text) ?? [];
  const power = "KMGT".indexOf(unit.toUpperCase()) + 1;
  return unit === "" ? text : String(Math.round(Number(digits.replace(",", ".")) * 1000 ** power));
}

/** `18.1G` as `18.1 GB`, a cell that tells its unit. */
function withUnit(text: string): string {
  const [, digits = text, unit] = /^([\d.,']+)\s?([kKMGT])?(?:i?B)?$/.exec(text) ?? [];
  return unit === undefined ? digits : `${digits} ${unit.toUpperCase()}B`;
}
