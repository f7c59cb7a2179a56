// `handle -s` of Sysinternals: how many handles there are of each object type. Always English; a name can come twice, and the
// sum of all rows is the total. It does not count objects.

import { FormatError } from "../../model/errors.ts";
import { quote } from "../text-format.ts";
import type { ToolText } from "./tool-text.ts";

const HEADING = /^Handle type summary:\s*$/;
const ROW = /^ {1,4}(\S.{0,60}?)\s{0,60}: (\d{1,12})$/;
const TOTAL = /^Total handles: (\d{1,12})\s*$/;

/** What handle.exe calls a type that it does not know; it is part of the total and names no type. */
const UNKNOWN = "<Unknown type>";

export const handleSummary: ToolText = {
  id: "handle",
  title: "handle -s",
  isText: (lines) => lines.some((line) => HEADING.test(line)),
  parse: (lines) => {
    const counts = new Map<string, number>();
    const from = lines.findIndex((line) => HEADING.test(line)) + 1;
    let sum = 0;
    for (const line of lines.slice(from)) {
      const total = TOTAL.exec(line);
      if (total !== null) {
        if (Number(total[1]) !== sum)
          throw new FormatError("handle", "the rows do not add up to the total; save the whole output again", {
            expected: `${total[1]} handles`,
            found: `${sum}`,
          });
        counts.delete(UNKNOWN);
        return { objects: Array.from(counts, ([type, handles]) => ({ type, handles })) };
      }
      const row = ROW.exec(line.trimEnd());
      if (row === null)
        throw new FormatError("handle", "a row of the summary cannot be read; save the whole output again", {
          expected: "`  File            : 122`",
          found: quote(line),
        });
      const [, type = "", count = ""] = row;
      counts.set(type, (counts.get(type) ?? 0) + Number(count));
      sum += Number(count);
    }
    throw new FormatError("handle", "the summary ends before its total; save the whole output again");
  },
};
