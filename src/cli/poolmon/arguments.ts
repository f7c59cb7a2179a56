// PoolMon's own command line: flags with / or -, in any order, values glued to /i /x /s and apart after /g /c /n.

import { baseName } from "../../model/file-path.ts";
import { NONPAGED } from "../../model/snapshot.ts";
import { compileTagPattern, type Tag } from "../../model/tag.ts";
import { UsageError } from "../../model/errors.ts";
import type { PoolmonSort } from "../../reports/poolmon-text.ts";

/** What a PoolMon command line asks for. */
export interface PoolmonRequest {
  readonly help: boolean;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly pool: "both" | "nonpaged" | "paged";
  readonly totals: boolean;
  readonly byChange: boolean;
  readonly sort: PoolmonSort;
  readonly highlight: boolean;
  /** Session pools (/s) instead of the system's. */
  readonly session?: number | "all";
  /** File for one snapshot (/n). */
  readonly snapshotFile?: string;
  /** /g: `true` where the file is to be found by itself. */
  readonly poolTagFile?: string | true;
  /** /c: file that names the drivers found on this machine; made where it does not exist. */
  readonly localTagFile?: string;
}

const SORTS: Readonly<Record<string, PoolmonSort>> = {
  t: "tag",
  a: "allocs",
  f: "frees",
  d: "diff",
  b: "bytes",
  m: "per-alloc",
};

/** Names PoolMon gives its files where the command line does not. */
const DEFAULT_SNAPSHOT_FILE = "poolsnap.log";
const DEFAULT_LOCALTAG_FILE = "localtag.txt";

export const POOLMON_HELP = `PoolMon's command line, carried out by poolscope

  poolmon [/iTAG] [/xTAG] [/g [FILE]] [/c [FILE]] [/s[ID]] [/p | /p /p] [/e] [/( | /)] [/t|/a|/f|/d|/b|/m] [/l] [/n [FILE]] [/?]

  /iTAG      only this tag; * and ? stand for any characters; may be repeated
  /xTAG      without this tag; may be repeated
  /g [FILE]  add Mapped_Driver from pooltag.txt (found by itself in the WDK, else poolscope's own list)
  /c [FILE]  add the drivers of this machine that use a tag, from FILE (${DEFAULT_LOCALTAG_FILE}); made from the
             machine's drivers where it does not exist yet, on 64-bit Windows too
  /s[ID]     session pools, all or one, where this Windows tells them
  /p         nonpaged pool only; /p /p paged pool only
  /e         totals at the bottom
  /( or /)   sort by change instead of by value
  /t /a /f /d /b /m   sort by tag, allocs, frees, diff, bytes, bytes per alloc
  /l         highlighting off
  /n [FILE]  write one snapshot to FILE (${DEFAULT_SNAPSHOT_FILE}) in PoolMon's layout and end

Flags may start with / or -. While it runs: p pools, ( change, t a f d b m sort, e totals, l highlighting, h help,
arrows and PgUp PgDn scroll, Space now, q or Esc end.

Examples:
  poolscope poolmon /b                  largest first
  poolscope poolmon -iIrp* -p -p        paged pool only, of tags that begin with Irp
  poolscope poolmon -b -n monday.txt    one snapshot into a file
`;

/** Parses the arguments; throws UsageError for what PoolMon has no flag for. */
export function parsePoolmonArguments(args: readonly string[]): PoolmonRequest {
  const include: string[] = [];
  const exclude: string[] = [];
  let pools = 0;
  let request: PoolmonRequest = {
    help: false,
    include,
    exclude,
    pool: "both",
    totals: false,
    byChange: false,
    sort: "tag",
    highlight: true,
  };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    const flag = /^[-/](.)(.*)$/su.exec(arg);
    const letter = flag?.[1]?.toLowerCase() ?? "";
    const rest = flag?.[2] ?? "";
    const valueAfter = (): string | undefined => {
      const next = args[i + 1];
      if (rest !== "") return rest;
      if (next === undefined || isFlag(next)) return undefined;
      i += 1;
      return next;
    };
    if (flag === null) throw unknownFlag(arg, "every flag starts with / or -");
    if ((letter === "i" || letter === "x") && rest !== "") (letter === "i" ? include : exclude).push(rest);
    else if (letter === "g") request = { ...request, poolTagFile: valueAfter() ?? true };
    else if (letter === "c") request = { ...request, localTagFile: valueAfter() ?? DEFAULT_LOCALTAG_FILE };
    else if (letter === "n") request = { ...request, snapshotFile: valueAfter() ?? DEFAULT_SNAPSHOT_FILE };
    else if (letter === "s" && /^[0-9]{0,5}$/.test(rest))
      request = { ...request, session: rest === "" ? "all" : Number(rest) };
    else if (isHelp(arg)) request = { ...request, help: true };
    else if (rest !== "") throw unknownFlag(arg);
    else if (letter === "p") pools += 1;
    else if (letter === "e") request = { ...request, totals: true };
    else if (letter === "l") request = { ...request, highlight: false };
    else if (letter === "(" || letter === ")") request = { ...request, byChange: true };
    else if (letter in SORTS) request = { ...request, sort: SORTS[letter] ?? "tag" };
    else
      throw unknownFlag(
        arg,
        letter === "i" || letter === "x" ? `the tag follows without a space, as in ${arg}Irp` : "",
      );
  }
  return { ...request, pool: (["both", "nonpaged", "paged"] as const)[pools % 3] ?? "both" };
}

function unknownFlag(arg: string, hint = ""): UsageError {
  const shown = arg.replace(/[^\x20-\x7e]/g, "?");
  return new UsageError(`poolmon: "${shown}" is no flag of PoolMon; ${hint === "" ? "" : `${hint}; `}see poolmon /?`);
}

function isHelp(arg: string): boolean {
  return ["?", "h", "-help", "help"].includes(arg.slice(1).toLowerCase());
}

/** Whether an argument reads as one of PoolMon's flags. A path such as /tmp/pool.log does not. */
function isFlag(arg: string): boolean {
  if (arg.startsWith("-")) return true;
  return /^\/(?:[gcnpetafdbml()?h]|[ix][^/]*|s[0-9]*)$/i.test(arg);
}

/** The filter of a request, as reports take it. */
export function filterOf(request: PoolmonRequest): (tag: Tag, kind: number) => boolean {
  const include = request.include.map(compileTagPattern);
  const exclude = request.exclude.map(compileTagPattern);
  return (tag, kind) => {
    if (request.pool !== "both" && (kind === NONPAGED) !== (request.pool === "nonpaged")) return false;
    if (include.length > 0 && !include.some((matches) => matches(tag))) return false;
    return !exclude.some((matches) => matches(tag));
  };
}

/** The arguments of the program: where it is named poolmon (a copy or link of it), all of them are PoolMon's. */
export function argumentsFor(programPath: string, args: readonly string[]): readonly string[] {
  const name = baseName(programPath).toLowerCase();
  return name === "poolmon" || name === "poolmon.exe" ? ["poolmon", ...args] : args;
}
