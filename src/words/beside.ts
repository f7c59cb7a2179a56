// What stands beside a finding, in words: each statement with what would refute it.

import type { BesideFinding, DriverChangeAt, GrowingHolder } from "../model/beside.ts";
import { tagOfObjectType } from "../model/object-tag.ts";
import type { LoadedDriver, ObjectCount } from "../model/surroundings.ts";
import { bookedTag, type Tag } from "../model/tag.ts";
import { formatTime } from "../model/time.ts";
import { formatBytes, formatCount, formatDuration } from "../model/units.ts";
import { percentWords } from "./evidence.ts";
import { tagWord } from "./suspects.ts";

export interface BesideWords {
  /** One word or two. */
  readonly label: string;
  readonly sentence: string;
  /** What would show that it is wrong. */
  readonly refutedBy: string;
}

/** The kernel's own handle table, as Windows lists it. */
const SYSTEM_PID = 4;

export function besideWords(finding: BesideFinding): BesideWords {
  switch (finding.kind) {
    case "handle-leak":
      return {
        label: "Handle leak",
        sentence: `${grownWords(finding)}: handles are opened and not closed. ${holderSentence(finding.holder)}`,
        refutedBy: "the handles stay when that process ends, or the objects grow while its handles do not",
      };
    case "reference-leak":
      return {
        label: "Reference leak",
        sentence: `${countWords(finding.objectsGained)} more ${finding.type} objects, but ${finding.handlesGained < 1 ? "no more" : `only ${countWords(finding.handlesGained)} more`} handles to them: no handle holds them, so a driver ${certainly(finding.certainty)} keeps references to them. The tag ${tagWord(finding.tag)} names the object, not that driver.`,
        refutedBy:
          "handles to these objects in a handle table that was not counted, or objects that go when a program ends",
      };
    case "zombies":
      return {
        label: "Zombies",
        sentence: `${formatCount(finding.objects)} ${finding.type} objects for ${formatCount(finding.live)} that live: ${countWords(finding.gained)} ${finding.type === "Process" ? "processes" : "threads"} have ended in this time and are still kept. ${finding.byHandles ? holderSentence(finding.holder) : "No handle holds them: a driver keeps references to them."}`,
        refutedBy: finding.byHandles
          ? "they stay when that process ends"
          : "a process with as many handles to them, or a control machine without that driver that shows the same",
      };
    case "driver-change":
      return {
        label: "Driver change",
        sentence: `${changeWords(finding)} ${whenWords(finding)}. ${
          finding.ownsTag
            ? `It is tied to the tag that grows: the change ${finding.certainty === "likely" ? "likely" : "may have"} brought the leak.`
            : "Nothing else ties it to the tag: it may be chance."
        }`,
        refutedBy: "the same growth with the older driver, or on a machine that never got the new one",
      };
    case "amplifier":
      return {
        label: "Triggered by",
        sentence: `The growth follows the work of ${finding.program.name} (process ${finding.program.pid}): correlation ${correlationWords(finding.correlation)} over ${finding.intervals} intervals, ${countWords(finding.operationsPerSecond)} other I/O operations a second.${othersWords(finding.others)} It triggers the growth; the owner of the tag leaks.`,
        refutedBy: "the growth goes on at the same rate while that program does nothing",
      };
  }
}

/** Live ones against objects, as one line; a few objects more than live ones are usual. */
export function zombieSentence(type: "Process" | "Thread", objects: number, live: number): string {
  const kept = Math.max(0, objects - live);
  return `${formatCount(objects)} ${type} objects, ${formatCount(live)} live: ${kept === 0 ? "none" : formatCount(kept)} of ${type === "Process" ? "processes" : "threads"} that have ended and are still kept (a few are usual).`;
}

/** The objects that a tag stands for, as the object manager counts them; undefined where the tag is none of a type's. */
export function objectSentence(tag: Tag, objects: readonly ObjectCount[]): string | undefined {
  const found = objects.filter(({ type }) => tagOfObjectType(type).tag === bookedTag(tag));
  if (found.length === 0) return undefined;
  return found
    .map(({ type, objects: count, handles }) =>
      count === undefined
        ? `${formatCount(handles)} handles to ${type} objects`
        : `${formatCount(count)} ${type} objects and ${formatCount(handles)} handles to them`,
    )
    .join("; ");
}

function grownWords(finding: Extract<BesideFinding, { kind: "handle-leak" }>): string {
  const { type, tag, objectsGained, blocksGained, handlesGained } = finding;
  const handles = countWords(handlesGained);
  return objectsGained === undefined
    ? `${handles} more handles to ${type} objects while the tag ${tagWord(tag)} gained ${countWords(blocksGained ?? 0)} blocks (objects were not counted)`
    : `${countWords(objectsGained)} more ${type} objects and ${handles} more handles to them`;
}

