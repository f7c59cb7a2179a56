// Pool counters as CSV: our own `time,tag,type,allocs,frees,bytes`, one row a (tag, kind); and the wide rows of the common
// PowerShell scripts, paged and nonpaged side by side. Columns are found by their names; comma, semicolon or tab.

import { ColumnsBuilder } from "../model/columns-builder.ts";
import { FormatError } from "../model/errors.ts";
import { NONPAGED, PAGED, outstandingOf, type Milliseconds, type SystemTotals } from "../model/snapshot.ts";
import { parseTag, tagFromBytes, type Tag } from "../model/tag.ts";
import { parseDateText } from "./date-text.ts";
import {
  latin1,
  quote,
  type DateOrder,
  type TextFormat,
  type TextParser,
  type TextParserOptions,
  type TextSink,
} from "./text-format.ts";

type Field =
  | "time"
  | "tag"
  | "type"
  | "host"
  | "driver"
  | "allocs"
  | "frees"
  | "outstanding"
  | "bytes"
  | "pagedAllocs"
  | "pagedFrees"
  | "pagedOutstanding"
  | "pagedBytes"
  | "nonpagedAllocs"
  | "nonpagedFrees"
  | "nonpagedOutstanding"
  | "nonpagedBytes";

/** Accepted column names, lower case without spaces, `_`, `-` and `.`. */
const NAMES: Readonly<Record<string, Field>> = {
  time: "time",
  timestamp: "time",
  datetimeutc: "time",
  datetime: "time",
  date: "time",
  utc: "time",
  tag: "tag",
  pooltag: "tag",
  type: "type",
  pooltype: "type",
  pool: "type",
  kind: "type",
  host: "host",
  hostname: "host",
  computer: "host",
  computername: "host",
  machine: "host",
  binary: "driver",
  driver: "driver",
  mappeddriver: "driver",
  source: "driver",
  allocs: "allocs",
  frees: "frees",
  diff: "outstanding",
  outstanding: "outstanding",
  blocks: "outstanding",
  bytes: "bytes",
  used: "bytes",
  usedbytes: "bytes",
  pagedallocs: "pagedAllocs",
  pagedfrees: "pagedFrees",
  pageddiff: "pagedOutstanding",
  pagedusedbytes: "pagedBytes",
  pagedused: "pagedBytes",
  pagedbytes: "pagedBytes",
  pagedusage: "pagedBytes",
  nonpagedallocs: "nonpagedAllocs",
  nonpagedfrees: "nonpagedFrees",
  nonpageddiff: "nonpagedOutstanding",
  nonpagedusedbytes: "nonpagedBytes",
  nonpagedused: "nonpagedBytes",
  nonpagedbytes: "nonpagedBytes",
  nonpagedusage: "nonpagedBytes",
};

const TWO_32 = 2 ** 32;

export const csvFormat: TextFormat = {
  id: "csv",
  isFormat: (head) => {
    const first = head.split(/\r?\n|\r/).find((line) => line.trim() !== "" && !line.startsWith("#"));
    return first !== undefined && columnsOf(first) !== undefined;
  },
  createParser: (sink, options) => new CsvParser(sink, options),
};

interface Layout {
  readonly separator: string;
  readonly at: ReadonlyMap<Field, number>;
  readonly wide: boolean;
}

/** The layout a heading line names, or undefined where it lacks a tag or any counter. */
function columnsOf(heading: string): Layout | undefined {
  for (const separator of [",", ";", "\t"]) {
    const at = new Map<Field, number>();
    for (const [index, name] of splitCsv(heading, separator).entries()) {
      const field = NAMES[name.toLowerCase().replace(/[\s_.\-()]/g, "")];
      // DateTimeUTC beats DateTime beside it: it has no zone to guess.
      if (field !== undefined && (!at.has(field) || /utc/i.test(name))) at.set(field, index);
    }
    const wide = at.has("pagedBytes") && at.has("nonpagedBytes");
    const narrow =
      at.has("type") && at.has("bytes") && (at.has("outstanding") || (at.has("allocs") && at.has("frees")));
    if (at.has("tag") && (wide || narrow)) return { separator, at, wide };
  }
  return undefined;
}

