// Reads any text format of src/formats as a source: decoding, lines, blocks; file-clock.ts gives the times.

import { LineSplitter, MAX_LINE_BYTES } from "../formats/line-splitter.ts";
import { createLatin1Decoder, decodeLatin1, END_OF_TEXT, textEncodingOf } from "../formats/text-encoding.ts";
import { latin1, type TextBlock, type TextFormat, type TextParserOptions } from "../formats/text-format.ts";
import { FormatError, isKnownError } from "../model/errors.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { FileClock } from "./file-clock.ts";
import type { FileFormat, ReadContext } from "./file-format.ts";
import { orderBlocks } from "./intake/file-order.ts";
import { HEAD_BYTES, type InputFile } from "./input-file.ts";

/** At most this many unreadable lines are listed one by one; the rest is counted. */
const LISTED_GAPS = 50;
/** Rows that are held to be put in order: about 80 MB. A compressed file may hold more than its size tells. */
const MOST_ORDERED_ROWS = 2_000_000;

/** A text format as an entry of the registry. */
export function textFile(format: TextFormat, title: string): FileFormat {
  return {
    id: format.id,
    title,
    text: format,
    isFormat: (file) => {
      const text = decodedHead(file);
      return !isBinary(text) && format.isFormat(text);
    },
    read: (file, context) => readText(format, file, context),
  };
}

/** The head as text, one character a byte. */
export function decodedHead(file: Pick<InputFile, "head">): string {
  const bytes = decodeLatin1(file.head);
  return latin1(bytes, 0, bytes.length);
}

/** Tags may be any bytes, but a text file is mostly text. */
export function isBinary(text: string): boolean {
  let odd = 0;
  const length = Math.min(text.length, 4096);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 && code !== 9 && code !== 10 && code !== 13 && code !== 12) odd += 1;
  }
  return odd > length * 0.1;
}

/** What a format makes of the head of a file. */
export interface HeadTrial {
  readonly rows: number;
  readonly rejected: number;
  /** Lines that mean nothing to the format. */
  readonly strange: number;
}

/** Tries a format on text in Latin-1 bytes; `cut` where the text goes on behind it, so that its last line is not whole. */
export function tryFormat(format: TextFormat, bytes: Uint8Array, cut: boolean, options: TextParserOptions): HeadTrial {
  const found = { rows: 0, rejected: 0, strange: 0 };
  const parser = format.createParser(
    {
      block: ({ columns, totals }) => (found.rows += columns.length + (Object.keys(totals).length > 0 ? 1 : 0)),
      gap: () => (found.strange += 1),
      rejected: () => (found.rejected += 1),
      mappedDriver: () => {},
    },
    options,
  );
  const splitter = new LineSplitter(
    (text, start, end, line) => parser.line(text, start, end, line),
    () => (found.strange += 1),
  );
  const end = cut ? bytes.lastIndexOf(10) + 1 : bytes.length;
  try {
    splitter.push(bytes.subarray(0, end));
    splitter.end();
    parser.end();
  } catch (error) {
    if (!isKnownError(error)) throw error;
  }
  return found;
}

/** {@link tryFormat} on the head of a file. */
export function tryHead(format: TextFormat, file: InputFile, options: TextParserOptions): HeadTrial {
  const bytes = decodeLatin1(file.head);
  return tryFormat(format, bytes, file.head.length >= HEAD_BYTES, options);
}

async function* readText(format: TextFormat, file: InputFile, context: ReadContext): AsyncIterable<Snapshot> {
  const blocks: TextBlock[] = [];
  let broken = false;
  let unlisted = 0;
  let listed = 0;
  const gap = (line: number, problem: string): void => {
    listed += 1;
    if (listed <= LISTED_GAPS) context.gap({ where: `${file.path}:${line}`, problem });
    else unlisted += 1;
  };
  const parser = format.createParser(
    {
      block: (block) => blocks.push(block),
      gap,
      rejected: (line, problem) => {
        context.rejected(problem);
        gap(line, problem);
      },
      mappedDriver: (tag, text) => context.mappedDriver(tag, text),
    },
    context.dates,
  );
  const splitter = new LineSplitter(
    (text, start, end, line) => parser.line(text, start, end, line),
    (line) => gap(line, `the line is longer than ${MAX_LINE_BYTES / 1024} KiB and was skipped`),
  );
  const decode = createLatin1Decoder(textEncodingOf(file.head));
  const clock = new FileClock(format, file, context);
  // What is kept anyway is put in order first; what is streamed is taken as it stands, or refused.
  let orders = context.whole;
  let held = 0;
  let rows = 0;
  const drain = (isEnd = false): Snapshot[] => {
    if (orders) for (; held < blocks.length; held++) rows += blocks[held]?.columns.length ?? 0;
    if (orders && rows > MOST_ORDERED_ROWS) orders = false;
    if (orders && !isEnd) return [];
    const ordered = orders ? inOrder(blocks.splice(0)) : blocks.splice(0);
    return ordered.flatMap((block) => [...clock.date(block)]);
  };
  const inOrder = (all: readonly TextBlock[]): readonly TextBlock[] => {
    const order = orderBlocks(all, format.id === "csv");
    for (const repair of order.repairs) context.repaired(repair);
    if (order.isParted === true)
      gap(
        all[0]?.line ?? 1,
        "tables were taken as of several machines: their counters fit neither growth nor a restart; a line such as `Host: NAME` above each tells whose they are",
      );
    for (const { line, problem } of order.rejected) {
      context.rejected(problem);
      gap(line, problem);
    }
    return order.blocks;
  };
  try {
    for await (const chunk of file.content((bytes) => context.progress(bytes))) {
      splitter.push(decode(chunk));
      yield* drain();
    }
  } catch (error) {
    // What was read before a compressed stream broke off is still good.
    if (!(error instanceof FormatError) || !BREAKS_OFF.has(error.format)) throw withFile(error, file.path);
    context.problem(error);
    broken = true;
  }
  try {
    splitter.push(decode(END_OF_TEXT));
    splitter.end();
    parser.end();
  } catch (error) {
    throw withFile(error, file.path);
  }
  const last = [...drain(true), ...clock.end()];
  const cut = last.at(-1);
  if (broken && cut !== undefined) {
    const gap = {
      where: file.path,
      problem: `the file ends within this snapshot; ${cut.columns.length} rows of it were read`,
    };
    last[last.length - 1] = { ...cut, gaps: [gap] };
  }
  yield* last;
  if (unlisted > 0) context.gap({ where: file.path, problem: `${unlisted} more lines could not be read` });
}

/** Containers whose stream may end early after good data. */
const BREAKS_OFF: ReadonlySet<string> = new Set(["gzip", "zstd", "brotli", "zip", "tar"]);

function withFile(error: unknown, file: string): unknown {
  if (!(error instanceof FormatError) || error.details.file !== undefined) return error;
  return new FormatError(error.format, error.problem, { ...error.details, file });
}
