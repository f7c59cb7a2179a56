// The kernel debugger's `!poolused`: outstanding blocks and bytes per tag. Its "Allocs" are not cumulative.
// Layout: Microsoft Learn, "!poolused"; newer debuggers widen the columns and put a tab before the comment.

import { ColumnsBuilder } from "../model/columns-builder.ts";
import { FormatError } from "../model/errors.ts";
import { NONPAGED, PAGED, type Milliseconds, type SystemTotals } from "../model/snapshot.ts";
import { parseTag } from "../model/tag.ts";
import { parseDateText } from "./date-text.ts";
import {
  latin1,
  quote,
  type TextFormat,
  type TextParser,
  type TextParserOptions,
  type TextSink,
} from "./text-format.ts";

const TITLES = /^\s*Tag\s+Allocs\s+Used\s+Allocs\s+Used/;
const FURNITURE =
  /^(?:Sorting by\b|Pool Used:|NonPaged\s+Paged|Using a machine|\*{3}|kd>|\d+:? ?kd>|\d+: kd>|lkd>|\.+ ?$|-+$|=+$|unable to get|Loading)/i;

export const poolusedFormat: TextFormat = {
  id: "poolused",
  isFormat: (head) => new RegExp(TITLES.source, "m").test(head),
  createParser: (sink, options) => new PoolusedParser(sink, options),
};

class PoolusedParser implements TextParser {
  readonly #sink: TextSink;
  readonly #options: TextParserOptions;
  #builder: ColumnsBuilder | undefined;
  #blockLine = 0;
  #totals: SystemTotals = {};
  #time: Milliseconds | undefined;
  #tagColumn = 1;
  /** Ends of the four number columns, as the headings show them. */
  #ends: number[] = [];
  #blocks = 0;

  constructor(sink: TextSink, options: TextParserOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  line(bytes: Uint8Array, start: number, end: number, line: number): void {
    const text = latin1(bytes, start, end).trimEnd();
    const trimmed = text.trim();
    if (trimmed === "") return;
    if (TITLES.test(text)) {
      this.#close();
      this.#tagColumn = text.indexOf("Tag");
      this.#ends = Array.from(text.matchAll(/Allocs|Used/g), (match) => match.index + match[0].length);
      this.#builder = new ColumnsBuilder(256);
      this.#blockLine = line;
    } else if (this.#builder !== undefined && /^\.{3,}$/.test(trimmed)) {
      this.#sink.gap(line, "rows were left out here (`...`)");
    } else if (this.#builder !== undefined && this.#row(text, this.#builder)) {
      return;
    } else if (!FURNITURE.test(trimmed)) {
      const time = parseDateText(trimmed, this.#options.dateOrder);
      if (time !== undefined) this.#time = time;
      else this.#sink.gap(line, `not a line of !poolused: ${quote(trimmed)}`);
    }
  }

  end(): void {
    this.#close();
    if (this.#blocks === 0) {
      throw new FormatError("poolused", "holds no !poolused table", {
        expected: "a heading `Tag Allocs Used Allocs Used` and rows",
      });
    }
  }

  #row(text: string, builder: ColumnsBuilder): boolean {
    const total = /^\s*TOTAL\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)/.exec(text);
    if (total !== null) {
      this.#totals = { nonpagedBytes: Number(total[2]), pagedBytes: Number(total[4]) };
      // The last row of a table; what follows in a debugger's log is another command's.
      this.#close();
      return true;
    }
    const column = this.#tagColumn;
    const inColumn = text.slice(0, column).trim() === "" && /^\s+\d/.test(text.slice(column + 4));
    const name = inColumn
      ? text.slice(column, column + 4)
      : /^\s*(\S.{0,3}?)\s+(?=\d+\s+\d+\s+\d+\s+\d)/.exec(text)?.[1];
    const tag = name === undefined ? undefined : parseTag(name);
    if (name === undefined || tag === undefined) return false;
    const numbersFrom = inColumn ? column + 4 : text.indexOf(name) + name.length;
    const numbers = this.#numbers(text, numbersFrom);
    if (numbers === undefined) return false;
    const [nonpagedBlocks, nonpagedBytes, pagedBlocks, pagedBytes, comment] = numbers;
    const unknown = Number.NaN;
    if (nonpagedBlocks > 0 || nonpagedBytes > 0 || (pagedBlocks === 0 && pagedBytes === 0)) {
      builder.add(tag, NONPAGED, unknown, unknown, nonpagedBlocks, nonpagedBytes);
    }
    if (pagedBlocks > 0 || pagedBytes > 0) builder.add(tag, PAGED, unknown, unknown, pagedBlocks, pagedBytes);
    if (comment !== "" && !/^UNKNOWN pooltag/i.test(comment)) this.#sink.mappedDriver(tag, commasClosed(comment));
    return true;
  }

  /** Four numbers and the comment, which touches the last number; a comment that starts with a digit is cut by column. */
  #numbers(text: string, from: number): [number, number, number, number, string] | undefined {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)(\s+)(\d+)(.*)/s.exec(text.slice(from));
    if (match === null) return undefined;
    let last = match[5] ?? "";
    let comment = match[6] ?? "";
    const lastStart = text.length - comment.length - last.length;
    const [, , thirdEnd, lastEnd = 0] = this.#ends;
    // Only a row that keeps to the columns can be cut by them.
    const keepsToColumns = lastStart - (match[4] ?? "").length === thirdEnd;
    if (keepsToColumns && lastStart < lastEnd && lastStart + last.length > lastEnd) {
      comment = last.slice(lastEnd - lastStart) + comment;
      last = last.slice(0, lastEnd - lastStart);
    }
    return [Number(match[1]), Number(match[2]), Number(match[3]), Number(last), comment.trim()];
  }

  #close(): void {
    const builder = this.#builder;
    if (builder === undefined) return;
    this.#blocks += 1;
    this.#sink.block({
      line: this.#blockLine,
      ...(this.#time === undefined ? {} : { time: this.#time }),
      counterBits: 64,
      totals: this.#totals,
      columns: builder.finish(),
    });
    this.#builder = undefined;
    this.#totals = {};
    this.#time = undefined;
  }
}

/** A list without the blanks that columns leave before its commas. */
function commasClosed(list: string): string {
  const parts = list.split(",");
  return parts.map((part, i) => (i < parts.length - 1 ? part.trimEnd() : part)).join(",");
}