class CsvParser implements TextParser {
  readonly #sink: TextSink;
  readonly #order: DateOrder;
  #layout: Layout | undefined;
  #builder: ColumnsBuilder | undefined;
  #blockLine = 0;
  #time: Milliseconds | undefined;
  #timeText: string | undefined;
  #host: string | undefined;
  #totals: SystemTotals = {};
  #wide64 = false;
  #known = false;
  #lastLength = 256;
  #blocks = 0;

  constructor(sink: TextSink, options: TextParserOptions) {
    this.#sink = sink;
    this.#order = options.dateOrder;
  }

  line(bytes: Uint8Array, start: number, end: number, line: number): void {
    const text = latin1(bytes, start, end);
    // `#TYPE ...` is what Export-Csv of PowerShell 5 writes first.
    if (text.trim() === "" || text.startsWith("#")) return;
    if (this.#layout === undefined) {
      this.#layout = columnsOf(text);
      if (this.#layout === undefined) {
        throw new FormatError("csv", "the first line names no known columns", {
          line,
          expected: "time,tag,type,allocs,frees,bytes",
          found: quote(text),
        });
      }
      return;
    }
    const cells = splitCsv(text, this.#layout.separator);
    // A heading again: files that were joined.
    if (cells[this.#layout.at.get("tag") ?? 0]?.toLowerCase().endsWith("tag") === true && columnsOf(text) !== undefined)
      return;
    const problem = this.#row(cells, this.#layout, line);
    if (problem !== undefined) this.#sink.gap(line, `${problem}: ${quote(text)}`);
  }

  end(): void {
    this.#close();
    if (this.#blocks === 0) throw new FormatError("csv", "holds no row of counters");
  }

  #row(cells: readonly string[], layout: Layout, line: number): string | undefined {
    const cell = (field: Field): string | undefined => {
      const index = layout.at.get(field);
      return index === undefined ? undefined : cells[index];
    };
    const timeText = cell("time");
    if (timeText !== undefined && timeText !== this.#timeText) {
      const time = parseTimeCell(timeText, this.#order);
      if (time === undefined) return "the time cannot be read";
      if (time !== this.#time) this.#close();
      this.#time = time;
      this.#timeText = timeText;
    }
    const tag = tagOfCell(cell("tag") ?? "");
    if (tag === undefined) return "the tag is not 4 characters";
    if (layout.wide) {
      const paged = counters(cell("pagedAllocs"), cell("pagedFrees"), cell("pagedOutstanding"), cell("pagedBytes"));
      const nonpaged = counters(
        cell("nonpagedAllocs"),
        cell("nonpagedFrees"),
        cell("nonpagedOutstanding"),
        cell("nonpagedBytes"),
      );
      if (paged === undefined || nonpaged === undefined) return "a counter is not a whole number";
      // One row per (tag, kind): a kind the tag never used is not a row.
      if (!isUnused(nonpaged) || isUnused(paged)) this.#add(tag, NONPAGED, nonpaged, line);
      if (!isUnused(paged)) this.#add(tag, PAGED, paged, line);
    } else {
      const type = cell("type") ?? "";
      const kind = /^non-?p/i.test(type) ? NONPAGED : /^paged?$/i.test(type) ? PAGED : -1;
      if (kind < 0) return `the type is ${quote(type)}, not Nonp or Paged`;
      const values = counters(cell("allocs"), cell("frees"), cell("outstanding"), cell("bytes"));
      if (values === undefined) return "a counter is not a whole number";
      this.#add(tag, kind, values, line);
    }
    this.#host ??= cell("host");
    const driver = cell("driver")?.trim() ?? "";
    if (driver !== "" && !/^<?unknown>?$/i.test(driver)) this.#sink.mappedDriver(tag, driver);
    return undefined;
  }

  #add(tag: Tag, kind: number, [allocs, frees, outstanding, bytes]: Counters, line: number): void {
    if (this.#builder === undefined) {
      this.#builder = new ColumnsBuilder(this.#lastLength);
      this.#blockLine = line;
    }
    if (allocs >= TWO_32 || frees >= TWO_32) this.#wide64 = true;
    if (!Number.isNaN(allocs)) this.#known = true;
    const blocks = Number.isNaN(outstanding) ? outstandingOf(allocs, frees, this.#wide64 ? 64 : 32) : outstanding;
    this.#builder.add(tag, kind, allocs, frees, blocks, bytes);
  }

  #close(): void {
    const builder = this.#builder;
    this.#builder = undefined;
    if (builder === undefined) return;
    this.#lastLength = builder.length;
    this.#blocks += 1;
    this.#sink.block({
      line: this.#blockLine,
      ...(this.#time === undefined ? {} : { time: this.#time }),
      ...(this.#host === undefined ? {} : { host: this.#host }),
      counterBits: this.#wide64 || !this.#known ? 64 : 32,
      totals: this.#totals,
      columns: builder.finish(),
    });
    this.#totals = {};
    this.#host = undefined;
  }
}

/** allocs, frees, outstanding (NaN where it has to be derived), bytes. */
type Counters = readonly [number, number, number, number];

function counters(allocs?: string, frees?: string, outstanding?: string, bytes?: string): Counters | undefined {
  const values: Counters = [whole(allocs), whole(frees), whole(outstanding), whole(bytes)];
  const derivable = (Number.isFinite(values[0]) && Number.isFinite(values[1])) || Number.isFinite(values[2]);
  return derivable && Number.isFinite(values[3]) && values.every((value) => value !== Number.NEGATIVE_INFINITY)
    ? values
    : undefined;
}

/** NaN for an empty or missing cell, -Infinity for one that is no whole number. Digit groups by comma or space are accepted. */
function whole(cell: string | undefined): number {
  const text = cell?.trim() ?? "";
  if (text === "") return Number.NaN;
  if (/^-?\d{1,16}$/.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : Number.NEGATIVE_INFINITY;
  return /^\d{1,3}(?:[,\s\u00A0]\d{3}){1,4}$/.test(text) ? Number(text.replace(/\D/g, "")) : Number.NEGATIVE_INFINITY;
}

function isUnused([allocs, , outstanding, bytes]: Counters): boolean {
  return (allocs === 0 || Number.isNaN(allocs)) && (outstanding === 0 || Number.isNaN(outstanding)) && bytes === 0;
}

/** Unix seconds (with a fraction), Unix milliseconds, or a date. */
function parseTimeCell(text: string, order: DateOrder): Milliseconds | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    const value = Number(text);
    if (value > 1e14) return undefined;
    return Math.round(value > 1e11 ? value : value * 1000);
  }
  return parseDateText(text, order);
}

/** A tag cell: 4 characters as they are (a tag may start or end in spaces), shorter ones padded, escapes read. */
function tagOfCell(cell: string): Tag | undefined {
  if (cell.length === 4 && !cell.includes("\\")) {
    return tagFromBytes(cell.charCodeAt(0), cell.charCodeAt(1), cell.charCodeAt(2), cell.charCodeAt(3));
  }
  return parseTag(cell) ?? parseTag(cell.trim());
}

/** The cells of one line. Quotes as in RFC 4180; a cell never spans lines here. */
export function splitCsv(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator);
  const cells: string[] = [];
  let at = 0;
  while (at <= line.length) {
    if (line[at] === '"') {
      let cell = "";
      at += 1;
      for (;;) {
        const quoteAt = line.indexOf('"', at);
        if (quoteAt < 0) {
          cell += line.slice(at);
          at = line.length;
          break;
        }
        cell += line.slice(at, quoteAt);
        at = quoteAt + 1;
        if (line[at] !== '"') break;
        cell += '"';
        at += 1;
      }
      cells.push(cell);
      const next = line.indexOf(separator, at);
      at = next < 0 ? line.length + 1 : next + 1;
    } else {
      const next = line.indexOf(separator, at);
      cells.push(line.slice(at, next < 0 ? line.length : next));
      at = next < 0 ? line.length + 1 : next + 1;
    }
  }
  return cells;
}
