// The header of a crash dump, 64-bit (PAGEDU64) and 32-bit (PAGEDUMP), as one value.
// Writers fill unused space with the text PAGE: such fields are absent, not numbers.

import { address64, asciiText, hasText, pointer, timeOfFileTime, u16, u32, u64 } from "./bytes.ts";

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
  /** Head of the list of processes. */
  readonly processList: bigint | undefined;
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

interface HeaderLayout {
  readonly wide: boolean;
  readonly root: number;
  readonly moduleList: number;
  readonly processList: number;
  readonly machine: number;
  readonly processors: number;
  readonly bugcheck: number;
  /** Four parameters of the header's width. */
  readonly parameters: number;
  /** A byte; only 32-bit headers have it. */
  readonly pae: number | undefined;
  readonly debuggerBlock: number;
  readonly runs: number;
  readonly mostRuns: number;
  readonly dumpType: number;
  readonly requiredBytes: number;
  readonly systemTime: number;
  readonly upTime: number;
  readonly comment: number;
  readonly bytes: number;
}

/** PAGEDU64. Major version and build are at 8 and C in both. */
const WIDE: HeaderLayout = {
  wide: true,
  root: 0x10,
  moduleList: 0x20,
  processList: 0x28,
  machine: 0x30,
  processors: 0x34,
  bugcheck: 0x38,
  parameters: 0x40,
  pae: undefined,
  debuggerBlock: 0x80,
  runs: 0x88,
  mostRuns: 43,
  dumpType: 0xf98,
  requiredBytes: 0xfa0,
  systemTime: 0xfa8,
  upTime: 0x1030,
  comment: 0xfb0,
  bytes: 0x2000,
};

/** PAGEDUMP. */
const NARROW: HeaderLayout = {
  wide: false,
  root: 0x10,
  moduleList: 0x18,
  processList: 0x1c,
  machine: 0x20,
  processors: 0x24,
  bugcheck: 0x28,
  parameters: 0x2c,
  pae: 0x5c,
  debuggerBlock: 0x60,
  runs: 0x64,
  mostRuns: 86,
  dumpType: 0xf88,
  requiredBytes: 0xfa0,
  systemTime: 0xfc0,
  upTime: 0xfb8,
  comment: 0x820,
  bytes: 0x1000,
};

function word(bytes: Uint8Array, offset: number): number | undefined {
  const value = u32(bytes, offset);
  return value === PAGE_TEXT ? undefined : value;
}

function long(bytes: Uint8Array, offset: number): number | undefined {
  return address64(bytes, offset) === PAGE_TEXT_64 ? undefined : u64(bytes, offset);
}

function address(bytes: Uint8Array, offset: number, wide: boolean): bigint | undefined {
  const value = pointer(bytes, offset, wide ? 8 : 4);
  return value === 0n || value === (wide ? PAGE_TEXT_64 : BigInt(PAGE_TEXT)) ? undefined : value;
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

/** Page tables: the low bits hold a process-context number, or nothing; with PAE the four top entries are 32-byte aligned. */
function rootOf(bytes: Uint8Array, { root, wide }: HeaderLayout, pae: boolean): number | undefined {
  const value = wide ? long(bytes, root) : word(bytes, root);
  return value === undefined || value === 0 || value >= 2 ** 52 ? undefined : value - (value % (pae ? 32 : 4096));
}

/** The header at the start of a dump; `bytes` holds what the file has of the first {@link HEADER_BYTES}. */
export function parseDumpHeader(bytes: Uint8Array): DumpHeader {
  const layout = hasText(bytes, 4, "DU64") ? WIDE : NARROW;
  const { wide } = layout;
  const pae = layout.pae !== undefined && bytes[layout.pae] === 1;
  const code = word(bytes, layout.bugcheck);
  const size = wide ? 8 : 4;
  return {
    bits: wide ? 64 : 32,
    machine: u32(bytes, layout.machine),
    architecture: architectureOf(u32(bytes, layout.machine)),
    major: u32(bytes, 8),
    build: u16(bytes, 0xc),
    root: rootOf(bytes, layout, pae),
    moduleList: address(bytes, layout.moduleList, wide),
    processList: address(bytes, layout.processList, wide),
    debuggerBlock: address(bytes, layout.debuggerBlock, wide),
    processors: processorsAt(bytes, layout.processors),
    bugcheck:
      code === undefined
        ? undefined
        : { code, parameters: [0, 1, 2, 3].map((i) => pointer(bytes, layout.parameters + i * size, size)) },
    dumpType: word(bytes, layout.dumpType),
    pae,
    ...runsAt(bytes, layout.runs, wide, layout.mostRuns),
    requiredBytes: long(bytes, layout.requiredBytes),
    systemTime: timeOfFileTime(u64(bytes, layout.systemTime)),
    upTime: upTimeOf(long(bytes, layout.upTime)),
    comment: hasText(bytes, layout.comment, "PAGE") ? "" : asciiText(bytes, layout.comment, 128),
    bodyOffset: layout.bytes,
  };
}
