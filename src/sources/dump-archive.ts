// A dump inside a ZIP archive, unpacked as a stream; and parts of a dump that was split.

import { createReadStream, existsSync, statSync } from "node:fs";
import { createInflateRaw } from "node:zlib";
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
