// XPRESS with Huffman codes: blocks of 64 KiB of output, each with a table of 512 code lengths in front.
// Source of the format: Microsoft, [MS-XCA] 2.1 and 2.2 "LZ77+Huffman".

import { copyMatch } from "./plain.ts";
import { brokenStream, outputFor } from "./stream.ts";

const SYMBOLS = 512;
const TABLE_BYTES = SYMBOLS / 2;
const BLOCK_OUTPUT = 65_536;
const LONGEST_CODE = 15;
/** Codes up to this length are looked up at once. Measured: 11 is fastest for sets of 32 and 64 KiB. */
const QUICK_BITS = 11;
const LITERALS = 256;
const SHORTEST_MATCH = 3;
/** The length's half byte; 15 means that more follows in the byte stream. */
const LONG_LENGTH = 15;

/**
 * Unpacks to exactly `outputBytes` bytes: the end mark is also a match, so only the size known from outside tells the end.
 * Throws FormatError where a code table is no prefix code, a match reaches before the start, the data end early, or
 * `outputBytes` is above the limit of 1 GiB.
 */
export function decompressXpressHuffman(input: Uint8Array, outputBytes: number): Uint8Array {
  const output = outputFor(outputBytes);
  const codes = new Codes();
  const { quick } = codes;
  const end = input.length;
  let at = 0;
  let out = 0;
  while (out < outputBytes) {
    if (at + TABLE_BYTES > end) throw brokenStream("a code table is cut off", at);
    codes.read(input, at);
    at += TABLE_BYTES;
    // The next 32 bits, first bit on top; `extra` of them lie beyond the 16 that must be there.
    let bits = (word(input, at) << 16) | word(input, at + 2);
    at += 4;
    let extra = 16;
    const blockEnd = Math.min(outputBytes, out + BLOCK_OUTPUT);
    while (out < blockEnd) {
      const entry = quick[bits >>> (32 - QUICK_BITS)] || codes.longCode(bits, at);
      const codeBits = entry >>> 12;
      bits <<= codeBits;
      extra -= codeBits;
      if (extra < 0) {
        bits |= word(input, at) << -extra;
        at += 2;
        extra += 16;
      }
      const symbol = entry & 0x1ff;
      if (symbol < LITERALS) {
        output[out++] = symbol;
        continue;
      }
      // The two words read ahead may lie behind the end; a third that is missing means that the data end early.
      if (at > end + 4) throw brokenStream("it ends early", end);
      let length = symbol & 15;
      const distanceBits = (symbol >>> 4) & 15;
      if (length === LONG_LENGTH) {
        length = input[at++] ?? 0;
        if (length === 255) {
          length = word(input, at);
          at += 2;
          if (length === 0) {
            length = word(input, at) + word(input, at + 2) * 65_536;
            at += 4;
          }
          if (length < LONG_LENGTH) throw brokenStream("a long match has a short length", at);
          length -= LONG_LENGTH;
        }
        length += LONG_LENGTH;
      }
      length += SHORTEST_MATCH;
      let distance = 1 << distanceBits;
      if (distanceBits > 0) {
        distance += bits >>> (32 - distanceBits);
        bits <<= distanceBits;
        extra -= distanceBits;
        if (extra < 0) {
          bits |= word(input, at) << -extra;
          at += 2;
          extra += 16;
        }
      }
      if (distance > out) throw brokenStream("a match reaches before the start", at);
      out = copyMatch(output, out, distance, Math.min(length, outputBytes - out));
    }
    if (at > end + 4) throw brokenStream("it ends early", end);
  }
  return output;
}

function word(input: Uint8Array, at: number): number {
  return (input[at] ?? 0) | ((input[at + 1] ?? 0) << 8);
}

/**
 * The code of a block. Canonical: codes are given out by length, then by symbol. An entry is a symbol (low 9 bits) with the
 * length of its code (high 4).
 */
class Codes {
  /** Entry by the next bits; 0 where the code is longer, or is none. */
  readonly quick = new Uint16Array(2 ** QUICK_BITS);
  /** Symbols in the order of their codes. */
  readonly #ordered = new Uint16Array(SYMBOLS);
  readonly #lengths = new Uint8Array(SYMBOLS);
  /** By length: how many codes, and the place of the first in the order. */
  readonly #count = new Uint16Array(LONGEST_CODE + 1);
  readonly #first = new Uint16Array(LONGEST_CODE + 1);

  read(input: Uint8Array, at: number): void {
    const count = this.#count.fill(0);
    const lengths = this.#lengths;
    for (let symbol = 0; symbol < SYMBOLS; symbol += 2) {
      const pair = input[at + (symbol >>> 1)] ?? 0;
      lengths[symbol] = pair & 15;
      lengths[symbol + 1] = pair >>> 4;
      count[pair & 15] = (count[pair & 15] ?? 0) + 1;
      count[pair >>> 4] = (count[pair >>> 4] ?? 0) + 1;
    }
    count[0] = 0;
    let places = 0;
    let used = 0;
    for (let bits = 1; bits <= LONGEST_CODE; bits++) {
      this.#first[bits] = places;
      places += count[bits] ?? 0;
      used += (count[bits] ?? 0) * 2 ** (LONGEST_CODE - bits);
    }
    // A table with one symbol leaves half of its codes unused; one that needs more codes than there are is none.
    if (used > 2 ** LONGEST_CODE) throw brokenStream("a code table that needs more codes than there are", at);
    const next = this.#first.slice();
    for (let symbol = 0; symbol < SYMBOLS; symbol++) {
      const bits = lengths[symbol] ?? 0;
      if (bits === 0) continue;
      const place = next[bits] ?? 0;
      this.#ordered[place] = symbol;
      next[bits] = place + 1;
    }
    this.#fillQuick();
  }

  #fillQuick(): void {
    let place = 0;
    let from = 0;
    for (let bits = 1; bits <= QUICK_BITS; bits++) {
      const step = 2 ** (QUICK_BITS - bits);
      for (let left = this.#count[bits] ?? 0; left > 0; left--) {
        const entry = (bits << 12) | (this.#ordered[place++] ?? 0);
        for (const to = from + step; from < to; from++) this.quick[from] = entry;
      }
    }
    this.quick.fill(0, from);
  }

  /** The entry of a code longer than the quick table's. Throws FormatError where there is none. */
  longCode(bits: number, at: number): number {
    let code = 0;
    let first = 0;
    for (let length = 1; length <= LONGEST_CODE; length++) {
      code = (code << 1) | ((bits >>> (32 - length)) & 1);
      const count = this.#count[length] ?? 0;
      if (code - first < count) return (length << 12) | (this.#ordered[(this.#first[length] ?? 0) + code - first] ?? 0);
      first = (first + count) << 1;
    }
    throw brokenStream("a code that the table does not have", at);
  }
}
