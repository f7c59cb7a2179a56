// PoolMon's text: `-n` snapshots in the wide and narrow layouts, and captures of its screen with change columns.
// Layouts: Microsoft Learn, "PoolMon display" and "PoolMon examples"; docs/sources/poolmon.md says what was seen in the field.

import { ColumnsBuilder } from "../model/columns-builder.ts";
import { counterProblem } from "../model/counters.ts";
import { FormatError } from "../model/errors.ts";
import { outstandingOf, type Milliseconds, type PoolColumns, type SystemTotals } from "../model/snapshot.ts";
import { parseTag } from "../model/tag.ts";
import { readDate, unixTime } from "./date-text.ts";
import { machineBeside, machineLabel } from "./machine-label.ts";
import { MarkerLines } from "./marker-lines.ts";
import { parseHeaderLine } from "./poolmon-header.ts";
import { PoolmonRow } from "./poolmon-row.ts";
import { timeFor } from "./reading-time.ts";
import {
  latin1,
  quote,
  type TextFormat,
  type TextParser,
  type TextParserOptions,
  type TextSink,
} from "./text-format.ts";
import { columnText } from "./unicode-text.ts";

// Blanks of one line: with \s a head of nothing but line ends takes the square of its length.
const COLUMN_TITLES = /^(?:#|[^\S\r\n])*Tag[^\S\r\n]+Type[^\S\r\n]+Allocs\b/;
// bounded: the head of a file, 64 KiB
const ROW = /^[ \t]*\S[^\r\n]{0,15}?[ \t]+(?:Nonp|Paged)[ \t]+-?\d+[ \t(]/m;
const TWO_32 = 2 ** 32;

export const poolmonFormat: TextFormat = {
  id: "poolmon",
  isFormat: (head) => new RegExp(COLUMN_TITLES.source, "m").test(head) || ROW.test(head),
  createParser: (sink, options) => new PoolmonParser(sink, options),
};

class PoolmonParser implements TextParser {
  readonly #sink: TextSink;
  readonly #options: TextParserOptions;
  readonly #row = new PoolmonRow();
  #builder: ColumnsBuilder | undefined;
  #blockLine = 0;
  #totals: SystemTotals = {};
  #session: number | "all" | undefined;
  #time: Milliseconds | undefined;
  #host: string | undefined;
  readonly #markers = new MarkerLines();
  /** The last line of text before a table, which may say whose it is. */
  #caption: string | undefined;
  #blockCaption: string | undefined;
  /** Titles of which the left edge is missing. */
  #isCutLeft = false;
  #firstProblem: { readonly line: number; readonly problem: string } | undefined;
  #tagColumn = 1;
  #lastLength = 256;
  #blocks = 0;

  constructor(sink: TextSink, options: TextParserOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  line(text: Uint8Array, start: number, end: number, line: number): void {
    let stop = end;
    while (stop > start && (text[stop - 1] ?? 0) <= 32) stop -= 1;
    if (stop === start) return;
    const row = this.#row;
    const is = row.read(text, start, stop, this.#tagColumn);
    if (is === "row") this.#add(line);
    else if (is === "other") this.#furniture(latin1(text, start, stop), line);
    else this.#bad(text, start, stop, line);
  }

  /** Characters beyond Latin-1 take several bytes and move the columns: once more with one character for each. */
  #bad(text: Uint8Array, start: number, end: number, line: number): void {
    const row = this.#row;
    const { problem } = row;
    const asRead = latin1(text, start, end);
    const narrow = columnText(asRead);
    if (narrow.length < asRead.length) {
      const bytes = Uint8Array.from(narrow, (char) => char.charCodeAt(0));
      if (row.read(bytes, 0, bytes.length, this.#tagColumn) === "row") {
        this.#add(line);
        return;
      }
    }
    this.#rejected(line, `${problem}: ${quote(asRead.trim())}`);
  }

  end(): void {
    this.#close();
    if (this.#blocks > 0) return;
    const first = this.#firstProblem;
    if (first !== undefined)
      throw new FormatError("poolmon", `no row can be taken; the first: ${first.problem}`, {
        line: first.line,
        expected: "whole rows such as ` Irp  Nonp  12  3  9  4096  455`, copied from the first column to the last",
      });
    throw new FormatError("poolmon", "holds no PoolMon snapshot", {
      expected: "rows such as ` Irp  Nonp  12  3  9  4096  455`",
    });
  }

  #add(line: number): void {
    const { tag, kind, allocs, frees, diff, bytes, mapped } = this.#row;
    const wide = allocs >= TWO_32 || frees >= TWO_32;
    const outstanding = outstandingOf(allocs, frees, wide ? 64 : 32);
    if (outstandingOf(diff, outstanding, 32) !== 0) {
      this.#rejected(line, `Diff says ${diff}, but Allocs - Frees is ${outstanding}; the row was not taken`);
      return;
    }
    if (/^\d{3}(?: \d{3}){0,8}$/.test(mapped)) {
      this.#rejected(line, "a sixth number: the digits stand in groups");
      return;
    }
    const wrong = counterProblem(outstanding, bytes);
    if (wrong !== undefined) {
      this.#rejected(line, wrong);
      return;
    }
    if (this.#open(line).addOnce(tag, kind, allocs, frees, outstanding, bytes) === "differs") {
      this.#rejected(line, "the tag is listed twice at one time with different values; the first was taken");
      return;
    }
    if (mapped !== "") this.#mapped(mapped);
  }

  /** Forms: `[ntfs.sys - NTFS]`, `[ipsec][ipsec.sys - event queue]`, one cut off without its `]`, `Unknown Driver`. */
  #mapped(text: string): void {
    if (/^\[?unknown driver\]?$/i.test(text)) return;
    this.#sink.mappedDriver(
      this.#row.tag,
      text
        .replace(/^\[|\]$/g, "")
        .replaceAll("][", "; ")
        .trim(),
    );
  }

  /** Everything that is not a row: headings, titles, rulers, date markers, the command as it was typed. */
  #furniture(text: string, line: number): void {
    const trimmed = text.trim();
    const header = parseHeaderLine(trimmed);
    if (header !== undefined) {
      if (header.startsBlock || this.#hasRows()) this.#close();
      this.#totals = { ...this.#totals, ...header.totals };
      this.#open(line);
      return;
    }
    if (COLUMN_TITLES.test(text)) {
      if (this.#hasRows()) this.#close();
      this.#open(line);
      this.#tagColumn = text.indexOf("Tag");
      return;
    }
    const session = /^(?:(All) sessions|Session (\d+)) pool information$/i.exec(trimmed);
    if (session !== null) {
      this.#open(line);
      this.#session = session[1] === undefined ? Number(session[2]) : "all";
      return;
    }
    if (/^a?g?\s{0,20}Type\s{1,40}Allocs\b/.test(trimmed)) {
      this.#isCutLeft = true;
      return;
    }
    if (/^System pool information$/i.test(trimmed) || /^[-_*.]+$/.test(trimmed)) return;
    if (/\bpoolmon(?:\.exe)?\b/i.test(trimmed) || /^totals?\b/i.test(trimmed)) return;
    this.#marker(trimmed, line);
  }

  /** `===== 2026-11-26 17:05:09 =====`, a bare ruler of `=`, or a line that is only a date. */
  #marker(text: string, line: number): void {
    const isRuler = /^={3,}/.test(text);
    const reading = this.#markers.read(text);
    if (reading === "half") return;
    const read = reading === undefined ? unixTime(text) : timeFor(reading, this.#options);
    if (read !== undefined && "problem" in read) {
      this.#close();
      this.#sink.gap(line, `${read.problem}: ${quote(text)}`);
      return;
    }
    const time = read?.time;
    const machine = time === undefined ? machineLabel(text) : machineBeside(reading?.around ?? "");
    if (machine !== undefined) this.#machine(machine);
    if (time === undefined && machine !== undefined) return;
    if (time === undefined && !isRuler && readDate(text) !== undefined) return;
    if (time === undefined && !isRuler) {
      this.#caption = text;
      this.#sink.gap(line, `not a line of PoolMon: ${quote(text)}`);
      return;
    }
    if (time === undefined && !/^=+$/.test(text)) {
      this.#sink.gap(line, `a marker whose date cannot be read: ${quote(text)}`);
    }
    this.#close();
    // A second ruler under a date does not take the date back.
    if (time !== undefined) this.#time = time;
  }

  /** The machine of the tables from here on. */
  #machine(name: string): void {
    if (this.#hasRows()) this.#close();
    this.#host = name;
  }

  #hasRows(): boolean {
    return (this.#builder?.length ?? 0) > 0;
  }

  #open(line: number): ColumnsBuilder {
    if (this.#builder === undefined) {
      this.#builder = new ColumnsBuilder(this.#lastLength);
      this.#blockLine = line;
      this.#markers.clear();
      this.#blockCaption = this.#caption;
      this.#caption = undefined;
    }
    return this.#builder;
  }

  #rejected(line: number, problem: string): void {
    this.#firstProblem ??= { line, problem };
    this.#sink.rejected(line, problem);
  }

  #close(): void {
    const builder = this.#builder;
    this.#builder = undefined;
    // Headings alone are a snapshot too: an unknown session prints nothing else.
    if (builder === undefined || (builder.length === 0 && Object.keys(this.#totals).length === 0)) return;
    this.#lastLength = Math.max(16, builder.length);
    const columns = builder.finish();
    const caption = this.#blockCaption;
    if (isCutLeft(columns, this.#isCutLeft)) {
      const problem = "tags are cut: the left edge of the lines is missing";
      for (let row = 0; row < columns.length; row++) this.#rejected(this.#blockLine, problem);
      this.#time = undefined;
      return;
    }
    this.#blocks += 1;
    // A heading such as `CM31:` may be that of a tag.
    const isTag = this.#host !== undefined && this.#host.length <= 4 && columns.tag.includes(parseTag(this.#host) ?? 0);
    this.#sink.block({
      line: this.#blockLine,
      ...(this.#time === undefined ? {} : { time: this.#time }),
      ...(this.#host === undefined || isTag ? {} : { host: this.#host }),
      ...(this.#session === undefined ? {} : { session: this.#session }),
      counterBits: 32,
      totals: this.#totals,
      columns,
      ...(caption === undefined ? {} : { caption }),
    });
    this.#totals = {};
    this.#session = undefined;
    this.#time = undefined;
  }
}

/** So many rows, of which no tag has four characters, are no listing: tags of three are a few of each. */
const FEWEST_CUT = 5;

/** Whether a copy lost the left edge of its lines, and with it the start of every tag. */
function isCutLeft({ length, tag }: PoolColumns, hasCutTitles: boolean): boolean {
  if (length === 0 || (!hasCutTitles && length < FEWEST_CUT)) return false;
  // The fourth character is the highest byte; a blank pads shorter tags.
  return tag.every((each) => each >>> 24 === 0x20 || each >>> 24 === 0);
}
