// `poolscope dump FILE irps`: requests by the driver that has them, and those that no driver has.

import {
  answerLookasides,
  answerModules,
  answerPoolUse,
  blocksOf,
  memoryOf,
} from "../../formats/crash-dump/answers.ts";
import { hex } from "../../formats/crash-dump/bytes.ts";
import { readIrps, type IrpGroup, type Irps } from "../../formats/crash-dump/irps.ts";
import { FormatError } from "../../model/errors.ts";
import { formatTag } from "../../model/tag.ts";
import { formatBytes, formatCount, plural } from "../../model/units.ts";
import { labelled, visible } from "../../reports/terminal-text.ts";
import { renderTable, type TableColumn } from "../../reports/text-table.ts";
import { irpBasisText, irpStateText, irpText, majorText, type IrpFacts } from "../../words/dump-lists.ts";
import { startProgress } from "../progress.ts";
import { keepsSegmentHeap } from "./find.ts";
import { dumpJson } from "./json.ts";
import { noticeLines, print, printJson, type DumpRun } from "./run.ts";
import { problemLines } from "./text.ts";

/** The tag of blocks that the I/O manager makes for IRPs ("Irp " as a little-endian word). */
const IRP_TAG = 0x20707249;

const COLUMNS: readonly TableColumn[] = [
  { title: "IRPs", align: "right", priority: 0 },
  { title: "Where", align: "left", priority: 0 },
  { title: "Request", align: "left", priority: 1 },
  { title: "Completed by", align: "left", priority: 2 },
  { title: "Bytes", align: "right", priority: 3 },
  { title: "One at", align: "left", priority: 4 },
];

/** Throws FormatError where the dump has no memory. */
export function runIrps(run: DumpRun): void {
  const { dump, io, path, width } = run;
  const { space } = memoryOf(dump);
  const lookasides = answerLookasides(dump);
  const bar = startProgress(io, "scanning", "pages");
  const onPage = (pages: number): void => bar.update(pages, space.memory.map.pages);
  const progress = { pages: 0, notInDump: 0, exhausted: false, onPage };
  const found = readIrps(space, answerModules(dump).modules, lookasides?.idleBlocks ?? new Set(), progress);
  bar.end();
  const idle = lookasides?.idleTags.find(({ tag }) => tag === IRP_TAG)?.blocks ?? 0;
  const facts = factsOf(found, tableBlocks(run), idle, keepsSegmentHeap(dump));
  const problems = [
    ...dump.problems,
    ...(lookasides === undefined ? ["no lookaside lists were found: IRPs that lie idle in them may be counted"] : []),
    ...(progress.notInDump > 0
      ? [`${plural(progress.notInDump, "mapped page")} of the kernel are not in the dump`]
      : []),
    ...(progress.exhausted ? ["the page tables lead round in circles: the scan was stopped"] : []),
  ];
  const shown = found.groups.slice(0, run.top ?? found.groups.length);
  if (run.json) {
    printJson(io, {
      ...dumpJson(dump, path),
      irps: shown.map((group) => groupJson(group)),
      total: found.irps,
      pending: facts.pending,
      table: facts.table === undefined ? null : { ...facts.table, tag: formatTag(facts.table.tag) },
      text: irpText(facts),
      basis: irpBasisText(facts),
      problems,
    });
    return;
  }
  const more = found.groups.length - shown.length;
  print(io, [
    ...noticeLines(dump),
    labelled("", irpText(facts), width, 0, 0),
    ...(shown.length === 0
      ? []
      : [
          "",
          renderTable(
            COLUMNS,
            shown.map((group) => cells(group)),
            width,
          ),
        ]),
    ...(more > 0 ? [`${plural(more, "more group")} not shown`] : []),
    "",
    labelled("Certainty", visible(irpBasisText(facts)), width, 0, 11),
    ...problemLines(problems, width),
  ]);
}

function factsOf(found: Irps, blocks: number | undefined, idle: number, segmentHeap: boolean): IrpFacts {
  const count = (state: IrpGroup["state"]): number =>
    found.groups.filter((group) => group.state === state).reduce((sum, group) => sum + group.irps, 0);
  return {
    irps: found.irps,
    pending: count("pending"),
    unknownDevice: count("unknown-device"),
    segmentHeap,
    table: blocks === undefined ? undefined : { tag: IRP_TAG, blocks, irps: found.byTag.get(IRP_TAG) ?? 0, idle },
  };
}

function tableBlocks({ dump }: DumpRun): number | undefined {
  try {
    return blocksOf(answerPoolUse(dump).columns, IRP_TAG);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function groupJson(group: IrpGroup): Record<string, unknown> {
  const { state, module, driver, major, maker, irps, bytes, example } = group;
  return {
    state,
    module: module ?? null,
    driver: driver ?? null,
    major: major === undefined ? null : majorText(major),
    completion: maker === undefined ? null : { module: maker.module, rva: hex(maker.rva) },
    irps,
    bytes,
    example: hex(example),
    text: irpStateText(group),
  };
}

function cells(group: IrpGroup): string[] {
  const { major, maker, irps, bytes, example } = group;
  return [
    formatCount(irps),
    visible(irpStateText(group)),
    major === undefined ? "" : majorText(major),
    maker === undefined ? "" : visible(`${maker.module}+${hex(maker.rva)}`),
    formatBytes(bytes),
    hex(example),
  ];
}
