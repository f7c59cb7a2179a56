// `tasklist /fo csv`, with or without /v: image name, pid, session name, session, memory in use. Headings, grouping and the unit
// are of the system's language, so a row is known by its form. It tells neither handles nor pool: names for pids.

import { FormatError } from "../../model/errors.ts";
import type { Program } from "../../model/surroundings.ts";
import { cellsOf, groupedNumber, MOST_ROWS, type ToolText } from "./tool-text.ts";

const COLUMNS = [5, 9] as const;
const MEMORY = /^(\d[\d.,'\u00a0\u202f\u2019 ?]*?)\s?\p{L}{1,2}$/u;

export const tasklist: ToolText = {
  id: "tasklist",
  title: "tasklist /fo csv",
  // The heading, or the first row where there is none (/nh).
  isText: (lines) => lines.slice(0, 2).some((line) => programOf(line) !== undefined),
  parse: (lines) => {
    const programs = lines
      .slice(0, MOST_ROWS)
      .flatMap((line) => programOf(line) ?? [])
      .filter(({ pid }) => pid !== 0);
    if (programs.length === 0) throw new FormatError("tasklist", "no row of a process; save it again with /fo csv");
    return { programs };
  },
};

function programOf(line: string): Program | undefined {
  if (!line.startsWith('"')) return undefined;
  const cells = cellsOf(line);
  const [name = "", pid = "", , session = "", memory = ""] = cells;
  const kilobytes = groupedNumber(MEMORY.exec(memory)?.[1] ?? "");
  if (!COLUMNS.some((count) => count === cells.length) || name === "" || kilobytes === undefined) return undefined;
  if (!/^\d{1,10}$/.test(pid) || !/^\d{1,10}$/.test(session)) return undefined;
  return { pid: Number(pid), name, workingSet: kilobytes * 1024 };
}
