// Object types of the kernel as a table or JSON: objects, handles, what they gained, and whether their pool tag agrees.

import { tagOfObjectType } from "../model/object-tag.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Holder, LiveCounts, ObjectCount } from "../model/surroundings.ts";
import { bookedTag, formatTag } from "../model/tag.ts";
import { formatIso, formatTime } from "../model/time.ts";
import { formatCount, formatDuration, plural } from "../model/units.ts";
import { zombieSentence } from "../words/beside.ts";
import { gainWords } from "../words/gains.ts";
import { visible, type Paint } from "./terminal-text.ts";
import { renderTable, type TableColumn } from "./text-table.ts";

export const OBJECT_SORT_KEYS = ["objects", "handles", "gained", "type"] as const;
export type ObjectSortKey = (typeof OBJECT_SORT_KEYS)[number];

/** Object counts at one time, and at an earlier one of the same boot where there is one. */
export interface ObjectsSpan {
  readonly first?: Snapshot;
  readonly last: Snapshot;
}

export interface ObjectsReportOptions {
  readonly sort: ObjectSortKey;
  readonly top?: number;
  readonly width: number;
  readonly paint: Paint;
}

/** One type as it is shown. */
interface Row extends ObjectCount {
  readonly gainedObjects?: number;
  readonly gainedHandles?: number;
  readonly tag: string;
  /** Blocks that the tag holds in both pools; absent where it is not listed. */
  readonly tagBlocks?: number;
  /** Whether the tag holds these objects and nothing else. */
  readonly agrees: boolean;
}

/** Objects and blocks are counted one after the other; this much may come or go in between. */
const SAMPLING_GAP = 0.002;

export function renderObjectsTable(span: ObjectsSpan, options: ObjectsReportOptions): string {
  const rows = sorted(rowsOf(span), options);
  const { first, last } = span;
  const hasGain = first !== undefined;
  const columns: TableColumn[] = [
    { title: "Type", align: "left", priority: 0, cutTo: 12 },
    { title: "Objects", align: "right", priority: 0 },
    ...(hasGain ? [{ title: "Gained", align: "right", priority: 1 } as const] : []),
    { title: "Handles", align: "right", priority: 0 },
    ...(hasGain ? [{ title: "Gained", align: "right", priority: 1 } as const] : []),
    { title: "Peak objects", align: "right", priority: 4 },
    { title: "Tag", align: "left", priority: 2 },
    { title: "Blocks", align: "right", priority: 3 },
    { title: "", align: "left", priority: 3 },
  ];
  const table = renderTable(
    columns,
    rows.map((row) => [
      row.type,
      row.objects === undefined ? "" : formatCount(row.objects),
      ...(hasGain ? [gainWords(row.gainedObjects)] : []),
      formatCount(row.handles),
      ...(hasGain ? [gainWords(row.gainedHandles)] : []),
      row.peakObjects === undefined ? "" : formatCount(row.peakObjects),
      row.tag.trimEnd(),
      row.tagBlocks === undefined ? "" : formatCount(row.tagBlocks),
      row.agrees ? "= objects" : "",
    ]),
    options.width,
    options.paint.bold,
  );
  const since = first === undefined ? "" : `, gained in ${formatDuration(last.time - first.time)}`;
  const live = last.surroundings?.live;
  const notes = live === undefined ? [] : zombieNotes(live, last.surroundings?.objects ?? []);
  return `${[`Object types at ${formatTime(last.time)}${since}`, "", table, ...(notes.length > 0 ? ["", ...notes] : [])].join("\n")}\n`;
}

export function renderObjectsJson(span: ObjectsSpan, options: ObjectsReportOptions): string {
  const { first, last } = span;
  const live = last.surroundings?.live;
  return `${JSON.stringify(
    {
      time: formatIso(last.time),
      ...(first !== undefined && { since: formatIso(first.time) }),
      host: last.origin.host ?? null,
      ...(live !== undefined && { live }),
      objects: sorted(rowsOf(span), options),
      ...(last.surroundings?.holders !== undefined && { holders: last.surroundings.holders }),
      gaps: last.gaps,
    },
    undefined,
    1,
  )}\n`;
}

