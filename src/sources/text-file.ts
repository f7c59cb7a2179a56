// Reads any text format of src/formats as a source: decoding, lines, times from marker, file name or modification time.

import { basename } from "node:path";
import { dateOrderOf, parseDateText } from "../formats/date-text.ts";
import { LineSplitter, MAX_LINE_BYTES } from "../formats/line-splitter.ts";
import { createLatin1Decoder, textEncodingOf } from "../formats/text-encoding.ts";
import { latin1, type TextBlock, type TextFormat } from "../formats/text-format.ts";
import { FormatError } from "../model/errors.ts";
import type { Milliseconds, Origin, Snapshot, TimeBasis } from "../model/snapshot.ts";
import { formatTime } from "../model/time.ts";
import { formatDuration } from "../model/units.ts";
import type { FileFormat, ReadContext } from "./file-format.ts";
import type { InputFile } from "./input-file.ts";

/** At most this many unreadable lines are listed one by one; the rest is counted. */
const LISTED_GAPS = 50;
/** Distance of snapshots whose file tells no times. */
export const DEFAULT_INTERVAL: Milliseconds = 60_000;
const MAX_CLOCK_STEPS = 3;

/** A text format as an entry of the registry. */
export function textFile(format: TextFormat, title: string): FileFormat {
  return {
    id: format.id,
    title,
    isFormat: (file) => {
      const text = decodedHead(file);
      return !isBinary(text) && format.isFormat(text);
    },
    read: (file, context) => readText(format, file, context),
  };
}

/** The head as text, one character a byte. */
export function decodedHead(file: InputFile): string {
  const bytes = createLatin1Decoder(textEncodingOf(file.head))(file.head);
  return latin1(bytes, 0, bytes.length);
}

/** Tags may be any bytes, but a text file is mostly text. */
function isBinary(text: string): boolean {
  let odd = 0;
  const length = Math.min(text.length, 4096);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 && code !== 9 && code !== 10 && code !== 13 && code !== 12) odd += 1;
  }
  return odd > length * 0.1;
}

async function* readText(format: TextFormat, file: InputFile, context: ReadContext): AsyncIterable<Snapshot> {
  const head = decodedHead(file);
  const dateOrder = dateOrderOf(head) ?? "mdy";
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
    { block: (block) => blocks.push(block), gap, mappedDriver: (tag, text) => context.mappedDriver(tag, text) },
    { dateOrder },
  );
  const splitter = new LineSplitter(
    (text, start, end, line) => parser.line(text, start, end, line),
    (line) => gap(line, `the line is longer than ${MAX_LINE_BYTES / 1024} KiB and was skipped`),
  );
  const decode = createLatin1Decoder(textEncodingOf(file.head));
  const clock = new FileClock(format, file, context);
  const drain = (): Snapshot[] => blocks.splice(0).map((block) => clock.date(block));
  try {
    for await (const chunk of file.content((bytes) => context.progress(bytes))) {
      splitter.push(decode(chunk));
      yield* drain();
    }
  } catch (error) {
    // What was read before a gzip stream broke off is still good.
    if (!(error instanceof FormatError) || error.format !== "gzip") throw withFile(error, file.path);
    context.problem(error);
    broken = true;
  }
  try {
    splitter.end();
    parser.end();
  } catch (error) {
    throw withFile(error, file.path);
  }
  const last = drain();
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
  if (/(?<!\d)\d{1,2}[/.]\d{1,2}[/.]\d{4}/.test(head) && dateOrderOf(head) === undefined) {
    context.gap({
      where: file.path,
      problem: "dates such as 03/04/2026 were read as month/day/year: nothing in the file proves the order",
    });
  }
}

/** Gives every block its time, and says where it had to be guessed. */
class FileClock {
  readonly #format: TextFormat;
  readonly #file: InputFile;
  readonly #context: ReadContext;
  readonly #interval: Milliseconds;
  #last: Milliseconds | undefined;
  #lastStep: Milliseconds;
  #shift = 0;
  #clockSteps = 0;
  #guessed = 0;

  constructor(format: TextFormat, file: InputFile, context: ReadContext) {
    this.#format = format;
    this.#file = file;
    this.#context = context;
    this.#interval = context.options.assumedInterval ?? DEFAULT_INTERVAL;
    this.#lastStep = this.#interval;
  }

  date(block: TextBlock): Snapshot {
    const [time, basis] = this.#timeOf(block);
    if (this.#last !== undefined && time > this.#last) this.#lastStep = time - this.#last;
    this.#last = time;
    const origin: Origin = {
      source: this.#format.id,
      file: this.#file.path,
      ...(block.host === undefined ? {} : { host: block.host }),
      ...(block.windowsBuild === undefined ? {} : { windowsBuild: block.windowsBuild }),
      ...(block.architecture === undefined ? {} : { architecture: block.architecture }),
      ...(block.bootTime === undefined ? {} : { bootTime: block.bootTime }),
      ...(block.session === undefined ? {} : { session: block.session }),
      timeBasis: basis,
    };
    return { time, origin, totals: block.totals, columns: block.columns, counterBits: block.counterBits, gaps: [] };
  }

  #timeOf(block: TextBlock): [Milliseconds, TimeBasis] {
    if (block.time !== undefined) {
      const basis = this.#format.id === "poolmon" || this.#format.id === "poolused" ? "marker" : "measured";
      return [this.#forward(block.time, block.line), basis];
    }
    if (this.#last !== undefined) {
      this.#guessed += 1;
      if (this.#guessed === 1 && this.#context.options.assumedInterval === undefined) {
        this.#context.gap({
          where: `${this.#file.path}:${block.line}`,
          problem: `snapshots without a time are taken to be ${formatDuration(this.#interval)} apart; no rate is sure unless --interval says how far apart they really are`,
        });
      }
      return [this.#last + this.#interval, "none"];
    }
    const named = parseDateText(basename(this.#file.path), "mdy");
    return named === undefined ? [Math.round(this.#file.modified), "file-modified"] : [named, "file-name"];
  }

  /** A clock set back would turn growth around: later times are shifted so that the order holds, and that is said. */
  #forward(time: Milliseconds, line: number): Milliseconds {
    const shifted = time + this.#shift;
    if (this.#last === undefined || shifted >= this.#last) return shifted;
    this.#clockSteps += 1;
    const facts = {
      file: this.#file.path,
      line,
      expected: `a time after ${formatTime(this.#last)}`,
      found: formatTime(shifted),
    };
    if (this.#clockSteps > MAX_CLOCK_STEPS) {
      throw new FormatError(this.#format.id, "the rows are not in time order; sort them by time first", facts);
    }
    const step = this.#last + this.#lastStep - shifted;
    this.#shift += step;
    this.#context.problem(
      new FormatError(
        this.#format.id,
        `the clock goes back; later times were shifted by ${formatDuration(step)} to keep the order`,
        facts,
      ),
    );
    return time + this.#shift;
  }
}

function withFile(error: unknown, file: string): unknown {
  if (!(error instanceof FormatError) || error.details.file !== undefined) return error;
  return new FormatError(error.format, error.problem, { ...error.details, file });
}
