// A dump on disk as random access: positional reads of a plain file; a gzip file is unpacked into memory once, keeping only
// the blocks that are not all zeros.

import { closeSync, openSync, readSync } from "node:fs";
import { AccessError, FormatError } from "../model/errors.ts";
import type { ByteSource } from "../formats/crash-dump/source.ts";
import { openInputFile, toAccessError, type InputFile } from "./input-file.ts";

export interface OpenDumpFile {
  readonly bytes: ByteSource;
  close(): void;
}

/** Opens a dump for random access. Throws AccessError or FormatError. */
export async function openDumpFile(path: string): Promise<OpenDumpFile> {
  return await openDumpInput(await openInputFile(path));
}

/** The same for a file that has been opened as a source. */
export async function openDumpInput(file: InputFile): Promise<OpenDumpFile> {
  if (file.isGzip || !file.onDisk) return { bytes: await unpack(file), close: () => {} };
  return openPlainDump(file);
}

/** Opens a file that is on disk and not compressed. */
export function openPlainDump(file: InputFile): OpenDumpFile {
  let handle: number;
  try {
    handle = openSync(file.path, "r");
  } catch (error) {
    throw toAccessError(file.path, error);
  }
  const read = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, file.size - offset)));
    let done = 0;
    try {
      while (done < bytes.length) {
        const count = readSync(handle, bytes, done, bytes.length - done, offset + done);
        if (count === 0) break;
        done += count;
      }
    } catch (error) {
      throw toAccessError(file.path, error);
    }
    return bytes.subarray(0, done);
  };
  return { bytes: { size: file.size, read }, close: () => closeSync(handle) };
}

const BLOCK = 64 * 1024;
/** Unpacked data kept at most; a memory image is mostly zeros, a full one should be unpacked to disk. */
const MOST_KEPT = 2 * 2 ** 30;

/** Zeros cost no memory but time: about 20 s for this much. A larger image is read much faster from disk than unpacked. */
const MOST_UNPACKED = 16 * 2 ** 30;
/** An image of memory holds something in its first 64 MiB: the vectors, the loader, the page tables. */
const MOST_LEADING_ZEROS = 64 * 2 ** 20;
const ZEROS = new Uint8Array(BLOCK);

async function unpack(file: InputFile): Promise<ByteSource> {
  const blocks = new Map<number, Uint8Array>();
  let size = 0;
  let kept = 0;
  let current = new Uint8Array(BLOCK);
  const finishBlock = (): void => {
    if (size > MOST_UNPACKED) {
      throw new AccessError(
        `${file.path}: damaged or hostile: unpacked it holds more than 16 GiB`,
        "where it is a memory image, unpack it to disk and name the unpacked file",
      );
    }
    if (Buffer.compare(current, ZEROS) === 0) {
      if (kept > 0 || size < MOST_LEADING_ZEROS) return;
      throw new FormatError("crash-dump", "damaged or hostile: more than 64 MiB of nothing but zeros at its start", {
        file: file.path,
      });
    }
    kept += BLOCK;
    if (kept > MOST_KEPT) {
      throw new AccessError(
        `${file.path}: unpacked it holds more than 2 GiB`,
        "unpack it to disk and name the unpacked file",
      );
    }
    blocks.set(Math.floor((size - 1) / BLOCK), current);
    current = new Uint8Array(BLOCK);
  };
  for await (const chunk of file.content()) {
    for (let done = 0; done < chunk.length;) {
      const at = size % BLOCK;
      const part = chunk.subarray(done, done + BLOCK - at);
      current.set(part, at);
      done += part.length;
      size += part.length;
      if (size % BLOCK === 0) finishBlock();
    }
  }
  if (size % BLOCK !== 0) finishBlock();
  return { size, read: (offset, length) => readBlocks(blocks, size, offset, length) };
}

function readBlocks(blocks: ReadonlyMap<number, Uint8Array>, size: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
  for (let done = 0; done < bytes.length;) {
    const at = (offset + done) % BLOCK;
    const part = Math.min(BLOCK - at, bytes.length - done);
    const block = blocks.get(Math.floor((offset + done) / BLOCK));
    if (block !== undefined) bytes.set(block.subarray(at, at + part), done);
    done += part;
  }
  return bytes;
}
