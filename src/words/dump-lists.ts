// Sentences about what a kernel keeps of blocks and of requests: lookaside lists and IRPs.

import { formatTag, type Tag } from "../model/tag.ts";
import { formatBytes, formatCount, plural } from "../model/units.ts";
import { percentText } from "./dump.ts";

export interface LookasideFacts {
  readonly lists: number;
  readonly rings: number;
  readonly broken: number;
  readonly foreign: number;
  readonly countsAgree: number;
  /** Blocks that the lists count as idle, those that were found by following them, and those with a block's header in front. */
  readonly idle: number;
  readonly followed: number;
  readonly tagged: number;
}

/** What the lookaside lists rest on. */
export function lookasideBasisText(facts: LookasideFacts): string {
  const gap =
    facts.broken === 0
      ? "every ring of them closes"
      : `at least: ${plural(facts.broken, "ring")} of them cannot be followed to the end, lists may be missing`;
  return [
    `${plural(facts.lists, "list")} on ${plural(facts.rings, "ring")}, found by what each must hold (tag, size, functions in modules)`,
    `the counters of ${facts.countsAgree} agree with the number of their idle blocks`,
    `${formatCount(facts.followed)} of ${plural(facts.idle, "idle block")} found by following the lists, ${formatCount(facts.tagged)} of them with a block's header in front`,
    gap,
    ...(facts.foreign === 0
      ? []
      : [`${plural(facts.foreign, "entry", "entries")} of the rings are no lists and are left out`]),
  ].join("; ");
}

/** How much lies idle, and what that means for the tag table. */
export function lookasideText(idle: { readonly blocks: number; readonly bytes: number }): string {
  return (
    `${plural(idle.blocks, "block")} (${formatBytes(idle.bytes)}) lie idle in lookaside lists of the kernel and its drivers: ` +
    "the tag table counts them as in use"
  );
}

/** The pool's own lists, whose blocks are free. */
export function poolListsText(own: {
  readonly lists: number;
  readonly blocks: number;
  readonly bytes: number;
}): string {
  return (
    `${plural(own.lists, "list")} of the pool's own (Pool) hold ${plural(own.blocks, "block")} (${formatBytes(own.bytes)}): ` +
    "freed blocks, not counted in the tag table"
  );
}

/** Blocks of a tag that lie idle: `MDL: 4 of 8 blocks (1.0 KiB) lie idle in lookaside lists: no leak in these`. */
export function idleText(idle: {
  readonly tag: Tag;
  readonly blocks: number;
  readonly bytes: number;
  /** Blocks by the tag table. */
  readonly of: number;
}): string {
  return (
    `${formatCount(idle.blocks)} of ${plural(idle.of, "block")} of ${formatTag(idle.tag).trim()} (${formatBytes(idle.bytes)}) ` +
    "lie idle in lookaside lists, ready for the next allocation: these are no leak"
  );
}

/** Names of the major functions, by number (wdm.h, without IRP_MJ_). */
const MAJORS = (
  "CREATE CREATE_NAMED_PIPE CLOSE READ WRITE QUERY_INFORMATION SET_INFORMATION QUERY_EA SET_EA FLUSH_BUFFERS " +
  "QUERY_VOLUME_INFORMATION SET_VOLUME_INFORMATION DIRECTORY_CONTROL FILE_SYSTEM_CONTROL DEVICE_CONTROL " +
  "INTERNAL_DEVICE_CONTROL SHUTDOWN LOCK_CONTROL CLEANUP CREATE_MAILSLOT QUERY_SECURITY SET_SECURITY POWER SYSTEM_CONTROL " +
  "DEVICE_CHANGE QUERY_QUOTA SET_QUOTA PNP"
).split(" ");

/** What a request asks for: `DEVICE_CONTROL`. */
export function majorText(major: number): string {
  return MAJORS[major] ?? `major ${major}`;
}

/** Where a group of IRPs is: `pending at acpi.sys (\Driver\ACPI)`. */
export function irpStateText(group: {
  readonly state: "pending" | "no-driver" | "unknown-device";
  readonly module: string | undefined;
  readonly driver: string | undefined;
}): string {
  if (group.state === "no-driver") return "not sent, or completed";
  if (group.state === "unknown-device") return "pending at a device that does not prove itself";
  const object = group.driver === undefined || group.driver === "" ? "" : ` (${group.driver})`;
  return `pending at ${group.module ?? "a driver"}${object}`;
}

export interface IrpFacts {
  readonly irps: number;
  readonly pending: number;
  readonly unknownDevice: number;
  /** Whether the build keeps its pool in the segment heap, whose freed blocks keep what stood in them. */
  readonly segmentHeap: boolean;
  /** Blocks with the tag of IRPs: by the tag table, as IRPs, idle in lookaside lists; undefined where the table was not read. */
  readonly table:
    | { readonly tag: Tag; readonly blocks: number; readonly irps: number; readonly idle: number }
    | undefined;
}

/** How many requests there are and where. */
export function irpText({ irps, pending, unknownDevice }: IrpFacts): string {
  const rest = irps - pending - unknownDevice;
  const unknown = unknownDevice === 0 ? "" : `, ${formatCount(unknownDevice)} at devices that do not prove themselves`;
  return `${plural(irps, "IRP")}: ${formatCount(pending)} pending at drivers${unknown}, ${formatCount(rest)} not sent, or completed`;
}

/** What the list of IRPs rests on. */
export function irpBasisText({ table, segmentHeap }: IrpFacts): string {
  const own =
    "each IRP's own pointer leads to the stack location that its counters name, each driver is that of the location's device and is loaded" +
    (segmentHeap
      ? "; this build keeps its pool in the segment heap, so that IRPs not sent or completed may be freed ones"
      : "");
  if (table === undefined) return `${own}; how many there should be is not known: the tag table was not read`;
  const { tag, blocks, irps, idle } = table;
  const found = irps + idle;
  const sum =
    `the tag table counts ${plural(blocks, "block")} of ${formatTag(tag).trim()}, of which ${formatCount(irps)} are IRPs ` +
    `and ${formatCount(idle)} lie idle in lookaside lists`;
  if (found > blocks) return `${own}; ${sum}: ${formatCount(found - blocks)} more than it counts, these are freed`;
  return `${own}; ${sum}${blocks === 0 ? "" : ` (${percentText(found / blocks)})`}`;
}
