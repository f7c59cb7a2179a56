// The header of a crash dump, 64-bit (PAGEDU64) and 32-bit (PAGEDUMP), as one value.
// Writers fill unused space with the text PAGE: such fields are absent, not numbers.

import { address64, asciiText, hasText, timeOfFileTime, u16, u32, u64 } from "./bytes.ts";

export type Architecture = "x64" | "x86" | "arm64";

export interface DumpHeader {
  readonly bits: 32 | 64;
  readonly machine: number;
  /** Undefined for machines that are not supported (IA64). */
  readonly architecture: Architecture | undefined;
  /** 15 for a free build, 12 for a checked one. */
  readonly major: number;
  readonly build: number;
  /** Physical address of the page tables. */
  readonly root: number | undefined;
  readonly moduleList: bigint | undefined;
  readonly debuggerBlock: bigint | undefined;
  readonly processors: number | undefined;
  readonly bugcheck: { readonly code: number; readonly parameters: readonly bigint[] } | undefined;
  readonly dumpType: number | undefined;
  readonly pae: boolean;
  /** What the writer says of memory: runs of physical pages. */
  readonly runs: readonly { readonly firstPage: number; readonly pages: number }[] | undefined;
  readonly pagesSaid: number | undefined;
  readonly requiredBytes: number | undefined;
  readonly systemTime: number | undefined;
  /** Milliseconds since the machine started. */
  readonly upTime: number | undefined;
  readonly comment: string;
  /** Where the body starts. */
  readonly bodyOffset: number;
}

/** Bytes to read for either header. */
export const HEADER_BYTES = 0x2000;

const PAGE_TEXT = 0x45474150;
const PAGE_TEXT_64 = 0x4547415045474150n;

/*
 | field               | PAGEDU64    | PAGEDUMP   |
 | ------------------- | ----------- | ---------- |
 | major, build        | 8, C        | 8, C       |
 | DirectoryTableBase  | 10 (u64)    | 10 (u32)   |
 | PsLoadedModuleList  | 20          | 18         |
 | machine, processors | 30, 34      | 20, 24     |
 | bug check           | 38, 40 (x4) | 28, 2C     |
 | PaeEnabled          | -           | 5C (u8)    |
 | KdDebuggerDataBlock | 80          | 60         |
 | memory runs         | 88          | 64         |
 | DumpType            | F98         | F88        |
 | RequiredDumpSpace   | FA0         | FA0        |
 | SystemTime, UpTime  | FA8, 1030   | FC0, FB8   |
 | Comment             | FB0         | 820        |
*/

function word(bytes: Uint8Array, offset: number): number | undefined {
  const value = u32(bytes, offset);
  return value === PAGE_TEXT ? undefined : value;
}

function long(bytes: Uint8Array, offset: number): number | undefined {
  return address64(bytes, offset) === PAGE_TEXT_64 ? undefined : u64(bytes, offset);
}

function address(bytes: Uint8Array, offset: number): bigint | undefined {
  const value = address64(bytes, offset);
  return value === PAGE_TEXT_64 || value === 0n ? undefined : value;
}

function address32(bytes: Uint8Array, offset: number): bigint | undefined {
  const value = u32(bytes, offset);
  return value === PAGE_TEXT || value === 0 ? undefined : BigInt(value);
}

function architectureOf(machine: number): Architecture | undefined {
  if (machine === 0x8664) return "x64";
  if (machine === 0xaa64) return "arm64";
  return machine === 0x14c ? "x86" : undefined;
}

function processorsAt(bytes: Uint8Array, offset: number): number | undefined {
  const count = word(bytes, offset);
  return count !== undefined && count > 0 && count <= 2048 ? count : undefined;
}

function upTimeOf(ticks: number | undefined): number | undefined {
  return ticks !== undefined && ticks > 0 && ticks < 2 ** 60 ? Math.round(ticks / 10_000) : undefined;
}

type Runs = Pick<DumpHeader, "runs" | "pagesSaid">;

