// A web page as it was saved or copied with its marks: rows of its tables become lines of cells, preformatted text stays.

import type { Repaired } from "./repaired.ts";

const PAGE = /^\s{0,40}<(?:!doctype html|html|table|pre|div|p|body|meta)\b/i;

/** Takes the marks of HTML away; `</tr>` and `<br>` end a line, cells are parted by tabs. */
export function readMarkup(lines: readonly string[]): Repaired {
  const first = lines.find((line) => line.trim() !== "") ?? "";
  if (!PAGE.test(first)) return { lines, repairs: [] };
  let count = 0;
  const out = lines.flatMap((line) => {
    if (!line.includes("<")) return [line];
    count += 1;
    return line
      .replace(/<\/(?:td|th)>\s{0,40}(?=<t[dh]\b)/gi, "\t")
      .replace(/<(?:\/tr|br|\/p|\/pre|pre|tr|\/div|\/h[1-6]|\/li)\b[^<>]{0,500}>/gi, "\n")
      .replace(/<[/!a-z][^<>]{0,500}>/gi, "")
      .split("\n");
  });
  return { lines: out, repairs: [{ kind: "markup", lines: count }] };
}
