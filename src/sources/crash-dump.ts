// A kernel dump or memory image as a SOURCE: one snapshot, of the moment it was taken.

import { looksLikeDump } from "../formats/crash-dump/container.ts";
import { answerPoolLimits, answerPoolUse } from "../formats/crash-dump/answers.ts";
import { openDump, type Dump } from "../formats/crash-dump/dump.ts";
import { mayHoldPageTables } from "../formats/crash-dump/find-root.ts";
import type { TagUses } from "../formats/crash-dump/read-tag-table.ts";
import { readZipMembers } from "../formats/zip.ts";
import { FormatError } from "../model/errors.ts";
import type { Snapshot, SystemTotals } from "../model/snapshot.ts";
import { archiveKindOf } from "./archive.ts";
import { dumpSurroundings } from "./dump-surroundings.ts";
import { openDumpInput, openPlainDump } from "./dump-file.ts";
import type { FileFormat } from "./file-format.ts";
import type { InputFile } from "./input-file.ts";

export const crashDumpFormat: FileFormat = {
  id: "crash-dump",
  title: "kernel dump (MEMORY.DMP) or memory image (ELF core, LiME, AVML, raw)",
  isFormat: (file) => looksLikeDump(file.head) || isPackedDump(file) || mayBeRawImage(file),
  async *read(file) {
    const opened = await openDumpInput(file);
    try {
      const dump = openDump(opened.bytes);
      yield toSnapshot(dump, answerPoolUse(dump), file);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new FormatError(error.format, error.problem, { ...error.details, file: file.path });
    } finally {
      opened.close();
    }
  },
};

const DUMP_NAME = /\.(?:h?dmp|k?dmp|vmem|raw|mem|img|lime|avml|elf|core)(?:\.zst)?$/i;

/** An archive with a dump in it, by its members' names; other archives are other sources' business. */
export function isPackedDump(file: InputFile): boolean {
  if (archiveKindOf(file.head) !== "zip" || !file.onDisk || file.isPacked) return false;
  const opened = openPlainDump(file);
  try {
    return readZipMembers(opened.bytes).some((member) => DUMP_NAME.test(member.name));
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  } finally {
    opened.close();
  }
}

const SMALLEST_RAW = 16 * 2 ** 20;

/** Raw images have no sign of their own: whole pages of binary data with page tables near the start. Asked last. */
function mayBeRawImage(file: InputFile): boolean {
  if (file.head.length < 65_536 || !file.head.includes(0)) return false;
  if (file.isPacked || !file.onDisk) return true;
  if (file.size < SMALLEST_RAW || file.size % 4096 !== 0) return false;
  const opened = openPlainDump(file);
  try {
    return mayHoldPageTables(opened.bytes);
  } finally {
    opened.close();
  }
}

/** The pool of a dump as a snapshot; what is odd or missing comes along as Gaps. */
export function toSnapshot(dump: Dump, uses: TagUses, file: Pick<InputFile, "path" | "modified">): Snapshot {
  const { system } = dump;
  const notice = noticeOf(dump);
  const time = system.time ?? file.modified;
  const surroundings = dumpSurroundings(dump, uses, time);
  return {
    time,
    origin: {
      source: "crash-dump",
      file: file.path,
      ...(system.build === undefined ? {} : { windowsBuild: system.build }),
      ...(dump.architecture === undefined ? {} : { architecture: dump.architecture }),
      ...(system.bootTime === undefined ? {} : { bootTime: system.bootTime }),
      timeBasis: system.time === undefined ? "file-modified" : "measured",
      ...(notice === undefined ? {} : { notice }),
    },
    totals: totalsOf(dump, uses),
    columns: uses.columns,
    counterBits: uses.counterBits,
    ...(surroundings === undefined ? {} : { surroundings }),
    gaps: [...dump.problems, ...uses.problems].map((problem) => ({ where: file.path, problem })),
  };
}

/** What bounds the pools: RAM, and how far the kernel lets each of them grow. */
function totalsOf(dump: Dump, uses: TagUses): SystemTotals {
  const { nonpaged, paged } = answerPoolLimits(dump, uses);
  const { physicalBytes } = dump.system;
  return {
    ...(physicalBytes === undefined ? {} : { physicalBytes }),
    ...(nonpaged === undefined ? {} : { nonpagedLimitBytes: nonpaged }),
    ...(paged === undefined ? {} : { pagedLimitBytes: paged }),
  };
}

/** What must be said with every figure: that a kernel is not Windows. */
export function noticeOf({ system }: Pick<Dump, "system">): string | undefined {
  const { systemRoot } = system;
  return /\\reactos$/i.test(systemRoot)
    ? `This is the memory of a ReactOS kernel (its system root is ${systemRoot}), not of Windows.`
    : undefined;
}
