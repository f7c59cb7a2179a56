// Writes page tables and memory of a made-up machine, byte by byte as the processor manuals and docs/sources/crash-dump.md
// state them. Independent on purpose: nothing of the reader in src/ is used here.

export type MachineKind = "x64" | "arm64" | "x86" | "x86-pae";

/** How one page is mapped. */
export type Mapping = "page" | "transition" | "transition-swizzled" | "prototype" | "large" | "huge" | "paged-out";

const PAGE = 4096;

/** Where pages lie: small clusters, as real memory has holes. */
export interface Placement {
  /** Pages from one cluster of eight to the next. */
  readonly distance: number;
  /** First page number of large pages. */
  readonly firstLarge: number;
}

const SMALL: Placement = { distance: 0x40, firstLarge: 0x800 };

export class Memory {
  readonly kind: MachineKind;
  readonly wide: boolean;
  /** Page number -> its 4096 bytes. */
  readonly pages = new Map<number, Uint8Array>();
  /** What a dump header names as the page tables. */
  readonly root: number;
  readonly #mapped = new Map<bigint, Uint8Array>();
  readonly #tables = new Map<string, number>();
  #next = 0;
  #nextLarge: number;
  readonly #placement: Placement;

  constructor(kind: MachineKind, selfIndex = 0x1ed, placement = SMALL) {
    this.kind = kind;
    this.#placement = placement;
    this.#nextLarge = placement.firstLarge;
    this.wide = kind === "x64" || kind === "arm64";
    const top = this.#newPage();
    this.root = top * PAGE;
    if (kind === "x64") this.#entry64(top, selfIndex, BigInt(top) * 4096n + 0x8000000000000063n);
    if (kind === "arm64") this.#entry64(top, selfIndex, BigInt(top) * 4096n + 0x0060000000000703n);
    if (kind === "x86") this.#entry32(top, 0x300, top * PAGE + 0x63);
    if (kind === "x86-pae") {
      // Four directories; the last maps all four at 0xC0000000.
      const directories = [0, 1, 2, 3].map(() => this.#newPage());
      // The four top entries lie at an odd 32-byte place of their page.
      this.root = top * PAGE + 0x20;
      directories.forEach((page, i) => {
        this.#entry64(top, 4 + i, BigInt(page) * 4096n + 1n);
        this.#entry64(directories[3] ?? 0, i, BigInt(page) * 4096n + 0x63n);
        this.#tables.set(`1/${i}`, page);
      });
    }
  }

  #newPage(): number {
    const index = this.#next++;
    const number = 0x1a0 + Math.floor(index / 8) * this.#placement.distance + (index % 8);
    this.pages.set(number, new Uint8Array(PAGE));
    return number;
  }

