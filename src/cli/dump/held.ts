// Who holds the biggest tags' objects, as the summary and `used` say it in a few lines; `holders` says the rest.

import type { Dump } from "../../formats/crash-dump/dump.ts";
import type { TagUses } from "../../formats/crash-dump/read-tag-table.ts";
import { FormatError } from "../../model/errors.ts";
import { formatTag, type Tag } from "../../model/tag.ts";
import { labelled, visible } from "../../reports/terminal-text.ts";
import { endedHeldText, holdersText, referencesText, withoutHandleText, type HeldObjects } from "../../words/dump.ts";
import { heldObjects, holderView, objectTags } from "./holders.ts";

export interface HeldTags {
  readonly tags: readonly HeldObjects[];
  /** Sentences about exited processes and about references. */
  readonly remarks: readonly string[];
  /** Why nothing is said, where handles cannot be read. */
  readonly why: string | undefined;
}

/** Object tags that get a line. */
const MOST_TAGS = 3;
/** Exited processes that get a line: fewer are ordinary. */
const MANY_ENDED = 100;

/** Undefined where none of the tags is that of an object type with many objects. */
export function heldOf(dump: Dump, uses: TagUses, tags: readonly Tag[]): HeldTags | undefined {
  const types = uses.witness?.types ?? [];
  const wanted = objectTags({ types }, tags).slice(0, MOST_TAGS);
  if (wanted.length === 0) return undefined;
  const references = types
    .filter((type) => type.tag !== undefined && wanted.includes(type.tag))
    .flatMap((type) => referencesText(type) ?? []);
  try {
    const view = holderView(dump, uses);
    const ended = view.holders.endedHeld
      .filter((each) => each.handles >= MANY_ENDED)
      .map((each) => endedHeldText(each));
    return {
      tags: wanted.map((tag) => heldObjects(view, tag)),
      remarks: [...references, ...ended.slice(0, MOST_TAGS)],
      why: undefined,
    };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { tags: [], remarks: references, why: error.problem };
  }
}

export function heldLines(held: HeldTags | undefined, path: string, width: number): string[] {
  if (held === undefined) return [];
  const line = (label: string, text: string): string => labelled(label, visible(text), width, 0, 11);
  const said = held.tags.flatMap((objects) => [
    line(formatTag(objects.tag), holdersText(objects)),
    ...[withoutHandleText(objects)].flatMap((text) => (text === undefined ? [] : [line("", text)])),
  ]);
  const remarks = held.remarks.map((text) => line("", text));
  if (held.why !== undefined) return ["", line("Held by", `not told: ${held.why}`), ...remarks];
  const [first] = held.tags;
  return [
    "",
    "Who holds the objects",
    ...said,
    ...remarks,
    ...(first === undefined ? [] : [line("", `all: poolscope dump ${path} holders ${formatTag(first.tag).trim()}`)]),
  ];
}

export function heldJson(held: HeldTags | undefined): Record<string, unknown> {
  if (held === undefined) return {};
  return {
    held: held.tags.map((objects) => ({
      tag: formatTag(objects.tag),
      type: objects.type ?? null,
      objects: objects.objects,
      objectsHeld: objects.held,
      atLeast: objects.atLeast,
      holders: objects.holders.slice(0, 10),
      text: holdersText(objects),
    })),
    remarks: held.remarks,
    ...(held.why === undefined ? {} : { heldNotTold: held.why }),
  };
}
