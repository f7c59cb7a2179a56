// The answers of `poolscope dump`, one function a question; text for people, JSON for programs.

import { answerBigPages, answerModules, memoryOf } from "../formats/crash-dump/answers.ts";
import { hex } from "../formats/crash-dump/bytes.ts";
import type { Dump } from "../formats/crash-dump/dump.ts";
import { readModuleFacts, type ModuleFacts } from "../formats/crash-dump/module-facts.ts";
import type { TagUses } from "../formats/crash-dump/read-tag-table.ts";
import { scanForTag, type ScanProgress, type ScannedBlock } from "../formats/crash-dump/scan-tag.ts";
import type { Knowledge } from "../knowledge/knowledge.ts";
import { compileTagPattern, formatTag, type Tag } from "../model/tag.ts";
import { formatTime } from "../model/time.ts";
import { formatBytes, formatCount, plural } from "../model/units.ts";
import { noticeOf } from "../sources/crash-dump.ts";
import { ownerText } from "../reports/snapshot-report.ts";
import { labelled, visible, type Paint } from "../reports/terminal-text.ts";
import { renderTable } from "../reports/text-table.ts";
import { driversInDump, type DumpDrivers } from "./dump-drivers.ts";
import { bigJson, driverJson, dumpJson, tagUsesJson } from "./dump-json.ts";
import { tagRows, type DumpSortKey, type TagRow } from "./dump-rows.ts";
import {
  bigLines,
  bigTable,
  driverLines,
  dumpLines,
  moduleTable,
  percent,
  problemLines,
  tableLines,
  tagTable,
  unloadedTable,
} from "./dump-text.ts";
import type { Io } from "./io.ts";
import { startProgress } from "./progress.ts";

/** One run of the command. */
export interface DumpRun {
  readonly path: string;
  readonly dump: Dump;
  readonly io: Io;
  readonly json: boolean;
  readonly paint: Paint;
  readonly width: number;
  readonly knowledge: Knowledge;
  readonly sort: DumpSortKey;
  readonly tags: readonly string[];
  readonly top: number | undefined;
  /** Whether the drivers that use the tags shown are looked for; each question has its own default. */
  readonly drivers: boolean | undefined;
}

const CONSUMERS = 12;

