// What kind of file a dump is, and what of memory it holds. Decided by content: body before type number, since the number
// of an "active memory dump" is not known.

import { FormatError } from "../../model/errors.ts";
import { hasBitmapBody, parseBitmapBody } from "./body-bitmap.ts";
import { hasRangesBody, parseFullBody, parseRangesBody } from "./body-runs.ts";
import { hasText, u32 } from "./bytes.ts";
import { HEADER_BYTES, isDumpHeader, parseDumpHeader, type DumpHeader } from "./header.ts";
import { isElf, isLime, parseElfCore, parseLime, rawImage } from "./images.ts";
import { PAGE, type PageMap } from "./physical.ts";
import type { ByteSource } from "./source.ts";

export type ContainerKind =
  | "full"
  | "bitmap"
  | "summary"
  | "ranges"
  | "triage"
  | "header-only"
  | "elf-core"
  | "lime"
  | "raw";

export interface Container {
  readonly kind: ContainerKind;
  readonly header: DumpHeader | undefined;
  readonly elfMachine: number | undefined;
  /** Undefined where the file holds no pages of memory at all. */
  readonly map: PageMap | undefined;
  readonly problems: readonly string[];
}

/** Signatures of files that people take for kernel dumps, and what they are. */
const REFUSED: readonly (readonly [string, string])[] = [
  ["MDMP", "a user-mode minidump (MDMP): it holds one process, not the kernel's memory"],
  ["PAGEDU32", "an unknown 32-bit kernel dump (PAGEDU32)"],
  ["USERDU64", "a user-mode dump of the old kind (USERDU64): it holds one process, not the kernel's memory"],
  ["USERDUMP", "a user-mode dump of the old kind (USERDUMP): it holds one process, not the kernel's memory"],
  ["HIBR", "a hibernation file: its pages are compressed and cannot be read here"],
  ["hibr", "a hibernation file: its pages are compressed and cannot be read here"],
  ["WAKE", "a hibernation file: its pages are compressed and cannot be read here"],
  ["wake", "a hibernation file: its pages are compressed and cannot be read here"],
  ["PK\x03\x04", "a ZIP archive: unpack the dump first"],
  ["MSCF", "a cabinet archive: unpack the dump first"],
  ["7z\xbc\xaf", "a 7-Zip archive: unpack the dump first"],
  ["MZ", "a program or driver, not a dump"],
];

/** Whether a file's first bytes are those of a dump this reader names by itself; raw images have no such sign. */
export function looksLikeDump(start: Uint8Array): boolean {
  return isDumpHeader(start) || isLime(start) || isElf(start) || hasText(start, 0, "MDMP");
}

/** Recognises a file. Throws FormatError for files that are no kernel memory, naming what they are. */
export function parseContainer(source: ByteSource): Container {
  const start = source.read(0, HEADER_BYTES);
  const refused = REFUSED.find(([signature]) => hasText(start, 0, signature));
  if (refused !== undefined) throw new FormatError("crash-dump", `this is ${refused[1]}`);
  if (isDumpHeader(start)) return parseKernelDump(source, start);
  const image = isElf(start) ? parseElfCore(source) : isLime(start) ? parseLime(source) : undefined;
  if (image !== undefined) return { ...image, header: undefined, elfMachine: image.elfMachine };
  if (source.size < 16 * PAGE) {
    throw new FormatError("crash-dump", "no kernel dump or memory image", {
      expected: "PAGEDU64, PAGEDUMP, an ELF core or a raw image of at least 64 KiB",
      found: `${source.size} bytes starting with 0x${u32(start, 0).toString(16)}`,
    });
  }
  return { ...rawImage(source), header: undefined, elfMachine: undefined };
}

function parseKernelDump(source: ByteSource, start: Uint8Array): Container {
  if (start.length < 0x1000) {
    throw new FormatError("crash-dump", "the file ends inside its header", {
      offset: start.length,
      expected: "4096 bytes or more",
    });
  }
  const header = parseDumpHeader(start);
  const base = { header, elfMachine: undefined };
  const at = header.bodyOffset;
  const empty = (kind: ContainerKind, problem: string): Container => ({
    ...base,
    kind,
    map: undefined,
    problems: [problem],
  });
  if (source.size <= at + 16) return empty("header-only", "the file ends after its header: no memory is in it");
  if (header.dumpType === 3) return empty("header-only", "a dump of the header only: no memory is in it");
  if (header.dumpType === 4) return { ...base, kind: "triage", map: undefined, problems: [] };
  if (hasBitmapBody(source, at)) {
    const body = parseBitmapBody(source, at, header.bits === 64);
    const lost = Math.max(0, body.map.pages - Math.max(0, Math.floor((source.size - body.firstPageOffset) / PAGE)));
    const cut = lost === 0 ? [] : [`the file ends early: ${lost} of the pages it lists are not in it`];
    return { ...base, kind: body.layout, map: body.map, problems: [...body.problems, ...cut] };
  }
  if (hasRangesBody(source, at)) {
    return { ...base, kind: "ranges", ...parseRangesBody(source, header) };
  }
  if (header.dumpType === 1 || header.dumpType === undefined) {
    return { ...base, kind: "full", ...parseFullBody(source, header) };
  }
  throw new FormatError("crash-dump", "the dump's body has no form known here", {
    offset: at,
    found: `dump type ${header.dumpType}, body starting with 0x${u32(source.read(at, 4), 0).toString(16)}`,
  });
}