/** Who holds handles, most first, with the number of rows that are not shown. */
export function renderHoldersTable(
  holders: readonly Holder[],
  { width, paint }: Pick<ObjectsReportOptions, "width" | "paint">,
): string {
  const table = renderTable(
    [
      { title: "Holder", align: "left", priority: 0, cutTo: 14 },
      { title: "PID", align: "right", priority: 0 },
      { title: "Type", align: "left", priority: 0 },
      { title: "Handles", align: "right", priority: 0 },
    ],
    holders
      .slice(0, MOST_HOLDERS)
      .map(({ name, pid, type, handles }) => [visible(name), String(pid), type, formatCount(handles)]),
    width,
    paint.bold,
  );
  const left = holders.length - MOST_HOLDERS;
  return `\n${table}\n${left > 0 ? `and ${plural(left, "more pair", "more pairs")} of process and type\n` : ""}`;
}

/** Rows of the table of holders. */
const MOST_HOLDERS = 20;

/** Exited processes and threads that are still kept, a line each. */
function zombieNotes(live: LiveCounts, objects: readonly ObjectCount[]): string[] {
  return (["Process", "Thread"] as const).flatMap((type) => {
    const count = objects.find((each) => each.type === type)?.objects;
    return count === undefined ? [] : [zombieSentence(type, count, type === "Process" ? live.processes : live.threads)];
  });
}

function rowsOf({ first, last }: ObjectsSpan): Row[] {
  const before = new Map((first?.surroundings?.objects ?? []).map((one) => [one.type, one]));
  const blocks = blocksByTag(last);
  const perTag = new Map<number, number>();
  for (const { type } of last.surroundings?.objects ?? []) {
    const { tag } = tagOfObjectType(type);
    perTag.set(tag, (perTag.get(tag) ?? 0) + 1);
  }
  return (last.surroundings?.objects ?? []).map((one) => {
    const was = before.get(one.type);
    const { tag, basis } = tagOfObjectType(one.type);
    const tagBlocks = blocks.get(tag);
    // Fewer blocks than objects: the objects are under another tag here, so nothing is said of it.
    const { objects } = one;
    const isMapped = tagBlocks !== undefined && objects !== undefined && tagBlocks >= objects * (1 - SAMPLING_GAP);
    return {
      ...one,
      ...(was?.objects !== undefined && objects !== undefined && { gainedObjects: objects - was.objects }),
      ...(was !== undefined && { gainedHandles: one.handles - was.handles }),
      tag: formatTag(tag),
      ...(isMapped && { tagBlocks }),
      agrees:
        isMapped &&
        basis !== "shared" &&
        perTag.get(tag) === 1 &&
        Math.abs(tagBlocks - objects) <= objects * SAMPLING_GAP,
    };
  });
}

function blocksByTag({ columns }: Snapshot): ReadonlyMap<number, number> {
  const blocks = new Map<number, number>();
  for (let row = 0; row < columns.length; row++) {
    const tag = bookedTag(columns.tag[row] ?? 0);
    blocks.set(tag, (blocks.get(tag) ?? 0) + (columns.outstanding[row] ?? 0));
  }
  return blocks;
}

function sorted(rows: readonly Row[], { sort, top }: ObjectsReportOptions): readonly Row[] {
  const by: Readonly<Record<ObjectSortKey, (a: Row, b: Row) => number>> = {
    objects: (a, b) => (b.objects ?? 0) - (a.objects ?? 0),
    handles: (a, b) => b.handles - a.handles,
    gained: (a, b) => gain(b) - gain(a),
    type: (a, b) => (a.type < b.type ? -1 : 1),
  };
  return [...rows].sort(by[sort]).slice(0, top);
}

function gain({ gainedObjects = 0, gainedHandles = 0 }: Row): number {
  return Math.max(gainedObjects, gainedHandles);
}
