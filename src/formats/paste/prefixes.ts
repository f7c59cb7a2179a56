// What stands before every line of a quoted or numbered text. Taken away only where all rows have it.

import type { Repair } from "../../model/intake.ts";
import { isRowLike } from "./lines.ts";
import type { Repaired } from "./repaired.ts";

interface PrefixKind {
  readonly kind: Repair["kind"];
  readonly pattern: RegExp;
}

const KINDS: readonly PrefixKind[] = [
  { kind: "prefix", pattern: /^\s?(?:[>»] ?)+/ },
  // bounded: MOST_LINE
  { kind: "prefix", pattern: /^\s?(?:\| ?)+(?!.*\|)/ },
  // grep -n, grep -Hn and their context lines.
  { kind: "line-numbers", pattern: /^(?:(?:[A-Za-z]:)?[^\s:|]+[:-])?\d+[:-]/ },
  { kind: "prefix", pattern: /^(?:[A-Za-z]:)?[^\s:|]+\.[A-Za-z]{2,4}:/ },
  // cat -n, and editors.
  { kind: "line-numbers", pattern: /^\s*\d+\t/ },
  { kind: "line-numbers", pattern: /^\s*\d+[.)|]\s?/ },
  { kind: "prefix", pattern: /^(?:\/\/|#|\*|--) ?/ },
];

/** Share of lines that must have a prefix where the text holds no rows that show it. */
const NEARLY_ALL = 0.9;
/** Quoting within quoting, at most. */
const MOST_LAYERS = 3;

export function stripPrefixes(given: readonly string[]): Repaired {
  let lines = given;
  const repairs: Repair[] = [];
  for (let layer = 0; layer < MOST_LAYERS; layer++) {
    const kind = KINDS.find(({ pattern }, i) => isShared(lines, pattern) || (i === 0 && isQuotedInPart(lines)));
    if (kind === undefined) break;
    let count = 0;
    let found = "";
    lines = lines.map((line) => {
      const prefix = kind.pattern.exec(line)?.[0];
      if (prefix === undefined) return line;
      count += 1;
      if (found === "") found = prefix;
      return line.slice(prefix.length);
    });
    repairs.push({ kind: kind.kind, lines: count, ...(kind.kind === "prefix" ? { found } : {}) });
  }
  return { lines, repairs };
}

/** An answer above the table that it quotes: marks of quoting before some rows, which are no tags with them. */
function isQuotedInPart(lines: readonly string[]): boolean {
  return lines.some((line) => /^\s?(?:[>»] ?){1,8}\s{0,8}\S.{0,3}\s{1,8}(?:Nonp|Paged)\s{1,40}-?\d/.test(line));
}

function isShared(lines: readonly string[], pattern: RegExp): boolean {
  const rows = lines.filter((line) => isRowLike(line));
  const shown = rows.length > 0 ? rows : lines.filter((line) => line.trim() !== "");
  // A date or a clock at the start of a row is no number of its line.
  const isDated = shown.every((line) => /^\d{4}-\d\d-\d\d|^\d{1,2}[-:/.]\d{1,2}[-:/.]/.test(line));
  if (isDated && pattern.test(shown[0] ?? "")) return false;
  const matching = shown.filter((line) => pattern.test(line)).length;
  if (rows.length > 0) return matching === rows.length;
  return shown.length > 2 && matching >= shown.length * NEARLY_ALL;
}
