// `poolscope dump FILE find TAG`: large allocations by the kernel's list, the others by a scan, and the drivers that use the tag.

import { answerBigPages, answerModules, memoryOf } from "../../formats/crash-dump/answers.ts";
import { hex } from "../../formats/crash-dump/bytes.ts";
import { scanForTag, type ScannedBlock, type ScanProgress } from "../../formats/crash-dump/scan-tag.ts";
import { formatTag, type Tag } from "../../model/tag.ts";
import { formatBytes, formatCount, plural } from "../../model/units.ts";
import { labelled, visible } from "../../reports/terminal-text.ts";
import { renderTable } from "../../reports/text-table.ts";
import { driverJson, dumpJson } from "./json.ts";
import { driverProblems, findDrivers, noticeLines, print, printJson, type DumpRun } from "./run.ts";
import { bigTable, driverLines, problemLines } from "./text.ts";
import { startProgress } from "../progress.ts";

const SCAN_NOTE =
  "Blocks below a page are found by a scan of memory, not by a list. In use are those whose page's headers form one chain; " +
  "headers outside a chain may be left over from freed blocks, or be of the segment heap (Windows 10 1903 and later). " +
  "Blocks that were paged out are missing.";

interface Found {
  readonly blocks: readonly ScannedBlock[];
  readonly count: Readonly<Record<ScannedBlock["state"], number>>;
  readonly bytesInUse: number;
  readonly progress: ScanProgress;
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
  for (const block of scanForTag(space, tag, skip, progress)) {
    count[block.state] += 1;
    if (block.state === "in-use") bytesInUse += block.bytes;
    if (blocks.length < MOST_BLOCKS) blocks.push(block);
    bar.update(progress.pages, space.memory.map.pages);
  }
  bar.end();
  return { blocks, count, bytesInUse, progress };
}

/** Blocks of one tag: large ones by the kernel's list, the others by a scan. */
export async function runFind(run: DumpRun, tag: Tag): Promise<void> {
  const { dump, io, width } = run;
  const { blocks, count, bytesInUse, progress } = scan(run, tag);
  const drivers = await findDrivers(dump, [tag], io);
  const big = answerBigPages(dump)?.allocations.filter((each) => each.tag === tag) ?? [];
  const problems = [
    ...dump.problems,
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
  if (run.json) {
    printJson(io, {
      ...dumpJson(dump, run.path),
      tag: formatTag(tag),
      drivers: drivers.of(tag).map(driverJson),
      large: big.map((each) => ({ address: hex(each.address), bytes: each.bytes, pool: each.kind ?? null })),
      scan: {
        note: SCAN_NOTE,
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
    `${visible(formatTag(tag))}: ${plural(big.length, "large allocation")} by the kernel's list; by a scan of ${formatCount(progress.pages)} pages ` +
      `${plural(count["in-use"], "block")} in use (${formatBytes(bytesInUse)}), ${formatCount(count.freed)} freed, ${plural(count.unchained, "header")} outside a chain`,
    labelled("", SCAN_NOTE, width, 0, 0),
    ...driverLines([{ tag }], drivers, width),
    ...(big.length > 0 ? ["", bigTable(big, width)] : []),
    ...(shown.length > 0 ? ["", scanTable(shown, width)] : []),
    ...(shown.length < listed.length ? ["", `${formatCount(listed.length - shown.length)} more not shown`] : []),
    ...problemLines(problems, width),
  ]);
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