function runsAt(bytes: Uint8Array, offset: number, wide: boolean, most: number): Runs {
  const count = word(bytes, offset);
  if (count === undefined || count === 0 || count > most) return { runs: undefined, pagesSaid: undefined };
  const unit = wide ? 8 : 4;
  const read = (at: number): number => (wide ? u64(bytes, at) : u32(bytes, at));
  const first = offset + (wide ? 16 : 8);
  const runs = Array.from({ length: count }, (_, i) => ({
    firstPage: read(first + 2 * unit * i),
    pages: read(first + 2 * unit * i + unit),
  }));
  return { runs, pagesSaid: read(offset + (wide ? 8 : 4)) };
}

/** Whether the bytes begin with the signature of a kernel dump. */
export function isDumpHeader(bytes: Uint8Array): boolean {
  return hasText(bytes, 0, "PAGEDU64") || hasText(bytes, 0, "PAGEDUMP");
}

/** The header at the start of a dump; `bytes` holds what the file has of the first {@link HEADER_BYTES}. */
export function parseDumpHeader(bytes: Uint8Array): DumpHeader {
  return hasText(bytes, 4, "DU64") ? parseHeader64(bytes) : parseHeader32(bytes);
}

function parseHeader64(bytes: Uint8Array): DumpHeader {
  const root = long(bytes, 0x10);
  const code = word(bytes, 0x38);
  return {
    bits: 64,
    machine: u32(bytes, 0x30),
    architecture: architectureOf(u32(bytes, 0x30)),
    major: u32(bytes, 8),
    build: u16(bytes, 0xc),
    // The low 12 bits hold the process-context number.
    root: root === undefined || root === 0 || root >= 2 ** 52 ? undefined : root - (root % 4096),
    moduleList: address(bytes, 0x20),
    debuggerBlock: address(bytes, 0x80),
    processors: processorsAt(bytes, 0x34),
    bugcheck:
      code === undefined
        ? undefined
        : { code, parameters: [0x40, 0x48, 0x50, 0x58].map((offset) => address64(bytes, offset)) },
    dumpType: word(bytes, 0xf98),
    pae: false,
    ...runsAt(bytes, 0x88, true, 43),
    requiredBytes: long(bytes, 0xfa0),
    systemTime: timeOfFileTime(u64(bytes, 0xfa8)),
    upTime: upTimeOf(long(bytes, 0x1030)),
    comment: hasText(bytes, 0xfb0, "PAGE") ? "" : asciiText(bytes, 0xfb0, 128),
    bodyOffset: 0x2000,
  };
}

function parseHeader32(bytes: Uint8Array): DumpHeader {
  const pae = bytes[0x5c] === 1;
  const root = word(bytes, 0x10);
  const code = word(bytes, 0x28);
  return {
    bits: 32,
    machine: u32(bytes, 0x20),
    architecture: architectureOf(u32(bytes, 0x20)),
    major: u32(bytes, 8),
    build: u16(bytes, 0xc),
    // With PAE the four top entries are aligned to 32 bytes only.
    root: root === undefined || root === 0 ? undefined : root - (root % (pae ? 32 : 4096)),
    moduleList: address32(bytes, 0x18),
    debuggerBlock: address32(bytes, 0x60),
    processors: processorsAt(bytes, 0x24),
    bugcheck:
      code === undefined
        ? undefined
        : { code, parameters: [0x2c, 0x30, 0x34, 0x38].map((offset) => BigInt(u32(bytes, offset))) },
    dumpType: word(bytes, 0xf88),
    pae,
    ...runsAt(bytes, 0x64, false, 86),
    requiredBytes: long(bytes, 0xfa0),
    systemTime: timeOfFileTime(u64(bytes, 0xfc0)),
    upTime: upTimeOf(long(bytes, 0xfb8)),
    comment: hasText(bytes, 0x820, "PAGE") ? "" : asciiText(bytes, 0x820, 128),
    bodyOffset: 0x1000,
  };
}
