// `poolscope dump FILE lookasides`: lists of freed blocks that the tag table counts as in use, by tag.

import { answerLookasides } from "../../formats/crash-dump/answers.ts";
import { hex } from "../../formats/crash-dump/bytes.ts";
import {
  lookasideBasis,
  POOL_TAG,
  type IdleTag,
  type Lookaside,
  type Lookasides,
} from "../../formats/crash-dump/lookasides.ts";
import { FormatError } from "../../model/errors.ts";
import { compileTagPattern, formatTag } from "../../model/tag.ts";
import { formatCount } from "../../model/units.ts";
import { labelled, visible } from "../../reports/terminal-text.ts";
import { renderTable, type TableColumn } from "../../reports/text-table.ts";
import { percentText } from "../../words/dump.ts";
import { lookasideBasisText, lookasideText, poolListsText } from "../../words/dump-lists.ts";
import { dumpJson } from "./json.ts";
import { noticeLines, print, printJson, type DumpRun } from "./run.ts";
import { problemLines } from "./text.ts";

const COLUMNS: readonly TableColumn[] = [
  { title: "Tag", align: "left", priority: 0 },
  { title: "Pool", align: "left", priority: 1 },
  { title: "Size", align: "right", priority: 0 },
  { title: "Idle", align: "right", priority: 0 },
  { title: "Idle bytes", align: "right", priority: 0 },
  { title: "In use", align: "right", priority: 2 },
  { title: "Allocs", align: "right", priority: 3 },
  { title: "Served", align: "right", priority: 4 },
  { title: "List at", align: "left", priority: 5 },
];

/** Throws FormatError where no lists were found. `at`: one list only, by its address. */
export function runLookasides(run: DumpRun, at: bigint | undefined): void {
  const { dump, io, path, width } = run;
  const found = answerLookasides(dump);
  if (found === undefined) {
    throw new FormatError("crash-dump", "no ring of lookaside lists was found in the kernel's data");
  }
  const matchers = run.tags.map((pattern) => compileTagPattern(pattern));
  const wanted = found.lists
    .filter((list) => at === undefined || list.address === at)
    .filter(({ tag }) => matchers.length === 0 || matchers.some((matches) => matches(tag)))
    .sort((a, b) => b.idle * b.size - a.idle * a.size);
  if (at !== undefined && wanted.length === 0) {
    throw new FormatError("crash-dump", `no lookaside list was found at ${hex(at)}`);
  }
  // The pool's own lists say nothing of a driver: one line for all, unless they are asked for.
  const isOwn = (list: Lookaside): boolean => list.tag === POOL_TAG && at === undefined && matchers.length === 0;
  const listed = wanted.filter((list) => !isOwn(list));
  const own = sumOf(wanted.filter((list) => isOwn(list)));
  const shown = listed.slice(0, run.top ?? listed.length);
  const basis = lookasideBasisText(lookasideBasis(found));
  if (run.json) {
    printJson(io, {
      ...dumpJson(dump, path),
      lookasides: wanted.map((list) => ({
        ...list,
        address: hex(list.address),
        tag: formatTag(list.tag),
        missed: list.missed ?? null,
      })),
      idle: found.idleTags.map((each) => idleJson(each)),
      basis: { ...lookasideBasis(found), text: basis },
      problems: dump.problems,
    });
    return;
  }
  const more = listed.length - shown.length;
  print(io, [
    ...noticeLines(dump),
    labelled("", lookasideText(idleSum(found)), width, 0, 0),
    "",
    renderTable(
      COLUMNS,
      shown.map((list) => cells(list)),
      width,
    ),
    ...(more > 0 ? [`${formatCount(more)} more not shown`] : []),
    ...(own.lists > 0 ? ["", labelled("Pool", poolListsText(own), width, 0, 11)] : []),
    "",
    labelled("Certainty", visible(basis), width, 0, 11),
    ...problemLines(dump.problems, width),
  ]);
}

export function idleJson({ tag, blocks, bytes }: IdleTag): Record<string, unknown> {
  return { tag: formatTag(tag), blocks, bytes };
}

function idleSum({ idleTags }: Lookasides): { blocks: number; bytes: number } {
  return idleTags.reduce((sum, each) => ({ blocks: sum.blocks + each.blocks, bytes: sum.bytes + each.bytes }), {
    blocks: 0,
    bytes: 0,
  });
}

function sumOf(lists: readonly Lookaside[]): { lists: number; blocks: number; bytes: number } {
  return {
    lists: lists.length,
    blocks: lists.reduce((sum, { idle }) => sum + idle, 0),
    bytes: lists.reduce((sum, { idle, size }) => sum + idle * size, 0),
  };
}

function cells(list: Lookaside): string[] {
  const { allocations, frees, missed } = list;
  return [
    visible(formatTag(list.tag)),
    list.kind === "paged" ? "Paged" : "Nonp",
    formatCount(list.size),
    formatCount(list.idle),
    formatCount(list.idle * list.size),
    formatCount((allocations - frees) >>> 0),
    formatCount(allocations),
    missed === undefined || allocations === 0 ? "" : percentText(1 - missed / allocations),
    hex(list.address),
  ];
}
