// Sentences about what a kernel dump says: how certain its figures are, who holds objects, what a bug check tells of pool.

import { formatTag, type Tag } from "../model/tag.ts";
import { formatBytes, formatCount, plural } from "../model/units.ts";

/** A share in percent, never rounded up to 100. */
export function percentText(share: number): string {
  if (share >= 1) return "100 %";
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}

/** How far the pools may grow and how much of that is used: `nonpaged 99.0 MiB, 1.6 % used`. Undefined where the kernel tells no limit. */
export function limitsText(
  limits: { readonly nonpaged: number | undefined; readonly paged: number | undefined },
  used: { readonly nonpaged: number; readonly paged: number },
): string | undefined {
  const one = (pool: "nonpaged" | "paged"): string => {
    const limit = limits[pool];
    return limit === undefined
      ? `${pool} not told`
      : `${pool} ${formatBytes(limit)}, ${percentText(used[pool] / limit)} used`;
  };
  if (limits.nonpaged === undefined && limits.paged === undefined) return undefined;
  return `${one("nonpaged")}; ${one("paged")} (the memory manager's own variables)`;
}

/** A check that the figures of the tag table rest on, as the reader made it. */
export interface CertaintyCheck {
  readonly name: string;
  readonly state: "passed" | "failed" | "not-made";
  readonly share: number;
}

export interface CertaintyFacts {
  /** The product of the checks, 0 to 1. */
  readonly certainty: number;
  readonly checks: readonly CertaintyCheck[];
  readonly cpusSummed: number;
  readonly cpus: number | undefined;
  /** Object types whose own count agrees with their tag, of those compared. */
  readonly types: { readonly agreeing: number; readonly compared: number } | undefined;
}

/** How certain the figures are, and by what; what was not looked at is named. */
export function certaintyText({ certainty, checks, cpusSummed, cpus, types }: CertaintyFacts): string {
  const made = checks.filter((each) => each.state !== "not-made").map((each) => madeText(each));
  const counted =
    cpus === undefined ? `${cpusSummed} of an unknown number of CPUs` : `${cpusSummed} of ${plural(cpus, "CPU")}`;
  const witness =
    types === undefined || types.compared === 0
      ? []
      : [`the object manager's own counts agree for ${types.agreeing} of ${plural(types.compared, "object type")}`];
  const unmade = checks.filter((each) => each.state === "not-made").map(({ name }) => UNMADE[name] ?? name);
  const parts = [...made.filter((text) => text !== ""), `${counted} summed`, ...witness];
  const rest = unmade.length === 0 ? "" : `; not checked: ${unmade.join(", ")}`;
  return `${percentText(certainty)}: ${parts.join("; ")}${rest}`;
}

function madeText({ name, share }: CertaintyCheck): string {
  if (name === "hash") return `${percentText(share)} of its keys are where the hash puts them`;
  if (name === "size") {
    return share >= 1 ? "size confirmed by the kernel's own variables" : "the kernel's own variables say another size";
  }
  if (name === "coverage") return `${percentText(share)} of the tables could be read`;
  if (name === "pages") return share >= 1 ? "" : `${percentText(share)} of its pages are sound`;
  if (name === "rows") return share >= 1 ? "" : `${percentText(share)} of its rows are sound`;
  if (name === "ram") return share >= 1 ? "" : "it adds up to more than the machine's RAM";
  if (name === "figures") return `${percentText(share)} of the tags held against the blocks in memory fit them`;
  if (name === "pool-total") {
    return share >= 1
      ? "the memory manager's own total fits the sum"
      : "the memory manager's own total does not fit the sum";
  }
  return "";
}

const UNMADE: Readonly<Record<string, string>> = {
  size: "its size (the kernel's variables do not say it)",
  pages: "emptied pages (too few tags on a page to tell)",
  cpus: "the number of CPUs",
  ram: "the machine's RAM",
  "pool-total": "the memory manager's own total",
  "object-types": "the object manager's own counts",
  figures:
    "each tag's own figures (only totals and object types have a second count; --recount makes one where it can)",
};

