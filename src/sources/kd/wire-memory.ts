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
const BLOCK = 256;
const BLOCKS_IN_CHUNK = CHUNK / BLOCK;
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
  readonly #blocks = new Map<bigint, Uint8Array | undefined>();

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

  /** Addresses that no kernel has are absent without a question. */
  #want(address: bigint, length: number): void {
    for (const { address: start } of this.missing({ address, length })) {
      throw new BytesWanted({ address: start, length: Number(address + BigInt(length) - start) });
    }
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
      if (this.#blocks.has(block) || !this.isKernelAddress(block * size)) {
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

  /** Keeps what came for a piece; what is short of its length is absent. */
  store(piece: ByteRange, bytes: Uint8Array): void {
    for (let at = 0; at < piece.length; at += BLOCK) {
      const part = bytes.subarray(at, at + BLOCK);
      this.#blocks.set((piece.address + BigInt(at)) / BigInt(BLOCK), part.length === BLOCK ? part : undefined);
    }
  }

  /** Forgets all but the given range: a later answer must be of a later moment. */
  forget(except?: ByteRange): void {
    for (const block of this.#blocks.keys()) {
      const at = block * BigInt(BLOCK);
      const kept = except !== undefined && at >= except.address && at < except.address + BigInt(except.length);
      if (!kept) this.#blocks.delete(block);
    }
  }

  protected readInPage(address: bigint, length: number): Uint8Array | Absence {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const at = address + BigInt(done);
      const block = this.#blocks.get(at / BigInt(BLOCK));
      if (block === undefined) return ABSENT;
      const offset = Number(at % BigInt(BLOCK));
      const part = block.subarray(offset, offset + length - done);
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  }

  /** Only what was fetched is known to be there. */
  protected holds(address: bigint): boolean {
    return this.#blocks.get(address / BigInt(BLOCK)) !== undefined;
  }
}
