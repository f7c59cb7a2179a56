// Structured mutations of an input: what transport, disks and people do to files, and what breaks parsers.

const NUMBERS = [
  "0",
  "-1",
  "4294967295",
  "4294967296",
  "9007199254740993",
  "18446744073709551615",
  "1e308",
  "NaN",
  "0x",
  "1,234",
];
const PIECES = [
  "\n",
  "\r\n",
  "\r",
  "\t",
  " ",
  "  ",
  ",",
  '"',
  "\0",
  "\u00ff",
  "(",
  "[",
  "\\",
  "*",
  "=",
  "/",
  ":",
  "\u001b[2J",
];

/** A changed copy; the same for the same numbers. */
export function mutate(seed: Uint8Array, next: () => number, other: Uint8Array): Uint8Array {
  let bytes: Buffer = Buffer.from(seed);
  const times = 1 + Math.floor(next() * 4);
  for (let i = 0; i < times; i++) bytes = once(bytes, next, other);
  return new Uint8Array(bytes);
}

/** No input grows beyond this: what is longer is cut into lines or refused before a parser sees it. */
const LONGEST = 256 * 1024;

function once(bytes: Buffer, next: () => number, other: Uint8Array): Buffer {
  const at = Math.floor(next() * (bytes.length + 1));
  const length = Math.floor(next() * next() * (bytes.length - at));
  const kind = Math.floor(next() * 9);
  const pick = (list: readonly string[]): Buffer => Buffer.from(list[Math.floor(next() * list.length)] ?? "", "latin1");
  const put = (piece: Uint8Array, drop = 0): Buffer =>
    Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + drop)]).subarray(0, LONGEST);
  if (kind === 0) return bytes.subarray(0, at);
  if (kind === 1) return put(Buffer.alloc(0), length);
  if (kind === 2) return put(pick(PIECES));
  if (kind === 3) return put(pick(NUMBERS), Math.min(length, 8));
  if (kind === 4) return put(Buffer.alloc(Math.floor(next() ** 4 * 65_536), pick(PIECES)));
  if (kind === 5) return put(bytes.subarray(at, at + length));
  if (kind === 6) return put(other.subarray(0, Math.floor(next() * other.length)), length);
  if (kind === 7 && bytes.length >= 4) {
    bytes.writeUInt32LE(
      [0, 1, 0x7fffffff, 0xffffffff, bytes.length][Math.floor(next() * 5)] ?? 0,
      Math.min(at, bytes.length - 4),
    );
    return bytes;
  }
  if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(next() * 8));
  return bytes;
}
