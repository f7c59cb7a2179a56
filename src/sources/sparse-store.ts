// Bytes that come as a stream and are then read at any place: blocks of zeros are not kept, small contents stay in memory,
// larger ones go into a sparse temporary file that is gone when it is closed.

import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ByteSource } from "../formats/crash-dump/source.ts";
import { AccessError, FormatError } from "../model/errors.ts";

const BLOCK = 64 * 1024;
/** Kept in memory at most; what is larger goes to disk. */
const MOST_IN_MEMORY = 64 * 2 ** 20;
/** Zeros cost no room but time: about 20 s for this much. A larger image is read much faster from disk than unpacked. */
const MOST_UNPACKED = 16 * 2 ** 30;
/** An image of memory holds something in its first 64 MiB: the vectors, the loader, the page tables. */
const MOST_LEADING_ZEROS = 64 * 2 ** 20;
const ZEROS = new Uint8Array(BLOCK);

export interface SparseStore {
  readonly bytes: ByteSource;
  close(): void;
}

/** Reads a stream to its end. Throws AccessError where the temporary folder has no room. */
export async function storeSparse(chunks: AsyncIterable<Uint8Array>, what: string): Promise<SparseStore> {
  const blocks = new Map<number, Uint8Array>();
  let size = 0;
  let file: TemporaryFile | undefined;
  let current = new Uint8Array(BLOCK);
  const finishBlock = (): void => {
    if (size > MOST_UNPACKED) {
      throw new AccessError(
        `${what}: damaged or hostile: unpacked it holds more than 16 GiB`,
        "where it is a memory image, unpack it to disk and name the unpacked file",
      );
    }
    if (Buffer.compare(current, ZEROS) === 0) {
      if (file !== undefined || blocks.size > 0 || size < MOST_LEADING_ZEROS) return;
      throw new FormatError("crash-dump", "damaged or hostile: more than 64 MiB of nothing but zeros at its start", {
        file: what,
      });
    }
    const number = Math.floor((size - 1) / BLOCK);
    if (file !== undefined) {
      file.write(current, number * BLOCK);
      current.fill(0);
      return;
    }
    blocks.set(number, current);
    current = new Uint8Array(BLOCK);
    if (blocks.size * BLOCK < MOST_IN_MEMORY) return;
    file = openTemporary(what);
    for (const [each, bytes] of blocks) file.write(bytes, each * BLOCK);
    blocks.clear();
  };
  try {
    for await (const chunk of chunks) {
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
  } catch (error) {
    file?.close();
    throw error;
  }
  const stored = file;
  if (stored !== undefined) {
    stored.setSize(size);
    return {
      bytes: { size, read: (offset, length) => stored.read(offset, Math.min(length, size - offset)) },
      close: stored.close,
    };
  }
  return { bytes: { size, read: (offset, length) => readBlocks(blocks, size, offset, length) }, close: () => {} };
}

interface TemporaryFile {
  write(bytes: Uint8Array, offset: number): void;
  read(offset: number, length: number): Uint8Array;
  setSize(size: number): void;
  readonly close: () => void;
}

function openTemporary(what: string): TemporaryFile {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-unpacked-"));
  const handle = openSync(join(folder, "content"), "w+");
  const withRoom = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw new AccessError(
        `${what}: it cannot be unpacked into ${folder}`,
        "make room there, set TMPDIR (TEMP on Windows) to a larger disk, or unpack it and name the unpacked file",
        error,
      );
    }
  };
  return {
    write: (bytes, offset) => {
      withRoom(() => writeSync(handle, bytes, 0, bytes.length, offset));
    },
    setSize: (size) => withRoom(() => ftruncateSync(handle, size)),
    read: (offset, length) => {
      const bytes = new Uint8Array(Math.max(0, length));
      return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, offset));
    },
    close: () => {
      closeSync(handle);
      rmSync(folder, { recursive: true, force: true });
    },
  };
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