function holderSentence(holder: GrowingHolder | undefined): string {
  if (holder === undefined) return "Which process holds them was not seen.";
  const who =
    holder.pid === SYSTEM_PID
      ? "System (process 4) holds them, the kernel's own handles: a driver opens them, perhaps for a program"
      : `${holder.name} (process ${holder.pid}) holds them`;
  const follows =
    holder.correlation === undefined ? "" : `, correlation ${correlationWords(holder.correlation)} over time`;
  return `${who}: it gained ${countWords(holder.gained)} handles, ${percentWords(holder.share)} of them${follows}.`;
}

type DriverChangeWords = Extract<BesideFinding, { kind: "driver-change" }>;

function changeWords({ file, before, after }: DriverChangeWords): string {
  if (before !== undefined && after !== undefined) return `${file} was exchanged, ${before} for ${after},`;
  return `${file}${after === undefined ? "" : ` (${after})`} was loaded`;
}

/** One change of a driver in a list of them. */
export function driverChangeLine({ before, now }: DriverChangeAt): string {
  const build = ({ version, imageBytes, stamp }: LoadedDriver): string =>
    version ??
    (stamp === undefined ? (imageBytes === undefined ? "" : formatBytes(imageBytes)) : `build ${stamp.toString(16)}`);
  if (now === undefined) return `${before?.file ?? ""} was unloaded`;
  if (before === undefined) return `${now.file} was loaded${build(now) === "" ? "" : ` (${build(now)})`}`;
  return `${now.file} was exchanged, ${build(before)} for ${build(now)}`;
}

/** A few words for a mark on a chart: what changed at one time. */
export function driverMarkWords(changes: readonly DriverChangeAt[]): string {
  const [only, another] = changes;
  if (only === undefined) return "";
  if (another !== undefined) return `${changes.length} drivers changed`;
  const { before, now } = only;
  if (now === undefined) return `${before?.file ?? ""} unloaded`;
  return `${now.file} ${before === undefined ? "loaded" : "exchanged"}`;
}

/** Between which lists a change lies; one time where the lists are near to each other. `say` words a time. */
export function driverChangeWhen({ time, after }: DriverChangeAt, say: (time: number) => string): string {
  return time - after <= NEAR_LISTS ? say(time) : `between ${say(after)} and ${say(time)}`;
}

/** What of the lists beside the counters was not measured, and what would measure it; by the name of the table. */
export const NOT_MEASURED: Readonly<Record<"drivers" | "programs" | "objects", string>> = {
  drivers:
    "Loaded drivers were not measured here: a log of pool tags alone does not hold them. “poolscope record”, the collector and the live view take them along; --beside joins what driverquery or fltmc told.",
  programs:
    "Programs were not measured here: a log of pool tags alone does not hold them. “poolscope record”, the collector and the live view take them along; --beside joins what Get-Process, tasklist or handle told.",
  objects:
    "Objects and handles were not counted here: a log of pool tags alone does not hold them. “poolscope record”, the collector and the live view count them; --beside joins what handle -s told.",
};

/** What the figures of programs mean, and what they do not. */
export const QUOTA_WORDS =
  "Pool charged is what Windows charges to a process for its objects. What drivers allocate is charged to none.";

/** Lists so near to each other tell the time of a change by themselves. */
const NEAR_LISTS = 2 * 60_000;

function whenWords({ time, notBefore, beforeOnset, certainty, ownsTag }: DriverChangeWords): string {
  const isNear = time - notBefore <= NEAR_LISTS;
  const when = isNear ? formatTime(time) : `between ${formatTime(notBefore)} and ${formatTime(time)}`;
  if (!isNear && ownsTag && certainty === "possible") return `${when}, in which time the growth began`;
  if (beforeOnset < 1000) return `when the growth began (${when})`;
  return `${isNear ? "" : "at least "}${formatDuration(beforeOnset)} before the growth began (${when})`;
}

function othersWords(others: number): string {
  if (others === 0) return "";
  return others === 1 ? " One other program follows it as well." : ` ${others} other programs follow it as well.`;
}

function certainly(certainty: "likely" | "possible"): string {
  return certainty === "likely" ? "most likely" : "possibly";
}

/** `.97`: two digits, never a rounded 1. */
function correlationWords(value: number): string {
  return Math.min(value, 0.99).toFixed(2).replace(/^0/, "");
}

function countWords(value: number): string {
  return formatCount(Math.max(0, Math.round(value)));
}
