// The container of a PDB file: numbered streams scattered over blocks of one size (multi-stream file, "MSF 7.00").
// Spec: the published microsoft-pdb sources (msf.cpp) and LLVM's "The MSF File Format".

import { FormatError } from "../../model/errors.ts";

const MAGIC = "Microsoft C/C++ MSF 7.00\r\n\u001aDS\0\0\0";
const OLD_MAGIC = "Microsoft C/C++ program database 2.00";
const PORTABLE_MAGIC = "BSJB";
/** The superblock: offsets behind the 32 bytes of magic. */
const SUPERBLOCK = { blockSize: 32, blockCount: 40, directoryBytes: 44, directoryMap: 52, size: 56 } as const;
const BLOCK_SIZES: readonly number[] = [512, 1024, 2048, 4096, 8192, 16_384, 32_768];
const MAX_STREAMS = 65_536;
/** The size of a stream that has been deleted. */
const NO_STREAM = 0xffff_ffff;

interface Extent {
  readonly size: number;
  /** Offset in the directory at which the numbers of its blocks stand. */
  readonly blocks: number;
}

/** The streams of a multi-stream file in memory; each is put together only when it is asked for. */
export class MsfFile {
  readonly #data: Uint8Array;
  readonly #blockSize: number;
  readonly #directory: DataView;
  readonly #extents: readonly Extent[];

  /** @throws FormatError where the file is no such container, or its directory leads outside of it. */
  constructor(data: Uint8Array) {
    const magic = latin1(data, 0, 64);
    if (magic.startsWith(OLD_MAGIC)) throw new FormatError("pdb", "a PDB of the 2.00 format (before 2000) is not read");
    if (magic.startsWith(PORTABLE_MAGIC)) throw new FormatError("pdb", "a portable PDB holds .NET code, no driver's");
    if (!magic.startsWith(MAGIC) || data.length < SUPERBLOCK.size) {
      throw new FormatError("pdb", "no MSF 7.00 header", { offset: 0, expected: "Microsoft C/C++ MSF 7.00" });
    }
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const blockSize = view.getUint32(SUPERBLOCK.blockSize, true);
    if (!BLOCK_SIZES.includes(blockSize)) {
      throw new FormatError("pdb", "unknown block size", { offset: SUPERBLOCK.blockSize, found: String(blockSize) });
    }
    const expected = view.getUint32(SUPERBLOCK.blockCount, true) * blockSize;
    if (expected > data.length) {
      throw new FormatError("pdb", "the file is truncated", {
        offset: data.length,
        expected: `${expected} bytes`,
        found: `${data.length} bytes`,
      });
    }
    this.#data = data;
    this.#blockSize = blockSize;
    const directoryBytes = view.getUint32(SUPERBLOCK.directoryBytes, true);
    const map = view.getUint32(SUPERBLOCK.directoryMap, true) * blockSize;
    const directory = this.#gather(directoryBytes, view, map);
    this.#directory = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
    this.#extents = this.#readExtents();
  }

  /** How many streams the directory names. */
  get streamCount(): number {
    return this.#extents.length;
  }

  /** The bytes of a stream; empty where there is none of this number. */
  stream(index: number): Uint8Array {
    const extent = this.#extents[index];
    return extent === undefined ? new Uint8Array(0) : this.#gather(extent.size, this.#directory, extent.blocks);
  }

  #readExtents(): Extent[] {
    const directory = this.#directory;
    const count = directory.byteLength < 4 ? 0 : directory.getUint32(0, true);
    if (count > MAX_STREAMS || 4 + 4 * count > directory.byteLength) {
      throw new FormatError("pdb", "a stream directory that does not hold its streams", { found: `${count} streams` });
    }
    const extents: Extent[] = [];
    let at = 4 + 4 * count;
    for (let i = 0; i < count; i++) {
      const declared = directory.getUint32(4 + 4 * i, true);
      const size = declared === NO_STREAM ? 0 : declared;
      extents.push({ size, blocks: at });
      at += 4 * Math.ceil(size / this.#blockSize);
    }
    return extents;
  }

  /** Puts together what `blocks` names from `at` on. A stream is never larger than the file: blocks are not shared. */
  #gather(size: number, blocks: DataView, at: number): Uint8Array {
    const count = Math.ceil(size / this.#blockSize);
    if (size > this.#data.length || at + 4 * count > blocks.byteLength) {
      throw new FormatError("pdb", "a stream longer than the file that holds it", { found: `${size} bytes` });
    }
    const bytes = new Uint8Array(size);
    for (let i = 0; i < count; i++) {
      const from = blocks.getUint32(at + 4 * i, true) * this.#blockSize;
      const length = Math.min(this.#blockSize, size - i * this.#blockSize);
      if (from + length > this.#data.length) {
        throw new FormatError("pdb", "a block outside the file", {
          offset: from,
          found: `a file of ${this.#data.length} bytes`,
        });
      }
      bytes.set(this.#data.subarray(from, from + length), i * this.#blockSize);
    }
    return bytes;
  }
}

function latin1(data: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...data.subarray(start, Math.min(data.length, start + length)));
}
