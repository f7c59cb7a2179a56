// The memory of a kernel by virtual address: the one interface through which every reader of kernel structures reads.
// A dump serves it over page tables (address-space.ts); a live target can serve it over a debugger's wire.

import { pointer as pointerAt, u32 } from "./bytes.ts";
import { PAGE } from "./physical.ts";

/** Why bytes are missing: the kernel had none there, or what was opened does not hold them. */
export type Absence =
  /** Nothing mapped, paged out, or no valid address. */
  | { readonly state: "not-present"; readonly why: "empty" | "paged-out" | "not-canonical" }
  /** `what` is missing from what was opened: a page table or the page itself. */
  | { readonly state: "not-in-dump"; readonly what: "table" | "page"; readonly physical: number };

/** All the bytes asked for, or the first address that has none and why. */
export type ExactRead =
  | { readonly state: "read"; readonly bytes: Uint8Array }
  | { readonly state: "missing"; readonly at: bigint; readonly absence: Absence };

/** Bytes of a range, zeros where they could not be had; `missing` says how many, `notInDump` how many of those the file lacks. */
export interface PartialRead {
  readonly bytes: Uint8Array;
  readonly missing: number;
  readonly notInDump: number;
}

/** Reads are synchronous: a target that answers slowly serves them from pages fetched before. */
export interface VirtualMemory {
  readonly pointerSize: 4 | 8;
  /** The lowest address of the kernel's half. */
  readonly kernelStart: bigint;
  /** Whether an address lies in the kernel's half and is canonical. */
  isKernelAddress(address: bigint): boolean;
  /** Exact or explain: every byte of the range, or where and why one is missing. `length` must be bounded by the caller. */
  readExactly(address: bigint, length: number): ExactRead;
  /** The same without the reason: undefined where any byte is missing. */
  readExact(address: bigint, length: number): Uint8Array | undefined;
  /** Best effort, page by page. `length` must be bounded by the caller. */
  read(address: bigint, length: number): PartialRead;
  /** Share (0 to 1) of the pages of a range that could be read, without reading them. */
  share(address: bigint, length: number): number;
  /** Fills `target` (one page) with the page at `address`, without a buffer of its own; whether all of it could be had. */
  readonly readPageInto?: ((address: bigint, target: Uint8Array) => boolean) | undefined;
  readPointer(address: bigint): bigint | undefined;
  readU32(address: bigint): number | undefined;
}

/** Everything above from two answers about one page each; what serves memory has only these to give. */
export abstract class PagedMemory implements VirtualMemory {
  abstract readonly pointerSize: 4 | 8;
  abstract readonly kernelStart: bigint;

  /** Bytes of a range that does not leave its page, or why there are none. */
  protected abstract readInPage(address: bigint, length: number): Uint8Array | Absence;

  /** Whether a page could be read. */
  protected abstract holds(address: bigint): boolean;

  isKernelAddress(address: bigint): boolean {
    return address >= this.kernelStart && address < (this.pointerSize === 8 ? 1n << 64n : 1n << 32n);
  }

  readExactly(address: bigint, length: number): ExactRead {
    if (Number(address & 0xfffn) + length <= PAGE) {
      const read = this.readInPage(address, length);
      return read instanceof Uint8Array
        ? { state: "read", bytes: read }
        : { state: "missing", at: address, absence: read };
    }
    const bytes = new Uint8Array(length);
    for (const { at, done, part } of pageParts(address, length)) {
      const read = this.readInPage(at, part);
      if (!(read instanceof Uint8Array)) return { state: "missing", at, absence: read };
      bytes.set(read, done);
    }
    return { state: "read", bytes };
  }

  readExact(address: bigint, length: number): Uint8Array | undefined {
    const read = this.readExactly(address, length);
    return read.state === "read" ? read.bytes : undefined;
  }

  read(address: bigint, length: number): PartialRead {
    const bytes = new Uint8Array(length);
    let missing = 0;
    let notInDump = 0;
    for (const { at, done, part } of pageParts(address, length)) {
      const read = this.readInPage(at, part);
      if (read instanceof Uint8Array) {
        bytes.set(read, done);
        continue;
      }
      missing += part;
      if (read.state === "not-in-dump") notInDump += part;
    }
    return { bytes, missing, notInDump };
  }

  share(address: bigint, length: number): number {
    const pages = Math.max(1, Math.ceil(length / PAGE));
    let held = 0;
    for (let page = 0; page < pages; page++) if (this.holds(address + BigInt(page * PAGE))) held += 1;
    return held / pages;
  }

  readPointer(address: bigint): bigint | undefined {
    const bytes = this.readExact(address, this.pointerSize);
    return bytes === undefined ? undefined : pointerAt(bytes, 0, this.pointerSize);
  }

  readU32(address: bigint): number | undefined {
    const bytes = this.readExact(address, 4);
    return bytes === undefined ? undefined : u32(bytes, 0);
  }
}

/** A range cut at the ends of pages. */
function* pageParts(address: bigint, length: number): Generator<{ at: bigint; done: number; part: number }> {
  for (let done = 0; done < length;) {
    const at = address + BigInt(done);
    const part = Math.min(length - done, PAGE - Number(at & 0xfffn));
    yield { at, done, part };
    done += part;
  }
}