/** A process as it is named everywhere: `autochk.exe (pid 96)`. */
export function processText({ name, pid }: { readonly name: string; readonly pid: number }): string {
  return `${name === "" ? "a process without a name" : name} (pid ${pid})`;
}

/** An object type and its tag: `Event (Even)`; the tag alone where no type has it. */
export function objectText(type: string | undefined, tag: Tag): string {
  return type === undefined ? formatTag(tag) : `${type} (${formatTag(tag).trim()})`;
}

export interface HeldObjects {
  /** The object type's name; undefined where it is not known. */
  readonly type: string | undefined;
  readonly tag: Tag;
  /** Objects by the tag table. */
  readonly objects: number;
  /** Most handles first. */
  readonly holders: readonly { readonly name: string; readonly pid: number; readonly handles: number }[];
  /** Different objects that handles lead to. */
  readonly held: number;
  /** Whether pages of handle tables are missing. */
  readonly atLeast: boolean;
}

const NAMED_HOLDERS = 3;

/** Who holds the objects of a tag: `autochk.exe (pid 96) holds 1,500 of the 1,509 Event (Even) objects`. */
export function holdersText({ type, tag, objects, holders, atLeast }: HeldObjects): string {
  const least = atLeast ? "at least " : "";
  const named = holders.slice(0, NAMED_HOLDERS);
  const [first, ...others] = named;
  if (first === undefined)
    return `no handle to any of the ${formatCount(objects)} ${objectText(type, tag)} objects was found`;
  const rest = others.map((each) => `${processText(each)} ${least}${formatCount(each.handles)}`);
  const more = holders.length - named.length;
  return [
    `${processText(first)} holds ${least}${formatCount(first.handles)} handles to the ${formatCount(objects)} ${objectText(type, tag)} objects`,
    ...rest,
    ...(more > 0 ? [plural(more, "more process", "more processes")] : []),
  ].join("; ");
}

/** Objects that no handle leads to: undefined where there are none, or where missing pages may hold the handles. */
export function withoutHandleText({ type, tag, objects, held, atLeast }: HeldObjects): string | undefined {
  const without = objects - held;
  if (without <= 0) return undefined;
  const what = `${formatCount(without)} of ${formatCount(objects)} ${objectText(type, tag)} objects are held by no handle`;
  return atLeast
    ? `${what} that was found; pages of handle tables are missing`
    : `${what}: the kernel or a driver keeps references to them (ObReferenceObject)`;
}

/** Types whose objects are made through handles: many objects without a handle are references that were not given back. */
const MADE_BY_HANDLES = new Set("Event File Key Token Process Thread Section Semaphore Mutant Timer".split(" "));
/** Both counts must be large: a few objects without handles are ordinary. */
const MANY_OBJECTS = 1000;
const SOME_HANDLES = 100;

/** Says that references leak, not handles; undefined where the counts do not say so. */
export function referencesText(type: {
  readonly name: string;
  readonly objects: number;
  readonly handles: number;
}): string | undefined {
  if (!MADE_BY_HANDLES.has(type.name) || type.objects < MANY_OBJECTS || type.handles < SOME_HANDLES) return undefined;
  if (type.handles > type.objects / 2) return undefined;
  return (
    `${type.name}: ${formatCount(type.objects)} objects, ${formatCount(type.handles)} handles: ` +
    "references, not handles, keep most of them (ObReferenceObject without ObDereferenceObject)"
  );
}

/** Ended processes kept by handles: `71,198 exited cmd.exe held by watchman.exe (pid 4711)`. */
export function endedHeldText(held: {
  readonly holder: { readonly name: string; readonly pid: number };
  readonly name: string;
  readonly handles: number;
}): string {
  return `${formatCount(held.handles)} exited ${held.name} held by ${processText(held.holder)}`;
}

