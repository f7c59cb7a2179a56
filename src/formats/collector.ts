// The text that collect.ps1 writes: snapshots of this machine with everything known of them, most as changes only.
//
//   @poolscope-collector 1                                     first line of each run
//   @full TIME host=.. build=.. boot=TIME counters=32|64       a snapshot with all its rows
//   @changes TIME ...                                          one with the rows that differ from the snapshot before
//   Irp\x20 N 123 45 6789                                      tag, pool (N or P), allocs, frees, bytes
//   Irp\x20 N gone                                             a row that is no longer there
//   @totals physical=.. available=.. ..                        bytes, 0 and unknown left out
//   @object File 7000 5000 7005 5005                           objects, handles, peaks of both; in changes those that moved
//   @live processes=40 threads=900 handles=30000               live processes and their sums
//   @process 4242 leaky.exe started=TIME handles=300 ..        programs that stand out, once a minute
//   @drivers 250, then @driver SIZE PATH for each              the loaded drivers, where they are not those before
//   @refused objects TEXT                                      a part that Windows does not tell, once
//   @end 17                                                    rows above: a snapshot without it was cut off
//
// Files of one machine may be put one after the other. A snapshot that was cut off is a Gap, and so are the changes after
// it up to the next full one (every sixtieth is).

import { ColumnsBuilder } from "../model/columns-builder.ts";
import { FormatError } from "../model/errors.ts";
import { NONPAGED, PAGED, outstandingOf, rowKey, type Milliseconds, type SystemTotals } from "../model/snapshot.ts";
import { parseTag, type Tag } from "../model/tag.ts";
import { CollectorBeside, parseTime, unescape, valuesOf } from "./collector-beside.ts";
import { latin1, quote, type TextFormat, type TextParser, type TextSink } from "./text-format.ts";

export const collectorFormat: TextFormat = {
  id: "collector",
  isFormat: (head) => /^@(?:poolscope-collector \d+|(?:full|changes) \d{4}-\d\d-\d\dT\S+ host=)/m.test(head),
  createParser: (sink) => new CollectorParser(sink),
};

interface Row {
  readonly tag: Tag;
  readonly kind: number;
  readonly allocs: number;
  readonly frees: number;
  readonly bytes: number;
}

interface OpenBlock {
  readonly line: number;
  readonly time: Milliseconds;
  readonly host?: string;
  readonly windowsBuild?: number;
  readonly bootTime?: Milliseconds;
  readonly counterBits: 32 | 64;
  /** Rows named so far. */
  named: number;
  totals: SystemTotals;
}

/** More rows than any kernel has tags; bounds the memory that a hostile file can take. */
const MOST_ROWS = 1_000_000;

class CollectorParser implements TextParser {
  readonly #sink: TextSink;
  readonly #rows = new Map<number, Row>();
  #open: OpenBlock | undefined;
  /** Whether the rows are those of the snapshot before: after a cut they are not, until the next full one. */
  #known = false;
  readonly #beside = new CollectorBeside();
  #snapshots = 0;
  #lost = 0;

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  line(bytes: Uint8Array, start: number, end: number, line: number): void {
    const text = latin1(bytes, start, end).trim();
    if (text === "") return;
    const [word = "", ...fields] = text.split(" ");
    if (word === "@poolscope-collector") this.#version(fields[0] ?? "", line);
    else if (word === "@full" || word === "@changes") this.#begin(word === "@full", fields, line, text);
    else if (word === "@totals") this.#totals(fields, line);
    else if (word === "@end") this.#end(fields[0] ?? "", line);
    else if (word === "@refused")
      this.#sink.gap(line, `${fields[0] ?? ""} were not collected: ${fields.slice(1).join(" ")}`);
    else if (this.#open !== undefined && this.#beside.takes(word, fields)) return;
    else if (!this.#row(word, fields)) this.#sink.gap(line, `not a line of collect.ps1: ${quote(text)}`);
  }

  end(): void {
    this.#cut();
    if (this.#lost > 0) this.#sink.gap(0, `${this.#lost} snapshots hold only changes to one that is missing`);
    if (this.#snapshots === 0) {
      throw new FormatError("collector", "holds no whole snapshot", { expected: "`@full`, rows, `@end`" });
    }
  }

  #version(version: string, line: number): void {
    this.#cut();
    this.#known = false;
    if (version === "1") return;
    throw new FormatError("collector", "was written by a newer collect.ps1", {
      line,
      expected: "version 1",
      found: quote(version),
    });
  }

  #begin(full: boolean, fields: readonly string[], line: number, text: string): void {
    this.#cut();
    const values = valuesOf(fields.slice(1));
    const time = parseTime(fields[0] ?? "");
    if (time === undefined) {
      this.#known = false;
      this.#sink.gap(line, `a snapshot without a time: ${quote(text)}`);
      return;
    }
    if (full) {
      this.#rows.clear();
      this.#beside.clear();
      this.#known = true;
    }
    const host = values.get("host");
    const build = Number(values.get("build"));
    const bootTime = parseTime(values.get("boot") ?? "");
    this.#beside.begin();
    this.#open = {
      line,
      time,
      ...(host === undefined ? {} : { host: unescape(host) }),
      ...(Number.isSafeInteger(build) && build > 0 ? { windowsBuild: build } : {}),
      ...(bootTime === undefined ? {} : { bootTime }),
      counterBits: values.get("counters") === "64" ? 64 : 32,
      named: 0,
      totals: {},
    };
  }