  #entry64(page: number, index: number, value: bigint): void {
    const bytes = this.pages.get(page);
    if (bytes === undefined) throw new Error("no such table");
    new DataView(bytes.buffer).setBigUint64(index * 8, value, true);
  }

  #entry32(page: number, index: number, value: number): void {
    const bytes = this.pages.get(page);
    if (bytes === undefined) throw new Error("no such table");
    new DataView(bytes.buffer).setUint32(index * 4, value >>> 0, true);
  }

  /** The table that the path of indexes leads to, made where it is not there yet. */
  #table(path: readonly number[]): number {
    if (path.length === 0) return Math.floor(this.root / PAGE);
    const key = `${path.length}/${path.join(".")}`;
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const page = this.#newPage();
    this.#tables.set(key, page);
    const above = this.#table(path.slice(0, -1));
    const index = path.at(-1) ?? 0;
    if (this.kind === "x86") this.#entry32(above, index, page * PAGE + 0x63);
    else if (this.kind === "arm64") this.#entry64(above, index, BigInt(page) * 4096n + 0x0060000000000703n);
    else this.#entry64(above, index, BigInt(page) * 4096n + 0x63n);
    return page;
  }

  #indexes(address: bigint): number[] {
    const bits = (shift: bigint, count: bigint): number => Number((address >> shift) & ((1n << count) - 1n));
    if (this.wide) return [bits(39n, 9n), bits(30n, 9n), bits(21n, 9n), bits(12n, 9n)];
    if (this.kind === "x86") return [bits(22n, 10n), bits(12n, 10n)];
    return [bits(30n, 2n), bits(21n, 9n), bits(12n, 9n)];
  }

  /** Maps the page of an address and returns its bytes. */
  map(address: bigint, mapping: Mapping = "page"): Uint8Array {
    const page = address - (address % 4096n);
    const known = this.#mapped.get(page);
    if (known !== undefined) return known;
    if (mapping === "large" || mapping === "huge") return this.#mapLarge(page, mapping);
    const number = this.#newPage();
    const bytes = this.pages.get(number) ?? new Uint8Array(0);
    this.#mapped.set(page, bytes);
    const indexes = this.#indexes(page);
    const table = this.#table(indexes.slice(0, -1));
    const index = indexes.at(-1) ?? 0;
    if (this.kind === "x86") this.#entry32(table, index, Number(this.#leaf(number, mapping)));
    else this.#entry64(table, index, this.#leaf(number, mapping));
    return bytes;
  }

  /** The bits of a last-level entry. */
  #leaf(page: number, mapping: Mapping): bigint {
    const physical = BigInt(page) * 4096n;
    // Bit 0 clear, bit 10 clear, bit 11 set.
    if (mapping === "transition") return physical + 0x8c0n;
    if (mapping === "transition-swizzled") return physical + 0x8c0n + (1n << 45n);
    // A page-file entry: number 2, offset 0x123.
    if (mapping === "paged-out") return this.kind === "x86" ? 0x123004n : 0x0000012300000004n;
    if (mapping === "prototype") return this.#prototype(physical);
    if (this.kind === "arm64") return physical + 0x0060000000000703n;
    return physical + (this.kind === "x86" ? 0x163n : this.kind === "x86-pae" ? 0x163n : 0x8000000000000163n);
  }

  /** A prototype entry in a page of its own; the leaf names its address: in the upper 48 or 32 bits, or spread over x86's. */
  #prototype(physical: bigint): bigint {
    const at = this.wide ? 0xffffa40000001230n : this.kind === "x86" ? 0x80123458n : 0xa4001230n;
    const bytes = this.map(at);
    const view = new DataView(bytes.buffer);
    if (this.kind === "x86") view.setUint32(Number(at % 4096n), Number(physical + 0x163n), true);
    else view.setBigUint64(Number(at % 4096n), physical + (this.kind === "arm64" ? 0x0060000000000703n : 0x163n), true);
    if (this.wide) return ((at & 0xffffffffffffn) << 16n) | 0x400n;
    if (this.kind === "x86-pae") return (at << 32n) | 0x400n;
    // x86: the offset from 0x80000000 without its two low bits: bits 2..9 in bits 1..8, bits 10..30 in bits 11..31.
    const offset = at - 0x80000000n;
    return ((offset >> 1n) & 0x1fen) | ((offset & 0x7ffffc00n) << 1n) | 0x400n;
  }

  /** A page inside a large one (2 MiB; 4 MiB on plain x86) or a huge one (1 GiB): only the pages touched are stored. */
  #mapLarge(page: bigint, mapping: "large" | "huge"): Uint8Array {
    const size = mapping === "huge" ? 2n ** 30n : this.kind === "x86" ? 2n ** 22n : 2n ** 21n;
    const start = page - (page % size);
    const key = `large/${start}`;
    let first = this.#tables.get(key);
    if (first === undefined) {
      const pages = Number(size / 4096n);
      first = Math.ceil(this.#nextLarge / pages) * pages;
      this.#nextLarge = first + pages;
      this.#tables.set(key, first);
      const indexes = this.#indexes(start).slice(
        0,
        mapping === "huge" ? 2 : this.wide ? 3 : this.kind === "x86" ? 1 : 2,
      );
      const table = this.#table(indexes.slice(0, -1));
      const physical = BigInt(first) * 4096n;
      const index = indexes.at(-1) ?? 0;
      // x86 and x64: bit 7, and bit 12 set as memory type, which is no address bit. ARM64: bit 1 clear.
      if (this.kind === "x86") this.#entry32(table, index, Number(physical + 0x11e3n));
      else this.#entry64(table, index, physical + (this.kind === "arm64" ? 0x0060000000000701n : 0x11e3n));
    }
    const bytes = new Uint8Array(PAGE);
    this.pages.set(first + Number((page - start) / 4096n), bytes);
    this.#mapped.set(page, bytes);
    return bytes;
  }

  /** Writes bytes at an address, mapping pages as needed. */
  put(address: bigint, bytes: Uint8Array, mapping: Mapping = "page"): void {
    for (let done = 0; done < bytes.length;) {
      const at = address + BigInt(done);
      const inPage = Number(at % 4096n);
      const part = bytes.subarray(done, done + PAGE - inPage);
      this.map(at, mapping).set(part, inPage);
      done += part.length;
    }
  }

  putU32(address: bigint, value: number): void {
    this.put(address, new Uint8Array([value, value >>> 8, value >>> 16, value >>> 24]));
  }

  /** A pointer of the machine's width. */
  putPointer(address: bigint, value: bigint): void {
    const bytes = new Uint8Array(this.wide ? 8 : 4);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Number((value >> BigInt(8 * i)) & 0xffn);
    this.put(address, bytes);
  }

  /** Forgets the page of an address, as a dump that does not hold it. */
  drop(address: bigint): void {
    const bytes = this.#mapped.get(address - (address % 4096n));
    for (const [number, page] of this.pages) if (page === bytes) this.pages.delete(number);
  }

  /** Forgets the lowest table that maps an address. */
  dropTable(address: bigint): void {
    const path = this.#indexes(address).slice(0, -1);
    const page = this.#tables.get(`${path.length}/${path.join(".")}`);
    if (page !== undefined) this.pages.delete(page);
  }
}
