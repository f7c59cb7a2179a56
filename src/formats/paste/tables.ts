// Tables in the marks of Markdown and of trackers: `| NtFC | Nonp | 134,902,771 |`. Pool rows become PoolMon's, others tabs.

import type { Repaired } from "./repaired.ts";

const RULER = /^\s*(?:\|\s*)?(?::?-{2,}:?\s*[|+]\s*)+(?::?-{2,}:?\s*)?(?:\|\s*)?$/;

export function readTables(lines: readonly string[]): Repaired {
  const isTable = (line: string): boolean => (line.match(/\|/g)?.length ?? 0) >= 3;
  const rows = lines.filter((line) => isTable(line) && !RULER.test(line));
  if (rows.length < 2) return { lines, repairs: [] };
  const hasTypes = rows.some((line) => cellsOf(line).some((cell) => /^(?:Nonp|Paged)$/i.test(cell)));
  let count = 0;
  const out = lines.map((line) => {
    if (RULER.test(line) || /^\s*\+(?:-+\+)+\s*$/.test(line)) return "";
    if (!isTable(line)) return line;
    count += 1;
    const cells = cellsOf(line);
    if (!hasTypes) return cells.join("\t");
    const [tag = "", ...rest] = cells;
    return ` ${tag.padEnd(4)} ${rest.join("  ")}`;
  });
  return { lines: out, repairs: [{ kind: "table", lines: count }] };
}

function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\||\|$/g, "");
  return (
    inner
      .split("|")
      // bounded: MOST_LINE
      .map((cell) => cell.trim().replace(/^[`*_]+(?=.*[`*_]+$)|[`*_]+$/g, (mark) => (/[`*]/.test(mark) ? "" : mark)))
  );
}
