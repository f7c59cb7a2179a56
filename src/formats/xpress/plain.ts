// Plain XPRESS: LZ77 with flag words, as hibernation files, traces and update packages use it.
// Source of the format: Microsoft, [MS-XCA] 2.3 and 2.4 "Plain LZ77".

import { brokenStream, outputFor } from "./stream.ts";

/** A length of 3 to 9 stands in the match itself; 7 there means that more follows. */
const SHORT_LENGTHS = 7;
/** Then a half byte; 15 there means that more follows. */
const HALF_BYTE_LENGTHS = 15;
const SHORTEST_MATCH = 3;

/**
 * Unpacks to exactly `outputBytes` bytes, or to fewer where the input ends with a whole item. Throws FormatError where a match
 * reaches before the start, an item is cut off, or `outputBytes` is above the limit of 1 GiB.
 */
export function decompressXpress(input: Uint8Array, outputBytes: number): Uint8Array {
  const output = outputFor(outputBytes);
  const inputEnd = input.length;
  let at = 0;
  let out = 0;
  let flags = 0;
  let flagsLeft = 0;
  let halfByteAt = -1;
  while (out < outputBytes) {
    if (flagsLeft === 0) {
      if (at === inputEnd) break;
      if (at + 4 > inputEnd) throw brokenStream("a flag word is cut off", at);
      flags = byte(input, at) | (byte(input, at + 1) << 8) | (byte(input, at + 2) << 16) | (byte(input, at + 3) << 24);
      flagsLeft = 32;
      at += 4;
    }
    flagsLeft -= 1;
    const isMatch = flags < 0;
    flags <<= 1;
    if (at >= inputEnd) break;
    if (!isMatch) {
      output[out++] = byte(input, at++);
      continue;
    }
    if (at + 2 > inputEnd) throw brokenStream("a match is cut off", at);
    const match = byte(input, at) | (byte(input, at + 1) << 8);
    at += 2;
    const distance = (match >>> 3) + 1;
    let length = match & 7;
    if (length === SHORT_LENGTHS) {
      if (halfByteAt < 0) {
        halfByteAt = at;
        length = byte(input, at++) & 15;
      } else {
        length = byte(input, halfByteAt) >>> 4;
        halfByteAt = -1;
      }
      if (length === HALF_BYTE_LENGTHS) {
        length = byte(input, at++);
        if (length === 255) {
          length = byte(input, at) | (byte(input, at + 1) << 8);
          at += 2;
          if (length === 0) {
            const wide = byte(input, at) | (byte(input, at + 1) << 8) | (byte(input, at + 2) << 16);
            length = wide + byte(input, at + 3) * 2 ** 24;
            at += 4;
          }
          if (length < HALF_BYTE_LENGTHS + SHORT_LENGTHS) throw brokenStream("a long match has a short length", at);
          length -= HALF_BYTE_LENGTHS + SHORT_LENGTHS;
        }
        length += HALF_BYTE_LENGTHS;
      }
      length += SHORT_LENGTHS;
    }
    if (at > inputEnd) throw brokenStream("the length of a match is cut off", inputEnd);
    length = Math.min(length + SHORTEST_MATCH, outputBytes - out);
    if (distance > out) throw brokenStream("a match reaches before the start", at);
    out = copyMatch(output, out, distance, length);
  }
  return output.subarray(0, out);
}

function byte(input: Uint8Array, at: number): number {
  return input[at] ?? 0;
}

/** Copies what lies `distance` back; the two may overlap. Short and overlapping ones byte by byte, which is faster there. */
export function copyMatch(output: Uint8Array, out: number, distance: number, length: number): number {
  const end = out + length;
  if (distance === 1) output.fill(output[out - 1] ?? 0, out, end);
  else if (length >= 32 && distance >= length) output.copyWithin(out, out - distance, end - distance);
  else for (let to = out, from = out - distance; to < end; to++, from++) output[to] = output[from] ?? 0;
  return end;
}
