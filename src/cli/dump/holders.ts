// `poolscope dump FILE holders [TAG]`: processes and what they hold, by the tag of the objects' blocks.

import { answerHolders, answerObjectTypes, answerPoolUse, blocksOf } from "../../formats/crash-dump/answers.ts";
import type { Dump } from "../../formats/crash-dump/dump.ts";
import type { Holders } from "../../formats/crash-dump/holders.ts";
import type { ObjectType } from "../../formats/crash-dump/object-types.ts";
import type { Process } from "../../formats/crash-dump/processes.ts";
import type { TagUses } from "../../formats/crash-dump/read-tag-table.ts";
import { FormatError } from "../../model/errors.ts";
import { formatTag, type Tag } from "../../model/tag.ts";
import { formatIso, formatTime } from "../../model/time.ts";
import { formatCount, plural } from "../../model/units.ts";
import { labelled, visible } from "../../reports/terminal-text.ts";
import { renderTable, type TableColumn } from "../../reports/text-table.ts";
import {
  endedHeldText,
  holdersBasisText,
  holdersText,
  objectText,
  withoutHandleText,
  type HeldObjects,
} from "../../words/dump.ts";
import { dumpJson } from "./json.ts";
import { noticeLines, print, printJson, type DumpRun } from "./run.ts";
import { problemLines } from "./text.ts";

/** Holders with what the tag table and the object manager say of the same objects. */
export interface HolderView {
  readonly holders: Holders;
  readonly types: readonly ObjectType[];
  readonly uses: TagUses | undefined;
}

/** Everything that can be had; the tag table may be missing. Throws FormatError where no handles can be read. */
export function holderView(dump: Dump, uses?: TagUses): HolderView {
  return {
    holders: answerHolders(dump),
    types: uses?.witness?.types ?? answerObjectTypes(dump)?.types ?? [],
    uses: uses ?? usesOrNone(dump),
  };
}

