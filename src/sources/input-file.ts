// A file as the formats see it: its head, its bytes as a stream, unpacked on the way where it is gzip, Zstandard or Brotli.

import { createReadStream, type Stats } from "node:fs";
import { open, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createZstdDecompress } from "node:zlib";
import { AccessError, FormatError } from "../model/errors.ts";

/** Formats are recognised by at most this many bytes. */
export const HEAD_BYTES = 64 * 1024;

/** The path that stands for standard input. */
export const STANDARD_INPUT = "-";

/** Standard input is kept in memory, since a source may be read twice. */
const MOST_STANDARD_INPUT = 512 * 1024 * 1024;

const CHUNK_BYTES = 1024 * 1024;

export interface InputFile {
  readonly path: string;
  /** Bytes on disk, packed where it is packed. */
  readonly size: number;
  readonly modified: number;
  /** Packed as a whole: its content is unpacked as it is read. */
  readonly isPacked: boolean;
  /** Whether the path names a file that can be opened again and read at any place. */
  readonly onDisk: boolean;
  /** The first {@link HEAD_BYTES} bytes of the content, unpacked. */
  readonly head: Uint8Array;
  /**
   * The content from its start, unpacked. `onRead` is told bytes read from disk. Throws AccessError where reading fails and
   * FormatError where the packed data is damaged or ends early, after everything before that was yielded.
   */
  content(onRead?: (bytes: number) => void): AsyncIterable<Uint8Array>;
}

/** Opens a regular file and reads its head. Throws AccessError (missing, unreadable, not a file) or FormatError (empty). */
export async function openInputFile(path: string): Promise<InputFile> {
  if (path === STANDARD_INPUT) return await readStandardInput(process.stdin);
  let stats: Stats;
  let magic: Uint8Array;
  try {
    stats = await stat(path);
    if (!stats.isFile())
      throw new AccessError(
        `${path}: not a regular file`,
        "name a file or a folder of files; - stands for standard input",
      );
    magic = await firstBytes(path);
  } catch (error) {
    throw toAccessError(path, error);
  }
  if (stats.size === 0) throw new FormatError("source", "the file is empty", { file: path, found: "0 bytes" });
  const packing = packingOf(magic, path);
  const content = (onRead?: (bytes: number) => void): AsyncIterable<Uint8Array> => contentOf(path, packing, onRead);
  return {
    path,
    size: stats.size,
    modified: Math.round(stats.mtimeMs),
    isPacked: packing !== undefined,
    onDisk: true,
    head: await headOf(content()),
    content,
  };
}

/** A file-system error in words, with what would help; other errors pass through. */
export function toAccessError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
  const [what, needs] = ACCESS_WORDS[error.code] ?? [
    `cannot be read (${error.code})`,
    "see whether the disk and the path are all right",
  ];
  return new AccessError(`${path}: ${what}`, needs, error);
}

const ACCESS_WORDS: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ["no such file or folder", "check the path"],
  EACCES: ["no permission to read it", "run as a user who may read it, or copy it"],
  EPERM: ["no permission to read it", "run as a user who may read it, or copy it"],
  EBUSY: ["another program holds it open", "close that program, or copy the file"],
  EISDIR: ["is a folder", "name a file in it"],
  ENOTDIR: ["a part of the path is not a folder", "check the path"],
  EMFILE: ["too many files are open", "name fewer files at once"],
  ELOOP: ["the symbolic links go in a circle", "name the real file"],
};

/** Standard input as a file; its "modification date" is now. Throws AccessError where it is too large, FormatError where empty. */
export async function readStandardInput(stream: AsyncIterable<Uint8Array>): Promise<InputFile> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_STANDARD_INPUT)
      throw new AccessError("standard input holds more than 512 MiB", "save it to a file and name that");
  }
  const file = "standard input";
  if (size === 0) throw new FormatError("source", "it is empty", { file, found: "0 bytes" });
  return await memoryFile(file, Buffer.concat(chunks), Date.now());
}

/** Bytes in memory as a file: standard input, a member of an archive. */
export async function memoryFile(path: string, bytes: Uint8Array, modified: number): Promise<InputFile> {
  const packing = packingOf(bytes, path);
  const content = (onRead?: (bytes: number) => void): AsyncIterable<Uint8Array> =>
    unpacked(Readable.from([bytes], { objectMode: false }), path, packing, onRead);
  const isPacked = packing !== undefined;
  return { path, size: bytes.length, modified, isPacked, onDisk: false, head: await headOf(content()), content };
}

type Packing = "gzip" | "zstd" | "brotli";

/** How a file is packed as a whole: gzip and Zstandard by their first bytes; Brotli has none, so its name tells. */
function packingOf(start: Uint8Array, path: string): Packing | undefined {
  if (start[0] === 0x1f && start[1] === 0x8b) return "gzip";
  if (start[0] === 0x28 && start[1] === 0xb5 && start[2] === 0x2f && start[3] === 0xfd) return "zstd";
  return /\.br$/i.test(path) ? "brotli" : undefined;
}

const UNPACKERS = {
  gzip: () => createGunzip({ chunkSize: 256 * 1024 }),
  zstd: () => createZstdDecompress(),
  brotli: () => createBrotliDecompress(),
} as const;

async function firstBytes(path: string): Promise<Uint8Array> {
  const handle = await open(path, "r");
  try {
    const bytes = new Uint8Array(4);
    const { bytesRead } = await handle.read(bytes, 0, 4, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function headOf(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const head = new Uint8Array(HEAD_BYTES);
  let length = 0;
  try {
    for await (const chunk of content) {
      const part = chunk.subarray(0, HEAD_BYTES - length);
      head.set(part, length);
      length += part.length;
      if (length === HEAD_BYTES) break;
    }
  } catch (error) {
    // A packed file that ends within its head still shows what it is; the reader will meet the same error again and report it.
    if (!(error instanceof FormatError) || length === 0) throw error;
  }
  return head.subarray(0, length);
}

function contentOf(
  path: string,
  packing: Packing | undefined,
  onRead?: (bytes: number) => void,
): AsyncIterable<Uint8Array> {
  return unpacked(createReadStream(path, { highWaterMark: CHUNK_BYTES }), path, packing, onRead);
}

async function* unpacked(
  file: Readable,
  path: string,
  packing: Packing | undefined,
  onRead?: (bytes: number) => void,
): AsyncIterable<Uint8Array> {
  let read = 0;
  file.on("data", (chunk) => {
    read += chunk.length;
    onRead?.(read);
  });
  try {
    if (packing === undefined) {
      for await (const chunk of file) yield chunk as Uint8Array;
      return;
    }
    const unpacker = UNPACKERS[packing]();
    file.on("error", (error) => unpacker.destroy(error));
    for await (const chunk of file.pipe(unpacker)) yield chunk as Uint8Array;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!/^(?:Z_|ZSTD_|ERR_(?:ZSTD_|_|BROTLI_))/.test(code)) throw toAccessError(path, error);
    throw new FormatError(
      packing ?? "gzip",
      code === "Z_BUF_ERROR" ? "the compressed data ends early" : "the compressed data is damaged",
      {
        file: path,
        found: `${read} bytes read`,
        cause: error,
      },
    );
  } finally {
    file.destroy();
  }
}
