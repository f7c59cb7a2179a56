// `Get-Process | Export-Csv`: one row a process, columns by the names of the properties, which no language changes. NPM is the
// nonpaged pool charged to the process; PM is private memory, and not paged pool.

import { FormatError } from "../../model/errors.ts";
import { baseName } from "../../model/file-path.ts";
import type { Program } from "../../model/surroundings.ts";
import { cellsOf, groupedNumber, MOST_ROWS, type ToolText } from "./tool-text.ts";

type Count = Exclude<keyof Program, "pid" | "name" | "started">;

/** The first column of these that a file has; older PowerShell writes both forms. */
const COUNTS: readonly (readonly [Count, readonly string[]])[] = [
  ["handles", ["handlecount", "handles"]],
  ["nonpagedQuota", ["nonpagedsystemmemorysize64", "npm"]],
  ["pagedQuota", ["pagedsystemmemorysize64"]],
  ["privateBytes", ["privatememorysize64", "pm"]],
  ["workingSet", ["workingset64", "ws"]],
];

interface Columns {
  readonly separator: string;
  readonly pid: number;
  readonly name: number;
  readonly path: number;
  readonly counts: readonly (readonly [Count, number])[];
}

export const getProcess: ToolText = {
  id: "get-process",
  title: "Get-Process | Export-Csv",
  isText: (lines) => columnsOf(lines) !== undefined,
  parse: (lines) => {
    const columns = columnsOf(lines);
    const programs = columns === undefined ? [] : lines.slice(0, MOST_ROWS).flatMap((line) => programOf(line, columns));
    if (programs.length === 0) throw new FormatError("get-process", "no row of a process; export it again");
    return { programs };
  },
};

/** Of the heading, which stands first or behind `#TYPE System.Diagnostics.Process`. */
function columnsOf(lines: readonly string[]): Columns | undefined {
  const heading = lines.slice(0, 2).find((line) => !line.startsWith("#"));
  if (heading === undefined) return undefined;
  for (const separator of [",", ";", "\t"]) {
    const names = cellsOf(heading, separator).map((name) => name.toLowerCase());
    const pid = names.indexOf("id");
    const name = names.includes("processname") ? names.indexOf("processname") : names.indexOf("name");
    const counts = COUNTS.flatMap(([field, columns]) => {
      const column = columns.find((each) => names.includes(each));
      return column === undefined ? [] : [[field, names.indexOf(column)] as const];
    });
    if (pid >= 0 && name >= 0 && counts.length > 0)
      return { separator, pid, name, path: names.indexOf("path"), counts };
  }
  return undefined;
}

function programOf(line: string, { separator, pid, name, path, counts }: Columns): Program[] {
  const cells = cellsOf(line, separator);
  const id = cells[pid] ?? "";
  const named = baseName(cells[path] ?? "");
  const is = named === "" ? cells[name] : named;
  // Process 0 is the idle process, which is none.
  if (!/^\d{1,10}$/.test(id) || Number(id) === 0 || is === undefined || is === "") return [];
  const values: { [Field in Count]?: number } = {};
  for (const [field, column] of counts) {
    const value = groupedNumber(cells[column] ?? "");
    if (value !== undefined) values[field] = value;
  }
  return [{ pid: Number(id), name: is, ...values }];
}
