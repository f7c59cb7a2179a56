// `driverquery /v /fo csv`: 15 columns whose headings and words are of the system's language; their order is the same in all.
// It lists installed drivers: those that run are told by the word that drivers bear which run on every Windows. Its "Paged
// Pool(bytes)" is a figure of the image file and not pool in use: it is not read.

import { FormatError } from "../../model/errors.ts";
import type { LoadedDriver } from "../../model/surroundings.ts";
import { cellsOf, MOST_ROWS, type ToolText } from "./tool-text.ts";

const COLUMNS = 15;
const MODULE = 0;
const STATE = 5;
const LINKED = 12;
const PATH = 13;

const DRIVER_PATH = /^(?:[A-Za-z]:|\\).*\\([^\\]+\.\w{2,4})$/;

/** No Windows runs without these; two of them must agree on the word for it. */
const ALWAYS_RUN: ReadonlySet<string> = new Set([
  "acpi",
  "cng",
  "disk",
  "fltmgr",
  "ksecdd",
  "mountmgr",
  "ndis",
  "partmgr",
  "pci",
  "tcpip",
  "volmgr",
]);
const LEAST_WITNESSES = 2;

/** Characters of a date cell that are looked at. */
const MOST_CELL = 200;
/** The clock behind a date, in any language: the date alone stays the same when the clocks change. */
// bounded: a cell is cut at MOST_CELL characters before it is looked at
const CLOCK = /[\s,]+\S{0,4}\s?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?.*$/u;

export const driverquery: ToolText = {
  id: "driverquery",
  title: "driverquery /v /fo csv",
  isText: (lines) => lines.slice(0, 2).some((line) => rowOf(line) !== undefined),
  parse: (lines) => {
    const rows = lines.slice(0, MOST_ROWS).flatMap((line) => rowOf(line) ?? []);
    const running = wordForRunning(rows);
    if (running === undefined)
      throw new FormatError("driverquery", "which drivers run cannot be told; save the whole list again, with /v", {
        expected: "rows of ACPI, NDIS or Tcpip in one state",
      });
    return { drivers: rows.filter(({ state }) => state === running).map(({ driver }) => driver) };
  },
};

interface Row {
  readonly module: string;
  readonly state: string;
  readonly driver: LoadedDriver;
}

function rowOf(line: string): Row | undefined {
  const cells = cellsOf(line);
  const path = cells[PATH] ?? "";
  const file = DRIVER_PATH.exec(path)?.[1];
  if (cells.length !== COLUMNS || file === undefined) return undefined;
  const linked = (cells[LINKED] ?? "").slice(0, MOST_CELL).replace(CLOCK, "");
  return {
    module: (cells[MODULE] ?? "").toLowerCase(),
    state: cells[STATE] ?? "",
    driver: { file, path, ...(linked !== "" && { version: `linked ${linked}` }) },
  };
}

/** The state that most of the drivers are in which always run. */
function wordForRunning(rows: readonly Row[]): string | undefined {
  const votes = new Map<string, number>();
  for (const { module, state } of rows)
    if (ALWAYS_RUN.has(module) && state !== "") votes.set(state, (votes.get(state) ?? 0) + 1);
  const [best] = [...votes].sort(([, a], [, b]) => b - a);
  return best !== undefined && best[1] >= LEAST_WITNESSES ? best[0] : undefined;
}
