// What both forms of XPRESS share: the bounded output and the error for a stream that breaks its own rules.

import { FormatError } from "../../model/errors.ts";

/** No caller unpacks more at once: hibernation sets hold 64 KiB, trace buffers a few MiB. */
const MOST_OUTPUT_BYTES = 2 ** 30;

export function outputFor(outputBytes: number): Uint8Array {
  if (Number.isInteger(outputBytes) && outputBytes >= 0 && outputBytes <= MOST_OUTPUT_BYTES) {
    return new Uint8Array(outputBytes);
  }
  throw new FormatError("xpress", "the size said for the unpacked data is not possible", {
    expected: `0 to ${MOST_OUTPUT_BYTES} bytes`,
    found: `${outputBytes}`,
  });
}

export function brokenStream(problem: string, offset: number): FormatError {
  return new FormatError("xpress", `compressed data are damaged: ${problem}`, { offset });
}