function printJson(io: Io, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, null, 1)}\n`);
}

function print(io: Io, lines: readonly string[]): void {
  io.stdout.write(`${lines.join("\n")}\n`);
}

/** What must be said with every figure, in front of it. */
function noticeLines(dump: Dump): string[] {
  const notice = noticeOf(dump);
  return notice === undefined ? [] : [visible(notice)];
}

/** What the dump is, what it can answer, its biggest consumers and the leaks known of them. */
export async function runSummary(run: DumpRun, uses: TagUses | string): Promise<void> {
  const { dump, io, path, width, paint, knowledge } = run;
  const problems = [...dump.problems, ...(typeof uses === "string" ? [] : uses.problems)];
  const lines = dumpLines(dump, path, width);
  if (typeof uses === "string") {
    if (run.json) {
      printJson(io, { ...dumpJson(dump, path), canAnswer: false, cannotAnswer: uses, problems });
      return;
    }
    lines.push(
      "",
      paint.caution(labelled("", `This dump cannot answer pool questions: ${visible(uses)}.`, width, 0, 0)),
    );
    const modules = dump.triage?.modules.length ?? 0;
    if (modules > 0) {
      lines.push(`It does list ${plural(modules, "module")}: poolscope dump ${visible(path)} modules`);
    }
    const { kind } = dump.container;
    const advice = kind === "triage" || kind === "header-only" ? HOW_TO_GET_ONE : REPORT_IT;
    lines.push("", labelled("", advice, width, 0, 0));
    print(io, [...lines, ...problemLines(problems, width)]);
    return;
  }
  const rows = rowsOf(run, uses);
  const shown = rows.slice(0, run.top ?? CONSUMERS);
  const more = rows.length - shown.length;
  const drivers = run.drivers === false ? undefined : await driversInDump(dump, tagsOf(shown), io);
  problems.push(...driverProblems(drivers));
  if (run.json) {
    printJson(io, {
      ...dumpJson(dump, path),
      canAnswer: true,
      pool: tagUsesJson(uses, rows, drivers?.of),
      problems,
    });
    return;
  }
  lines.push(
    ...tableLines(uses, width),
    "",
    paint.bold("Biggest consumers"),
    tagTable(shown, (row) => aboutTag(knowledge, row, drivers), width),
    ...driverLines(shown, drivers, width),
    ...(more > 0 ? ["", paint.dim(`${plural(more, "more tag")}: poolscope dump ${visible(path)} used`)] : []),
    ...knownLeakLines(knowledge, shown, width),
    ...problemLines(problems, width),
  );
  print(io, lines);
}

const HOW_TO_GET_ONE =
  "A dump that can is written with 'Kernel memory dump' or 'Automatic memory dump' chosen in the start-up and recovery " +
  "settings; on Windows 11, Task Manager writes one of the running system (System process, Create live kernel memory dump).";

const REPORT_IT =
  "If it is a dump of a running Windows, please report it: `poolscope dump FILE --structure-report` prints what it is made of, " +
  "without names, tags, contents and addresses.";

function rowsOf(run: DumpRun, uses: TagUses): TagRow[] {
  return tagRows(uses.columns, run.tags, run.sort);
}

function tagsOf(rows: readonly TagRow[]): Tag[] {
  return rows.map((row) => row.tag);
}

/** The drivers of the dump that use the tag, else who is known to own it. */
function aboutTag(knowledge: Knowledge, row: TagRow, drivers: DumpDrivers | undefined): string {
  const found = drivers?.of(row.tag) ?? [];
  return found.length > 0 ? found.map((driver) => driver.file).join(", ") : ownerText(knowledge.ownerOf(row.tag));
}

function driverProblems(drivers: DumpDrivers | undefined): string[] {
  const absent = drivers?.absent ?? [];
  if (absent.length === 0) return [];
  const names = absent.slice(0, 6).join(", ");
  return [
    `${plural(absent.length, "module")} could not be asked for tags, since their images are not in the dump: ` +
      `${names}${absent.length > 6 ? ", ..." : ""}`,
  ];
}

function knownLeakLines(knowledge: Knowledge, rows: readonly TagRow[], width: number): string[] {
  const lines = rows.flatMap((row) =>
    knowledge
      .knownLeaksOf(row.tag)
      .map((leak) =>
        labelled(
          formatTag(row.tag),
          visible(`${leak.culprit}: ${leak.cause} ${leak.remedy} (${leak.source})`),
          width,
          0,
          11,
        ),
      ),
  );
  return lines.length === 0
    ? []
    : ["", "Known leaks with these tags (one dump cannot tell whether a tag grows)", ...lines];
}

/** Every tag. */
export async function runUsed(run: DumpRun, uses: TagUses): Promise<void> {
  const { dump, io, width, knowledge } = run;
  const rows = rowsOf(run, uses);
  const shown = run.top === undefined ? rows : rows.slice(0, run.top);
  const drivers = run.drivers === true ? await driversInDump(dump, tagsOf(shown), io) : undefined;
  const problems = [...dump.problems, ...uses.problems, ...driverProblems(drivers)];
  if (run.json) {
    printJson(io, { ...dumpJson(dump, run.path), pool: tagUsesJson(uses, shown, drivers?.of), problems });
    return;
  }
  print(io, [
    ...noticeLines(dump),
    ...tableLines(uses, width),
    "",
    tagTable(shown, (row) => aboutTag(knowledge, row, drivers), width),
    ...driverLines(shown, drivers, width),
    ...problemLines(problems, width),
  ]);
}

/** Large allocations, largest first. */
export function runBig(run: DumpRun): void {
  const { dump, io, width } = run;
  const big = answerBigPages(dump);
  const matchers = run.tags.map((pattern) => compileTagPattern(pattern));
  const passing = (big?.allocations ?? [])
    .filter((each) => matchers.length === 0 || matchers.some((matches) => matches(each.tag)))
    .sort((a, b) => b.bytes - a.bytes || (a.address < b.address ? -1 : 1));
  const shown = run.top === undefined ? passing : passing.slice(0, run.top);
  const problems = [...dump.problems, ...(big?.problems ?? ["the table of large allocations was not found"])];
  if (run.json) {
    printJson(io, { ...dumpJson(dump, run.path), big: big === undefined ? null : bigJson(big, shown), problems });
    return;
  }
  print(io, [
    ...noticeLines(dump),
    ...(big === undefined ? [] : [...bigLines(big, width), "", bigTable(shown, width)]),
    ...problemLines(problems, width),
  ]);
}

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
  const drivers = await driversInDump(dump, [tag], io);
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

/** Loaded and unloaded modules. */
export function runModules(run: DumpRun): void {
  const { dump, io, width, path } = run;
  const answer = answerModules(dump);
  const facts = readModuleFacts(dump, answer.modules).slice(0, run.top);
  const problems = [...dump.problems, ...answer.problems];
  if (run.json) {
    printJson(io, {
      ...dumpJson(dump, path),
      modules: facts.map(moduleJson),
      unloaded: answer.unloaded.map((each) => ({
        name: each.name,
        start: hex(each.start),
        end: hex(each.end),
        time: each.time === undefined ? null : formatTime(each.time),
      })),
      problems,
    });
    return;
  }
  const rows = facts.map((each) => ({
    ...each,
    version: each.fileVersion ?? "",
    company: each.company ?? "",
    stamp: each.timeDateStamp === undefined ? "" : stampText(each.timeDateStamp, dump.system.time),
    coverage: each.coverage === undefined ? "" : percent(each.coverage),
  }));
  print(io, [
    ...noticeLines(dump),
    `${plural(answer.modules.length, "module")}${answer.unloaded.length > 0 ? `, ${plural(answer.unloaded.length, "unloaded module")}` : ""}`,
    ...(rows.length > 0 ? ["", moduleTable(rows, width)] : []),
    ...(answer.unloaded.length > 0 ? ["", unloadedTable(answer.unloaded, width)] : []),
    ...problemLines(problems, width),
  ]);
}

function moduleJson(facts: ModuleFacts): Record<string, unknown> {
  const { base, sizeOfImage, timeDateStamp, ...rest } = facts;
  return {
    base: hex(base),
    size: sizeOfImage,
    ...rest,
    ...(timeDateStamp === undefined ? {} : { timeDateStamp: hex(timeDateStamp) }),
  };
}

/** A date where the stamp is one; reproducible builds put a hash there. */
function stampText(stamp: number, taken: number | undefined): string {
  const time = stamp * 1000;
  const plausible = time > 800_000_000_000 && time < (taken ?? 4_000_000_000_000);
  return plausible ? formatTime(time).slice(0, 10) : hex(stamp);
}
