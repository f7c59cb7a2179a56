// An answer of NtQuerySystemInformation or NtQueryObject in memory: little-endian reads that know their bounds.

import { FormatError } from "../../model/errors.ts";

/** Width of a pointer in the answer: that of the process that asked. */
export type PointerBytes = 4 | 8;

/** Milliseconds between 1601 and 1970. */
const FILETIME_EPOCH = 11_644_473_600_000;

const TWO_32 = 2 ** 32;

export class Answer {
  readonly length: number;
  readonly pointerBytes: PointerBytes;
  readonly #what: string;
  readonly #view: DataView;

  /** `what` names the answer in errors, e.g. `process list (class 5)`. */
  constructor(what: string, bytes: Uint8Array, pointerBytes: PointerBytes) {
    this.#what = what;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.length = bytes.length;
    this.pointerBytes = pointerBytes;
  }

  u8(offset: number): number {
    this.#check(offset, 1);
    return this.#view.getUint8(offset);
  }

  u16(offset: number): number {
    this.#check(offset, 2);
    return this.#view.getUint16(offset, true);
  }

  u32(offset: number): number {
    this.#check(offset, 4);
    return this.#view.getUint32(offset, true);
  }

  /** Exact below 2^53; above, the nearest double. */
  u64(offset: number): number {
    this.#check(offset, 8);
    return this.#view.getUint32(offset, true) + this.#view.getUint32(offset + 4, true) * TWO_32;
  }

  /** A pointer or a SIZE_T. */
  pointer(offset: number): number {
    return this.pointerBytes === 8 ? this.u64(offset) : this.u32(offset);
  }

  /** A FILETIME in milliseconds since 1970; undefined where it is zero or before 1970. */
  fileTime(offset: number): number | undefined {
    const time = Math.floor(this.u64(offset) / 10_000) - FILETIME_EPOCH;
    return time > 0 ? time : undefined;
  }

  /** UTF-16 text of so many bytes; lone surrogates and control characters become U+FFFD. */
  utf16(offset: number, bytes: number): string {
    this.#check(offset, bytes);
    let text = "";
    for (let i = 0; i + 1 < bytes; i += 2) text += String.fromCharCode(this.#view.getUint16(offset + i, true));
    return shown(text.toWellFormed());
  }

  /** Single-byte text up to a NUL, at most so many bytes. */
  latin1(offset: number, bytes: number): string {
    let text = "";
    for (let i = 0; i < bytes; i++) {
      const unit = this.u8(offset + i);
      if (unit === 0) break;
      text += String.fromCharCode(unit);
    }
    return shown(text);
  }

  /** The error for an answer that does not hold together. */
  fault(problem: string, offset: number, found?: string): FormatError {
    return new FormatError(this.#what, problem, { offset, ...(found !== undefined && { found }) });
  }

  #check(offset: number, bytes: number): void {
    if (offset >= 0 && offset + bytes <= this.length) return;
    throw this.fault("the answer is cut off", Math.max(0, offset), `${this.length} bytes`);
  }
}

function shown(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "\ufffd");
}
