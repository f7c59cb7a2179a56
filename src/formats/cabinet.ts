// A cabinet archive (.cab): where its files lie and how its blocks are packed. Blocks are unpacked elsewhere.
// Source of the format: Microsoft, "Microsoft Cabinet Format" and [MS-MCI].

import { FormatError } from "../model/errors.ts";
import { decodeUtf8 } from "./utf8.ts";
import type { ZipSource } from "./zip.ts";

export interface CabinetFile {
  readonly name: string;
  readonly bytes: number;
  /** Where it begins in the unpacked bytes of its folder. */
  readonly start: number;
  readonly folder: CabinetFolder;
}

export interface CabinetFolder {
  readonly method: "stored" | "mszip" | "other";
  /** Where its first block lies in the archive. */
  readonly offset: number;
  readonly blocks: number;
  /** Bytes behind the fixed part of each block's header. */
  readonly reserved: number;
}

/** A block: its packed bytes, and how many they are unpacked. */
export interface CabinetBlock {
  readonly packed: Uint8Array;
  readonly bytes: number;
}

/** Unpacked bytes of a block at most, and how far back a block of MSZIP refers into the ones before. */
export const CABINET_BLOCK = 32_768;
const MOST_NAME = 256;
const METHODS = ["stored", "mszip"] as const;
const HAS_PREVIOUS = 1;
const HAS_NEXT = 2;
const HAS_RESERVE = 4;
/** A file whose folder has this number or a higher one continues in another cabinet. */
const SPANS = 0xfffd;

const broken = (problem: string, offset: number): FormatError => new FormatError("cabinet", problem, { offset });

/** Whether a file's first bytes are those of a cabinet. */
export function isCabinet(head: Uint8Array): boolean {
  return head[0] === 0x4d && head[1] === 0x53 && head[2] === 0x43 && head[3] === 0x46;
}

function viewAt(source: ZipSource, offset: number, length: number): DataView {
  const bytes = source.read(offset, length);
  if (bytes.length < length) throw broken("it ends early", offset);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The files that lie in this cabinet as a whole. Throws FormatError where it is damaged or one of a set. */
export function readCabinetFiles(source: ZipSource): readonly CabinetFile[] {
  const header = viewAt(source, 0, 36);
  const flags = header.getUint16(30, true);
  if ((flags & (HAS_PREVIOUS | HAS_NEXT)) !== 0)
    throw broken("it is one of a set of cabinets: unpack the set first", 30);
  let at = 36;
  let folderReserve = 0;
  let reserved = 0;
  if ((flags & HAS_RESERVE) !== 0) {
    const sizes = viewAt(source, 36, 4);
    at += 4 + sizes.getUint16(0, true);
    folderReserve = sizes.getUint8(2);
    reserved = sizes.getUint8(3);
  }
  const folders: CabinetFolder[] = [];
  for (let i = 0; i < header.getUint16(26, true); i++, at += 8 + folderReserve) {
    const folder = viewAt(source, at, 8);
    const method = METHODS[folder.getUint16(6, true) & 0xf] ?? "other";
    folders.push({ method, offset: folder.getUint32(0, true), blocks: folder.getUint16(4, true), reserved });
  }
  const files: CabinetFile[] = [];
  at = header.getUint32(16, true);
  for (let i = 0; i < header.getUint16(28, true); i++) {
    const entry = viewAt(source, at, 16);
    const rest = source.read(at + 16, MOST_NAME);
    const end = rest.indexOf(0);
    if (end < 0) throw broken("the name of a file does not end", at + 16);
    const number = entry.getUint16(8, true);
    const folder = folders[number];
    if (folder === undefined && number < SPANS) throw broken("a file lies in a folder that is not there", at + 8);
    if (folder !== undefined) {
      const name = decodeUtf8(rest.subarray(0, end));
      files.push({ name, bytes: entry.getUint32(0, true), start: entry.getUint32(4, true), folder });
    }
    at += 16 + end + 1;
  }
  return files;
}

/** The blocks of a folder in order. Throws FormatError where one is cut off or its checksum is wrong. */
export function* cabinetBlocks(source: ZipSource, folder: CabinetFolder): Generator<CabinetBlock> {
  let at = folder.offset;
  for (let i = 0; i < folder.blocks; i++) {
    const head = 8 + folder.reserved;
    const header = viewAt(source, at, head);
    const length = header.getUint16(4, true);
    const bytes = header.getUint16(6, true);
    const packed = source.read(at + head, length);
    if (packed.length < length || bytes > CABINET_BLOCK) throw broken(`block ${i + 1} is cut off or damaged`, at);
    const told = header.getUint32(0, true);
    const rest = new Uint8Array(header.buffer, header.byteOffset + 4, head - 4);
    // Zero: no checksum was made.
    if (told !== 0 && told !== checksum(rest, checksum(packed, 0))) {
      throw broken(`the checksum of block ${i + 1} is wrong: the archive is damaged`, at);
    }
    yield { packed, bytes };
    at += head + length;
  }
}

/** Words of four bytes XORed; the bytes that are left, first one highest. */
function checksum(bytes: Uint8Array, seed: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const whole = bytes.length - (bytes.length % 4);
  let sum = seed;
  for (let at = 0; at < whole; at += 4) sum ^= view.getUint32(at, true);
  let rest = 0;
  for (let at = whole; at < bytes.length; at++) rest = (rest << 8) | (bytes[at] ?? 0);
  return (sum ^ rest) >>> 0;
}
