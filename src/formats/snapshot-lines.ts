// Snapshots as JSON, one a line, with everything that is known of each: what `export --format jsonl` writes and a SOURCE
// reads back. Described in docs/json-output.md.

import {
  kindCode,
  useAt,
  type Gap,
  type Origin,
  type PoolColumns,
  type Snapshot,
  type SourceId,
  type SystemTotals,
} from "../model/snapshot.ts";
import type { LoadedDriver } from "../model/surroundings.ts";
import { formatTag, parseTag } from "../model/tag.ts";
import { formatIso } from "../model/time.ts";
import { arrayOf, numberOf, objectOf, optional, refuse, textOf, timeOf, type Fields } from "./json-fields.ts";
import { parseSurroundings, surroundingsJson } from "./surroundings-json.ts";

/** How every line begins, whatever the blanks; the number is the version of the format. */
export const SNAPSHOT_LINE = /^\s{0,32}\{\s{0,32}"poolscope"\s{0,32}:\s{0,32}1\s{0,32},/;

/**
 * One line without its line break. Times to the millisecond, tags in their displayed form, null for a counter not known.
 * `driversBefore` is the list of drivers of the line before: the same one is not written again.
 */
export function renderSnapshotLine(snapshot: Snapshot, driversBefore?: readonly LoadedDriver[]): string {
  const { origin, columns, surroundings } = snapshot;
  const rows = Array.from({ length: columns.length }, (_, row) => {
    const { tag, kind, allocs, frees, outstanding, bytes } = useAt(columns, row);
    return [formatTag(tag), kind, allocs ?? null, frees ?? null, outstanding, bytes];
  });
  return JSON.stringify({
    poolscope: 1,
    time: formatIso(snapshot.time),
    origin: { ...origin, ...(origin.bootTime !== undefined && { bootTime: formatIso(origin.bootTime) }) },
    counterBits: snapshot.counterBits,
    totals: snapshot.totals,
    gaps: snapshot.gaps,
    rows,
    ...(surroundings !== undefined && { surroundings: surroundingsJson(surroundings, driversBefore) }),
  });
}

/** Throws FormatError where the line is not what {@link renderSnapshotLine} writes. */
export function parseSnapshotLine(text: string): Snapshot {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse("a line is no JSON", { cause });
  }
  const line = objectOf(value, "a line");
  if (line["poolscope"] !== 1)
    throw refuse("a line of another version", { expected: '"poolscope":1', found: JSON.stringify(line["poolscope"]) });
  const bits = line["counterBits"];
  if (bits !== 32 && bits !== 64) throw refuse("counterBits is neither 32 nor 64");
  return {
    time: timeOf(line["time"], "time"),
    origin: originOf(objectOf(line["origin"], "origin")),
    totals: totalsOf(objectOf(line["totals"], "totals")),
    columns: columnsOf(line["rows"]),
    counterBits: bits,
    gaps: arrayOf(line["gaps"], "gaps").map(gapOf),
    ...optional(line, ["surroundings"], parseSurroundings),
  };
}

/** Complete by its type: a source that is missing would be written and then refused. */
const SOURCE_IDS: Readonly<Record<SourceId, true>> = {
  "windows-live": true,
  poolmon: true,
  poolused: true,
  csv: true,
  class22: true,
  collector: true,
  recording: true,
  jsonl: true,
  "crash-dump": true,
  kd: true,
  totals: true,
  blocks: true,
};
const SOURCES = Object.keys(SOURCE_IDS) as SourceId[];
const BASES = ["measured", "marker", "file-name", "file-modified", "none"] as const;
const ARCHITECTURES = ["x64", "x86", "arm64"] as const;
const LISTINGS = ["partial", "blocks"] as const;

function originOf(origin: Fields): Origin {
  const { session, bootTime } = origin;
  return {
    source: oneOf(origin["source"], SOURCES, "source"),
    timeBasis: oneOf(origin["timeBasis"], BASES, "timeBasis"),
    ...optional(origin, ["file", "host", "notice"], textOf),
    ...(origin["windowsBuild"] !== undefined && { windowsBuild: numberOf(origin["windowsBuild"], "windowsBuild") }),
    ...optional(origin, ["windowsRevision"], numberOf),
    ...optional(origin, ["windowsEdition"], textOf),
    ...(origin["architecture"] !== undefined && {
      architecture: oneOf(origin["architecture"], ARCHITECTURES, "architecture"),
    }),
    ...(bootTime !== undefined && { bootTime: timeOf(bootTime, "bootTime") }),
    ...(origin["listing"] !== undefined && { listing: oneOf(origin["listing"], LISTINGS, "listing") }),
    ...optional(origin, ["bytesRoundedTo"], numberOf),
    ...(session !== undefined && { session: session === "all" ? "all" : numberOf(session, "session") }),
  };
}

function totalsOf(totals: Fields): SystemTotals {
  return Object.fromEntries(Object.entries(totals).map(([name, value]) => [name, numberOf(value, name)]));
}

function gapOf(value: unknown): Gap {
  const gap = objectOf(value, "a gap");
  return {
    where: String(gap["where"]),
    problem: String(gap["problem"]),
    ...(gap["from"] !== undefined && { from: numberOf(gap["from"], "from") }),
    ...(gap["to"] !== undefined && { to: numberOf(gap["to"], "to") }),
  };
}

function columnsOf(value: unknown): PoolColumns {
  const rows = arrayOf(value, "rows");
  const columns: PoolColumns = {
    length: rows.length,
    tag: new Uint32Array(rows.length),
    kind: new Uint8Array(rows.length),
    allocs: new Float64Array(rows.length),
    frees: new Float64Array(rows.length),
    outstanding: new Float64Array(rows.length),
    bytes: new Float64Array(rows.length),
  };
  for (const [at, row] of rows.entries()) {
    const [name, kind, allocs, frees, outstanding, bytes] = arrayOf(row, "a row");
    const tag = typeof name === "string" ? parseTag(name) : undefined;
    if (tag === undefined) throw refuse("a row without a tag", { found: JSON.stringify(name) });
    columns.tag[at] = tag;
    columns.kind[at] = kindCode(oneOf(kind, ["nonpaged", "paged"], "the pool of a row"));
    columns.allocs[at] = allocs === null ? Number.NaN : numberOf(allocs, "allocs");
    columns.frees[at] = frees === null ? Number.NaN : numberOf(frees, "frees");
    columns.outstanding[at] = numberOf(outstanding, "outstanding");
    columns.bytes[at] = numberOf(bytes, "bytes");
  }
  return columns;
}

function oneOf<Word extends string>(value: unknown, words: readonly Word[], what: string): Word {
  const found = words.find((word) => word === value);
  if (found === undefined)
    throw refuse(`${what} is not known`, { expected: words.join(", "), found: JSON.stringify(value) ?? "nothing" });
  return found;
}
