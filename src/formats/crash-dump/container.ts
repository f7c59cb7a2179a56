// What kind of file a dump is, and what of memory it holds. Decided by content: body before type number, since the number
// of an "active memory dump" is not known.

import { FormatError } from "../../model/errors.ts";
import { isAvml, parseAvml } from "./avml.ts";
import { hasBitmapBody, parseBitmapBody } from "./body-bitmap.ts";
import { hasRangesBody, parseFullBody, parseRangesBody } from "./body-runs.ts";
import { hasText, u32 } from "./bytes.ts";
import { HEADER_BYTES, isDumpHeader, parseDumpHeader, type DumpHeader } from "./header.ts";
import { isHibernation, parseHibernation } from "./hibernation.ts";
import { isElf, isLime, parseElfCore, parseLime, rawImage } from "./images.ts";
import { PAGE, RunMap, type PageMap } from "./physical.ts";
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
  | "avml"
  | "hibernation"
  | "vmware"
  | "raw";

export interface Container {
  readonly kind: ContainerKind;
  readonly header: DumpHeader | undefined;
  readonly elfMachine: number | undefined;
  /** Undefined where the file holds no pages of memory at all. */
  readonly map: PageMap | undefined;
  /** What the map's offsets are into, where it is not the file itself. */
  readonly pages?: ByteSource;
  readonly problems: readonly string[];
}

const HYPER_V = "on the host, make a dump of the running machine with LiveKd, or a checkpoint's with vm2dmp";
const VMWARE =
  "the metadata of a VMware snapshot (.vmsn, .vmss): name the .vmem beside it; this file is found by itself";
const LIBVIRT = "a machine saved by libvirt: take 'virsh dump --memory-only NAME FILE' instead";

/** Signatures of files that people take for kernel dumps, and what they are. */
const REFUSED: readonly (readonly [string, string])[] = [
  ["MDMP", "a user-mode minidump (MDMP): it holds one process, not the kernel's memory"],
  ["PAGEDU32", "an unknown 32-bit kernel dump (PAGEDU32)"],
  ["USERDU64", "a user-mode dump of the old kind (USERDU64): it holds one process, not the kernel's memory"],
  ["USERDUMP", "a user-mode dump of the old kind (USERDUMP): it holds one process, not the kernel's memory"],
  ["PK\x03\x04", "a ZIP archive inside another: unpack the dump first"],
  ["MSCF", "a cabinet archive: unpack the dump first"],
  ["7z\xbc\xaf", "a 7-Zip archive: unpack the dump first"],
  ["\xfd7zXZ\0", "an xz file: unpack the dump first (xz -d)"],
  ["BZh", "a bzip2 file: unpack the dump first (bzip2 -d)"],
  ["\x14\x20\x28\x01", `a saved Hyper-V machine (VMRS): ${HYPER_V}`],
  ["\xd0\xbe\xd2\xbe", VMWARE],
  ["\xd1\xba\xd1\xba", VMWARE],
  ["\xd2\xbe\xd2\xbe", VMWARE],
  ["\xd3\xbe\xd3\xbe", VMWARE],
  [
    "\x7fVirtualBox SavedState V",
    "a saved VirtualBox machine: take a core of it running with 'VBoxManage debugvm NAME dumpvmcore'",
  ],
  ["LibvirtQemudSave", LIBVIRT],
  ["LibvirtQemudPart", LIBVIRT],
  ["QEVM", "a QEMU migration stream: take a dump with 'dump-guest-memory' in the monitor instead"],
  ["KDUMP   ", "a compressed QEMU dump (kdump): take it again with 'dump-guest-memory FILE', without compression"],
  ["makedumpfile\0", "a flattened kdump file: take it again with 'dump-guest-memory FILE', without compression"],
  ["EVF\x09\x0d\x0a\xff\0", "a forensic image (EWF, .E01): turn it into a raw image first (ewfexport)"],
  ["EVF2\x0d\x0a\x81\0", "a forensic image (EWF, .Ex01): turn it into a raw image first (ewfexport)"],
  ["MZ", "a program or driver, not a dump"],
];

/** Whether a file's first bytes are those of a dump this reader names by itself; raw images have no such sign. */
export function looksLikeDump(start: Uint8Array): boolean {
  return (
    isDumpHeader(start) ||
    isLime(start) ||
    isAvml(start) ||
    isElf(start) ||
    isHibernation(start) ||
    hasText(start, 0, "MDMP")
  );
}

/** Recognises a file. Throws FormatError for files that are no kernel memory, naming what they are. */
export function parseContainer(source: ByteSource): Container {
  const start = source.read(0, HEADER_BYTES);
  const refused = REFUSED.find(([signature]) => hasText(start, 0, signature));
  if (refused !== undefined) throw new FormatError("crash-dump", `this is ${refused[1]}`);
  if (isHibernation(start)) {
    const { map, pages, problems } = parseHibernation(source);
    return { kind: "hibernation", header: undefined, elfMachine: undefined, map, pages, problems };
  }
  if (isAvml(start)) return { ...parseAvml(source), header: undefined, elfMachine: undefined };
  if (isDumpHeader(start)) return parseKernelDump(source, start);
  const image = isElf(start) ? parseElfCore(source) : isLime(start) ? parseLime(source) : undefined;
  if (image !== undefined) return { ...image, header: undefined, elfMachine: image.elfMachine };
  if (source.size < 16 * PAGE) {
    throw new FormatError("crash-dump", "no kernel dump or memory image", {
      expected: "PAGEDU64, PAGEDUMP, an ELF core or a raw image of at least 64 KiB",
      found: `${source.size} bytes starting with 0x${u32(start, 0).toString(16)}`,
    });
  }
  const { layout } = source;
  if (layout !== undefined && layout.runs.length > 0) {
    return { kind: "vmware", header: undefined, elfMachine: undefined, map: new RunMap(layout.runs), problems: [] };
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
