// Memory images that are no crash dumps: ELF cores (QEMU, VirtualBox), LiME captures, raw images. They name no page
// tables, no kernel and no machine: finding those is left to find-root.ts and find-kernel.ts.

import { FormatError } from "../../model/errors.ts";
import { hasText, hex, u16, u32, u64 } from "./bytes.ts";
import { layOutRuns } from "./body-runs.ts";
import { PAGE, RunMap } from "./physical.ts";
import type { ByteSource, PageRun } from "./source.ts";

export interface ImageBody {
  readonly kind: "elf-core" | "lime" | "avml" | "raw";
  readonly map: RunMap;
  /** ELF machine (3E x64, 3 x86, B7 ARM64), undefined where the format does not tell. */
  readonly elfMachine?: number;
  readonly problems: readonly string[];
}

const MOST_SEGMENTS = 65_535;

/** Whole pages of a byte range; a partial first or last page is left out. */
function pagesOf(physical: number, fileOffset: number, length: number): PageRun {
  const skip = (PAGE - (physical % PAGE)) % PAGE;
  return {
    firstPage: (physical + skip) / PAGE,
    pages: Math.max(0, Math.floor((length - skip) / PAGE)),
    fileOffset: fileOffset + skip,
  };
}

/** An ELF64 core whose loadable segments name physical addresses. */
export function parseElfCore(source: ByteSource): ImageBody {
  const header = source.read(0, 64);
  if (header[4] !== 2 || header[5] !== 1 || u16(header, 16) !== 4) {
    throw new FormatError("crash-dump", "an ELF file, but no 64-bit core of a machine's memory", {
      found: `class ${header[4] ?? 0}, type ${u16(header, 16)}`,
    });
  }
  const tableOffset = u64(header, 32);
  const entryBytes = u16(header, 54);
  const count = u16(header, 56);
  if (entryBytes < 56 || count > MOST_SEGMENTS || tableOffset > source.size) {
    throw new FormatError("crash-dump", "the ELF core's segment table is not readable", { offset: tableOffset });
  }
  const table = source.read(tableOffset, entryBytes * count);
  const runs: PageRun[] = [];
  let lost = 0;
  for (let i = 0; i < count; i++) {
    const at = i * entryBytes;
    if (u32(table, at) !== 1) continue;
    const offset = u64(table, at + 8);
    const physical = u64(table, at + 24);
    const length = u64(table, at + 32);
    const held = Math.max(0, Math.min(length, source.size - offset));
    if (!(physical + length < 2 ** 52)) continue;
    lost += length - held;
    runs.push(pagesOf(physical, offset, held));
  }
  const problems = lost > 0 ? [`the file ends early: ${hex(lost)} bytes of its segments are not in it`] : [];
  if (table.length < entryBytes * count) problems.push("the segment table is cut off");
  return { kind: "elf-core", map: new RunMap(runs), elfMachine: u16(header, 18), problems };
}

const LIME_HEADER = 32;

/** A LiME capture: each range with a header of magic, version, first and last physical address. */
export function parseLime(source: ByteSource): ImageBody {
  const runs: PageRun[] = [];
  const problems: string[] = [];
  let at = 0;
  while (at + LIME_HEADER <= source.size && runs.length < MOST_SEGMENTS) {
    const header = source.read(at, LIME_HEADER);
    const first = u64(header, 8);
    const length = u64(header, 16) - first + 1;
    if (!isLime(header) || !(length > 0) || !(first + length < 2 ** 52)) {
      problems.push(`no range header at ${hex(at)}; the rest of the file is left out`);
      break;
    }
    const held = Math.min(length, source.size - at - LIME_HEADER);
    if (held < length)
      problems.push(`the file ends early: ${hex(length - held)} bytes of the last range are not in it`);
    runs.push(pagesOf(first, at + LIME_HEADER, held));
    at += LIME_HEADER + length;
  }
  return { kind: "lime", map: new RunMap(runs), problems };
}

export function isLime(bytes: Uint8Array): boolean {
  return u32(bytes, 0) === 0x4c694d45 && u32(bytes, 4) === 1;
}

export function isElf(bytes: Uint8Array): boolean {
  return hasText(bytes, 0, "\x7fELF");
}

/** A raw image: byte n of the file is byte n of memory. */
export function rawImage(source: ByteSource): ImageBody {
  const pages = Math.floor(source.size / PAGE);
  const { map } = layOutRuns([{ firstPage: 0, pages }], 0, source.size);
  return { kind: "raw", map, problems: [] };
}
