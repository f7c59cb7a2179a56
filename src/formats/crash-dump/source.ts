// Random access to a file of any size: the interface the parser reads through, and the bounded page cache over it.
// Dumps are tens of gigabytes; nothing here ever reads one through.

/** A run of consecutive physical pages whose bytes follow each other in the file. */
export interface PageRun {
  readonly firstPage: number;
  readonly pages: number;
  readonly fileOffset: number;
}

/** Anything that can be read at a position. */
export interface ByteSource {
  /** Length in bytes. */
  readonly size: number;
  /** The bytes at `offset`; fewer than `length` only where the source ends. Throws AccessError where it cannot be read. */
  read(offset: number, length: number): Uint8Array;
  /** The same into `target` from its start, without a buffer of its own; how many bytes came. Only where it saves something. */
  readonly readInto?: ((offset: number, target: Uint8Array) => number) | undefined;
  /** Where physical memory lies in a raw image, as a file beside it tells; `by` names that file. */
  readonly layout?: { readonly by: string; readonly runs: readonly PageRun[] } | undefined;
}

const BLOCK = 4096;

/** Keeps the last blocks read. `bytesRead` counts what really came from the source. */
export class CachedSource implements ByteSource {
  readonly size: number;
  readonly layout: ByteSource["layout"];
  readonly #source: ByteSource;
  readonly #limit: number;
  readonly #blocks = new Map<number, Uint8Array>();
  bytesRead = 0;

  /** `blocks`: how many 4 KiB blocks are kept; 4096 hold 16 MiB. */
  constructor(source: ByteSource, blocks = 4096) {
    this.#source = source;
    this.size = source.size;
    this.layout = source.layout;
    this.#limit = blocks;
  }

  read(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.size);
    if (!(offset >= 0) || end <= offset) return new Uint8Array(0);
    const first = Math.floor(offset / BLOCK);
    if (Math.floor((end - 1) / BLOCK) === first) {
      const start = offset - first * BLOCK;
      return this.#block(first).subarray(start, start + end - offset);
    }
    // Large reads go past the cache: they are sequential and used once.
    const bytes = this.#source.read(offset, end - offset);
    this.bytesRead += bytes.length;
    return bytes;
  }

  /** Past the cache, for readers that keep pages of their own. */
  readInto(offset: number, target: Uint8Array): number {
    const length = Math.max(0, Math.min(target.length, this.size - offset));
    let count = 0;
    if (this.#source.readInto === undefined) {
      const bytes = this.#source.read(offset, length);
      target.set(bytes);
      count = bytes.length;
    } else count = this.#source.readInto(offset, target.subarray(0, length));
    this.bytesRead += count;
    return count;
  }

  #block(index: number): Uint8Array {
    const known = this.#blocks.get(index);
    if (known !== undefined) {
      if (this.#blocks.size > this.#limit / 2) {
        this.#blocks.delete(index);
        this.#blocks.set(index, known);
      }
      return known;
    }
    const block = this.#source.read(index * BLOCK, BLOCK);
    this.bytesRead += block.length;
    if (this.#blocks.size >= this.#limit) {
      const oldest = this.#blocks.keys().next().value;
      if (oldest !== undefined) this.#blocks.delete(oldest);
    }
    this.#blocks.set(index, block);
    return block;
  }
}

/** Bytes in memory as a source. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + length, bytes.length)),
  };
}
