// Bounds-checked little-endian reads from a file in memory. A read outside the file is a FormatError that says where.

import { FormatError } from "../../model/errors.ts";

export class Bytes {
  readonly data: Uint8Array;
  readonly length: number;
  readonly #view: DataView;

  constructor(data: Uint8Array) {
    this.data = data;
    this.length = data.length;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
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

  i32(offset: number): number {
    this.#check(offset, 4);
    return this.#view.getInt32(offset, true);
  }

  /** A NUL-terminated byte string, one character per byte, cut at `max`. */
  latin1(offset: number, max: number): string {
    let text = "";
    for (let i = 0; i < max && offset + i < this.length; i++) {
      const byte = this.u8(offset + i);
      if (byte === 0) break;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** A NUL-terminated UTF-16 string, cut at `max` units. */
  utf16(offset: number, max: number): string {
    let text = "";
    for (let i = 0; i < max && offset + 2 * i + 1 < this.length; i++) {
      const unit = this.u16(offset + 2 * i);
      if (unit === 0) break;
      text += String.fromCharCode(unit);
    }
    return text;
  }

  #check(offset: number, size: number): void {
    if (offset >= 0 && offset + size <= this.length) return;
    throw new FormatError("pe", "read outside the file", {
      offset: Math.max(0, offset),
      expected: `${size} bytes`,
      found: `a file of ${this.length} bytes`,
    });
  }
}
