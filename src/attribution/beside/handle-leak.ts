// Handles, references, zombies: what the object manager's own counts say of a finding under an object tag. Rates are compared,
// never levels: many types start with more objects than handles.

import type { BesideFinding, GrowingHolder } from "../../model/beside.ts";
import { tagOfObjectType } from "../../model/object-tag.ts";
import { bookedTag, type Tag } from "../../model/tag.ts";
import { correlation, gained, type Course } from "./growth.ts";
import { blocksGained, courseOfType, type Window } from "./window.ts";

/** Objects of the type must explain this share of the blocks that the tag gained, or the finding is not about them. */
const LEAST_EXPLAINED = 0.5;

/** From so many handles gained per object gained on, handles keep the objects. */
const BY_HANDLES = 0.5;

/** Up to so many handles gained per object gained, no handle keeps them. Between the two nothing is said. */
const BY_REFERENCES = 0.1;

/** A process that gained this share of the handles is named as likely; from the lower share on as possible. */
const LIKELY_SHARE = 0.6;
const POSSIBLE_SHARE = 0.3;

/** Its handles must follow those of the type this closely to be likely. */
const LIKELY_CORRELATION = 0.9;

/** Fewer lists of programs say nothing of a correlation. */
const LEAST_LISTS = 5;

/** Points of object counts below which no growth is read from them. */
const LEAST_POINTS = 4;

/** Two looks show what was gained between them; it is said as possible. */
const LEAST_LOOKS = 2;

/** The kernel's handle table: an object under it has a handle of a driver's. */
const HANDLE_TABLE_TAG = "Obtb";

