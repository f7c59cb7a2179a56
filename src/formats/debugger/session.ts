// The log of a kernel debugger: `!poolused` in all its forms, `!vm`, `!poolfind`, `!verifier 3`, and what the session says of
// its target. Everything printed while the target stood still is one moment. Other commands' output is passed over.

import { FormatError } from "../../model/errors.ts";
import { NONPAGED, PAGED, rowKey } from "../../model/snapshot.ts";
import { readMarker } from "../date-text.ts";
import { machineLabel } from "../machine-label.ts";
import { timeFor } from "../reading-time.ts";
import {
  latin1,
  quote,
  type TextFormat,
  type TextParser,
  type TextParserOptions,
  type TextSink,
} from "../text-format.ts";
import { readBlockLine, SEARCHING } from "./block-lines.ts";
import { Moment, type Table, type Target } from "./moment.ts";
import { layoutOf, readRow, totalOf, type TableLayout } from "./poolused-table.ts";
import { VmTotals } from "./vm.ts";

// bounded: lines of a session are cut
const PROMPT = /^(?:\d+: ?)?(?:l?kd(?::x86)?|\d+:\d+:\w+)>\s*(.*)$/i;
const SIGN = new RegExp(
  [
    String.raw`^\s*Tag\s+Allocs\s+(?:Used\s+Allocs|Frees\s+Diff)`,
    String.raw`^\*{3} Virtual Memory Usage`,
    String.raw`^\s*NonPagedPool(?: ?Nx)? Usage:\s*\d+`,
    String.raw`^\*?\s*[0-9a-f\x60]{8,17}\s*:\s*tag\s.{1,4},\s*size\s`,
    String.raw`^\*?\s*[0-9a-f\x60]{8,17}\s+size:\s*[0-9a-f]+\s+previous size:`,
    String.raw`^(?:\d+: ?)?l?kd>\s*!(?:poolused|vm|poolfind|verifier)\b`,
    String.raw`^\s*0x[0-9a-f\x60]{8,17}\s+0x[0-9a-f]{8}\s+\S{4}\s+0x[0-9a-f\x60]{8,17}`,
  ]
    .join("|")
    // Blanks of one line: with \s a head of nothing but line ends takes the square of its length.
    .replaceAll("\\s", String.raw`[^\S\r\n]`),
  "im",
);
/** Lines of the debugger's own that are no data. */
const CHATTER =
  /^(?:Sorting by\b|Pool Used:|NonPaged\s*(?:Paged)?$|Paged$|Using a machine|\*{2,}|\.+ ?$|-+$|=+$|unable to get|Loading|Opened log|Closing open log|CacheSize|Max cache size|Total memory in cache|Number of regions|counts:|\d+ cached|Scanning|Searching|Product:|Edition build|Built by:|Kernel base|Primary image|Connected to|Using NT|Debugging|Symbol|Implicit|For analysis|Machine Name:)/i;
/** Characters of a line that are looked at; rows and comments are shorter. */
const MOST_LINE = 1_000;
/** Commands whose output is read. */
const READ = /^!(poolused|vm|poolfind|verifier)\b/i;
/** Commands that let the target run. */
const RUNS = /^(?:g[huc]?|p|t|\.reboot)\b/i;

export const poolusedFormat: TextFormat = {
  id: "poolused",
  isFormat: (head) => SIGN.test(head),
  createParser: (sink, options) => new SessionParser(sink, options),
};

class SessionParser implements TextParser {
  readonly #sink: TextSink;
  readonly #options: TextParserOptions;
  #target: Target = {};
  #moment = new Moment();
  #layout: TableLayout | undefined;
  #table: Table | undefined;
  #sorting = "";
  #asked: string | undefined;
  #pool = NONPAGED;
  #vm: VmTotals | undefined;
  #vmLine = 0;
  /** The output of a command that is not read. */
  #skips = false;
  /** The session tells when it is: two tables without a run between are one moment. */
  #stands = false;
  #blocks = 0;
  #tellsNoPool = 0;

