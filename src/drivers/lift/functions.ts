// Finds the function that holds an address: from the function table where there is one, otherwise (x86, leaf functions,
// code without unwind data) from call targets, pointers, exports and the padding between functions.

import { readExportRvas } from "../../formats/pe/exports.ts";
import { readFunctionTable, type FunctionRange } from "../../formats/pe/function-table.ts";
import type { PeImage, Section } from "../../formats/pe/image.ts";
import { covers, buildControlFlowGraph, paddingAt, type ControlFlowGraph } from "./control-flow-graph.ts";
import type { Steps } from "../steps.ts";
import type { Lifter } from "./ops.ts";

/** Functions carved in front of a wanted address before it is given up. */
const MAX_CARVED = 4096;
/** Likely starts that are kept; the largest kernels have some ten thousands outside their function table. */
const MAX_STARTS = 500_000;

export class Functions {
  readonly #image: PeImage;
  readonly #lifter: Lifter;
  readonly #relocations: readonly number[];
  readonly #relocated: ReadonlySet<number>;
  readonly #ranges: readonly FunctionRange[];
  readonly #decoded = new Map<number, ControlFlowGraph>();
  #byPrimary: Map<number, FunctionRange[]> | undefined;
  #starts: Float64Array | undefined;
  readonly #steps: Steps;

  constructor(image: PeImage, lifter: Lifter, relocations: readonly number[], steps: Steps) {
    this.#image = image;
    this.#lifter = lifter;
    this.#relocations = relocations;
    this.#relocated = new Set(relocations);
    this.#ranges = readFunctionTable(image);
    this.#steps = steps;
  }