/** What the counts of objects and handles say of a finding; at most one statement. */
export function handleFinding(window: Window, tagName: (tag: Tag) => string): BesideFinding | undefined {
  for (const { tag, ratio } of membersOf(window)) {
    if (tagName(tag) === HANDLE_TABLE_TAG && window.objects.length >= LEAST_POINTS) {
      const found = oneObject(window, tag, ratio);
      if (found !== undefined) return found;
      continue;
    }
    for (const type of typesOf(window, tag)) {
      const found = zombies(window, type, tag, ratio) ?? ofType(window, type, tag, ratio);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function membersOf({ verdict }: Window): readonly { readonly tag: Tag; readonly ratio: number }[] {
  return [{ tag: verdict.tag, ratio: 1 }, ...verdict.group.map(({ tag, ratio }) => ({ tag, ratio }))];
}

function typesOf(window: Window, tag: Tag): readonly string[] {
  const types = [...(window.objects.at(-1)?.types.keys() ?? [])];
  return types.filter((type) => tagOfObjectType(type).tag === bookedTag(tag));
}

function ofType(window: Window, type: string, tag: Tag, ratio: number): BesideFinding | undefined {
  const objects = courseOfType(window, type, "objects");
  if (objects.values.length === 0) return byHandlesAlone(window, type, tag, ratio);
  if (objects.values.length < LEAST_POINTS) return undefined;
  const objectsGained = gained(objects);
  if (objectsGained <= 0 || objectsGained < LEAST_EXPLAINED * blocksGained(window, ratio)) return undefined;
  const handles = courseOfType(window, type, "handles");
  const handlesGained = gained(handles);
  const perObject = handlesGained / objectsGained;
  const facts = { type, tag, objectsGained, handlesGained };
  if (perObject >= BY_HANDLES) {
    const holder = holderOf(window, handles, handlesGained);
    return { kind: "handle-leak", ...facts, ...(holder && { holder }), certainty: certaintyOf(holder) };
  }
  const certainty = tagOfObjectType(type).basis === "certain" ? "likely" : "possible";
  return perObject <= BY_REFERENCES ? { kind: "reference-leak", ...facts, certainty } : undefined;
}

/**
 * Where a source counts handles and no objects, the blocks of the tag stand for the objects. Handles that stay say nothing: what
 * keeps the blocks may be under no handle that was counted.
 */
function byHandlesAlone(window: Window, type: string, tag: Tag, ratio: number): BesideFinding | undefined {
  const handles = courseOfType(window, type, "handles");
  const handlesGained = gained(handles);
  const blocks = blocksGained(window, ratio);
  if (handles.values.length < LEAST_LOOKS || blocks <= 0 || handlesGained < BY_HANDLES * blocks) return undefined;
  const holder = holderOf(window, handles, handlesGained);
  const isMeasured = handles.values.length >= LEAST_POINTS && tagOfObjectType(type).basis === "certain";
  return {
    kind: "handle-leak",
    type,
    tag,
    blocksGained: blocks,
    handlesGained,
    ...(holder && { holder }),
    certainty: isMeasured ? certaintyOf(holder) : "possible",
  };
}

/** Handles that grow while objects do not: one object, opened again and again; the handle table itself grows. */
function oneObject(window: Window, tag: Tag, ratio: number): BesideFinding | undefined {
  const types = [...(window.objects.at(-1)?.types.keys() ?? [])];
  const grown = types
    .map((type) => ({ type, handles: gained(courseOfType(window, type, "handles")) }))
    .sort((a, b) => b.handles - a.handles)[0];
  // A page of a handle table holds 256 entries of 16 bytes.
  if (grown === undefined || grown.handles < LEAST_EXPLAINED * blocksGained(window, ratio) * 256) return undefined;
  const { type, handles: handlesGained } = grown;
  const holder = holderOf(window, courseOfType(window, type, "handles"), handlesGained);
  return {
    kind: "handle-leak",
    type,
    tag,
    objectsGained: gained(courseOfType(window, type, "objects")),
    handlesGained,
    ...(holder && { holder }),
    certainty: certaintyOf(holder),
  };
}

/** Processes or threads that have ended and are still there. */
function zombies(window: Window, type: string, tag: Tag, ratio: number): BesideFinding | undefined {
  if (type !== "Process" && type !== "Thread") return undefined;
  const count = type === "Process" ? "processes" : "threads";
  const points = window.objects.flatMap(({ time, types, live }) => {
    const objects = types.get(type)?.objects;
    return objects === undefined || live === undefined ? [] : [{ time, objects, live: live[count] }];
  });
  const last = points.at(-1);
  if (last === undefined || points.length < LEAST_POINTS) return undefined;
  const ended = gained({ times: [], values: points.map(({ objects, live }) => objects - live) });
  if (ended <= 0 || ended < LEAST_EXPLAINED * blocksGained(window, ratio)) return undefined;
  const handles = courseOfType(window, type, "handles");
  const handlesGained = gained(handles);
  const byHandles = handlesGained / ended >= BY_HANDLES;
  if (!byHandles && handlesGained / ended > BY_REFERENCES) return undefined;
  const holder = byHandles ? holderOf(window, handles, handlesGained) : undefined;
  return {
    kind: "zombies",
    type,
    tag,
    objects: last.objects,
    live: last.live,
    gained: ended,
    handlesGained,
    byHandles,
    ...(holder && { holder }),
    certainty: byHandles ? certaintyOf(holder) : "likely",
  };
}

function certaintyOf(holder: GrowingHolder | undefined): "likely" | "possible" {
  const isLikely =
    holder !== undefined && holder.share >= LIKELY_SHARE && (holder.correlation ?? 0) >= LIKELY_CORRELATION;
  return isLikely ? "likely" : "possible";
}

/** The process whose handles grew most, if it accounts for enough of what the type gained. */
function holderOf(window: Window, type: Course, handlesGained: number): GrowingHolder | undefined {
  const courses = new Map<string, { name: string; pid: number; times: number[]; values: number[] }>();
  for (const { time, programs } of window.programs)
    for (const [key, { name, pid, handles }] of programs) {
      if (handles === undefined) continue;
      const course = courses.get(key) ?? { name, pid, times: [], values: [] };
      courses.set(key, course);
      course.times.push(time);
      course.values.push(handles);
    }
  const best = [...courses.values()]
    .map((course) => ({ ...course, gained: gained(course) }))
    .sort((a, b) => b.gained - a.gained)[0];
  if (best === undefined || handlesGained <= 0 || best.gained < POSSIBLE_SHARE * handlesGained) return undefined;
  const follows = correlation(
    best.values,
    best.times.map((time) => valueAt(type, time)),
    LEAST_LISTS,
  );
  return {
    name: best.name,
    pid: best.pid,
    gained: best.gained,
    share: Math.min(1, best.gained / handlesGained),
    ...(follows !== undefined && { correlation: follows }),
  };
}

/** The value of the last point at or before a time. */
function valueAt({ times, values }: Course, time: number): number {
  const at = times.findLastIndex((each) => each <= time);
  return values[Math.max(0, at)] ?? 0;
}
