// What a dump is made of, without anything that tells whose it is: no names, no tags, no contents, no addresses. Meant to be
// sent along when a dump is not understood, so that its form can be learned from it.

import { FormatError } from "../../model/errors.ts";
import type { AddressSpace } from "./address-space.ts";
import { answerBigPages, answerHolders, answerModules, answerPoolUse, answerVerifier } from "./answers.ts";
import { asciiText, u32 } from "./bytes.ts";
import { DEBUGGER_FIELDS, debuggerField } from "./debugger-data.ts";
import { openDump, type Dump, type DumpMemory } from "./dump.ts";
import { findTagTable } from "./find-tag-table.ts";
import { isDumpHeader } from "./header.ts";
import { kernelPointers, wordIn, type KernelData } from "./kernel-data.ts";
import { lookasideBasis, readLookasides } from "./lookasides.ts";
import { findSegmentHeap } from "./segment-heap.ts";
import type { ByteSource } from "./source.ts";
import { tagHash } from "./tag-hash.ts";

export type StructureReport = Readonly<Record<string, unknown>>;

/** Bytes of the header that are described; what is not filled in holds the text PAGE. */
const HEADER_WORDS = 0x2000;

/** Describes a file, as far as it can be understood. Never throws for what the file holds. */
export function structureReport(source: ByteSource): StructureReport {
  const start = source.read(0, HEADER_WORDS);
  const report: Record<string, unknown> = {
    report: "poolscope dump structure, version 1",
    fileBytes: source.size,
    signature: asciiText(start, 0, 8),
    ...(isDumpHeader(start)
      ? { headerWordsFilledIn: filledWords(start), body: asciiText(source.read(bodyAt(start), 12), 0, 12) }
      : {}),
  };
  const part = (name: string, describe: () => unknown): void => {
    try {
      report[name] = describe();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      report[name] = { refused: withoutAddresses(error.problem) };
    }
  };
  let dump: Dump | undefined;
  part("container", () => {
    dump = openDump(source);
    return containerPart(dump);
  });
  if (dump === undefined) return report;
  const opened = dump;
  if (opened.memory !== undefined) {
    const { memory } = opened;
    part("kernel", () => kernelPart(memory));
    part("tagTable", () => tagTablePart(opened));
    part("tagTableVariable", () => variablePart(memory));
    part("arraysThatObeyTheHash", () => hashProbe(memory));
    part("bigPages", () => bigPagesPart(opened));
    part("objectTypes", () => objectTypesPart(opened));
    part("holders", () => holdersPart(opened));
    part("lookasides", () => lookasidesPart(memory));
    part("segmentHeapKey", () => findSegmentHeap(memory.space, memory.kernel.data, []) !== undefined);
    part("verifier", () => answerVerifier(opened) ?? null);
  }
  part("modules", () => modulesPart(opened));
  report["problems"] = opened.problems.map(withoutAddresses);
  return report;
}

function bodyAt(start: Uint8Array): number {
  return asciiText(start, 4, 4) === "DU64" ? 0x2000 : 0x1000;
}

/** Offsets of header words that are filled in with something else than zero, as ranges. */
function filledWords(start: Uint8Array): string[] {
  const ranges: string[] = [];
  let first = -1;
  for (let at = 0; at <= start.length; at += 4) {
    const value = at < start.length ? u32(start, at) : 0;
    const filled = value !== 0 && value !== 0x45474150;
    if (filled && first < 0) first = at;
    if (!filled && first >= 0) {
      ranges.push(`${first.toString(16)}-${at.toString(16)}`);
      first = -1;
    }
  }
  return ranges.slice(0, 200);
}

/** Numbers of five and more hexadecimal digits may be addresses. */
function withoutAddresses(sentence: string): string {
  return sentence.replace(/0x[0-9a-f]{5,}/g, "0x...");
}

function containerPart({ container, architecture, system, cannotAnswer, triage }: Dump): StructureReport {
  const { header } = container;
  return {
    kind: container.kind,
    architecture,
    build: system.build,
    processors: system.cpus,
    dumpType: header?.dumpType,
    pae: header?.pae,
    runs: header?.runs?.length,
    pagesSaid: header?.pagesSaid,
    pagesInFile: container.map?.pages,
    endPage: container.map?.endPage,
    cannotAnswer,
    triage:
      triage === undefined
        ? undefined
        : { modules: triage.modules.length, unloaded: triage.unloaded.length, pieces: triage.blocks.length },
  };
}

function kernelPart({ space, kernel, debuggerData, rootMethod }: DumpMemory): StructureReport {
  return {
    paging: space.paging.id,
    rootMethod: withoutAddresses(rootMethod),
    method: withoutAddresses(kernel.method),
    imageBytes: kernel.image?.sizeOfImage,
    sections: kernel.image?.sections.map((section) => ({
      name: section.name,
      bytes: section.size,
      executable: section.executable,
      writable: section.writable,
      inDump: space.share(kernel.base + BigInt(section.rva), Math.min(section.size, 2 ** 26)),
    })),
    dataBytes: kernel.data.total,
    dataMissing: kernel.data.missing,
    debuggerData:
      debuggerData === undefined
        ? null
        : {
            bytes: debuggerData.bytes.length,
            filled: (Object.keys(DEBUGGER_FIELDS) as (keyof typeof DEBUGGER_FIELDS)[]).filter(
              (field) => debuggerField(debuggerData, field, space.pointerSize) !== undefined,
            ),
          },
  };
}

