// Says what a file is that cannot be read: the obstacle and its kind, not only what would have been welcome.

import { isTraceHead } from "../formats/etl/log-header.ts";
import { toldTwice, toldWithoutPool } from "../formats/paste/prose.ts";
import { FormatError } from "../model/errors.ts";
import type { InputFile } from "./input-file.ts";
import { fileFormats } from "./registry.ts";
import { decodedHead, isBinary } from "./text-file.ts";

/** Kinds by their first bytes, with what to do. */
const MAGIC: readonly (readonly [string, string])[] = [
  ["377abcaf271c", "a 7-Zip archive: unpack it first"],
  ["526172211a07", "a RAR archive: unpack it first"],
  ["4d534346", "a cabinet file: unpack it first (expand -F:* FILE FOLDER)"],
  ["fd377a585a00", "xz data: unpack it first (xz -d)"],
  ["425a68", "bzip2 data: unpack it first (bzip2 -d)"],
  ["456c6646696c6500", "an event log (.evtx): it holds no pool counters"],
  ["4d5a", "a program or driver: poolscope drivers FILE reads it"],
  ["255044462d", "a PDF: copy the table out of it as text"],
  ["89504e470d0a", "a picture: pool tables are read as text only"],
  ["ffd8ff", "a picture: pool tables are read as text only"],
  ["d0cf11e0a1b11ae1", "an old Office or MSI file: save the table as CSV"],
];

const TRACE =
  "an event trace (.etl): it holds no counters; poolscope stacks FILE reads it, and leaks SOURCE --trace FILE joins it";

/** The error for a file of no known format: one line with file, what it is, and what is understood. */
export function refusalOf(file: InputFile): FormatError {
  const hex = Array.from(file.head.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const magic = MAGIC.find(([start]) => hex.startsWith(start))?.[1] ?? tarOf(file.head);
  const head = decodedHead(file);
  const trace = isTraceHead(file.head) ? TRACE : undefined;
  const obstacle = magic ?? trace ?? obstacleOf(head);
  const expected = fileFormats.map((each) => each.title).join("; ");
  return new FormatError("source", obstacle ?? "of no known format", {
    file: file.path,
    ...(obstacle === undefined ? { expected } : {}),
    found: describeHead(file, head),
  });
}

/** Commands of a debugger's log that are named. */
const MOST_COMMANDS = 5;

/** `ustar` stands at offset 257 of a tar archive (POSIX.1-1988). */
function tarOf(head: Uint8Array): string | undefined {
  const mark = String.fromCharCode(...head.subarray(257, 262));
  return mark === "ustar" ? "a tar archive: unpack it first, then name the folder" : undefined;
}

/** What of a text keeps every reader out, where that can be told. */
function obstacleOf(head: string): string | undefined {
  if (isBinary(head)) return undefined;
  if (/^\s*<Objs\b/.test(head))
    return "objects that PowerShell kept as XML (Export-Clixml): Import-Clixml FILE | Export-Csv OUT.csv makes a table of them";
  if (/^\s*<(?:!doctype|html|\?xml)/i.test(head)) return "a web page or XML: copy the table out of it as text";
  if (/^\s*(?:Event|Timestamp)\b.*\bETW\b/i.test(head)) return "a text export of a trace: it holds no pool counters";
  const debuggerCommands = [...head.matchAll(/^(?:\d+: )?l?kd> *([!.]?\w+)/gm)].map(([, command]) => command);
  if (debuggerCommands.length > 0)
    return `a log of a kernel debugger without a table of pool tags (it holds ${[...new Set(debuggerCommands)].slice(0, MOST_COMMANDS).join(", ")}): run !poolused 2 there and log what it prints`;
  if (/^[ \t]{0,4}(?:Nonp|Paged)[ \t]+\d/m.test(head))
    return "rows without tags: the left edge of the lines is missing; copy them from the first column on";
  const twice = toldTwice(head.split(/\r?\n/));
  if (twice !== undefined)
    return `${JSON.stringify(twice)} is told twice in words, with other values: put the list of each moment or machine into a file of its own`;
  const told = toldWithoutPool(head.split(/\r?\n/));
  if (told !== undefined)
    return `tags in words whose pool is not told: write paged or nonpaged beside ${JSON.stringify(told)}, or above the list`;
  const prefix = /^((?:[>|] ?)+)\S/m.exec(head)?.[1];
  if (prefix !== undefined && /\b(?:Nonp|Paged)\b/.test(head))
    return `no row can be read; lines begin with ${JSON.stringify(prefix)}`;
  if (/\b(?:Nonp|Paged)\b/.test(head) && /\d[.,]\d{3}/.test(head))
    return "no row can be read: numbers hold separators, and nothing in the file proves how they are meant";
  return undefined;
}

function describeHead(file: InputFile, head: string): string {
  const line = head.split(/[\r\n]/).find((each) => each.trim() !== "") ?? "";
  const cut = line.trim().slice(0, 40);
  if (cut !== "" && /^[\x20-\x7e\t]+$/.test(cut)) return `text that begins ${JSON.stringify(cut)}`;
  const bytes = Array.from(file.head.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0"));
  return `binary data that begins ${bytes.join(" ")}`;
}
