// Text as people paste it, made readable again: quoting and line numbers, tables, special spaces, wrapped and flattened rows,
// separated numbers. Only what the text itself proves is changed, and every change is told.

import type { Repair } from "../../model/intake.ts";
import { cleanCharacters } from "./characters.ts";
import { readInformer, readJson, readPoolMonX, readRuled } from "./foreign.ts";
import { logicalLines } from "./lines.ts";
import { readMarkup } from "./markup.ts";
import { readProse } from "./prose.ts";
import { readRecords } from "./records.ts";
import { stripPrefixes } from "./prefixes.ts";
import { splitFlattened } from "./rows.ts";
import { readTables } from "./tables.ts";

/** Longest line, in characters, of a text that is repaired. */
const MOST_LINE = 4_000;

const STEPS = [
  readMarkup,
  cleanCharacters,
  readJson,
  stripPrefixes,
  readRuled,
  readPoolMonX,
  readInformer,
  readRecords,
  readTables,
  splitFlattened,
  logicalLines,
] as const;

/** The repaired text with `\n` between lines; `repairs` is empty where nothing was changed. With `prose` rows in running text are read as well. */
export function repairText(
  text: string,
  options: { readonly prose?: boolean } = {},
): { readonly text: string; readonly repairs: readonly Repair[] } {
  const repairs: Repair[] = [];
  let lines: readonly string[] = text.split(/\r\n|\n|\r/);
  // Nobody pastes such lines, and what looks for patterns in them must end.
  if (lines.some((line) => line.length > MOST_LINE) && !/^\s{0,9}[[{]/.test(text)) return { text, repairs };
  for (const step of options.prose === true ? [...STEPS, readProse] : STEPS) {
    const done = step(lines);
    lines = done.lines;
    repairs.push(...done.repairs);
  }
  return { text: lines.join("\n"), repairs };
}