/** How well the lookaside lists prove themselves; null where no ring of them was found. */
function lookasidesPart(memory: DumpMemory): StructureReport | null {
  const found = readLookasides(memory);
  return found === undefined ? null : lookasideBasis(found);
}

function tagTablePart(dump: Dump): StructureReport {
  const uses = answerPoolUse(dump);
  const { layout, slots, keys, score, slotsSaid, sizeConfirmed, judged, method } = uses.table;
  return {
    layout: layout.id,
    slots,
    keys,
    score,
    slotsSaid,
    sizeConfirmed,
    foreignPages: judged.foreignPages,
    emptyPages: judged.emptyPages,
    setAside: uses.setAside,
    checks: uses.checks,
    method: withoutAddresses(method),
    cpus: uses.cpus,
    cpusSummed: uses.cpusSummed,
    cpuTables: uses.cpuTables.map(({ cpu, state }) => `${cpu} ${state}`),
    coverage: uses.coverage,
    rows: uses.columns.length,
    problems: uses.problems.map(withoutAddresses),
  };
}

/** What kind of words stand around the variable that holds the tag table's address: that is how sizes and masks are found. */
function variablePart({ space, kernel, debuggerData }: DumpMemory): unknown {
  const variable =
    findTagTable(space, kernel.data, debuggerData)?.variable ??
    (debuggerData === undefined ? undefined : debuggerField(debuggerData, "poolTrackTable", space.pointerSize));
  if (variable === undefined) return null;
  const words: string[] = [];
  for (let distance = -0x100; distance <= 0x100; distance += space.pointerSize) {
    const word = wordIn(kernel.data, variable + BigInt(distance), space.pointerSize);
    if (word !== undefined && word !== 0n) words.push(`${distance} ${kindOfWord(space, word)}`);
  }
  return words;
}

function kindOfWord(space: AddressSpace, word: bigint): string {
  if (space.isKernelAddress(word)) return (word & 0xfffn) === 0n ? "page-aligned kernel address" : "kernel address";
  return word < 0x100000n ? `0x${word.toString(16)}` : "large number";
}

const STRIDES = Array.from({ length: 27 }, (_, i) => 0x18 + 4 * i);
const MOST_ARRAYS = 20_000;

/** Arrays whose first page obeys the tag hash under any row width, also those that no known layout has. */
function hashProbe({ space, kernel }: DumpMemory): unknown {
  const found: { stride: number; slots: number; keysInFirstPage: number; inPlace: number }[] = [];
  for (const page of firstPages(space, kernel.data)) {
    for (const stride of STRIDES) {
      const best = probe(page, stride);
      if (best !== undefined) found.push({ stride, ...best });
    }
  }
  return found.sort((a, b) => b.inPlace - a.inPlace).slice(0, 12);
}

function* firstPages(space: AddressSpace, data: KernelData): Generator<Uint8Array> {
  const seen = new Set<bigint>();
  for (const { value } of kernelPointers(space, data)) {
    if ((value & 0xfffn) !== 0n || seen.has(value)) continue;
    seen.add(value);
    if (seen.size > MOST_ARRAYS) return;
    const page = space.readExact(value, 4096);
    if (page !== undefined) yield page;
  }
}

function probe(
  page: Uint8Array,
  stride: number,
): { slots: number; keysInFirstPage: number; inPlace: number } | undefined {
  const rows: [number, number][] = [];
  for (let row = 0; (row + 1) * stride <= page.length; row++) {
    const key = u32(page, row * stride);
    if (key !== 0) rows.push([row, tagHash(key)]);
  }
  if (rows.length < 4) return undefined;
  for (let slots = 65_536; slots >= 64; slots /= 2) {
    const inPlace = rows.filter(([row, hash]) => (row - (hash & (slots - 1)) + slots) % slots <= 32).length;
    if (inPlace >= 0.7 * rows.length) return { slots, keysInFirstPage: rows.length, inPlace };
  }
  return undefined;
}

function bigPagesPart(dump: Dump): unknown {
  const big = answerBigPages(dump);
  if (big === undefined) return null;
  const { layout, rows, hash, score, sizeConfirmedBy, allocations, freed, coverage } = big;
  return { layout: layout.id, rows, hash, score, sizeConfirmedBy, live: allocations.length, freed, coverage };
}

/** The object manager's types: how many, and how their counts agree; no names and no counts. */
function objectTypesPart(dump: Dump): unknown {
  const { witness } = answerPoolUse(dump);
  if (witness === undefined) return null;
  const { agreeing, compared } = witness.agreement;
  return { layout: witness.layout, types: witness.types.length, agreeing, compared };
}

/** What the handle tables proved, without the processes' names. */
function holdersPart(dump: Dump): unknown {
  const { processes, ended, handles, tagged, proven, withTable, countsAgree, missingPages, forms } =
    answerHolders(dump);
  return { processes: processes.length, ended, handles, tagged, proven, withTable, countsAgree, missingPages, forms };
}

function modulesPart(dump: Dump): StructureReport {
  const { modules, unloaded, problems } = answerModules(dump);
  return {
    listed: modules.length,
    withName: modules.filter((module) => module.name !== "").length,
    unloaded: unloaded.length,
    problems: problems.map(withoutAddresses),
  };
}
