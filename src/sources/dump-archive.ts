// A dump inside a ZIP archive or a cabinet, unpacked as a stream; and parts of a dump that was split.

import { createReadStream, existsSync, statSync } from "node:fs";
import { createInflateRaw, inflateRawSync } from "node:zlib";
import { cabinetBlocks, readCabinetFiles, type CabinetBlock, type CabinetFile } from "../formats/cabinet.ts";
import { readZipMembers, zipDataOffset, type ZipMember, type ZipSource } from "../formats/zip.ts";
import { AccessError, FormatError } from "../model/errors.ts";

export interface UnpackedDump {
  /** The member's name, where the file is an archive. */
  readonly name: string | undefined;
  readonly content: AsyncIterable<Uint8Array>;
}

/** The dump in an archive: its largest member. Throws FormatError where there is none that can be unpacked. */
export function zipContent(path: string, source: ZipSource): UnpackedDump {
  const members = inFile(path, () => readZipMembers(source)).filter((member) => member.bytes > 0);
  if (members.some((member) => member.name === "information.turtle")) {
    throw new FormatError("crash-dump", "this is an AFF4 image: turn it into a raw image first", { file: path });
  }
  const member = members.toSorted((a, b) => b.bytes - a.bytes)[0];
  if (member === undefined) throw new FormatError("zip", "the archive is empty", { file: path });
  if (member.encrypted || member.method === "other") {
    const why = member.encrypted ? "it is encrypted" : "its method is not deflate";
    throw new AccessError(
      `${path}: ${member.name} in it cannot be unpacked: ${why}`,
      "unpack it and name the unpacked file",
    );
  }
  const start = inFile(path, () => zipDataOffset(source, member));
  return { name: member.name, content: named(`${path}: ${member.name}`, memberStream(path, start, member)) };
}

function memberStream(path: string, start: number, member: ZipMember): AsyncIterable<Uint8Array> {
  const packed = createReadStream(path, { start, end: start + member.packedBytes - 1, highWaterMark: 2 ** 20 });
  return member.method === "stored" ? packed : packed.pipe(createInflateRaw({ chunkSize: 2 ** 18 }));
}

/** The dump in a cabinet: its largest file. Throws FormatError or AccessError where there is none that can be unpacked. */
export function cabinetContent(path: string, source: ZipSource): UnpackedDump {
  const file = inFile(path, () => readCabinetFiles(source)).toSorted((a, b) => b.bytes - a.bytes)[0];
  if (file === undefined) throw new FormatError("cabinet", "the archive is empty", { file: path });
  if (file.folder.method === "other") {
    throw new AccessError(
      `${path}: ${file.name} in it cannot be unpacked: its method is not MSZIP`,
      "unpack it (expand, cabextract) and name the unpacked file",
    );
  }
  return { name: file.name, content: named(`${path}: ${file.name}`, cabinetStream(source, file)) };
}

/** The file's bytes, block by block. A block of MSZIP refers to the unpacked bytes of the one before it. */
async function* cabinetStream(source: ZipSource, file: CabinetFile): AsyncIterable<Uint8Array> {
  let at = 0;
  let before = new Uint8Array(0);
  for (const block of cabinetBlocks(source, file.folder)) {
    if (at >= file.start + file.bytes) return;
    const bytes = file.folder.method === "stored" ? block.packed : inflateBlock(block, before);
    if (bytes.length !== block.bytes) throw new Error("a block has not the length that it tells");
    const part = bytes.subarray(Math.max(0, file.start - at), Math.max(0, file.start + file.bytes - at));
    if (part.length > 0) yield part;
    at += bytes.length;
    before = new Uint8Array(bytes);
  }
  if (at < file.start + file.bytes) throw new Error("the last block is missing");
}

function inflateBlock({ packed, bytes }: CabinetBlock, before: Uint8Array): Uint8Array {
  if (packed[0] !== 0x43 || packed[1] !== 0x4b) throw new Error("a block does not begin with CK");
  return inflateRawSync(packed.subarray(2), {
    maxOutputLength: Math.max(1, bytes),
    ...(before.length === 0 ? {} : { dictionary: before }),
  });
}

/** Errors of the unpacking with the file's name. */
async function* named(what: string, stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    throw new FormatError("crash-dump", "the packed data are damaged or end early", { file: what, cause: error });
  }
}

function inFile<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(error.format, error.problem, { ...error.details, file: path });
  }
}

const MOST_PARTS = 999;

/** The files of a dump that was split into `.001`, `.002`, ...; just the file itself where it was not. */
export function partsOf(path: string): readonly { readonly path: string; readonly size: number }[] {
  const first = /^(.*\.)001$/.exec(path);
  const parts: { path: string; size: number }[] = [];
  const most = first === null ? 0 : MOST_PARTS;
  for (let part = 1; part <= most; part++) {
    const each = `${first?.[1] ?? ""}${String(part).padStart(3, "0")}`;
    if (!existsSync(each)) break;
    parts.push({ path: each, size: statSync(each).size });
  }
  return parts.length > 1 ? parts : [{ path, size: statSync(path).size }];
}
