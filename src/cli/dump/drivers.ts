// Tag -> driver from inside a dump: the images of its modules are read out of memory and scanned with the engine of
// `poolscope drivers`. Only images whose code has a wanted tag in it are looked at closely; the kernel itself is left out.

import { loadScanTools } from "../../driver-index/tools.ts";
import { scanDriver, type DriverScan } from "../../drivers/scan.ts";
import { WHOLE_TAG } from "../../drivers/uses/uses.ts";
import { derivedTag } from "../../drivers/uses/wdf.ts";
import { answerModules, memoryOf } from "../../formats/crash-dump/answers.ts";
import { openDump, type Dump } from "../../formats/crash-dump/dump.ts";
import { readMappedImage, type MappedImage } from "../../formats/crash-dump/mapped-image.ts";
import type { ListedModule } from "../../formats/crash-dump/modules.ts";
import { ImportResolver } from "../../formats/crash-dump/resolve-imports.ts";
import { PeImage } from "../../formats/pe/image.ts";
import type { Tag } from "../../model/tag.ts";
import { tierRank, type DriverMatch } from "../../model/attribution.ts";
import { openDumpFile } from "../../sources/dump-file.ts";
import type { Io } from "../io.ts";
import { startProgress } from "../progress.ts";

/** A driver of the dump that uses a tag, and how much of its code was there to be looked at. */
export interface DumpDriver extends DriverMatch {
  readonly base: bigint;
  readonly codeCoverage: number;
}

export interface DumpDrivers {
  readonly of: (tag: Tag) => readonly DumpDriver[];
  /** Modules looked at, and those whose image is not in the dump. */
  readonly scanned: number;
  readonly absent: readonly string[];
}

/** All images together; a hostile list may claim anything. */
const MOST_BYTES = 2 ** 30;

/** Drivers in the dump that use any of the tags, best proof first. */
export async function driversInDump(dump: Dump, tags: readonly Tag[], io: Io): Promise<DumpDrivers> {
  const { space, kernel } = memoryOf(dump);
  const { modules } = answerModules(dump);
  const resolver = new ImportResolver(space, modules);
  const tools = await loadScanTools();
  const found = new Map<Tag, DumpDriver[]>();
  const absent: string[] = [];
  const progress = startProgress(io, "reading drivers", "modules");
  let scanned = 0;
  let left = MOST_BYTES;
  for (const [index, module] of modules.entries()) {
    progress.update(index, modules.length);
    left -= module.sizeOfImage;
    if (module.base === kernel.base || left < 0) continue;
    const image = readMappedImage(space, module.base, module.sizeOfImage);
    if (image === undefined) {
      absent.push(module.name);
      continue;
    }
    scanned += 1;
    const service = module.name.replace(/\.[^.]*$/, "");
    if (!mayUse(image, service, tags)) continue;
    const scan = scanDriver(image.file, service, tools, resolver.importsOf(image.file, module.base));
    addMatches(found, tags, scan, module, image);
  }
  progress.end();
  for (const list of found.values()) list.sort((a, b) => tierRank(a.tier) - tierRank(b.tier));
  return { of: (tag) => found.get(tag) ?? [], scanned, absent };
}

/** The same for a file, in the form of the look-ups of drivers elsewhere. */
export async function driversInDumpFile(
  path: string,
  tags: readonly Tag[],
  io: Io,
): Promise<(tag: Tag) => readonly DriverMatch[]> {
  const file = await openDumpFile(path);
  try {
    const { of } = await driversInDump(openDump(file.bytes), tags, io);
    return (tag) =>
      of(tag).map(({ base: _base, codeCoverage: _share, ...match }) => ({
        ...match,
        scope: "this-machine",
        file: `${match.file} in ${path}`,
      }));
  } finally {
    file.close();
  }
}

/** Whether a tag stands in the code as four bytes, or is the one that KMDF derives. ARM64 code has tags in two halves. */
function mayUse({ file }: MappedImage, service: string, tags: readonly Tag[]): boolean {
  const image = new PeImage(file);
  if (image.machine === "arm64") return true;
  if (tags.includes(derivedTag(service))) return true;
  const wanted = new Set(tags);
  const firstBytes = new Uint8Array(256);
  for (const tag of tags) firstBytes[tag & 0xff] = 1;
  for (const section of image.sections) {
    // Tags also stand in tables of constants that code reads.
    const end = Math.min(section.offset + section.rawSize, file.length) - 4;
    for (let at = section.offset; at <= end; at++) {
      if (firstBytes[file[at] ?? 0] === 0) continue;
      const value =
        (file[at] ?? 0) | ((file[at + 1] ?? 0) << 8) | ((file[at + 2] ?? 0) << 16) | ((file[at + 3] ?? 0) << 24);
      if (wanted.has(value >>> 0)) return true;
    }
  }
  return false;
}

function addMatches(
  found: Map<Tag, DumpDriver[]>,
  tags: readonly Tag[],
  scan: DriverScan,
  module: ListedModule,
  image: MappedImage,
): void {
  for (const { tag, mask, tier, uses } of scan.tags) {
    // Bytes in an image's data prove nothing, and memory is full of them; of a computed tag only a part is known.
    if (tier === "text" || mask !== WHOLE_TAG || !tags.includes(tag)) continue;
    const { company, product, fileVersion } = scan.version;
    const match: DumpDriver = {
      file: module.name,
      base: module.base,
      tier,
      codeCoverage: image.codeCoverage,
      ...(company === undefined ? {} : { company }),
      ...(product === undefined ? {} : { product }),
      ...(fileVersion === undefined ? {} : { version: fileVersion }),
      uses,
    };
    const list = found.get(tag);
    if (list === undefined) found.set(tag, [match]);
    else list.push(match);
  }
}
