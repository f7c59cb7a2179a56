// Asks for an answer whose length is not known before: the buffer grows while Windows wants more, and stays for the next time.

import type { QueryResult } from "./native.ts";
import { STATUS_INFO_LENGTH_MISMATCH, wantsLargerBuffer } from "./ntstatus.ts";

const FIRST_BUFFER = 256 * 1024;
const MOST_TRIES = 16;

/** What was answered: bytes in the buffer that the next question overwrites, or a status that is not success. */
export interface Asked {
  readonly status: number;
  readonly bytes?: Uint8Array;
}

export class GrowingBuffer {
  readonly #query: (informationClass: number, buffer: Uint8Array) => QueryResult;
  readonly #largest: number;
  #buffer: Uint8Array;

  constructor(
    query: (informationClass: number, buffer: Uint8Array) => QueryResult,
    largest: number = 64 * 1024 * 1024,
    first: number = FIRST_BUFFER,
  ) {
    this.#query = query;
    this.#largest = largest;
    this.#buffer = new Uint8Array(first);
  }

  /** The list may have grown between two calls, so a buffer of the length that was told may be too small again. */
  ask(informationClass: number): Asked {
    for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
      const { status, length } = this.#query(informationClass, this.#buffer);
      if (status === 0) {
        return {
          status,
          bytes: length > 0 ? this.#buffer.subarray(0, Math.min(length, this.#buffer.length)) : this.#buffer,
        };
      }
      if (!wantsLargerBuffer(status)) return { status };
      const wanted = Math.max(this.#buffer.length * 2, length + (length >> 2));
      if (this.#buffer.length >= this.#largest) break;
      this.#buffer = new Uint8Array(Math.min(wanted, this.#largest));
    }
    return { status: STATUS_INFO_LENGTH_MISMATCH };
  }
}
