// Who holds the objects: the handles of all processes and of the kernel, grouped by the tag of the object's block.

import type { Tag } from "../../model/tag.ts";
import { pointer, u32 } from "./bytes.ts";
import { leavesOf, type TableWalk } from "./handle-tables.ts";
import type { KernelMemory } from "./kernel-memory.ts";
import { formText, headerOfEntry, OBJECT_FORMS, tagOfObject, type ObjectForm } from "./object-blocks.ts";
import { ObjectMemory, type PlainAddress } from "./object-memory.ts";
import { PAGE } from "./physical.ts";
import type { Process, ProcessList } from "./processes.ts";

/** Handles of one process to objects of one tag. */
export interface HeldTag {
  readonly process: Process;
  /** Undefined: objects whose block has no tag that could be read. */
  readonly tag: Tag | undefined;
  readonly handles: number;
}

/** Process objects that have ended and are held by handles. */
export interface HeldProcess {
  readonly holder: Process;
  /** Name of the processes that have ended. */
  readonly name: string;
  readonly handles: number;
}

export interface Holders {
  readonly processes: readonly Process[];
  readonly handles: number;
  /** Most handles first. */
  readonly held: readonly HeldTag[];
  /** Different objects that handles lead to, by tag. */
  readonly objectsByTag: ReadonlyMap<Tag, number>;
  readonly endedHeld: readonly HeldProcess[];
  readonly ended: number;
  /** Handles that lead to a block with a tag, of those looked at. */
  readonly tagged: number;
  /** Pages of handle tables that cannot be read: the figures are at least these. */
  readonly missingPages: number;
  /** Processes whose table names them, of those with a table, and tables whose own count is that of the entries found. */
  readonly proven: number;
  readonly withTable: number;
  readonly countsAgree: number;
  /** Builds that use the forms found. */
  readonly forms: string;
  readonly problems: readonly string[];
}

const PROC = 0x636f7250;
/** Handles tried to tell the form of entries and headers. */
const TRIED = 2000;
/** Of the right form nearly all handles lead to a block with a tag; of a wrong one hardly any do. */
const ENOUGH_TAGGED = 0.8;

/** Walks all handle tables. A string says why it cannot be done. */
export function readHolders(kernelMemory: KernelMemory, list: ProcessList): Holders | string {
  const { handleTables } = list;
  if (handleTables === undefined) return "no handle table that names its own process was found in the processes";
  const memory = new ObjectMemory(kernelMemory.space);
  const p = kernelMemory.space.pointerSize;
  const codeOf = (process: Process): PlainAddress | undefined => {
    if (process.handleTable === undefined) return undefined;
    const bytes = kernelMemory.space.readExact(process.handleTable, 0x30);
    return bytes === undefined ? undefined : memory.toPlain(pointer(bytes, handleTables.code, p));
  };
  const tables = list.processes.map((process) => ({ process, code: codeOf(process) }));
  const form = formOf(memory, tables);
  if (form === undefined) return "the entries of its handle tables have no form known here";
  return collect(kernelMemory, memory, list, tables, form);
}

interface Table {
  readonly process: Process;
  readonly code: PlainAddress | undefined;
}

/** Objects of a leaf page, by the form of its entries. The first entry of a leaf is the table's own. */
function* headersIn(memory: ObjectMemory, leaf: Uint8Array, form: ObjectForm): Generator<PlainAddress> {
  const stride = memory.wide ? 16 : 8;
  for (let at = stride; at < leaf.length; at += stride) {
    const low = u32(leaf, at);
    const high = memory.wide ? u32(leaf, at + 4) : 0;
    if (low === 0 && high === 0) continue;
    const header = headerOfEntry(form.entry, memory.wide, low, high);
    if (memory.isKernel(header)) yield header;
  }
}

function formOf(memory: ObjectMemory, tables: readonly Table[]): ObjectForm | undefined {
  let best: { form: ObjectForm; share: number } | undefined;
  for (const form of OBJECT_FORMS) {
    if (form.entry === "packed" && !memory.wide) continue;
    let tried = 0;
    let tagged = 0;
    const seen = new Set<number>();
    for (const { code } of tables) {
      if (code === undefined || tried >= TRIED) continue;
      for (const leaf of leavesOf(memory, code, seen, { missingPages: 0 })) {
        for (const header of headersIn(memory, leaf, form)) {
          tried += 1;
          if (tagOfObject(memory, header, form.header) !== undefined) tagged += 1;
        }
        if (tried >= TRIED) break;
      }
    }
    const share = tagged / Math.max(1, tried);
    if (share >= ENOUGH_TAGGED && (best === undefined || share > best.share)) best = { form, share };
  }
  return best?.form;
}

/** Objects begin at multiples of this many bytes; pages of bits that are taken at once. */
const GRAIN = 8;
const BITS_BYTES = PAGE / GRAIN / 8;
const CHUNK_PAGES = 4096;

/** Different objects by tag: a bit for each place where an object can begin, so that many handles to one object count once. */
class ObjectsByTag {
  readonly counts = new Map<Tag, number>();
  /** Page number -> its place among the bits. */
  readonly #pages = new Map<number, number>();
  readonly #chunks: Uint8Array[] = [];

