// `poolscope dump FILE find TAG`: large allocations by the kernel's list, the others by a scan, and the drivers that use the tag.

import {
  answerBigPages,
  answerLookasides,
  answerModules,
  answerPoolUse,
  blocksOf,
  memoryOf,
} from "../../formats/crash-dump/answers.ts";
import { readBlockContents, type BlockContents } from "../../formats/crash-dump/block-contents.ts";
import { hex } from "../../formats/crash-dump/bytes.ts";
import type { Dump } from "../../formats/crash-dump/dump.ts";
import type { TagUses } from "../../formats/crash-dump/read-tag-table.ts";
import {
  scanForTag,
  type DecidedRange,
  type ScannedBlock,
  type ScanProgress,
} from "../../formats/crash-dump/scan-tag.ts";
import { findSegmentHeap } from "../../formats/crash-dump/segment-heap.ts";
import { FormatError } from "../../model/errors.ts";
import { formatTag, type Tag } from "../../model/tag.ts";
import { formatBytes, formatCount, plural } from "../../model/units.ts";
import { labelled, visible } from "../../reports/terminal-text.ts";
import { renderTable } from "../../reports/text-table.ts";
import { commonPointerText, commonTextText, findShare, findText, scanBasisText } from "../../words/dump.ts";
import { driverJson, dumpJson } from "./json.ts";
import { driverProblems, findDrivers, noticeLines, print, printJson, type DumpRun } from "./run.ts";
import { bigTable, driverLines, problemLines } from "./text.ts";
import { startProgress } from "../progress.ts";

interface Found {
  readonly blocks: readonly ScannedBlock[];
  readonly count: Readonly<Record<ScannedBlock["state"], number>>;
  readonly bytesInUse: number;
  readonly progress: ScanProgress;
  /** Subsegments of the segment heap that proved themselves. */
  readonly decided: { readonly chunks: number; readonly blocks: number };
}

const MOST_BLOCKS = 1_000_000;

function scan(run: DumpRun, tag: Tag): Found {
  const { dump, io } = run;
  const { space } = memoryOf(dump);
  const skip = answerModules(dump).modules.map(({ base, sizeOfImage }) => ({
    start: base,
    end: base + BigInt(sizeOfImage),
  }));
  const progress: ScanProgress = { pages: 0, notInDump: 0, exhausted: false };
  const bar = startProgress(io, "scanning", "pages");
  const blocks: ScannedBlock[] = [];
  const count = { "in-use": 0, freed: 0, unchained: 0 };
  let bytesInUse = 0;
  const free = answerLookasides(dump)?.freeBlocks;
  const decided = { chunks: 0, blocks: 0 };
  const heap = keepsSegmentHeap(dump) ? findSegmentHeap(space, memoryOf(dump).kernel.data, skip) : undefined;
  const ranges =
    heap === undefined
      ? undefined
      : {
          at: (address: bigint, page: Uint8Array) => heap.at(address, page),
          found: ({ kind }: DecidedRange) => {
            decided[kind === "chunks" ? "chunks" : "blocks"] += 1;
          },
        };
  for (const block of scanForTag(space, tag, skip, progress, free, ranges)) {
    count[block.state] += 1;
    if (block.state === "in-use") bytesInUse += block.bytes;
    if (blocks.length < MOST_BLOCKS) blocks.push(block);
    bar.update(progress.pages, space.memory.map.pages);
  }
  bar.end();
  return { blocks, count, bytesInUse, progress, decided };
}