  #row(word: string, fields: readonly string[]): boolean {
    const tag = parseTag(word);
    const [pool = "", ...numbers] = fields;
    if (this.#open === undefined || tag === undefined || (pool !== "N" && pool !== "P")) return false;
    const kind = pool === "N" ? NONPAGED : PAGED;
    if (numbers.length === 1 && numbers[0] === "gone") {
      this.#rows.delete(rowKey(tag, kind));
    } else {
      if (numbers.length !== 3 || !numbers.every((text) => /^\d{1,20}$/.test(text))) return false;
      const [allocs = 0, frees = 0, bytes = 0] = numbers.map(Number);
      if (Math.max(allocs, frees, bytes) > Number.MAX_SAFE_INTEGER || this.#rows.size >= MOST_ROWS) return false;
      this.#rows.set(rowKey(tag, kind), { tag, kind, allocs, frees, bytes });
    }
    this.#open.named += 1;
    return true;
  }

  #totals(fields: readonly string[], line: number): void {
    if (this.#open === undefined) {
      this.#sink.gap(line, "totals outside of a snapshot");
      return;
    }
    const values = valuesOf(fields);
    const totals: Record<string, number> = {};
    for (const [name, key] of Object.entries(TOTALS)) {
      const value = Number(values.get(name));
      if (Number.isSafeInteger(value) && value > 0) totals[key] = (totals[key] ?? 0) + value;
    }
    const pagedLeft = Number(values.get("pagedleft"));
    const paged = totals["pagedBytes"];
    if (paged !== undefined && pagedLeft > 0) totals["pagedLimitBytes"] = paged + pagedLeft;
    this.#open.totals = totals;
  }

  #end(count: string, line: number): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) {
      this.#sink.gap(line, "an end without a snapshot");
      return;
    }
    if (Number(count) !== open.named) {
      this.#known = false;
      this.#sink.gap(open.line, `the snapshot has ${open.named} rows instead of ${quote(count)}; left out`);
      return;
    }
    if (!this.#known) {
      this.#lost += 1;
      return;
    }
    const columns = new ColumnsBuilder(this.#rows.size);
    for (const { tag, kind, allocs, frees, bytes } of this.#rows.values()) {
      columns.add(tag, kind, allocs, frees, Math.max(0, outstandingOf(allocs, frees, open.counterBits)), bytes);
    }
    this.#snapshots += 1;
    const { named: _, ...block } = open;
    const surroundings = this.#beside.finish(open.time);
    this.#sink.block({ ...block, columns: columns.finish(), ...(surroundings !== undefined && { surroundings }) });
  }

  /** A snapshot that has no end: the collector was stopped while it wrote, or the file was cut. */
  #cut(): void {
    if (this.#open === undefined) return;
    this.#sink.gap(this.#open.line, "the snapshot is cut off; left out");
    this.#open = undefined;
    this.#known = false;
  }
}

/** Names of the file against fields of the model; two names for one field are summed. */
const TOTALS = {
  physical: "physicalBytes",
  available: "availableBytes",
  commit: "commitBytes",
  commitlimit: "commitLimitBytes",
  commitpeak: "commitPeakBytes",
  paged: "pagedBytes",
  nonpaged: "nonpagedBytes",
  code: "residentKernelBytes",
  drivers: "residentKernelBytes",
  residentpaged: "residentPagedBytes",
  faults: "pageFaults",
} as const satisfies Readonly<Record<string, keyof SystemTotals>>;
