// Little-endian fields of a byte array. A field beyond the end reads as zero: lengths are checked where blocks are read.

const TWO_32 = 2 ** 32;

export function u16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8);
}

export function u32(bytes: Uint8Array, offset: number): number {
  return (u16(bytes, offset) | (u16(bytes, offset + 2) << 16)) >>> 0;
}

/** A u64 as number: exact below 2^53, rounded above (hostile or absent values only). */
export function u64(bytes: Uint8Array, offset: number): number {
  return u32(bytes, offset + 4) * TWO_32 + u32(bytes, offset);
}

/** A signed 64-bit value as number, exact for magnitudes below 2^53. */
export function i64(bytes: Uint8Array, offset: number): number {
  return (u32(bytes, offset + 4) | 0) * TWO_32 + u32(bytes, offset);
}

/** A 64-bit address. */
export function address64(bytes: Uint8Array, offset: number): bigint {
  return (BigInt(u32(bytes, offset + 4)) << 32n) | BigInt(u32(bytes, offset));
}

/** A pointer of 4 or 8 bytes. */
export function pointer(bytes: Uint8Array, offset: number, size: 4 | 8): bigint {
  return size === 8 ? address64(bytes, offset) : BigInt(u32(bytes, offset));
}

/** Four or more ASCII characters against the bytes at an offset. */
export function hasText(bytes: Uint8Array, offset: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[offset + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** ASCII text up to a NUL or the length; bytes outside printable ASCII end it. */
export function asciiText(bytes: Uint8Array, offset: number, length: number): string {
  let text = "";
  for (let i = 0; i < length; i++) {
    const byte = bytes[offset + i] ?? 0;
    if (byte < 0x20 || byte > 0x7e) break;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** UTF-16 text of `length` bytes, up to a NUL. */
export function utf16Text(bytes: Uint8Array, offset: number, length: number): string {
  let text = "";
  for (let i = 0; i + 1 < length && offset + i + 1 < bytes.length; i += 2) {
    const unit = u16(bytes, offset + i);
    if (unit === 0) break;
    text += String.fromCharCode(unit);
  }
  return text;
}

/** An address or offset in hexadecimal, as outputs show it. */
export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

/** Milliseconds since 1970 UTC of a FILETIME, undefined where it names no time between 1990 and 2100. */
export function timeOfFileTime(fileTime: number): number | undefined {
  const time = Math.round(fileTime / 10_000 - 11_644_473_600_000);
  return time > 631_152_000_000 && time < 4_102_444_800_000 ? time : undefined;
}
