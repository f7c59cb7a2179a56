// Records of one line a field, as Format-List of PowerShell prints objects: `Tag : NtFC`, `Allocs : 12`, a blank line between.

import type { Repaired } from "./repaired.ts";

// bounded: MOST_LINE
const FIELD = /^\s{0,20}([\p{L}_][\p{L}\d_. ()%-]{0,40}?)\s*[:=]\s?(.*)$/u;
/** A record names a tag and counters. */
const FEWEST_FIELDS = 3;
const TAG = /^(?:pool ?)?tag(?: ?name)?$/i;

/** Records with a tag as lines of cells parted by tabs, each in the place of its first line; other lines stay. */
export function readRecords(lines: readonly string[]): Repaired {
  const out = [...lines];
  const records: { readonly at: number; readonly fields: ReadonlyMap<string, string> }[] = [];
  let count = 0;
  for (let from = 0; from < lines.length;) {
    const fields = new Map<string, string>();
    let to = from;
    for (; to < lines.length; to++) {
      const field = FIELD.exec(lines[to] ?? "");
      const name = field?.[1]?.trim() ?? "";
      // A name again is the next record, where nothing parts them.
      if (field === null || name === "" || fields.has(name)) break;
      fields.set(name, (field[2] ?? "").trim());
    }
    if (fields.size >= FEWEST_FIELDS && [...fields.keys()].some((name) => TAG.test(name))) {
      records.push({ at: from, fields });
      for (let i = from; i < to; i++) out[i] = "";
      count += to - from;
    }
    from = Math.max(to, from + 1);
  }
  const [first] = records;
  if (first === undefined) return { lines, repairs: [] };
  const names = [...new Set(records.flatMap(({ fields }) => [...fields.keys()]))];
  for (const { at, fields } of records) out[at] = names.map((name) => cell(fields.get(name) ?? "")).join("\t");
  // A record has three lines or more, so that the heading has a place of its own.
  out[first.at + 1] = out[first.at] ?? "";
  out[first.at] = names.join("\t");
  return { lines: out, repairs: [{ kind: "records", lines: count }] };
}

function cell(value: string): string {
  return value.replaceAll("\t", " ").replace(/^"(.*)"$/, "$1");
}
