// Unpacks the body of a compressed buffer. The file does not say reliably with what: real ones are plain XPRESS, and the exact
// length tells whether it was right.

import { FormatError } from "../../model/errors.ts";
import { decompressXpressHuffman } from "../xpress/huffman.ts";
import { decompressXpress } from "../xpress/plain.ts";

/** In the order in which they are likely: Windows 8 to 11 write plain XPRESS. */
const METHODS = [decompressXpress, decompressXpressHuffman];

/** The body as exactly `length` bytes; undefined where no method gives that. */
export function inflateBuffer(body: Uint8Array, length: number): Uint8Array | undefined {
  for (const decompress of METHODS) {
    try {
      const bytes = decompress(body, length);
      if (bytes.length === length) return bytes;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return undefined;
}