  add(tag: Tag, object: PlainAddress): void {
    const number = Math.floor(object / PAGE);
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = this.#pages.size;
      this.#pages.set(number, page);
      if (page % CHUNK_PAGES === 0) this.#chunks.push(new Uint8Array(CHUNK_PAGES * BITS_BYTES));
    }
    const chunk = this.#chunks[Math.floor(page / CHUNK_PAGES)];
    const grain = Math.floor((object % PAGE) / GRAIN);
    const at = (page % CHUNK_PAGES) * BITS_BYTES + (grain >>> 3);
    const bit = 1 << (grain & 7);
    if (chunk === undefined || ((chunk[at] ?? 0) & bit) !== 0) return;
    chunk[at] = (chunk[at] ?? 0) | bit;
    this.counts.set(tag, (this.counts.get(tag) ?? 0) + 1);
  }
}

function collect(
  kernelMemory: KernelMemory,
  memory: ObjectMemory,
  list: ProcessList,
  tables: readonly Table[],
  form: ObjectForm,
): Holders {
  const objects = new ObjectsByTag();
  const held: HeldTag[] = [];
  const walk: TableWalk = { missingPages: 0 };
  const seen = new Set<number>();
  const counted: { process: Process; handles: number }[] = [];
  const processHandles: { holder: Process; object: PlainAddress }[] = [];
  let tagged = 0;
  let handles = 0;
  for (const { process, code } of tables) {
    if (code === undefined) continue;
    const byTag = new Map<number, number>();
    const before = handles;
    for (const leaf of leavesOf(memory, code, seen, walk)) {
      for (const header of headersIn(memory, leaf, form)) {
        const tag = tagOfObject(memory, header, form.header) ?? 0;
        handles += 1;
        if (tag !== 0) {
          tagged += 1;
          objects.add(tag, header);
        }
        byTag.set(tag, (byTag.get(tag) ?? 0) + 1);
        if (tag === PROC) processHandles.push({ holder: process, object: header });
      }
    }
    counted.push({ process, handles: handles - before });
    for (const [tag, count] of byTag) held.push({ process, tag: tag === 0 ? undefined : tag, handles: count });
  }
  return {
    processes: list.processes,
    handles,
    held: held.sort((a, b) => b.handles - a.handles),
    objectsByTag: objects.counts,
    endedHeld: endedHeld(memory, list.processes, processHandles),
    ended: list.processes.filter((process) => process.handleTable === undefined).length,
    tagged,
    missingPages: walk.missingPages,
    proven: list.proven,
    withTable: list.withTable,
    countsAgree: countsAgreeing(kernelMemory, counted),
    forms: formText(form),
    problems: list.problems,
  };
}

/** A table counts its handles at one offset, which differs between versions: the offset at which the most tables agree. */
function countsAgreeing(
  { space }: KernelMemory,
  counted: readonly { readonly process: Process; readonly handles: number }[],
): number {
  let best = 0;
  const tables = counted.flatMap(({ process, handles }) => {
    const bytes = process.handleTable === undefined ? undefined : space.readExact(process.handleTable, 0x80);
    // A copy: what is read is a view of a whole page.
    return bytes === undefined || handles === 0 ? [] : [{ bytes: bytes.slice(), handles }];
  });
  for (let offset = 0; offset < 0x80; offset += 4) {
    const agreeing = tables.filter(({ bytes, handles }) => u32(bytes, offset) === handles).length;
    best = Math.max(best, agreeing);
  }
  return best;
}

/** Which of the processes that handles lead to have ended. A process object's distance from its links is the same for all. */
function endedHeld(
  memory: ObjectMemory,
  processes: readonly Process[],
  handles: readonly { readonly holder: Process; readonly object: PlainAddress }[],
): HeldProcess[] {
  const byLinks = new Map(processes.map((process) => [memory.toPlain(process.links), process] as const));
  const distance = linksDistance([...byLinks.keys()], handles.slice(0, TRIED));
  if (distance === undefined) return [];
  const groups = new Map<Process, Map<string, number>>();
  for (const { holder, object } of handles) {
    const process = byLinks.get(object + distance);
    if (process === undefined || process.handleTable !== undefined || process.exit === undefined) continue;
    const byName = groups.get(holder) ?? new Map<string, number>();
    byName.set(process.name, (byName.get(process.name) ?? 0) + 1);
    groups.set(holder, byName);
  }
  return [...groups]
    .flatMap(([holder, byName]) => [...byName].map(([name, count]) => ({ holder, name, handles: count })))
    .sort((a, b) => b.handles - a.handles);
}

function linksDistance(
  links: readonly PlainAddress[],
  handles: readonly { readonly object: PlainAddress }[],
): number | undefined {
  const sorted = Float64Array.from(links).sort();
  const votes = new Map<number, number>();
  for (const { object } of handles) {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] ?? 0) < object) low = middle + 1;
      else high = middle;
    }
    const next = sorted[low];
    if (next === undefined || next - object > 0x1000) continue;
    votes.set(next - object, (votes.get(next - object) ?? 0) + 1);
  }
  const [best] = [...votes].sort(([, a], [, b]) => b - a);
  return best !== undefined && best[1] >= handles.length / 2 ? best[0] : undefined;
}
