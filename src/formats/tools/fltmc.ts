// `fltmc filters`: the file system filters that are loaded. The headings are of the system's language; the rule of dashes under
// them parts the columns. Whether a filter has instances is not read: one without any still runs.

import { FormatError } from "../../model/errors.ts";
import type { LoadedDriver } from "../../model/surroundings.ts";
import { MOST_ROWS, type ToolText } from "./tool-text.ts";

const RULE = /^-{8,}(?:\s+-{3,}){2,3}\s*$/;
const ALTITUDE = /^(?:\d{4,6}(?:\.\d+)?|)$/;
const NAME = /^[\w.$ -]{1,64}$/;

export const fltmc: ToolText = {
  id: "fltmc",
  title: "fltmc filters",
  isText: (lines) => rowsOf(lines).length > 0,
  parse: (lines) => {
    const drivers = rowsOf(lines);
    if (drivers.length === 0) throw new FormatError("fltmc", "no filter in it; save it again from an elevated prompt");
    return { drivers };
  },
};

/** A filter's service bears its name, and its file the name of the service. */
function rowsOf(lines: readonly string[]): LoadedDriver[] {
  const ruleAt = lines.findIndex((line) => RULE.test(line));
  const [first, , third] = [...(lines[ruleAt] ?? "").matchAll(/-+/g)];
  if (first === undefined || third === undefined) return [];
  return lines.slice(ruleAt + 1, ruleAt + 1 + MOST_ROWS).flatMap((line) => {
    const name = line.slice(0, first[0].length).trim();
    const altitude = line.slice(third.index, third.index + third[0].length).trim();
    return NAME.test(name) && ALTITUDE.test(altitude) && line.trim() !== name
      ? [{ file: `${name.toLowerCase()}.sys` }]
      : [];
  });
}
