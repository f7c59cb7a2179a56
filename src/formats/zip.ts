// The directory of a ZIP archive, read from its end; members are unpacked elsewhere. ZIP64 is read, encryption is not.
// Source of the format: PKWARE, APPNOTE.TXT 6.3.

import { FormatError } from "../model/errors.ts";

/** Anything that can be read at a position. */
export interface ZipSource {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

export interface ZipMember {
  readonly name: string;
  readonly method: "stored" | "deflated" | "other";
  readonly encrypted: boolean;
  readonly packedBytes: number;
  readonly bytes: number;
  /** Where its local header begins. */
  readonly header: number;
}

const END_BYTES = 22;
const MOST_COMMENT = 65_535;
const MOST_DIRECTORY = 64 * 2 ** 20;
const FULL_32 = 0xffffffff;

const broken = (problem: string, offset?: number): FormatError =>
  new FormatError("zip", problem, offset === undefined ? {} : { offset });

/** The members, in the directory's order. Throws FormatError where the directory is missing or damaged. */
export function readZipMembers(source: ZipSource): readonly ZipMember[] {
  const tailAt = Math.max(0, source.size - END_BYTES - MOST_COMMENT);
  const tail = view(source.read(tailAt, source.size - tailAt));
  let end = tail.byteLength - END_BYTES;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end -= 1;
  if (end < 0) throw broken("the archive ends early: its directory is missing");
  let size = tail.getUint32(end + 12, true);
  let offset = tail.getUint32(end + 16, true);
  if ((offset === FULL_32 || size === FULL_32) && end >= 20 && tail.getUint32(end - 20, true) === 0x07064b50) {
    const end64 = view(source.read(number64(tail, end - 12), 56));
    if (end64.byteLength < 56 || end64.getUint32(0, true) !== 0x06064b50)
      throw broken("its ZIP64 directory is damaged");
    size = number64(end64, 40);
    offset = number64(end64, 48);
  }
  if (size > MOST_DIRECTORY || offset + size > source.size) throw broken("its directory is damaged", offset);
  return parseDirectory(view(source.read(offset, size)), offset);
}

function parseDirectory(directory: DataView, offset: number): ZipMember[] {
  const members: ZipMember[] = [];
  for (let at = 0; at + 46 <= directory.byteLength;) {
    if (directory.getUint32(at, true) !== 0x02014b50) throw broken("its directory is damaged", offset + at);
    const nameBytes = directory.getUint16(at + 28, true);
    const extraBytes = directory.getUint16(at + 30, true);
    const next = at + 46 + nameBytes + extraBytes + directory.getUint16(at + 32, true);
    if (next > directory.byteLength) throw broken("its directory is damaged", offset + at);
    const method = directory.getUint16(at + 10, true);
    const wide = wideFields(directory, at + 46 + nameBytes, extraBytes);
    const field = (where: number): number => {
      const value = directory.getUint32(where, true);
      return value === FULL_32 ? (wide.shift() ?? value) : value;
    };
    const bytes = field(at + 24);
    const packedBytes = field(at + 20);
    members.push({
      name: String.fromCharCode(...new Uint8Array(directory.buffer, directory.byteOffset + at + 46, nameBytes)),
      method: method === 0 ? "stored" : method === 8 ? "deflated" : "other",
      encrypted: (directory.getUint16(at + 8, true) & 1) !== 0,
      bytes,
      packedBytes,
      header: field(at + 42),
    });
    at = next;
  }
  return members;
}

/** Where a member's data begin, behind its local header. */
export function zipDataOffset(source: ZipSource, member: ZipMember): number {
  const local = view(source.read(member.header, 30));
  if (local.byteLength < 30 || local.getUint32(0, true) !== 0x04034b50) {
    throw broken("a member's header is damaged", member.header);
  }
  const start = member.header + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  if (start + member.packedBytes > source.size) throw broken("a member is cut off", start);
  return start;
}

/** The 64-bit fields of a member, in the order in which they replace the 32-bit ones. */
function wideFields(directory: DataView, start: number, length: number): number[] {
  for (let at = start; at + 4 <= start + length;) {
    const size = directory.getUint16(at + 2, true);
    if (directory.getUint16(at, true) === 1) {
      const count = Math.floor(Math.min(size, start + length - at - 4) / 8);
      return Array.from({ length: count }, (_, i) => number64(directory, at + 4 + 8 * i));
    }
    at += 4 + size;
  }
  return [];
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function number64(from: DataView, at: number): number {
  return from.getUint32(at, true) + from.getUint32(at + 4, true) * 2 ** 32;
}
