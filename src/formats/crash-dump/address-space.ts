// Virtual memory: walks page tables in a dump's physical memory. "Not present" (the kernel had no page there) is kept apart
// from "not in this dump" (the page existed, the file does not hold it).

import { u32 } from "./bytes.ts";
import type { Paging } from "./paging.ts";
import type { PhysicalMemory } from "./physical.ts";
import { PagedMemory, type Absence } from "./virtual-memory.ts";

/** What became of one page. `physical` is the address of the first byte asked for. */
export type Translation =
  | { readonly state: "present"; readonly physical: number }
  | { readonly state: "zero" }
  | Absence;

/** A mapped page found by walking the tables. */
export interface MappedPage {
  readonly address: bigint;
  readonly physical: number;
  readonly size: number;
}

const TLB_LIMIT = 65_536;
const PAGE_BITS = 12n;

export class AddressSpace extends PagedMemory {
  readonly memory: PhysicalMemory;
  readonly paging: Paging;
  /** Physical address of the top table. */
  readonly root: number;
  readonly pointerSize: 4 | 8;
  readonly #tlb = new Map<bigint, Translation>();

  constructor(memory: PhysicalMemory, paging: Paging, root: number) {
    super();
    this.memory = memory;
    this.paging = paging;
    this.root = root;
    this.pointerSize = paging.id === "x64" || paging.id === "arm64" ? 8 : 4;
  }

  get kernelStart(): bigint {
    return this.paging.kernelStart;
  }

  /** Where a virtual address lies. */
  translate(address: bigint): Translation {
    const page = address >> PAGE_BITS;
    const offset = Number(address & 0xfffn);
    let known = this.#tlb.get(page);
    if (known === undefined) {
      known = this.#walk(address & ~0xfffn, true);
      if (this.#tlb.size >= TLB_LIMIT) this.#tlb.clear();
      this.#tlb.set(page, known);
    }
    if (known.state !== "present" || offset === 0) return known;
    return { state: "present", physical: known.physical + offset };
  }

  #walk(address: bigint, followPrototype: boolean): Translation {
    const { paging, memory } = this;
    if (this.pointerSize === 8) {
      const high = address >> 47n;
      if (high !== 0n && high !== 0x1ffffn) return { state: "not-present", why: "not-canonical" };
    } else if (address >> 32n !== 0n) return { state: "not-present", why: "not-canonical" };
    const low48 = Number(address & 0xffffffffffffn);
    let table = this.root;
    for (let level = 0; level < paging.shifts.length; level++) {
      const shift = paging.shifts[level] ?? 0;
      const index = Math.floor(low48 / 2 ** shift) % 2 ** (paging.indexBits[level] ?? 0);
      const at = table + index * paging.entryBytes;
      const bytes = memory.read(at, paging.entryBytes);
      if (bytes === undefined) return { state: "not-in-dump", what: "table", physical: at };
      const low = u32(bytes, 0);
      const high = paging.entryBytes === 8 ? u32(bytes, 4) : 0;
      const entry = paging.entry(level, low, high);
      if (entry.kind === "table") {
        table = entry.physical;
        continue;
      }
      if (entry.kind === "page" || entry.kind === "transition") {
        const physical = entry.physical + (low48 % 2 ** shift);
        return memory.holds(physical)
          ? { state: "present", physical }
          : { state: "not-in-dump", what: "page", physical };
      }
      if (entry.kind === "prototype" && followPrototype) return this.#prototype(paging.prototypeAddress(low, high));
      if (entry.kind === "zero") return { state: "zero" };
      return { state: "not-present", why: entry.kind === "empty" ? "empty" : "paged-out" };
    }
    return { state: "not-present", why: "empty" };
  }

  /** A prototype entry is judged like a last-level entry, and is followed once only. */
  #prototype(address: bigint): Translation {
    const { paging, memory } = this;
    const where = this.#walk(address & ~0xfffn, false);
    if (where.state !== "present") return { state: "not-present", why: "paged-out" };
    const bytes = memory.read(where.physical + Number(address & 0xfffn), paging.entryBytes);
    if (bytes === undefined) return { state: "not-present", why: "paged-out" };
    const high = paging.entryBytes === 8 ? u32(bytes, 4) : 0;
    const entry = paging.entry(paging.shifts.length - 1, u32(bytes, 0), high);
    if (entry.kind !== "page" && entry.kind !== "transition") return { state: "not-present", why: "paged-out" };
    return memory.holds(entry.physical)
      ? { state: "present", physical: entry.physical }
      : { state: "not-in-dump", what: "page", physical: entry.physical };
  }

  protected readInPage(address: bigint, length: number): Uint8Array | Absence {
    const where = this.translate(address);
    if (where.state === "zero") return new Uint8Array(length);
    if (where.state !== "present") return where;
    return this.memory.read(where.physical, length) ?? { state: "not-in-dump", what: "page", physical: where.physical };
  }

  readPageInto(address: bigint, target: Uint8Array): boolean {
    const where = this.translate(address);
    if (where.state === "zero") target.fill(0);
    return where.state === "zero" || (where.state === "present" && this.memory.readPageInto(where.physical, target));
  }

  protected holds(address: bigint): boolean {
    const { state } = this.translate(address);
    return state === "present" || state === "zero";
  }

  /**
   * Mapped pages from one address up to another in ascending order, large ones whole. Stops when `budget.left` table entries have been
   * followed, since hostile tables can name each other without end. The tables' own mapping of themselves is skipped.
   */
  *mappedPages(budget: { left: number }, from = this.paging.kernelStart, to?: bigint): Generator<MappedPage> {
    const top = BigInt(this.paging.shifts[0] ?? 0);
    const index = (address: bigint): number => Number((address & 0xffffffffffffn) >> top);
    yield* this.#mapped(this.root, 0, 0n, budget, index(from), to === undefined ? undefined : index(to));
  }

  /** `first` and `end` bound the indexes of the top table. */
  *#mapped(
    table: number,
    level: number,
    base: bigint,
    budget: { left: number },
    first = 0,
    end?: number,
  ): Generator<MappedPage> {
    const { paging, memory } = this;
    const shift = paging.shifts[level] ?? 0;
    const count = 2 ** (paging.indexBits[level] ?? 0);
    const bytes = memory.read(table, count * paging.entryBytes);
    if (bytes === undefined) return;
    for (let index = first; index < (end ?? count); index++) {
      const low = u32(bytes, index * paging.entryBytes);
      const high = paging.entryBytes === 8 ? u32(bytes, index * paging.entryBytes + 4) : 0;
      if (low === 0 && high === 0) continue;
      if (budget.left <= 0) return;
      budget.left -= 1;
      const entry = paging.entry(level, low, high);
      let address = base | (BigInt(index) << BigInt(shift));
      if (level === 0 && this.pointerSize === 8) address |= 0xffff000000000000n;
      if (entry.kind === "table") {
        if (entry.physical !== this.root) yield* this.#mapped(entry.physical, level + 1, address, budget);
      } else if (entry.kind === "page" || entry.kind === "transition") {
        yield { address, physical: entry.physical, size: 2 ** shift };
      }
    }
  }
}
