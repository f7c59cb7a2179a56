// The contract between a text format and whoever reads its file: lines in, blocks (one snapshot each) and gaps out.
// A parser sees bytes of Latin-1 text, so that any tag byte survives; other encodings are translated before.

import type { Milliseconds, Origin, PoolColumns, SourceId, SystemTotals } from "../model/snapshot.ts";
import type { Surroundings } from "../model/surroundings.ts";
import type { Tag } from "../model/tag.ts";

/** One snapshot as far as the text itself tells; the source adds file, host and a time where the text has none. */
export interface TextBlock {
  /** First line of the block, from 1. */
  readonly line: number;
  readonly time?: Milliseconds;
  readonly host?: string;
  readonly windowsBuild?: number;
  readonly architecture?: "x64" | "x86" | "arm64";
  readonly bootTime?: Milliseconds;
  readonly session?: number | "all";
  readonly counterBits: 32 | 64;
  readonly totals: SystemTotals;
  readonly columns: PoolColumns;
  /** Only part of the pool is listed, or blocks one by one; see `Origin.listing`. */
  readonly listing?: Origin["listing"];
  /** Bytes are known only to a multiple of this. */
  readonly bytesRoundedTo?: number;
  /** The line of text above the table, where it says nothing that is known. */
  readonly caption?: string;
  /** What the text tells beside the counters. */
  readonly surroundings?: Surroundings;
}

export interface TextSink {
  block(block: TextBlock): void;
  /** A line that could not be read. */
  gap(line: number, problem: string): void;
  /** A row of counters that could not be read or breaks what holds of kernel counters; it is a gap, and counted. */
  rejected(line: number, problem: string): void;
  /** What the text itself says of a tag's driver (PoolMon's Mapped_Driver column). */
  mappedDriver(tag: Tag, text: string): void;
}

/** Day and month order for dates such as 03/04/2026. */
export type DateOrder = "mdy" | "dmy" | "ymd";

export interface TextParserOptions {
  readonly dateOrder: DateOrder;
  /** Zone of times that tell none; UTC without it. */
  readonly timezone?: string;
  /** Clocks of the input go beyond 12: `?? 8:35` is 8:35 in the morning. */
  readonly clock24?: boolean;
}

export interface TextParser {
  /** Takes one line, `text[start..end)` without its line break; `line` counts from 1. */
  line(text: Uint8Array, start: number, end: number, line: number): void;
  /** The input is over: emits what is still open. Throws FormatError where it held nothing of this format. */
  end(): void;
}

/** A text format: how it is recognised by its first bytes, and its parser. */
export interface TextFormat {
  readonly id: SourceId;
  /** Whether text (Latin-1, the first 64 KiB) is of this format. */
  isFormat(head: string): boolean;
  createParser(sink: TextSink, options: TextParserOptions): TextParser;
}

/** The text of a range of bytes, one character a byte. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(end, at + 8192)));
  }
  return text;
}

/** Text from a file for a message: cut to 60 characters, control characters escaped. */
export function quote(text: string): string {
  const cut = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return JSON.stringify(cut);
}
