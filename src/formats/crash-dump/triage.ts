// Small (triage) dumps: modules, unloaded modules and a few pieces of memory, but no page tables and no pool.
// Fields as two real files (x64 and ARM64) have them; the 32-bit form is not known here.

import { baseName } from "../../model/file-path.ts";
import { address64, asciiText, hasText, hex, u32, utf16Text } from "./bytes.ts";
import { HEADER_BYTES, type DumpHeader } from "./header.ts";
import type { ListedModule, UnloadedModule } from "./modules.ts";
import type { ByteSource } from "./source.ts";
import { parseVerifierState, VERIFIER_BYTES, type VerifierState } from "./verifier.ts";

export interface TriageModule extends ListedModule {
  readonly checkSum: number;
  /** Time of linking, or a hash of the build where it is reproducible. */
  readonly timeDateStamp: number;
}

export interface Triage {
  readonly modules: readonly TriageModule[];
  readonly unloaded: readonly UnloadedModule[];
  /** Pieces of kernel memory in it. */
  readonly blocks: readonly { readonly address: bigint; readonly offset: number; readonly bytes: number }[];
  readonly kernelBase: bigint | undefined;
  /** The kernel's build, e.g. `19041.1.amd64fre.vb_release.191206-1406`, where a piece of memory has it. */
  readonly buildLab: string;
  /** Undefined where no piece of memory has it. */
  readonly verifier: VerifierState | undefined;
  /** Kernel memory that one of the pieces covers whole; undefined where none does. */
  readonly read: (address: bigint, length: number) => Uint8Array | undefined;
  readonly problems: readonly string[];
}

/*
 | offset | field at 2000 (u32)    | offset | of a driver entry (90 bytes)                         |
 | ------ | ---------------------- | ------ | ---------------------------------------------------- |
 | 4      | size of the dump       | 0      | u32 offset of the name: u32 characters, UTF-16       |
 | 8      | offset of 'TRGD'       | 38     | base                                                 |
 | 18     | unloaded drivers       | 48     | u32 size                                             |
 | 30, 34 | driver list, count     | 80     | u32 checksum                                         |
 | 70, 74 | debugger data, size    | 88     | u32 time stamp                                       |
 | 78, 7C | data blocks, count     |        | data block: u64 address, u32 file offset, u32 size   |
*/
const DRIVER = 0x90;
const UNLOADED = 0x38;
const MOST_DRIVERS = 4096;
const MOST_BLOCKS = 65_536;

/** What a small dump holds. Lists that lead outside the file are cut, and said to be. */
export function parseTriage(source: ByteSource, header: DumpHeader): Triage {
  const problems: string[] = [];
  if (header.bits === 32) {
    return {
      modules: [],
      unloaded: [],
      blocks: [],
      kernelBase: undefined,
      buildLab: "",
      verifier: undefined,
      read: () => undefined,
      problems: ["the modules of 32-bit small dumps are not read"],
    };
  }
  const fields = source.read(HEADER_BYTES, 0x80);
  if (!hasText(source.read(u32(fields, 8), 4), 0, "TRGD")) {
    problems.push("the mark at the end of the dump is missing: the file may be cut off");
  }
  const debuggerData = source.read(u32(fields, 0x70), 0x250);
  const hasBlock = hasText(debuggerData, 0x10, "KDBG");
  const blocks = dataBlocks(source, u32(fields, 0x78), u32(fields, 0x7c), problems);
  const verifierAt = hasBlock ? address64(debuggerData, 0x248) : 0n;
  const verifier =
    verifierAt === 0n ? undefined : parseVerifierState(readBlock(source, blocks, verifierAt, VERIFIER_BYTES), 8);
  return {
    verifier,
    read: (address, length) => {
      const bytes = readBlock(source, blocks, address, length);
      return bytes.length === length ? bytes : undefined;
    },
    modules: drivers(source, u32(fields, 0x30), u32(fields, 0x34), problems),
    unloaded: unloadedDrivers(source, u32(fields, 0x18)),
    blocks,
    kernelBase: hasBlock ? address64(debuggerData, 0x18) : undefined,
    buildLab: hasBlock ? asciiText(readBlock(source, blocks, address64(debuggerData, 0x208), 128), 0, 128) : "",
    problems,
  };
}

/** Bytes of kernel memory that one of the pieces covers; fewer, or none, where it does not. */
function readBlock(source: ByteSource, blocks: Triage["blocks"], address: bigint, length: number): Uint8Array {
  const block = blocks.find((each) => address >= each.address && address < each.address + BigInt(each.bytes));
  if (block === undefined) return new Uint8Array(0);
  const skip = Number(address - block.address);
  return source.read(block.offset + skip, Math.min(length, block.bytes - skip));
}

/** How many entries of a list the file can hold. */
function entriesHeld(
  source: ByteSource,
  offset: number,
  count: number,
  bytes: number,
  most: number,
  what: string,
  problems: string[],
): number {
  const held = offset === 0 ? 0 : Math.min(count, most, Math.max(0, Math.floor((source.size - offset) / bytes)));
  if (held < count) problems.push(`${count} ${what} are listed, ${held} can be read`);
  return held;
}

function drivers(source: ByteSource, offset: number, count: number, problems: string[]): TriageModule[] {
  const held = entriesHeld(source, offset, count, DRIVER, MOST_DRIVERS, "modules", problems);
  return Array.from({ length: held }, (_, i) => {
    const entry = source.read(offset + i * DRIVER, DRIVER);
    const nameOffset = u32(entry, 0);
    const characters = Math.min(u32(source.read(nameOffset, 4), 0), 512);
    const path = utf16Text(source.read(nameOffset + 4, characters * 2), 0, characters * 2);
    return {
      base: address64(entry, 0x38),
      sizeOfImage: u32(entry, 0x48),
      name: baseName(path),
      path,
      checkSum: u32(entry, 0x80),
      timeDateStamp: u32(entry, 0x88),
    };
  });
}

function unloadedDrivers(source: ByteSource, offset: number): UnloadedModule[] {
  if (offset === 0) return [];
  const count = Math.min(u32(source.read(offset, 8), 0), 64);
  const unloaded: UnloadedModule[] = [];
  for (let i = 0; i < count; i++) {
    const entry = source.read(offset + 8 + i * UNLOADED, UNLOADED);
    const start = address64(entry, 0x28);
    const end = address64(entry, 0x30);
    if (entry.length < UNLOADED || end <= start) continue;
    unloaded.push({ name: utf16Text(entry, 0x10, 0x18), start, end, time: undefined });
  }
  return unloaded;
}

function dataBlocks(source: ByteSource, offset: number, count: number, problems: string[]): Triage["blocks"] {
  const held = entriesHeld(source, offset, count, 16, MOST_BLOCKS, "pieces of memory", problems);
  const bytes = source.read(offset, held * 16);
  const blocks = Array.from({ length: Math.floor(bytes.length / 16) }, (_, i) => ({
    address: address64(bytes, i * 16),
    offset: u32(bytes, i * 16 + 8),
    bytes: u32(bytes, i * 16 + 12),
  }));
  const outside = blocks.filter((block) => block.offset + block.bytes > source.size);
  if (outside.length > 0) {
    const first = outside[0]?.address ?? 0n;
    problems.push(`${outside.length} pieces of memory lie beyond the end of the file, the first for ${hex(first)}`);
  }
  return blocks.filter((block) => block.offset + block.bytes <= source.size);
}
