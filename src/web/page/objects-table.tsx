// Object types of the kernel: objects, handles to them, what both gained, and the pool tag they are allocated under.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { BesideTables, ObjectRow } from "../../model/beside.ts";
import { kindOf } from "../../model/snapshot.ts";
import type { LiveCounts } from "../../model/surroundings.ts";
import { bookedTag, formatTag } from "../../model/tag.ts";
import { formatDuration } from "../../model/units.ts";
import type { TagRef } from "../../model/verdict.ts";
import { zombieSentence } from "../../words/beside.ts";
import { gainWords } from "../../words/gains.ts";
import type { TagRows } from "../contract.ts";
import { figureColumn, ListTable, type ListColumn } from "./list-table.tsx";
import { formatFull } from "./local-time.ts";
import { TagLink } from "./tag-link.tsx";
import type { ChangeView } from "./use-view.ts";
import type { ViewState } from "./view-state.ts";

interface ObjectsProps {
  readonly objects: NonNullable<BesideTables["objects"]>;
  readonly live: LiveCounts | undefined;
  readonly table: TagRows;
  readonly view: ViewState;
  readonly changeView: ChangeView;
  readonly openTag: (ref: TagRef) => void;
}

/** A type with the rows of the tag table that hold it. */
interface Row extends ObjectRow {
  readonly held: readonly TagRef[];
  readonly blocks?: number;
}

function columnsWith(openTag: ObjectsProps["openTag"]): readonly ListColumn<Row>[] {
  const count = figureColumn<Row>;
  return [
    { key: "type", label: "Type", value: ({ type }) => type },
    count("objects", "Objects", ({ objects }) => objects),
    count("more", "Gained objects", ({ gainedObjects }) => gainedObjects, { fold: "p3" }, gainWords),
    count("handles", "Handles", ({ handles }) => handles),
    count("gained", "Gained handles", ({ gainedHandles }) => gainedHandles, { fold: "p3" }, gainWords),
    count("peak", "Peak objects", ({ peakObjects }) => peakObjects, { fold: "p4" }),
    {
      key: "tag",
      label: "Pool tag",
      value: ({ tag, held }) => formatTag(held[0]?.tag ?? tag),
      show: ({ tag, held: [first] }) =>
        first === undefined ? <code>{formatTag(tag)}</code> : <TagLink tagRef={first} openTag={openTag} />,
      fold: "p2",
    },
    count("blocks", "Its blocks", ({ blocks }) => blocks, { fold: "p2" }),
  ];
}

export function ObjectsTable({ objects, live, table, view, changeView, openTag }: ObjectsProps): JSX.Element {
  const columns = useMemo(() => columnsWith(openTag), [openTag]);
  const rows = useMemo(() => withBlocks(objects.rows, table), [objects, table]);
  const zombies =
    live === undefined
      ? []
      : (["Process", "Thread"] as const).flatMap((type) => {
          const count = objects.rows.find((each) => each.type === type)?.objects;
          const living = type === "Process" ? live.processes : live.threads;
          return count === undefined ? [] : [zombieSentence(type, count, living)];
        });
  const { time, since } = objects;
  return (
    <>
      <p class="muted">
        At {formatFull(time)}
        {since !== undefined && `, gained over ${formatDuration(time - since)}`}. A tag may hold other things than the
        objects of its type.
      </p>
      {zombies.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <ListTable name="objects" rows={rows} columns={columns} start="objects" view={view} changeView={changeView} />
    </>
  );
}

function withBlocks(rows: readonly ObjectRow[], table: TagRows): Row[] {
  const byTag = new Map<number, number[]>();
  table.tag.forEach((tag, row) => {
    const key = bookedTag(tag);
    byTag.set(key, [...(byTag.get(key) ?? []), row]);
  });
  return rows.map((one) => {
    const found = byTag.get(one.tag) ?? [];
    const held = found.map((row) => ({ tag: table.tag[row] ?? 0, kind: kindOf(table.kind[row] ?? 0) }));
    if (found.length === 0) return { ...one, held };
    return { ...one, held, blocks: found.reduce((sum, row) => sum + (table.blocks[row] ?? 0), 0) };
  });
}
