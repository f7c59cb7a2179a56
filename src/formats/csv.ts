// Pool counters as CSV: our own `time,tag,type,allocs,frees,bytes`, one row a (tag, kind); and the wide rows of the common
// PowerShell scripts, paged and nonpaged side by side. Columns are found by their names; comma, semicolon or tab.

import { ColumnsBuilder } from "../model/columns-builder.ts";
import { counterProblem } from "../model/counters.ts";
import { FormatError } from "../model/errors.ts";
import { outstandingOf, type Milliseconds, type SystemTotals } from "../model/snapshot.ts";
import { parseTag, tagFromBytes, type Tag } from "../model/tag.ts";
import { readDate } from "./date-text.ts";
import { machineBeside, machineLabel } from "./machine-label.ts";
import { MarkerLines } from "./marker-lines.ts";
import { timeFor } from "./reading-time.ts";
import { byteCell, provenSeparators, wholeCell } from "./tables/cells.ts";
import type { Field } from "./tables/column-names.ts";
import { columnsOf, poolsOf, splitCsv, type Layout } from "./tables/csv-layout.ts";
import { unicodeOf } from "./unicode-text.ts";
import {
  latin1,
  quote,
  type TextFormat,
  type TextParser,
  type TextParserOptions,
  type TextSink,
} from "./text-format.ts";

const TWO_32 = 2 ** 32;
/** Lines of a mail or a script's greeting that may stand before a heading. */
const MOST_BEFORE = 200;
const MOST_HEADING = 4_000;
/** First line of a table that lists a part of the pool, as what is found in running text. */
export const PARTIAL_TABLE = "#part of the pool";

export const csvFormat: TextFormat = {
  id: "csv",
  isFormat: (head) => {
    const lines = head.split(/\r?\n|\r/, MOST_BEFORE);
    // A line that may be a heading names a tag; the others need not be taken apart.
    return lines.some((line) => /tag/i.test(line) && line.length < MOST_HEADING && columnsOf(line) !== undefined);
  },
  createParser: (sink, options) => new CsvParser(sink, options),
};

class CsvParser implements TextParser {
  readonly #sink: TextSink;
  readonly #options: TextParserOptions;
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
  /** Separators that numbers of the file prove. */
  readonly #separators = new Set<string>();
  #rounded: number | undefined;
  #saidNoBlocks = false;
  #saidNoBytes = false;
  #before = 0;
  readonly #markers = new MarkerLines();
  #firstProblem: { readonly line: number; readonly problem: string } | undefined;
  #partial = false;

