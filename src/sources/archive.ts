// Archives as folders: the members of a zip or tar (also packed once more) as input files in memory, within limits. One level:
// an archive within an archive is named and left out. Kernel dumps in a zip are the dump reader's business.

import { buffer } from "node:stream/consumers";
import { Readable } from "node:stream";
import { createTarDecoder } from "modern-tar";
import { fromBuffer, open, type Entry, type ZipFile } from "yauzl";
import { AccessError, FormatError } from "../model/errors.ts";
import type { Gap } from "../model/snapshot.ts";
import { memoryFile, type InputFile } from "./input-file.ts";

/** More members than a year of hourly logs. */
const MOST_MEMBERS = 10_000;
/** What all members may unpack to; they are kept in memory while they are read. */
const MOST_BYTES = 512 * 2 ** 20;
/** Text packs twenty times at most usually, zeros a thousand times: beyond this a large member is a bomb. */
const MOST_RATIO = 200;
const LARGE = 16 * 2 ** 20;

/** What stands in the way of reading a member, in words. */
const ENCRYPTED = "it is encrypted: unpack it with its password and name the folder";
const METHOD = "its method is not deflate (Explorer packs very large files so): unpack it and name the folder";
const NESTED = "an archive within an archive: unpack it first";

export type ArchiveKind = "zip" | "tar";

/** Whether the content of a file is an archive, by its first bytes (a tar's mark stands at offset 257, POSIX.1-1988). */
export function archiveKindOf(head: Uint8Array): ArchiveKind | undefined {
  if (head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6)))
    return "zip";
  return String.fromCharCode(...head.subarray(257, 262)) === "ustar" ? "tar" : undefined;
}

/**
 * The members as files, named `ARCHIVE/member`, in the archive's order. What is not read is a Gap. Throws FormatError where the
 * archive is damaged, AccessError where it is larger than is kept.
 */
export async function readMembers(file: InputFile, kind: ArchiveKind, gaps: Gap[]): Promise<readonly InputFile[]> {
  const taken = new Members(file.path, gaps);
  try {
    await (kind === "zip" ? readZip(file, taken) : readTar(file, taken));
  } catch (error) {
    if (error instanceof FormatError || error instanceof AccessError) throw error;
    throw new FormatError(kind, "the archive is damaged or ends early", { file: file.path, cause: error });
  }
  if (taken.files.length === 0) {
    const [first] = taken.refused;
    throw new FormatError(kind, `no file in it can be read${first === undefined ? "" : ` (${first})`}`, {
      file: file.path,
    });
  }
  return taken.files;
}

/** What was taken so far, against the limits. */
class Members {
  readonly files: InputFile[] = [];
  readonly refused: string[] = [];
  readonly #archive: string;
  readonly #gaps: Gap[];
  #bytes = 0;
  #members = 0;

  constructor(archive: string, gaps: Gap[]) {
    this.#archive = archive;
    this.#gaps = gaps;
  }

  /** Whether a member is wanted at all; hidden and foreign files are not, and need no word. */
  isWanted(name: string): boolean {
    this.#members += 1;
    if (this.#members > MOST_MEMBERS) {
      throw new AccessError(
        `${this.#archive}: more than ${MOST_MEMBERS} files in it`,
        "unpack what belongs together and name the folder",
      );
    }
    return !/(?:^|[\\/])(?:\.|__MACOSX|Thumbs\.db|desktop\.ini)/.test(name) && !/[\\/]$/.test(name);
  }

  refuse(name: string, problem: string): void {
    this.refused.push(`${name}: ${problem}`);
    this.#gaps.push({ where: `${this.#archive}/${name}`, problem: `left out: ${problem}` });
  }

  /** Reads a member within the limits; `packed` is its size in the archive, where that is known. */
  async add(
    name: string,
    modified: number,
    content: AsyncIterable<Uint8Array>,
    packed: number | undefined,
  ): Promise<void> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of content) {
      size += chunk.length;
      if (packed !== undefined && size > LARGE && size > packed * MOST_RATIO) {
        this.refuse(name, `damaged or hostile: it unpacks to more than ${MOST_RATIO} times its size`);
        return;
      }
      if (this.#bytes + size > MOST_BYTES) {
        throw new AccessError(
          `${this.#archive}: unpacks to more than ${MOST_BYTES / 2 ** 20} MiB`,
          "unpack it and name the folder",
        );
      }
      chunks.push(chunk);
    }
    this.#bytes += size;
    if (size === 0) return;
    const file = await memoryFile(`${this.#archive}/${name}`, Buffer.concat(chunks), modified);
    if (archiveKindOf(file.head) !== undefined) this.refuse(name, NESTED);
    else this.files.push(file);
  }
}

async function readZip(file: InputFile, taken: Members): Promise<void> {
  const zip = await openZip(file);
  try {
    for await (const entry of entriesOf(zip)) {
      const name = entry.fileName;
      if (!taken.isWanted(name)) continue;
      if (entry.isEncrypted()) taken.refuse(name, ENCRYPTED);
      else if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) taken.refuse(name, METHOD);
      else await taken.add(name, entry.getLastModDate().getTime(), await contentOf(zip, entry), entry.compressedSize);
    }
  } finally {
    zip.close();
  }
}

/** From the disk where the file lies there, else from memory: standard input, and what is packed twice. */
async function openZip(file: InputFile): Promise<ZipFile> {
  const options = { lazyEntries: true, autoClose: false };
  const bytes = file.onDisk && !file.isPacked ? undefined : await buffer(file.content());
  return await new Promise((resolve, reject) => {
    const done = (error: Error | null, zip?: ZipFile): void => {
      if (zip === undefined) reject(error ?? new Error("no zip"));
      else resolve(zip);
    };
    if (bytes === undefined) open(file.path, options, done);
    else fromBuffer(bytes, options, done);
  });
}

/** The directory, entry by entry. */
async function* entriesOf(zip: ZipFile): AsyncIterable<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | undefined>((resolve, reject) => {
      zip.once("entry", resolve);
      zip.once("end", () => {
        resolve(undefined);
      });
      zip.once("error", reject);
      zip.readEntry();
    });
    zip.removeAllListeners();
    if (entry === undefined) return;
    yield entry;
  }
}

async function contentOf(zip: ZipFile, entry: Entry): Promise<AsyncIterable<Uint8Array>> {
  return await new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (stream === undefined) reject(error ?? new Error("no content"));
      else resolve(stream as AsyncIterable<Uint8Array>);
    });
  });
}

async function readTar(file: InputFile, taken: Members): Promise<void> {
  const stream = Readable.toWeb(Readable.from(file.content())) as ReadableStream<Uint8Array>;
  for await (const { header, body } of stream.pipeThrough(createTarDecoder())) {
    const isFile = header.type === undefined || header.type === "file";
    if (!taken.isWanted(header.name) || !isFile) {
      await body.cancel();
      continue;
    }
    await taken.add(header.name, header.mtime?.getTime() ?? file.modified, body, undefined);
  }
}
