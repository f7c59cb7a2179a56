// Splits chunks of bytes into lines in bounded memory: CRLF, LF or CR, and a limit on the length of a line.

/** Longer lines are not text of any format here; they are reported and skipped, so a 2 GB line costs no memory. */
export const MAX_LINE_BYTES = 64 * 1024;

export type LineHandler = (text: Uint8Array, start: number, end: number, line: number) => void;

const LF = 10;
const CR = 13;

/** Feeds whole lines to a handler. A line that spans chunks is joined in a buffer of at most {@link MAX_LINE_BYTES}. */
export class LineSplitter {
  readonly #onLine: LineHandler;
  readonly #onTooLong: (line: number) => void;
  readonly #carry = new Uint8Array(MAX_LINE_BYTES);
  #carried = 0;
  #skipping = false;
  #afterCr = false;
  #line = 1;

  constructor(onLine: LineHandler, onTooLong: (line: number) => void) {
    this.#onLine = onLine;
    this.#onTooLong = onTooLong;
  }

  push(chunk: Uint8Array): void {
    let start = 0;
    if (this.#afterCr && chunk.length > 0) {
      this.#afterCr = false;
      if (chunk[0] === LF) start = 1;
    }
    while (start < chunk.length) {
      const end = lineEnd(chunk, start);
      if (end === chunk.length) break;
      this.#take(chunk, start, end);
      start = end + 1;
      if (chunk[end] !== CR) continue;
      if (start === chunk.length) this.#afterCr = true;
      else if (chunk[start] === LF) start += 1;
    }
    this.#keep(chunk, start);
  }

  /** The input is over: the last line may lack its line break. */
  end(): void {
    if (this.#carried > 0 || this.#skipping) this.#take(this.#carry, 0, 0);
  }

  #take(chunk: Uint8Array, start: number, end: number): void {
    if (this.#carried === 0 && !this.#skipping && end - start <= MAX_LINE_BYTES) {
      this.#onLine(chunk, start, end, this.#line);
    } else {
      this.#keep(chunk.subarray(0, end), start);
      if (this.#skipping) this.#onTooLong(this.#line);
      else this.#onLine(this.#carry, 0, this.#carried, this.#line);
    }
    this.#carried = 0;
    this.#skipping = false;
    this.#line += 1;
  }

  #keep(chunk: Uint8Array, start: number): void {
    const rest = chunk.length - start;
    if (rest <= 0 || this.#skipping) return;
    if (this.#carried + rest > MAX_LINE_BYTES) {
      this.#skipping = true;
      return;
    }
    this.#carry.set(chunk.subarray(start), this.#carried);
    this.#carried += rest;
  }
}

function lineEnd(chunk: Uint8Array, start: number): number {
  for (let at = start; at < chunk.length; at++) {
    const byte = chunk[at];
    if (byte === LF || byte === CR) return at;
  }
  return chunk.length;
}
