// Splits chunks of bytes into lines in bounded memory: LF, CRLF, or CR where a text has no LF; a limit on their length.

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
  #lineBreak = 0;
  #line = 1;

  constructor(onLine: LineHandler, onTooLong: (line: number) => void) {
    this.#onLine = onLine;
    this.#onTooLong = onTooLong;
  }

  push(chunk: Uint8Array): void {
    if (this.#lineBreak === 0) {
      if (chunk.includes(LF)) this.#lineBreak = LF;
      else if (chunk.subarray(0, -1).includes(CR)) this.#lineBreak = CR;
    }
    let start = 0;
    while (start < chunk.length) {
      const end = this.#lineBreak === 0 ? -1 : chunk.indexOf(this.#lineBreak, start);
      if (end < 0) break;
      this.#take(chunk, start, end);
      start = end + 1;
    }
    this.#keep(chunk, start);
  }

  /** The input is over: the last line may lack its line break. */
  end(): void {
    if (this.#carried > 0 || this.#skipping) this.#take(this.#carry, 0, 0);
  }

  #take(chunk: Uint8Array, start: number, end: number): void {
    if (this.#carried === 0 && !this.#skipping && end - start <= MAX_LINE_BYTES) {
      this.#onLine(chunk, start, withoutCr(chunk, start, end), this.#line);
    } else {
      this.#keep(chunk.subarray(0, end), start);
      if (this.#skipping) this.#onTooLong(this.#line);
      else this.#onLine(this.#carry, 0, withoutCr(this.#carry, 0, this.#carried), this.#line);
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

function withoutCr(text: Uint8Array, start: number, end: number): number {
  return end > start && text[end - 1] === CR ? end - 1 : end;
}
