// A target's memory for readers that know no waiting: what has not come over the wire yet is thrown as a wish, fetched, and the
// reader is asked again. Readers are pure, so they answer the second time what they would have answered at once.

import { CHUNK } from "../../formats/kd/manipulate.ts";
import {
  PagedMemory,
  type Absence,
  type ExactRead,
  type PartialRead,
} from "../../formats/crash-dump/virtual-memory.ts";

/** Smallest piece fetched: a lone pointer costs as little as its packet. Divides {@link CHUNK}. */
const BLOCK_BITS = 8;
const BLOCK = 2 ** BLOCK_BITS;
const BLOCKS_IN_CHUNK = CHUNK / BLOCK;
const PAGE_BYTES = 4096n;
/** Wishes noted in one round: a reader that asks for more is looking for what is not there. */
const MOST_GATHERED = 512;
const ABSENT: Absence = { state: "not-present", why: "empty" };

export interface ByteRange {
  readonly address: bigint;
  readonly length: number;
}

/** A reader needs bytes that were not fetched. No error: caught by whoever asks. */
export class BytesWanted extends Error {
  override readonly name = "BytesWanted";
  readonly range: ByteRange;

  constructor(range: ByteRange) {
    super("bytes wanted");
    this.range = range;
  }
}

export class WireMemory extends PagedMemory {
  readonly pointerSize: 4 | 8;
  #gathered: ByteRange[] | undefined;
  /** By number of the block; undefined where the target has nothing there. */
  readonly #blocks = new Map<number, Uint8Array | undefined>();

  constructor(pointerSize: 4 | 8) {
    super();
    this.pointerSize = pointerSize;
  }

  get kernelStart(): bigint {
    return this.pointerSize === 8 ? 0xffff800000000000n : 0x80000000n;
  }

  override readExactly(address: bigint, length: number): ExactRead {
    this.#want(address, length);
    return super.readExactly(address, length);
  }

  override read(address: bigint, length: number): PartialRead {
    this.#want(address, length);
    return super.read(address, length);
  }

  /**
   * Until {@link gathered}, what is missing is noted and said to be absent, so that one round of a reader tells all that it needs
   * now. Its answer is worth nothing unless nothing was noted.
   */
  gather(): void {
    this.#gathered = [];
  }

  /** What was missing since {@link gather}; what is missing from now on is thrown as a wish again. */
  gathered(): readonly ByteRange[] {
    const ranges = this.#gathered ?? [];
    this.#gathered = undefined;
    return ranges;
  }

  /** Addresses that no kernel has are absent without a question. */
  #want(address: bigint, length: number): void {
    const first = blockOf(address);
    // Nearly every read lies in one block that is there.
    if (this.#blocks.has(first) && offsetOf(address) + length <= BLOCK) return;
    const [piece] = this.missing({ address, length });
    if (piece === undefined) return;
    const range = { address: piece.address, length: Number(address + BigInt(length) - piece.address) };
    if (this.#gathered === undefined || this.#gathered.length >= MOST_GATHERED) throw new BytesWanted(range);
    this.#gathered.push(range);
  }

  /** The pieces of a range that were not fetched yet, none longer than a request may ask for and none across a page's end. */
  missing({ address, length }: ByteRange): ByteRange[] {
    const pieces: ByteRange[] = [];
    const size = BigInt(BLOCK);
    const end = (address + BigInt(length) + size - 1n) / size;
    let open: { first: bigint; count: number } | undefined;
    const close = (): void => {
      if (open !== undefined) pieces.push({ address: open.first * size, length: open.count * BLOCK });
      open = undefined;
    };
    for (let block = address / size; block < end; block++) {
      if (this.#blocks.has(blockOf(block * size)) || !this.isKernelAddress(block * size)) {
        close();
        continue;
      }
      if (open !== undefined && (open.count === BLOCKS_IN_CHUNK || block % BigInt(BLOCKS_IN_CHUNK) === 0n)) close();
      if (open === undefined) open = { first: block, count: 1 };
      else open.count += 1;
    }
    close();
    return pieces;
  }

  /** Keeps what came for a piece; what is short of its length is absent, and where nothing came so is the rest of the page. */
  store(piece: ByteRange, bytes: Uint8Array): void {
    const first = blockOf(piece.address);
    for (let at = 0; at < piece.length; at += BLOCK) {
      const part = bytes.subarray(at, at + BLOCK);
      this.#blocks.set(first + at / BLOCK, part.length === BLOCK ? part : undefined);
    }
    if (bytes.length > 0) return;
    const page = blockOf(piece.address & ~(PAGE_BYTES - 1n));
    for (let block = page; block < page + Number(PAGE_BYTES) / BLOCK; block++)
      if (!this.#blocks.has(block)) this.#blocks.set(block, undefined);
  }

  /** Whether it was fetched, or found to be absent. */
  isKnown(address: bigint): boolean {
    return this.#blocks.has(blockOf(address));
  }

  /** Forgets everything: a later answer must be of a later moment. */
  forget(): void {
    this.#blocks.clear();
  }

  protected readInPage(address: bigint, length: number): Uint8Array | Absence {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const at = address + BigInt(done);
      const block = this.#blocks.get(blockOf(at));
      if (block === undefined) return ABSENT;
      const offset = offsetOf(at);
      const part = block.subarray(offset, offset + length - done);
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  }

  /** Only what was fetched is known to be there. */
  protected holds(address: bigint): boolean {
    return this.#blocks.get(blockOf(address)) !== undefined;
  }
}

/** An address as two halves: arithmetic on bigints is slow, and readers ask thousands of times. */
const WHOLE = new BigUint64Array(1);
const HALVES = new Uint32Array(WHOLE.buffer);
const [LOW, HIGH] = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? [0, 1] : [1, 0];

/** Number of the block that an address lies in. The upper four bits, alike in all of a kernel's addresses, are left out, so it is exact. */
function blockOf(address: bigint): number {
  WHOLE[0] = address;
  return ((HALVES[HIGH] ?? 0) & 0x0fffffff) * 2 ** (32 - BLOCK_BITS) + ((HALVES[LOW] ?? 0) >>> BLOCK_BITS);
}

/** Where in its block an address lies. */
function offsetOf(address: bigint): number {
  WHOLE[0] = address;
  return (HALVES[LOW] ?? 0) & (BLOCK - 1);
}