function usesOrNone(dump: Dump): TagUses | undefined {
  try {
    return answerPoolUse(dump);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** What is held of one tag. */
export function heldObjects({ holders, types, uses }: HolderView, tag: Tag): HeldObjects {
  const type = types.find((each) => each.tag === tag);
  const held = holders.objectsByTag.get(tag) ?? 0;
  return {
    type: type?.name,
    tag,
    objects: (uses === undefined ? type?.objects : blocksOf(uses.columns, tag)) ?? held,
    holders: holders.held
      .filter((each) => each.tag === tag)
      .map(({ process, handles }) => ({ name: process.name, pid: process.pid, handles })),
    held,
    atLeast: holders.missingPages > 0,
  };
}

/** Tags of object types among the given ones, with enough objects to be worth a line. */
export function objectTags(view: Pick<HolderView, "types">, tags: readonly Tag[]): Tag[] {
  const worth = new Set(view.types.filter((type) => type.objects >= WORTH_A_LINE).map((type) => type.tag));
  return tags.filter((tag) => worth.has(tag));
}

const WORTH_A_LINE = 100;

export function runHolders(run: DumpRun, tag: Tag | undefined): void {
  const { dump, io, path } = run;
  const view = holderView(dump);
  const problems = [...dump.problems, ...view.holders.problems];
  if (run.json) printJson(io, { ...dumpJson(dump, path), ...holdersAnswer(view, tag, run.top), problems });
  else print(io, [...noticeLines(dump), ...holdersLines(view, tag, run), ...problemLines(problems, run.width)]);
}

function wantedOf({ holders }: HolderView, tag: Tag | undefined): Holders["held"] {
  return tag === undefined ? holders.held : holders.held.filter((each) => each.tag === tag);
}

/** The JSON of the question. */
export function holdersAnswer(
  view: HolderView,
  tag: Tag | undefined,
  top: number | undefined,
): Record<string, unknown> {
  return holdersJson(view, wantedOf(view, tag).slice(0, top), tag === undefined ? undefined : heldObjects(view, tag));
}

/** The same for people. */
export function holdersLines(
  view: HolderView,
  tag: Tag | undefined,
  { top, width, paint }: Pick<DumpRun, "top" | "width" | "paint">,
): string[] {
  const { holders } = view;
  const wanted = wantedOf(view, tag);
  const shown = wanted.slice(0, top);
  const objects = tag === undefined ? undefined : heldObjects(view, tag);
  const typeOf = (each: Tag | undefined): string =>
    each === undefined ? "no tag" : objectText(view.types.find((type) => type.tag === each)?.name, each);
  const zombies = tag === undefined || formatTag(tag) === "Proc" ? holders.endedHeld : [];
  const without = objects === undefined ? undefined : withoutHandleText(objects);
  const line = (label: string, text: string): string => labelled(label, visible(text), width, 0, 11);
  return [
    ...(objects === undefined
      ? []
      : [visible(holdersText(objects)), ...(without === undefined ? [] : [visible(without)])]),
    ...zombies.slice(0, MOST_ENDED).map((each) => visible(endedHeldText(each))),
    ...(shown.length === 0 ? [] : ["", holderTable(shown, typeOf, width)]),
    ...(shown.length < wanted.length ? [paint.dim(`${formatCount(wanted.length - shown.length)} more not shown`)] : []),
    "",
    line(
      "Processes",
      `${plural(holders.processes.length, "process", "processes")}, ${formatCount(holders.ended)} of them without a handle table; ${plural(holders.handles, "handle")}`,
    ),
    line("Certainty", holdersBasisText({ ...holders, processes: holders.processes.length })),
  ];
}

const MOST_ENDED = 20;

const COLUMNS: readonly TableColumn[] = [
  { title: "Process", align: "left", priority: 0 },
  { title: "Pid", align: "right", priority: 0 },
  { title: "Started", align: "left", priority: 3 },
  { title: "Handles", align: "right", priority: 0 },
  { title: "To objects", align: "left", priority: 0 },
];

function holderTable(held: Holders["held"], typeOf: (tag: Tag | undefined) => string, width: number): string {
  const rows = held.map(({ process, tag, handles }) => [
    visible(process.name),
    String(process.pid),
    process.start === undefined ? "" : formatTime(process.start),
    formatCount(handles),
    visible(typeOf(tag)),
  ]);
  return renderTable(COLUMNS, rows, width);
}

function processJson(process: Process): Record<string, unknown> {
  return {
    name: process.name,
    pid: process.pid,
    start: process.start === undefined ? null : formatIso(process.start),
    exit: process.exit === undefined ? null : formatIso(process.exit),
  };
}

/** The JSON of holders, by tag where one is asked for. */
export function holdersJson(
  view: HolderView,
  shown: Holders["held"],
  objects: HeldObjects | undefined,
): Record<string, unknown> {
  const { holders, types } = view;
  return {
    ...(objects === undefined
      ? {}
      : {
          tag: formatTag(objects.tag),
          type: objects.type ?? null,
          objects: objects.objects,
          objectsHeld: objects.held,
          objectsWithoutHandle: Math.max(0, objects.objects - objects.held),
          text: holdersText(objects),
        }),
    processes: holders.processes.length,
    processesEnded: holders.ended,
    handles: holders.handles,
    atLeast: holders.missingPages > 0,
    basis: {
      handleTablesProven: holders.proven,
      handleTables: holders.withTable,
      countsAgree: holders.countsAgree,
      handlesTagged: holders.tagged,
      missingPages: holders.missingPages,
      forms: holders.forms,
    },
    holders: shown.map(({ process, tag, handles }) => ({
      process: processJson(process),
      tag: tag === undefined ? null : formatTag(tag),
      type: types.find((type) => type.tag === tag && tag !== undefined)?.name ?? null,
      handles,
    })),
    endedProcessesHeld: holders.endedHeld.slice(0, MOST_ENDED).map((each) => ({
      name: each.name,
      handles: each.handles,
      holder: processJson(each.holder),
    })),
  };
}