/** What the list of holders rests on. */
export function holdersBasisText(facts: {
  readonly processes: number;
  readonly proven: number;
  readonly withTable: number;
  readonly countsAgree: number;
  readonly handles: number;
  readonly tagged: number;
  readonly missingPages: number;
  readonly forms: string;
}): string {
  const gap =
    facts.missingPages === 0
      ? "every page of the tables was there"
      : `at least: ${plural(facts.missingPages, "page")} of handle tables are not in the dump`;
  return [
    `${facts.proven} of ${facts.withTable} handle tables name their own process`,
    `${facts.countsAgree} count as many handles as were found`,
    `${percentText(facts.handles === 0 ? 0 : facts.tagged / facts.handles)} of the handles lead to a block with a tag (form of ${facts.forms})`,
    gap,
  ].join("; ");
}

export interface FindFacts {
  /** Blocks by the tag table; undefined where it was not found. */
  readonly blocks: number | undefined;
  readonly large: number;
  readonly inUse: number;
  readonly freed: number;
  /** Headers outside a chain of their page. */
  readonly undecided: number;
  /** Whether the build keeps its pool in the segment heap (1903 and later). */
  readonly segmentHeap: boolean;
  /** Subsegments of it whose chunks or bitmaps proved themselves. */
  readonly subsegments?: number;
}

/** Which share of the blocks that the tag table counts was found; undefined where the table does not say. */
export function findShare({ blocks, large, inUse, undecided, segmentHeap }: FindFacts): number | undefined {
  if (blocks === undefined || blocks === 0) return undefined;
  return Math.min(1, (large + inUse + (segmentHeap ? undecided : 0)) / blocks);
}

/** What was found beside what the tag table counts: `table 1,509, scan 1,496 headers: 99.1 %`. */
export function findText(facts: FindFacts): string {
  const { blocks, large, inUse, freed, undecided, segmentHeap } = facts;
  const share = findShare(facts);
  const table = blocks === undefined ? "table not read" : `table ${formatCount(blocks)}`;
  const decided = `${formatCount(inUse)} in use, ${formatCount(freed)} freed`;
  const open = `${plural(undecided, "header")} not decided${segmentHeap && undecided > 0 ? " (segment heap)" : ""}`;
  const found = `large ${formatCount(large)}, scan ${decided}, ${open}`;
  return share === undefined ? `${table}; ${found}` : `${table}; ${found}: ${percentText(share)} found`;
}

/** What a scan proves and what it does not. */
export function scanBasisText({ segmentHeap, subsegments = 0 }: FindFacts): string {
  if (segmentHeap && subsegments > 0) {
    return (
      `This build keeps its pool in the segment heap: in ${plural(subsegments, "subsegment")} chains of chunks or bitmaps proved themselves and ` +
      "decide which blocks are in use (freed ones in the heap's own lists count as in use); elsewhere it is not decided. " +
      "Blocks that were paged out are missing."
    );
  }
  return segmentHeap
    ? "This build keeps its pool in the segment heap, whose own lists are not read: whether a block is in use or freed is not decided " +
        "where its page's headers form no chain. Blocks that were paged out are missing."
    : "In use are blocks whose page's headers form one chain; headers outside a chain are left over from freed blocks. " +
        "Blocks that were paged out are missing.";
}

export function commonPointerText(
  common: { readonly offset: number; readonly module: string; readonly rva: number; readonly blocks: number },
  looked: number,
): string {
  return `${common.module}+0x${common.rva.toString(16)} at offset 0x${common.offset.toString(16)} in ${formatCount(common.blocks)} of ${plural(looked, "block")}`;
}

export function commonTextText(common: { readonly text: string; readonly blocks: number }, looked: number): string {
  return `"${common.text}" in ${formatCount(common.blocks)} of ${plural(looked, "block")}`;
}
