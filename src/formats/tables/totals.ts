// Pool totals without tags: typeperf and perfmon CSV, and what Get-Counter prints. Their dates are month first, always.

import { ColumnsBuilder } from "../../model/columns-builder.ts";
import { FormatError } from "../../model/errors.ts";
import type { Milliseconds, SystemTotals } from "../../model/snapshot.ts";
import { splitCsv } from "./csv-layout.ts";
import { readDate, timeOfReading } from "../date-text.ts";
import { latin1, quote, type TextFormat, type TextParser, type TextSink } from "../text-format.ts";

const COUNTERS: Readonly<Record<string, keyof SystemTotals>> = {
  "pool nonpaged bytes": "nonpagedBytes",
  "pool paged bytes": "pagedBytes",
  "available bytes": "availableBytes",
  "committed bytes": "commitBytes",
  "commit limit": "commitLimitBytes",
};
// bounded: a cell of a heading is cut at 200 characters
const PATH = /^\\\\([^\\]{1,64})\\memory\\([^\\:]{1,40}?)\s*:?$/i;
const HEADING = /^"?\((?:PDH-CSV|PDH-TSV) [\d.]+\)/;

export const totalsFormat: TextFormat = {
  id: "totals",
  isFormat: (head) =>
    HEADING.test(head.trimStart()) || /\\\\[^\\\s]{1,64}\\memory\\pool (?:non)?paged bytes\s*:/i.test(head),
  createParser: (sink) => new TotalsParser(sink),
};

class TotalsParser implements TextParser {
  readonly #sink: TextSink;
  #columns: readonly (keyof SystemTotals | undefined)[] | undefined;
  #host: string | undefined;
  /** Minutes to add to local time for UTC, as PDH writes them. */
  #bias = 0;
  #time: Milliseconds | undefined;
  #totals: Record<string, number> = {};
  #waiting: keyof SystemTotals | undefined;
  #blocks = 0;
  /** The first counter that is not known. */
  #unknown: string | undefined;
  #line = 1;

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  line(bytes: Uint8Array, start: number, end: number, line: number): void {
    const text = latin1(bytes, start, end).trim();
    if (text === "" || /^(?:Exiting|The command completed|Timestamp|-+\s)/i.test(text)) return;
    if (HEADING.test(text)) this.#heading(text);
    else if (this.#columns !== undefined) this.#row(text, line, this.#columns);
    else this.#counter(text, line);
  }

  end(): void {
    this.#close();
    if (this.#blocks === 0)
      throw new FormatError("totals", "holds no pool totals under their English names", {
        expected:
          "columns \\\\HOST\\Memory\\Pool Nonpaged Bytes and \\\\HOST\\Memory\\Pool Paged Bytes; where Windows names its counters in another language, write these into the heading",
        ...(this.#unknown === undefined ? {} : { found: quote(this.#unknown) }),
      });
  }

  #heading(text: string): void {
    const cells = splitCsv(text, text.includes("\t") ? "\t" : ",");
    this.#bias = Number(/\((-?\d{1,4})\)$/.exec((cells[0] ?? "").trim())?.[1] ?? "0");
    this.#columns = cells.map((cell) => this.#field(cell));
  }

  #field(path: string): keyof SystemTotals | undefined {
    const match = PATH.exec(path.trim().slice(0, 200));
    if (match === null && path.startsWith("\\\\")) this.#unknown ??= path;
    if (match === null) return undefined;
    this.#host ??= match[1];
    return COUNTERS[(match[2] ?? "").toLowerCase()];
  }

  #row(text: string, line: number, columns: readonly (keyof SystemTotals | undefined)[]): void {
    const cells = splitCsv(text, text.includes("\t") ? "\t" : ",");
    const reading = readDate(cells[0] ?? "");
    const time = reading === undefined ? undefined : timeOfReading(reading, "mdy");
    if (time === undefined) {
      this.#sink.rejected(line, `the time cannot be read: ${quote(text)}`);
      return;
    }
    this.#time = time + this.#bias * 60_000;
    this.#line = line;
    for (const [i, field] of columns.entries()) {
      const value = Number(cells[i]);
      // A first sample may be blank.
      if (field !== undefined && (cells[i] ?? "").trim() !== "" && Number.isFinite(value))
        this.#totals[field] = Math.round(value);
    }
    this.#close();
  }

  /** Get-Counter: a date and a path in one line, the value in the next. */
  #counter(text: string, line: number): void {
    const at = text.indexOf("\\\\");
    if (at >= 0) {
      const reading = at === 0 ? undefined : readDate(text.slice(0, at));
      if (reading !== undefined) {
        this.#close();
        this.#time = timeOfReading(reading, "mdy");
        this.#line = line;
      }
      this.#waiting = this.#field(text.slice(at));
      return;
    }
    const value = Number(text.replace(/,(?=\d{3})/g, ""));
    if (this.#waiting !== undefined && Number.isFinite(value)) this.#totals[this.#waiting] = Math.round(value);
    else this.#sink.gap(line, `not a line of performance counters: ${quote(text)}`);
    this.#waiting = undefined;
  }

  #close(): void {
    if (Object.keys(this.#totals).length === 0) return;
    this.#blocks += 1;
    this.#sink.block({
      line: this.#line,
      ...(this.#time === undefined ? {} : { time: this.#time }),
      ...(this.#host === undefined ? {} : { host: this.#host }),
      counterBits: 64,
      totals: this.#totals,
      columns: new ColumnsBuilder(1).finish(),
    });
    this.#totals = {};
  }
}
