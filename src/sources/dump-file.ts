// A dump on disk as random access: positional reads of a plain file or of the parts of a split one; what is packed is unpacked
// once into a sparse store. The file that tells how a VMware machine's memory is laid out is looked for beside it.

import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { isCabinet } from "../formats/cabinet.ts";
import type { ByteSource } from "../formats/crash-dump/source.ts";
import { parseVmwareRegions } from "../formats/crash-dump/vmware.ts";
import { archiveKindOf } from "./archive.ts";
import { cabinetContent, partsOf, zipContent } from "./dump-archive.ts";
import { openInputFile, toAccessError, type InputFile } from "./input-file.ts";
import { storeSparse } from "./sparse-store.ts";

export interface OpenDumpFile {
  readonly bytes: ByteSource;
  /** The member of an archive that was opened. */
  readonly member?: string | undefined;
  close(): void;
}

/** Opens a dump for random access. Throws AccessError or FormatError. */
export async function openDumpFile(path: string): Promise<OpenDumpFile> {
  return await openDumpInput(await openInputFile(path));
}

/** The same for a file that has been opened as a source. */
export async function openDumpInput(file: InputFile): Promise<OpenDumpFile> {
  if (file.isPacked || !file.onDisk) return await storeSparse(file.content(), file.path);
  const plain = openPlainDump(file);
  const isCab = isCabinet(file.head);
  if (!isCab && archiveKindOf(file.head) !== "zip") return plain;
  try {
    const { name, content } = (isCab ? cabinetContent : zipContent)(file.path, plain.bytes);
    const stored = await storeSparse(content, file.path);
    return { ...stored, member: name };
  } finally {
    plain.close();
  }
}

/** Opens a file that is on disk and not compressed, with the parts that follow it where it was split. */
export function openPlainDump(file: InputFile): OpenDumpFile {
  const parts = partsOf(file.path).map((part) => ({ ...part, handle: handleOf(part.path) }));
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const read = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
    return bytes.subarray(0, into(offset, bytes));
  };
  const into = (offset: number, bytes: Uint8Array): number => {
    let done = 0;
    let start = 0;
    for (const part of parts) {
      const inPart = offset + done - start;
      const wanted = Math.min(bytes.length - done, part.size - inPart);
      if (inPart >= 0 && wanted > 0) {
        const got = readInto(part.path, part.handle, bytes, done, wanted, inPart);
        done += got;
        if (got < wanted) break;
      }
      start += part.size;
    }
    return done;
  };
  const layout = vmwareLayout(file.path);
  return {
    bytes: { size, read, readInto: into, ...(layout === undefined ? {} : { layout }) },
    close: () => {
      for (const part of parts) closeSync(part.handle);
    },
  };
}

function handleOf(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw toAccessError(path, error);
  }
}

function readInto(path: string, handle: number, bytes: Uint8Array, at: number, length: number, offset: number): number {
  let done = 0;
  try {
    while (done < length) {
      const count = readSync(handle, bytes, at + done, length - done, offset + done);
      if (count === 0) break;
      done += count;
    }
  } catch (error) {
    throw toAccessError(path, error);
  }
  return done;
}

/** Where the memory of a VMware machine lies, by the `.vmsn` or `.vmss` of the same name beside its `.vmem`. */
function vmwareLayout(path: string): ByteSource["layout"] {
  if (extname(path).toLowerCase() !== ".vmem") return undefined;
  const stem = basename(path, extname(path)).toLowerCase();
  const folder = dirname(path);
  for (const name of readdirSync(folder)) {
    const extension = extname(name).toLowerCase();
    if ((extension !== ".vmsn" && extension !== ".vmss") || basename(name, extname(name)).toLowerCase() !== stem)
      continue;
    const beside = join(folder, name);
    const handle = handleOf(beside);
    try {
      const { size } = statSync(beside);
      const runs = parseVmwareRegions({
        size,
        read: (offset, length) => {
          const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
          return bytes.subarray(0, readInto(beside, handle, bytes, 0, bytes.length, offset));
        },
      });
      if (runs !== undefined) return { by: beside, runs };
    } finally {
      closeSync(handle);
    }
  }
  return undefined;
}
