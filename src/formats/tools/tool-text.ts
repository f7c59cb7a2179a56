// What other tools print of handles, processes and drivers: the shape in which their parsers answer.

import type { LoadedDriver, ObjectCount, Program } from "../../model/surroundings.ts";
import { splitCsv } from "../tables/csv-layout.ts";

/** What one text told; it tells no time. */
export interface ToolAnswer {
  readonly objects?: readonly ObjectCount[];
  readonly programs?: readonly Program[];
  readonly drivers?: readonly LoadedDriver[];
}

/** One kind of text. `lines` are of the whole text, Unicode, without line breaks and blank lines. */
export interface ToolText {
  readonly id: ToolId;
  readonly title: string;
  isText(lines: readonly string[]): boolean;
  /** Throws FormatError where figures are missing or do not add up. */
  parse(lines: readonly string[]): ToolAnswer;
}

export type ToolId = "handle" | "get-process" | "tasklist" | "driverquery" | "fltmc";

/** Rows kept of one text: more than any machine has processes or drivers. */
export const MOST_ROWS = 65_536;

/** The cells of a row, trimmed, by the separator that parts it into most. */
export function cellsOf(line: string, separator = ","): readonly string[] {
  return splitCsv(line, separator).map((cell) => cell.trim());
}

/** A whole number whose thousands may be parted by whatever the language of the system uses. */
export function groupedNumber(text: string): number | undefined {
  const digits = /^\d{1,3}(?:[.,'\u00a0\u202f\u2019\u02d9 ?]\d{3})+$|^\d{1,15}$/.test(text)
    ? text.replace(/\D/g, "")
    : "";
  return digits === "" || digits.length > 15 ? undefined : Number(digits);
}
