// Runs a text format over a string, for the tests of the formats.

import { usesOf } from "../model/snapshot.ts";
import { formatTag } from "../model/tag.ts";
import { LineSplitter } from "./line-splitter.ts";
import type { TextBlock, TextFormat } from "./text-format.ts";

export interface ParsedText {
  readonly blocks: readonly TextBlock[];
  readonly gaps: readonly string[];
  readonly mapped: ReadonlyMap<string, string>;
}

/** Parses text, one character a byte. Gaps come as `line: problem`. */
export function parseText(format: TextFormat, text: string): ParsedText {
  const blocks: TextBlock[] = [];
  const gaps: string[] = [];
  const mapped = new Map<string, string>();
  const parser = format.createParser(
    {
      block: (block) => blocks.push(block),
      gap: (line, problem) => gaps.push(`${line}: ${problem}`),
      rejected: (line, problem) => gaps.push(`${line}: ${problem}`),
      mappedDriver: (tag, driver) => mapped.set(formatTag(tag), driver),
    },
    { dateOrder: "mdy" },
  );
  const splitter = new LineSplitter(
    (bytes, start, end, line) => parser.line(bytes, start, end, line),
    (line) => gaps.push(`${line}: too long`),
  );
  splitter.push(Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff));
  splitter.end();
  parser.end();
  return { blocks, gaps, mapped };
}

/** Rows as `Tag |kind|allocs|frees|outstanding|bytes`. */
export function rowsOf(block: TextBlock | undefined): string[] {
  if (block === undefined) return [];
  return usesOf(block.columns).map((use) =>
    [formatTag(use.tag), use.kind, use.allocs ?? "-", use.frees ?? "-", use.outstanding, use.bytes].join("|"),
  );
}