  /** The function whose code holds an address, or undefined where none could be found. */
  at(rva: number): ControlFlowGraph | undefined {
    const section = this.#image.sectionAt(rva);
    // What the file does not hold has no code: a section may be said to go on for gigabytes behind its bytes.
    if (section === undefined || !section.executable || rva >= section.rva + section.rawSize) return undefined;
    const index = lastAtMost(this.#ranges, rva);
    const range = this.#ranges[index];
    if (range !== undefined && rva < range.end) return this.#tabled(range);
    const from = Math.max(section.rva, range?.end ?? 0);
    const to = Math.min(section.rva + section.rawSize, this.#ranges[index + 1]?.start ?? Infinity);
    return this.#carved(rva, from, to);
  }

  #tabled(range: FunctionRange): ControlFlowGraph {
    const known = this.#decoded.get(range.primary);
    if (known !== undefined) return known;
    if (this.#byPrimary === undefined) {
      this.#byPrimary = new Map();
      for (const each of this.#ranges) {
        const list = this.#byPrimary.get(each.primary);
        if (list === undefined) this.#byPrimary.set(each.primary, [each]);
        else list.push(each);
      }
    }
    const own = this.#byPrimary.get(range.primary) ?? [range];
    const parts = own.map((each) => [each.start, each.end] as const);
    const isInside = (rva: number): boolean => rva < (own[lastAtMost(own, rva)]?.end ?? 0);
    const start = isInside(range.primary) ? range.primary : range.start;
    return this.#decode(range.primary, start, isInside, parts);
  }

  #carved(rva: number, from: number, to: number): ControlFlowGraph | undefined {
    const starts = this.#allStarts();
    const index = lastAtMostNumber(starts, rva);
    let start = Math.max(from, starts[index] ?? from);
    for (let i = 0; i < MAX_CARVED && !this.#steps.areSpent; i++) {
      const before = start;
      for (let padding = 1; start <= rva && padding > 0; start += padding) padding = paddingAt(this.#image, start);
      this.#steps.take(1 + start - before);
      if (start > rva) return undefined;
      const own = start;
      const isInside = (at: number): boolean => at >= from && at < to && (at === own || !hasNumber(starts, at));
      const graph = this.#decoded.get(own) ?? this.#decode(own, own, isInside, []);
      if (covers(graph, rva)) return graph;
      start = firstUncovered(graph, own);
    }
    return undefined;
  }

  #decode(
    key: number,
    start: number,
    isInside: (rva: number) => boolean,
    ranges: readonly (readonly [number, number])[],
  ): ControlFlowGraph {
    const graph = buildControlFlowGraph(this.#image, this.#lifter, start, { contains: isInside, ranges }, this.#steps);
    this.#decoded.set(key, graph);
    return graph;
  }

  /** Likely function starts outside the function table, sorted. */
  #allStarts(): Float64Array {
    if (this.#starts !== undefined) return this.#starts;
    const image = this.#image;
    const found = new Set<number>();
    const isFree = (rva: number): boolean => {
      const range = this.#ranges[lastAtMost(this.#ranges, rva)];
      return range === undefined || rva >= range.end;
    };
    const add = (rva: number): void => {
      if (found.size < MAX_STARTS && isFree(rva) && image.sectionAt(rva)?.executable === true) found.add(rva);
    };
    if (image.entryRva !== 0) add(image.entryRva);
    for (const rva of readExportRvas(image)) add(rva);
    const relocated = this.#relocated;
    const cases = this.#switchRows();
    for (const at of this.#relocations) {
      if (cases.has(at)) continue;
      // Neighbouring pointers inside code are a switch table, not functions.
      const isTable = relocated.has(at + image.pointerSize) || relocated.has(at - image.pointerSize);
      if (isTable && image.sectionAt(at)?.executable === true) continue;
      const target = image.pointer(at);
      if (target === undefined) continue;
      const isFromData = image.sectionAt(at)?.executable !== true && (target & 15) === 0;
      if (isFromData || this.#looksLikeStart(target)) add(target);
    }
    for (const section of image.sections) {
      if (section.executable) this.#callTargets(section, add);
    }
    this.#starts = Float64Array.from(found).sort();
    return this.#starts;
  }

  /** x86: the rows of tables through which code jumps (`jmp [table+reg*4]`): they lead into functions, not to their starts. */
  #switchRows(): Set<number> {
    const image = this.#image;
    const rows = new Set<number>();
    if (image.machine !== "x86") return rows;
    for (const at of this.#relocations) {
      const offset = image.offsetOf(at);
      const section = image.sectionAt(at);
      if (offset < 3 || section?.executable !== true) continue;
      const { data } = image.bytes;
      // FF /4 with a SIB byte: scale 4, no base.
      const isJump =
        data[offset - 3] === 0xff && data[offset - 2] === 0x24 && ((data[offset - 1] ?? 0) & 0xc7) === 0x85;
      if (!isJump) continue;
      for (let row = image.pointer(at) ?? 0; this.#relocated.has(row) && !rows.has(row); row += 4) rows.add(row);
    }
    return rows;
  }

  #callTargets(section: Section, add: (rva: number) => void): void {
    const data = this.#image.bytes.data;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const end = section.offset + section.rawSize;
    const delta = section.rva - section.offset;
    if (this.#image.machine === "arm64") {
      for (let offset = section.offset; offset + 4 <= end; offset += 4) {
        const word = view.getUint32(offset, true);
        if ((word & 0xfc00_0000) >>> 0 === 0x9400_0000) add(offset + delta + ((word << 6) >> 6) * 4);
      }
      return;
    }
    for (let offset = section.offset; offset + 5 <= end; offset++) {
      const byte = data[offset];
      if (byte === 0xe8) {
        const target = offset + delta + 5 + view.getInt32(offset + 1, true);
        if (target >= section.rva && target < section.rva + section.rawSize && this.#looksLikeStart(target))
          add(target);
      } else if (byte === 0xcc && data[offset + 1] === 0xcc && data[offset + 2] !== 0xcc) {
        add(offset + delta + 2);
      }
    }
  }

  /** Whether code at an address opens as functions do, or follows the end of another one. */
  #looksLikeStart(rva: number): boolean {
    const offset = this.#image.offsetOf(rva, 4);
    if (offset < 1 || this.#image.sectionAt(rva)?.executable !== true) return false;
    if (this.#image.machine === "arm64") return (rva & 3) === 0;
    const data = this.#image.bytes.data;
    const before = data[offset - 1] ?? 0;
    if (before === 0xcc || before === 0x90 || before === 0xc3 || (before === 0 && data[offset - 3] === 0xc2))
      return true;
    if ((rva & 15) === 0 && before === 0) return true;
    const first = data[offset] ?? 0;
    const second = data[offset + 1] ?? 0;
    if (first === 0x8b && second === 0xff) return true;
    if (first === 0x55 || first === 0x53 || first === 0x56 || first === 0x57 || first === 0x51) return true;
    // push locals; push offset scope table: a frame with an exception handler. Without the relocation it is a call's arguments.
    if (first === 0x6a && data[offset + 2] === 0x68) return this.#relocated.has(rva + 3);
    if ((first === 0x83 || first === 0x81) && second === 0xec) return true;
    if (first === 0xff && second === 0x25) return true;
    return first === 0x48 && (second === 0x83 || second === 0x89 || second === 0x8b) && data[offset + 2] !== 0;
  }
}

/** The first address behind `start` that a function does not cover. */
function firstUncovered(graph: ControlFlowGraph, start: number): number {
  let at = start;
  for (const block of graph.blocks) {
    if (block.start > at) break;
    at = Math.max(at, block.end);
  }
  return at === start ? start + 1 : at;
}

function lastAtMost(ranges: readonly FunctionRange[], rva: number): number {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.start ?? 0) <= rva) low = middle + 1;
    else high = middle - 1;
  }
  return high;
}

function lastAtMostNumber(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle - 1;
  }
  return high;
}

function hasNumber(sorted: Float64Array, value: number): boolean {
  return sorted[lastAtMostNumber(sorted, value)] === value;
}