  constructor(sink: TextSink, options: TextParserOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  line(bytes: Uint8Array, start: number, end: number, line: number): void {
    const text = unicodeOf(latin1(bytes, start, end));
    // `#TYPE ...` is what Export-Csv of PowerShell 5 writes first.
    if (text === PARTIAL_TABLE) this.#partial = true;
    if (text.trim() === "" || text.startsWith("#")) return;
    const layout = this.#layout;
    if (layout === undefined) {
      this.#before += 1;
      this.#layout = columnsOf(text);
      if (this.#layout !== undefined) return;
      if (this.#before < MOST_BEFORE) this.#beside(text, line);
      else
        throw new FormatError("csv", "no line names known columns", {
          line,
          expected: "time,tag,type,allocs,frees,bytes",
          found: quote(text),
        });
      return;
    }
    const cells = splitCsv(text, layout.separator);
    if (cells.length === 1) {
      this.#beside(text, line);
      return;
    }
    // A heading again: files that were joined, or another table of a mail.
    const next = /tag/i.test(text) ? columnsOf(text) : undefined;
    if (next !== undefined) {
      if (!next.at.has("time")) this.#close();
      this.#layout = next;
      return;
    }
    const problem = this.#row(cells, layout, line);
    if (problem === undefined) return;
    this.#firstProblem ??= { line, problem: `${problem}: ${quote(text)}` };
    this.#sink.rejected(line, `${problem}: ${quote(text)}`);
  }

  /** A line around the tables: the machine or the time of what follows, or nothing that is known. */
  #beside(text: string, line: number): void {
    const trimmed = text.trim();
    const reading = this.#markers.read(trimmed);
    if (reading === "half") return;
    const read = reading === undefined ? undefined : timeFor(reading, this.#options);
    const isTime = read !== undefined && "time" in read;
    const machine = isTime ? machineBeside(reading?.around ?? "") : machineLabel(trimmed);
    if (machine !== undefined) this.#machine(machine);
    if (isTime) {
      this.#close();
      this.#time = read.time;
    }
    if (!isTime && machine === undefined && !/^[-=_*]+$/.test(trimmed))
      this.#sink.gap(line, `no row of the table: ${quote(trimmed)}`);
  }

  #machine(name: string): void {
    if (name === this.#host) return;
    this.#close();
    this.#host = name;
  }

  end(): void {
    this.#close();
    if (this.#blocks > 0) return;
    const first = this.#firstProblem;
    throw first === undefined
      ? new FormatError("csv", "holds no row of counters")
      : new FormatError("csv", `no row can be taken; in the first ${first.problem}`, { line: first.line });
  }

  #row(cells: readonly string[], layout: Layout, line: number): string | undefined {
    const cell = (field: Field): string | undefined => {
      const index = layout.at.get(field);
      return index === undefined ? undefined : cells[index];
    };
    const clock = layout.clock === undefined ? undefined : cells[layout.clock];
    const timeText = clock === undefined ? cell("time") : `${cell("time") ?? ""} ${clock}`;
    if (timeText !== undefined && timeText !== this.#timeText) {
      const time = parseTimeCell(timeText, this.#options);
      if (time === undefined) return "the time cannot be read";
      if (time !== this.#time) this.#close();
      this.#time = time;
      this.#timeText = timeText;
    }
    const tag = tagOfCell(cell("tag") ?? "");
    if (tag === undefined) return "the tag is not 4 characters";
    const host = cell("host")?.trim();
    if (host !== undefined && host !== "") this.#machine(host);
    const proven = provenSeparators(cells);
    for (const separator of proven) this.#separators.add(separator);
    const pools = poolsOf(layout, cell("type") ?? "");
    if (pools.length === 0 && (cell("type") ?? "").trim() === "")
      return "the row does not tell its pool, Nonp or Paged";
    if (pools.length === 0 && /^A[IO]F[IO]$/i.test((cell("type") ?? "").trim()))
      return `the type is ${cell("type")?.trim()}: a trace's pool graph, which counts what was allocated while it ran and not what the pool holds; poolscope stacks reads the .etl itself`;
    if (pools.length === 0) return `the type is ${quote(cell("type") ?? "")}, not Nonp or Paged`;
    const read = pools.map(([kind, fields]) => {
      const factor = layout.factors.get(fields[3]) ?? 1;
      return { kind, counters: countersOf(cell, fields, factor, this.#separators, layout.at.has(fields[3])) };
    });
    for (const { counters } of read) if (typeof counters === "string") return counters;
    let added = false;
    for (const [i, { kind, counters }] of read.entries()) {
      if (counters === undefined || typeof counters === "string") continue;
      // One row per (tag, kind): a kind the tag never used is not a row, unless it is all there is.
      const isLast = i === read.length - 1;
      if (isUnused(counters.values) && !(isLast && !added)) continue;
      added = true;
      if (counters.known > 1) this.#rounded = Math.max(this.#rounded ?? 0, counters.known);
      const problem = this.#add(tag, kind, counters.values, line);
      if (problem !== undefined) return problem;
    }
    if (!added) return "no counter in the row";
    const driver = cell("driver")?.trim() ?? "";
    if (driver !== "" && !/^<?unknown>?$/i.test(driver)) this.#sink.mappedDriver(tag, driver);
    return undefined;
  }

  #add(tag: Tag, kind: number, [allocs, frees, outstanding, bytes]: Counters, line: number): string | undefined {
    if (this.#builder === undefined) {
      this.#builder = new ColumnsBuilder(this.#lastLength);
      this.#blockLine = line;
      this.#markers.clear();
    }
    if (allocs >= TWO_32 || frees >= TWO_32) this.#wide64 = true;
    if (!Number.isNaN(allocs)) this.#known = true;
    const isDerivable = !Number.isNaN(allocs) && !Number.isNaN(frees);
    if (Number.isNaN(outstanding) && !isDerivable && !this.#saidNoBlocks) {
      this.#saidNoBlocks = true;
      this.#sink.gap(line, "the table tells bytes and no blocks; one block stands for each row");
    }
    if (Number.isNaN(bytes) && !this.#saidNoBytes) {
      this.#saidNoBytes = true;
      this.#sink.gap(line, "the table tells blocks and no bytes; one byte stands for each block, a least value");
    }
    const derived = isDerivable ? outstandingOf(allocs, frees, this.#wide64 ? 64 : 32) : bytes > 0 ? 1 : 0;
    const blocks = Number.isNaN(outstanding) ? derived : outstanding;
    const size = Number.isNaN(bytes) ? blocks : bytes;
    const wrong = counterProblem(blocks, size, allocs, frees);
    if (wrong !== undefined) return wrong;
    const added = this.#builder.addOnce(tag, kind, allocs, frees, blocks, size);
    return added === "differs" ? "listed twice at one time with different values; the first was taken" : undefined;
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
      ...(this.#rounded === undefined ? {} : { bytesRoundedTo: this.#rounded }),
      ...(this.#partial ? { listing: "partial" as const } : {}),
      totals: this.#totals,
      columns: builder.finish(),
    });
    this.#totals = {};
    // A marker is of the table after it.
    if (this.#layout?.at.has("time") !== true) this.#time = undefined;
  }
}

/** allocs, frees, outstanding (NaN where it has to be derived), bytes. */
type Counters = readonly [number, number, number, number];

/** Counters of one pool, a sentence on why they cannot be read, or undefined where the table has none for the pool. */
function countersOf(
  cell: (field: Field) => string | undefined,
  [allocs, frees, outstanding, bytes]: readonly [Field, Field, Field, Field],
  factor: number,
  proven: ReadonlySet<string>,
  tellsBytes: boolean,
): { readonly values: Counters; readonly known: number } | string | undefined {
  const size = byteCell(cell(bytes), factor, proven);
  const counts = [allocs, frees, outstanding].map((field) => wholeCell(cell(field), proven));
  const texts = [allocs, frees, outstanding, bytes].map((field) => cell(field) ?? "");
  const bad = [...counts, size.bytes].findIndex((value) => value === Number.NEGATIVE_INFINITY);
  if (bad >= 0) {
    const text = texts[bad] ?? "";
    const isExcel = /^\d{1,9}[.,]?\d{0,9}E[+-]?\d{1,3}$/i.test(text.trim());
    return isExcel ? "saved by Excel with lost digits" : "a counter is not a whole number";
  }
  const [a = Number.NaN, f = Number.NaN, o = Number.NaN] = counts;
  if ([a, f, o, size.bytes].every((value) => Number.isNaN(value))) return undefined;
  if (Number.isNaN(size.bytes) && (tellsBytes || (Number.isNaN(o) && (Number.isNaN(a) || Number.isNaN(f)))))
    return tellsBytes ? "the bytes are missing" : "neither bytes nor blocks can be told from the row";
  if (!Number.isNaN(a) && !Number.isNaN(f) && !Number.isNaN(o) && outstandingOf(o, outstandingOf(a, f, 64), 32) !== 0)
    return `Diff says ${o}, but Allocs - Frees is ${a - f}`;
  return { values: [a, f, o, size.bytes], known: size.bytes === 0 ? 1 : size.known };
}

function isUnused([allocs, , outstanding, bytes]: Counters): boolean {
  return (
    (allocs === 0 || Number.isNaN(allocs)) &&
    (outstanding === 0 || Number.isNaN(outstanding)) &&
    (bytes === 0 || Number.isNaN(bytes))
  );
}

/** Unix seconds (with a fraction), Unix milliseconds, or a date. */
function parseTimeCell(text: string, options: TextParserOptions): Milliseconds | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    const value = Number(text);
    if (value > 1e14) return undefined;
    return Math.round(value > 1e11 ? value : value * 1000);
  }
  const reading = readDate(text);
  const read = reading === undefined ? undefined : timeFor(reading, options);
  return read !== undefined && "time" in read ? read.time : undefined;
}

/** A tag cell: 4 characters as they are (a tag may start or end in spaces), shorter ones padded, escapes read. */
function tagOfCell(cell: string): Tag | undefined {
  if (cell.length === 4 && !cell.includes("\\")) {
    return tagFromBytes(cell.charCodeAt(0), cell.charCodeAt(1), cell.charCodeAt(2), cell.charCodeAt(3));
  }
  return parseTag(cell) ?? parseTag(cell.trim());
}
