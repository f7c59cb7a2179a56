// The headers of a PE file: machine, sections, data directories, and the way from an RVA to the file.
// Spec: Microsoft "PE Format". Everything is checked against the file; nothing is trusted because a header says so.

import { FormatError } from "../../model/errors.ts";
import { Bytes } from "./bytes.ts";

/** Machines that are told apart; every other value is its hexadecimal number. */
export type Machine = "x64" | "x86" | "arm64" | "arm" | "ia64" | `0x${string}`;

const MACHINES: Readonly<Record<number, Machine>> = {
  0x8664: "x64",
  0x14c: "x86",
  0xaa64: "arm64",
  0x1c0: "arm",
  0x1c2: "arm",
  0x1c4: "arm",
  0x200: "ia64",
};

/** Indexes into the data directories. */
export const DIRECTORY = {
  exports: 0,
  imports: 1,
  resources: 2,
  exceptions: 3,
  certificates: 4,
  relocations: 5,
  debug: 6,
  loadConfig: 10,
  delayImports: 13,
} as const;

export interface Section {
  readonly name: string;
  readonly rva: number;
  /** Bytes in memory. */
  readonly size: number;
  /** Place and length in the file, cut to what the file really holds. */
  readonly offset: number;
  readonly rawSize: number;
  readonly executable: boolean;
  readonly writable: boolean;
  readonly discardable: boolean;
}

export interface Directory {
  readonly rva: number;
  readonly size: number;
}

/** The loader of Windows takes at most this many sections. */
const MAX_SECTIONS = 96;

export class PeImage {
  readonly bytes: Bytes;
  readonly machine: Machine;
  readonly pointerSize: 4 | 8;
  readonly entryRva: number;
  readonly sizeOfImage: number;
  readonly sizeOfHeaders: number;
  readonly sections: readonly Section[];
  readonly directories: readonly Directory[];
  /** File offsets of the checksum and of the data directories. */
  readonly checksumOffset: number;
  readonly directoryOffset: number;
  /** The length that the headers say the file has: up to the end of its last section, or of its certificates. */
  readonly declaredLength: number;
  readonly #baseLow: number;
  readonly #baseHigh: number;
  #last: Section | undefined;

  constructor(data: Uint8Array) {
    const bytes = new Bytes(data);
    this.bytes = bytes;
    if (data.length < 64 || bytes.u16(0) !== 0x5a4d) throw new FormatError("pe", "no MZ header", { offset: 0 });
    const nt = bytes.u32(0x3c);
    if (nt + 24 > data.length || bytes.u32(nt) !== 0x4550) {
      throw new FormatError("pe", "no PE header", { offset: 0x3c, expected: "offset of PE\\0\\0", found: String(nt) });
    }
    const machine = bytes.u16(nt + 4);
    this.machine = MACHINES[machine] ?? `0x${machine.toString(16)}`;
    const optional = nt + 24;
    // Windows XP loads files that end inside the optional header (the 97-byte PE): what is missing reads as zero.
    const u32 = (at: number): number => (at + 4 <= data.length ? bytes.u32(at) : 0);
    const magic = optional + 2 <= data.length ? bytes.u16(optional) : 0;
    if (magic !== 0x10b && magic !== 0x20b) {
      throw new FormatError("pe", "unknown optional header", {
        offset: optional,
        expected: "0x10b or 0x20b",
        found: `0x${magic.toString(16)}`,
      });
    }
    const wide = magic === 0x20b;
    this.pointerSize = wide ? 8 : 4;
    this.entryRva = u32(optional + 16);
    this.#baseLow = u32(optional + (wide ? 24 : 28));
    this.#baseHigh = wide ? u32(optional + 28) : 0;
    this.sizeOfImage = u32(optional + 56);
    this.sizeOfHeaders = u32(optional + 60);
    const count = Math.min(16, u32(optional + (wide ? 108 : 92)));
    const directories: Directory[] = [];
    for (let i = 0; i < count; i++) {
      const at = optional + (wide ? 112 : 96) + 8 * i;
      directories.push({ rva: u32(at), size: u32(at + 4) });
    }
    this.directories = directories;
    this.checksumOffset = optional + 64;
    this.directoryOffset = optional + (wide ? 112 : 96);
    const { sections, end } = readSections(bytes, optional + bytes.u16(nt + 20), bytes.u16(nt + 6));
    this.sections = sections;
    const certificates = directories[DIRECTORY.certificates];
    const signed = certificates === undefined || certificates.rva === 0 ? 0 : certificates.rva + certificates.size;
    this.declaredLength = Math.max(end, signed);
  }