  constructor(sink: TextSink, options: TextParserOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  line(bytes: Uint8Array, start: number, end: number, line: number): void {
    const text = latin1(bytes, start, Math.min(end, start + MOST_LINE)).trimEnd();
    const trimmed = text.trim();
    if (trimmed === "") return;
    const prompt = PROMPT.exec(trimmed);
    if (prompt !== null) this.#command(prompt[1] ?? "");
    else if (!this.#aboutTarget(trimmed) && !this.#data(text, trimmed, line) && !this.#skips)
      this.#other(trimmed, line);
  }

  end(): void {
    this.#closeMoment();
    if (this.#blocks > 0) return;
    throw new FormatError("poolused", "holds no !poolused table and no !vm", {
      expected: "a heading `Tag Allocs Used Allocs Used` and rows",
    });
  }

  #command(text: string): void {
    this.#closeTable();
    this.#closeVm();
    const read = READ.exec(text);
    this.#skips = text !== "" && read === null && !/^\.log/i.test(text);
    if (RUNS.test(text)) {
      this.#closeMoment();
      this.#stands = false;
      const { time: _, bootTime, ...machine } = this.#target;
      this.#target = { ...machine, ...(bootTime === undefined ? {} : { bootTime }) };
    }
    if (!/^!poolused\b/i.test(text)) return;
    const [, flags, asked] = text.split(/\s+/);
    const bits = Number.parseInt(flags ?? "0", 16) & ~8;
    this.#pool = (bits & 4) !== 0 && (bits & 2) === 0 ? PAGED : NONPAGED;
    this.#asked = asked;
    this.#sorting = "";
  }

  /** Session time, uptime, version. */
  #aboutTarget(text: string): boolean {
    // bounded: lines of a session are cut
    const session = /^Debug session time:\s*(.+)$/i.exec(text)?.[1];
    if (session !== undefined) {
      this.#time(session);
      this.#stands = true;
      return true;
    }
    const uptime = /^System Uptime:\s*(?:(\d+) days? )?(\d+):(\d{2}):(\d{2})(?:\.(\d+))?/i.exec(text);
    if (uptime !== null) {
      const [, days = "0", hours, minutes, seconds, fraction = "0"] = uptime;
      const up =
        ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000 + Number(`${seconds}.${fraction}`) * 1000;
      if (this.#target.time !== undefined)
        this.#target = { ...this.#target, bootTime: Math.round(this.#target.time - up) };
      return true;
    }
    const version = /Kernel Version (\d{3,5})\b(.*)|^Connected to Windows \S+ (\d{3,5}) (\S+) target/i.exec(text);
    if (version !== null) {
      const architecture = /arm ?64|aarch64/i.test(text)
        ? "arm64"
        : /x64|amd64/i.test(text)
          ? "x64"
          : /x86/i.test(text)
            ? "x86"
            : undefined;
      this.#target = {
        ...this.#target,
        windowsBuild: Number(version[1] ?? version[3]),
        ...(architecture === undefined ? {} : { architecture }),
      };
      return true;
    }
    const host = /^Machine Name:\s*"?([\w.-]+)"?$/i.exec(text)?.[1];
    if (host !== undefined) this.#target = { ...this.#target, host };
    return host !== undefined;
  }

  #time(text: string): void {
    const reading = readMarker(text);
    const read = reading === undefined ? undefined : timeFor(reading, this.#options);
    if (read === undefined || "problem" in read) return;
    if (this.#target.time !== undefined && this.#target.time !== read.time) this.#closeMoment();
    const { bootTime: _, ...machine } = this.#target;
    this.#target = { ...machine, time: read.time };
  }

  /** Titles, rows, TOTAL, lines of `!vm`, blocks. */
  #data(text: string, trimmed: string, line: number): boolean {
    const layout = layoutOf(text);
    if (layout !== undefined) {
      this.#closeTable();
      this.#layout = layout;
      this.#skips = false;
      const asked = this.#asked === undefined ? {} : { asked: this.#asked };
      this.#table = { line, sorting: this.#sorting, rows: new Map(), isCut: false, ...asked };
      return true;
    }
    // bounded: lines of a session are cut
    this.#sorting = /^Sorting by\s+(.*)$/i.exec(trimmed)?.[1]?.trim() ?? this.#sorting;
    if (/^NonPaged$/i.test(trimmed)) this.#pool = NONPAGED;
    if (/^Paged$/i.test(trimmed)) this.#pool = PAGED;
    if (
      this.#table !== undefined &&
      this.#layout !== undefined &&
      this.#row(text, trimmed, line, this.#table, this.#layout)
    )
      return true;
    const searched = SEARCHING.exec(trimmed)?.[1];
    if (searched !== undefined) this.#pool = /^n/i.test(searched) ? NONPAGED : PAGED;
    if (/Virtual Memory Usage/i.test(trimmed) || /^NonPagedPool(?: ?Nx)? Usage:/i.test(trimmed)) {
      this.#vmLine = this.#vm === undefined ? line : this.#vmLine;
      this.#vm ??= new VmTotals();
    }
    if (this.#vm?.line(trimmed) === true) return true;
    const block = readBlockLine(trimmed, this.#pool);
    if (block === undefined) return /^\*?\s*[0-9a-f`]{8,17}\s+size:/i.test(trimmed);
    this.#moment.addBlock(block, line);
    if (!block.tellsPool) this.#tellsNoPool += 1;
    if (block.caller !== undefined) this.#sink.mappedDriver(block.tag, block.caller);
    return true;
  }

  #row(text: string, trimmed: string, line: number, table: Table, layout: TableLayout): boolean {
    if (/^\.{3,}$/.test(trimmed)) {
      table.isCut = true;
      this.#sink.gap(line, "rows were left out here (`...`)");
      return true;
    }
    const total = totalOf(text, layout);
    if (total !== undefined) {
      table.total = layout.form === "counters-one-pool" && this.#pool === PAGED ? [0, total[0]] : total;
      this.#closeTable();
      return true;
    }
    const read = readRow(text, layout, this.#pool);
    if (read === undefined) return false;
    for (const row of read.rows) {
      const key = rowKey(row.tag, row.kind);
      const known = table.rows.get(key);
      if (known !== undefined && (known.bytes !== row.bytes || known.outstanding !== row.outstanding)) {
        this.#sink.rejected(
          line,
          `the tag is listed twice with different values; the first was taken: ${quote(trimmed)}`,
        );
      } else table.rows.set(key, row);
      const [first] = read.rows;
      if (row === first && read.comment !== "" && !/^UNKNOWN pooltag/i.test(read.comment))
        this.#sink.mappedDriver(row.tag, commasClosed(read.comment));
    }
    return true;
  }

  /** A date that stands before a table, chatter, or a gap. */
  #other(trimmed: string, line: number): void {
    if (CHATTER.test(trimmed)) return;
    const reading = readMarker(trimmed);
    const read = reading === undefined ? undefined : timeFor(reading, this.#options);
    if (read !== undefined && "time" in read) {
      this.#closeMoment();
      this.#target = { ...this.#target, time: read.time };
      return;
    }
    const machine = read === undefined ? machineLabel(trimmed) : undefined;
    if (machine !== undefined) {
      this.#closeMoment();
      this.#stands = false;
      this.#target = { host: machine };
      return;
    }
    this.#sink.gap(
      line,
      read === undefined ? `not a line of !poolused: ${quote(trimmed)}` : `${read.problem}: ${quote(trimmed)}`,
    );
  }

  #closeTable(): void {
    const table = this.#table;
    this.#table = undefined;
    if (table === undefined || (table.rows.size === 0 && table.total === undefined)) return;
    if (!this.#moment.takes(table, this.#stands)) this.#closeMoment();
    this.#moment.addTable(table);
  }

  #closeVm(): void {
    if (this.#vm !== undefined) this.#moment.addTotals(this.#vm.totals(), this.#vmLine);
    this.#vm = undefined;
  }

  #closeMoment(): void {
    this.#closeTable();
    this.#closeVm();
    const moment = this.#moment;
    this.#moment = new Moment();
    if (moment.isEmpty) return;
    const block = moment.block(this.#target);
    if (moment.differing > 0)
      this.#sink.gap(
        block.line,
        `${moment.differing} rows differ between tables of one moment; the later ones were taken`,
      );
    if (this.#tellsNoPool > 0)
      this.#sink.gap(block.line, "the list of blocks does not tell their pool; taken as nonpaged");
    this.#tellsNoPool = 0;
    this.#blocks += 1;
    this.#sink.block(block);
    const { time, ...rest } = this.#target;
    // A marker is of the table after it; the time of a session holds until it ends.
    this.#target = this.#stands && time !== undefined ? { ...rest, time } : rest;
  }
}

/** A list without the blanks that columns leave before its commas. */
function commasClosed(list: string): string {
  const parts = list.split(",");
  return parts.map((part, i) => (i < parts.length - 1 ? part.trimEnd() : part)).join(",");
}