/** Blocks of one tag: large ones by the kernel's list, the others by a scan. */
export async function runFind(run: DumpRun, tag: Tag): Promise<void> {
  const { dump, io, width } = run;
  const { blocks, count, bytesInUse, progress, decided } = scan(run, tag);
  const drivers = await findDrivers(dump, [tag], io);
  const big = answerBigPages(dump)?.allocations.filter((each) => each.tag === tag) ?? [];
  const modules = answerModules(dump).modules;
  const table = tableOrReason(dump);
  const coverage = {
    blocks: typeof table === "string" ? undefined : blocksOf(table.columns, tag),
    large: big.length,
    inUse: count["in-use"],
    freed: count.freed,
    undecided: count.unchained,
    segmentHeap: keepsSegmentHeap(dump),
    subsegments: decided.chunks + decided.blocks,
  };
  const problems = [
    ...dump.problems,
    ...(typeof table === "string" ? [`how many blocks there should be is not known: ${table}`] : []),
    ...(progress.notInDump > 0
      ? [`${plural(progress.notInDump, "mapped page")} of the kernel are not in the dump`]
      : []),
    ...driverProblems(drivers),
    ...(progress.exhausted ? ["the page tables lead round in circles: the scan was stopped"] : []),
  ];
  // What is in use comes first; headers outside a chain are shown where there is nothing better.
  const certain = blocks.filter((block) => block.state === "in-use");
  const listed = certain.length > 0 ? certain : blocks;
  const shown = listed.slice(0, run.top ?? listed.length);
  const contents = readBlockContents(memoryOf(dump).space, listed, modules);
  if (run.json) {
    printJson(io, {
      ...dumpJson(dump, run.path),
      tag: formatTag(tag),
      drivers: drivers.of(tag).map(driverJson),
      large: big.map((each) => ({ address: hex(each.address), bytes: each.bytes, pool: each.kind ?? null })),
      table: { blocks: coverage.blocks ?? null },
      coverage: { share: findShare(coverage) ?? null, text: findText(coverage) },
      contents,
      scan: {
        pages: progress.pages,
        inUse: count["in-use"],
        bytesInUse,
        freed: count.freed,
        unchained: count.unchained,
        blocks: blocks.slice(0, run.top ?? blocks.length).map((block) => ({ ...block, address: hex(block.address) })),
      },
      problems,
    });
    return;
  }
  print(io, [
    ...noticeLines(dump),
    `${visible(formatTag(tag))}: ${visible(findText(coverage))}`,
    labelled(
      "",
      `Scan of ${formatCount(progress.pages)} pages: ${plural(count["in-use"], "block")} in use (${formatBytes(bytesInUse)}). ${scanBasisText(coverage)}`,
      width,
      0,
      0,
    ),
    ...contentLines(contents, width),
    ...driverLines([{ tag }], drivers, width),
    ...(big.length > 0 ? ["", bigTable(big, width)] : []),
    ...(shown.length > 0 ? ["", scanTable(shown, width)] : []),
    ...(shown.length < listed.length ? ["", `${formatCount(listed.length - shown.length)} more not shown`] : []),
    ...problemLines(problems, width),
  ]);
}

/** Blocks of Windows 10 1903 and later lie in the segment heap. */
const SEGMENT_HEAP_BUILD = 18362;

export function keepsSegmentHeap({ system }: Dump): boolean {
  return (system.build ?? 0) >= SEGMENT_HEAP_BUILD;
}

const COMMON_LINES = 4;

function contentLines(contents: BlockContents, width: number): string[] {
  const line = (label: string, text: string): string => labelled(label, visible(text), width, 0, 11);
  const pointers = contents.pointers.filter((each) => each.blocks > 1).slice(0, COMMON_LINES);
  const texts = contents.texts.filter((each) => each.blocks > 1).slice(0, COMMON_LINES);
  return [
    ...pointers.map((each, i) => line(i === 0 ? "Points to" : "", commonPointerText(each, contents.looked))),
    ...texts.map((each, i) => line(i === 0 ? "Text" : "", commonTextText(each, contents.looked))),
  ];
}

function tableOrReason(dump: Dump): TagUses | string {
  try {
    return answerPoolUse(dump);
  } catch (error) {
    if (error instanceof FormatError) return error.problem;
    throw error;
  }
}

function scanTable(blocks: readonly ScannedBlock[], width: number): string {
  return renderTable(
    [
      { title: "Header at", align: "left", priority: 0 },
      { title: "Bytes", align: "right", priority: 0 },
      { title: "Pool type", align: "right", priority: 2 },
      { title: "State", align: "left", priority: 1 },
    ],
    blocks.map((block) => [hex(block.address), formatCount(block.bytes), hex(block.poolType), block.state]),
    width,
  );
}