  /** A data directory, or undefined where it is absent or empty. */
  directory(index: number): Directory | undefined {
    const directory = this.directories[index];
    return directory === undefined || directory.rva === 0 ? undefined : directory;
  }

  /** The section whose memory holds an RVA. */
  sectionAt(rva: number): Section | undefined {
    const last = this.#last;
    if (last !== undefined && rva >= last.rva && rva < last.rva + last.size) return last;
    for (const section of this.sections) {
      if (rva >= section.rva && rva < section.rva + section.size) {
        this.#last = section;
        return section;
      }
    }
    return undefined;
  }

  /** The file offset of an RVA with `size` bytes behind it, or -1 where the file holds none. */
  offsetOf(rva: number, size = 1): number {
    const section = this.sectionAt(rva);
    if (section === undefined) {
      return rva >= 0 && rva + size <= Math.min(this.sizeOfHeaders, this.bytes.length) ? rva : -1;
    }
    return rva - section.rva + size <= section.rawSize ? section.offset + (rva - section.rva) : -1;
  }

  /** The little-endian dword at an RVA; undefined outside the file's data. */
  u32(rva: number): number | undefined {
    const offset = this.offsetOf(rva, 4);
    return offset < 0 ? undefined : this.bytes.u32(offset);
  }

  /** The RVA that the pointer stored at `rva` leads to; undefined where it leads outside the image. */
  pointer(rva: number): number | undefined {
    const low = this.u32(rva);
    if (low === undefined) return undefined;
    const high = this.pointerSize === 8 ? this.u32(rva + 4) : 0;
    return high === undefined ? undefined : this.rvaOf(low, high);
  }

  /** The RVA of a virtual address given in two halves; undefined where it is outside the image. */
  rvaOf(low: number, high = 0): number | undefined {
    const rva = (high - this.#baseHigh) * 0x1_0000_0000 + (low - this.#baseLow);
    return rva > 0 && rva < this.sizeOfImage ? rva : undefined;
  }

  /** The low half of the virtual address of an RVA, as it stands in x86 code. */
  vaLow(rva: number): number {
    return (this.#baseLow + rva) >>> 0;
  }

  latin1(rva: number, max: number): string {
    const offset = this.offsetOf(rva);
    return offset < 0 ? "" : this.bytes.latin1(offset, max);
  }

  utf16(rva: number, max: number): string {
    const offset = this.offsetOf(rva, 2);
    return offset < 0 ? "" : this.bytes.utf16(offset, max);
  }
}

function readSections(bytes: Bytes, table: number, declared: number): { sections: Section[]; end: number } {
  const sections: Section[] = [];
  let end = Math.min(declared, MAX_SECTIONS) * 40 + table;
  for (let i = 0; i < Math.min(declared, MAX_SECTIONS); i++) {
    const at = table + 40 * i;
    if (at + 40 > bytes.length) break;
    const virtualSize = bytes.u32(at + 8);
    const rawSize = bytes.u32(at + 16);
    const offset = bytes.u32(at + 20);
    const size = virtualSize === 0 ? rawSize : virtualSize;
    const flags = bytes.u32(at + 36);
    if (rawSize > 0) end = Math.max(end, offset + rawSize);
    sections.push({
      name: bytes.latin1(at, 8),
      rva: bytes.u32(at + 12),
      size,
      offset,
      rawSize: Math.max(0, Math.min(rawSize, size, bytes.length - offset)),
      executable: (flags & 0x2000_0020) !== 0,
      writable: (flags & 0x8000_0000) !== 0,
      discardable: (flags & 0x0200_0000) !== 0,
    });
  }
  return { sections, end };
}
