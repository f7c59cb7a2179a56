// A made-up Windows machine in memory: a kernel image with its variables, modules, tag tables, large allocations, pool
// pages, shared data. Independent on purpose: literal bytes, nothing of the reader in src/ is used here.

import { loadDriver } from "./load-driver.ts";
import { Memory, type MachineKind, type Mapping, type Placement } from "./memory.ts";
import {
  bigTableBytes,
  slotsOf,
  STRIDE,
  tagTableBytes,
  type BigRecipe,
  type BigRow,
  type TagCounts,
  type TagRecipe,
} from "./tables.ts";

export interface MachineOptions {
  readonly kind: MachineKind;
  readonly tagRecipe: TagRecipe;
  readonly bigRecipe: BigRecipe;
  readonly cpus?: number;
  readonly slots?: number;
  readonly build?: number;
  /** Whether the kernel's debugger data block is there and readable. */
  readonly debuggerData?: boolean;
  /** How the pages of CPU 0's table are mapped. */
  readonly mapping?: Mapping;
  /** Leaves the array of the other CPUs' tables out. */
  readonly noCpuArray?: boolean;
  readonly selfIndex?: number;
  readonly placement?: Placement;
  /** How many tags there are; 120 unless told. */
  readonly tags?: number;
  /** More tags than the table has room for: the rest goes to the expansion table. */
  readonly overfull?: boolean;
  /** A driver's file to be loaded as third module, as Windows leaves it in memory once it has started. */
  readonly driver?: { readonly file: Uint8Array; readonly name: string };
  /** Functions that the kernel exports. */
  readonly exports?: readonly string[];
}

export interface Machine {
  readonly memory: Memory;
  readonly options: MachineOptions;
  readonly build: number;
  readonly cpus: number;
  readonly kernelBase: bigint;
  readonly moduleList: bigint;
  readonly debuggerData: bigint;
  readonly trackTable: bigint;
  readonly trackVariable: bigint;
  readonly cpuTables: readonly bigint[];
  /** `tag pool` -> allocations, frees, bytes, summed over all CPUs. */
  readonly truth: ReadonlyMap<string, readonly [number, number, number]>;
  readonly bigTruth: readonly BigRow[];
  readonly modules: readonly { readonly base: bigint; readonly size: number; readonly name: string }[];
  /** A page of four chained pool blocks: two of `Leak`, one of them free. */
  readonly poolPage: bigint;
}

const text = (value: string): Uint8Array => Uint8Array.from(value, (char) => char.charCodeAt(0));

function utf16(value: string): Uint8Array {
  const bytes = new Uint8Array(value.length * 2);
  for (let i = 0; i < value.length; i++) bytes[2 * i] = value.charCodeAt(i);
  return bytes;
}

/** Names of tags enough to fill a table with. */
function tagNames(count: number): string[] {
  const names = ["Pool", "Irp ", "File", "Even", "Leak", "MmSt", "Ntfx", "Thre", "Proc", "AcpB"];
  for (let i = 0; names.length < count; i++) names.push(`T${i.toString(36).padStart(3, "0")}`);
  return names;
}

/** Figures that differ for every tag, pool and CPU; CPU 1 frees more of `Even` than it allocates. */
function countsOf(tags: readonly string[], cpu: number): TagCounts[] {
  return tags.map((tag, i) => {
    const n = BigInt(i + 1);
    const c = BigInt(cpu);
    if (tag === "Even" && cpu === 1) return { tag, nonpaged: [10n, 40n, -480n], paged: [0n, 0n, 0n] };
    const nonpaged =
      tag === "Even"
        ? ([100n * n + c, 7n * n, 32n * (93n * n + c)] as const)
        : ([100n * n + c, 100n * n - n / 2n - 1n, 16n * n + 16n * c] as const);
    const paged = i % 3 === 0 ? ([0n, 0n, 0n] as const) : ([50n * n + c, 48n * n + c, 48n * n + 16n * c] as const);
    return { tag, nonpaged, paged };
  });
}

interface Places {
  readonly kernel: bigint;
  readonly hal: bigint;
  readonly driver: bigint;
  readonly pool: bigint;
  readonly tables: bigint;
  readonly large: bigint;
  readonly paged: bigint;
  readonly shared: bigint;
}

const PLACES_64: Places = {
  kernel: 0xfffff80312400000n,
  hal: 0xfffff80313000000n,
  driver: 0xfffff80314560000n,
  pool: 0xffffa40c11200000n,
  tables: 0xffffa40c20000000n,
  large: 0xffffa40d40000000n,
  paged: 0xffffc10233440000n,
  shared: 0xfffff78000000000n,
};

const PLACES_32: Places = {
  kernel: 0x81a00000n,
  hal: 0x82400000n,
  driver: 0x8b560000n,
  pool: 0x85400000n,
  tables: 0x86000000n,
  large: 0x87800000n,
  paged: 0x9a340000n,
  shared: 0xffdf0000n,
};

/** Where the kernel's exports are: a directory, then functions 16 bytes apart in the code, names, ordinals. */
const EXPORTS = 0x13f000;

function exportSection(names: readonly string[]): Uint8Array {
  const sorted = names.toSorted((a, b) => (a < b ? -1 : 1));
  const bytes = new Uint8Array(0x1000);
  const view = new DataView(bytes.buffer);
  const count = sorted.length;
  const functions = 0x40;
  const nameTable = functions + 4 * count;
  const ordinals = nameTable + 4 * count;
  let at = ordinals + 2 * count + 2;
  view.setUint32(16, 1, true);
  view.setUint32(20, count, true);
  view.setUint32(24, count, true);
  view.setUint32(28, EXPORTS + functions, true);
  view.setUint32(32, EXPORTS + nameTable, true);
  view.setUint32(36, EXPORTS + ordinals, true);
  sorted.forEach((name, i) => {
    view.setUint32(functions + 4 * i, exportRva(names, name), true);
    view.setUint32(nameTable + 4 * i, EXPORTS + at, true);
    view.setUint16(ordinals + 2 * i, i, true);
    bytes.set(text(name), at);
    at += name.length + 1;
  });
  return bytes;
}

function exportRva(names: readonly string[], name: string): number {
  return 0x2000 + 16 * names.indexOf(name);
}

/** The kernel's image: header and the places of its sections. Code is not there, as in most dumps. */
const DATA = 0x140000n;
const IMAGE_BYTES = 0x240000;

function imageHeader(
  wide: boolean,
  machine: number,
  sizeOfImage: number,
  sections: readonly (readonly [string, number, number, number])[],
): Uint8Array {
  const bytes = new Uint8Array(0x1000);
  const view = new DataView(bytes.buffer);
  bytes.set(text("MZ"), 0);
  view.setUint32(0x3c, 0xf0, true);
  bytes.set(text("PE\0\0"), 0xf0);
  view.setUint16(0xf4, machine, true);
  view.setUint16(0xf6, sections.length, true);
  view.setUint32(0xf8, 0x5f3e2a10, true);
  const optional = 0xf0 + 24;
  const optionalBytes = wide ? 240 : 224;
  view.setUint16(0xf0 + 20, optionalBytes, true);
  view.setUint16(optional, wide ? 0x20b : 0x10b, true);
  view.setUint32(optional + 56, sizeOfImage, true);
  view.setUint32(optional + 60, 0x1000, true);
  view.setUint32(optional + (wide ? 108 : 92), 16, true);
  sections.forEach(([name, rva, size, flags], i) => {
    const at = optional + optionalBytes + 40 * i;
    bytes.set(text(name), at);
    view.setUint32(at + 8, size, true);
    view.setUint32(at + 12, rva, true);
    view.setUint32(at + 36, flags, true);
  });
  return bytes;
}

const MACHINE_NUMBER: Readonly<Record<MachineKind, number>> = {
  x64: 0x8664,
  arm64: 0xaa64,
  x86: 0x14c,
  "x86-pae": 0x14c,
};

export function buildMachine(options: MachineOptions): Machine {
  const { kind, tagRecipe, bigRecipe } = options;
  const cpus = options.cpus ?? 2;
  const slots = options.slots ?? 512;
  const build = options.build ?? 19041;
  const memory = new Memory(kind, options.selfIndex, options.placement);
  const { wide } = memory;
  const p = wide ? 8 : 4;
  const places = wide ? PLACES_64 : PLACES_32;
  const data = places.kernel + DATA;

  memory.put(
    places.kernel,
    imageHeader(wide, MACHINE_NUMBER[kind], IMAGE_BYTES, [
      [".text", 0x1000, 0x13e000, 0x68000020],
      [".rdata", 0x13f000, 0x1000, 0x48000040],
      [".data", Number(DATA), 0x5000, 0xc8000040],
      ["PAGE", 0x145000, 0xf0000, 0x60000020],
    ]),
  );

  const exported = options.exports ?? [];
  if (exported.length > 0) {
    memory.put(places.kernel + BigInt(EXPORTS), exportSection(exported));
    // Directory 0 of the header.
    memory.putU32(places.kernel + 0xf0n + 24n + (wide ? 112n : 96n), EXPORTS);
    memory.putU32(places.kernel + 0xf0n + 24n + (wide ? 116n : 100n), 0x1000);
  }

  // Other regions that every kernel has: system cache, page-frame numbers, sessions.
  if (wide) for (const region of [0xffffad8000000000n, 0xffffe38000000000n, 0xffffef0000000000n]) memory.map(region);

  // Tag tables, one a CPU, in place of each other's pages; CPU 0 knows every tag.
  const names = tagNames(options.overfull === true ? slots + 12 : (options.tags ?? 120));
  const inTable = names.slice(0, slots);
  const beyond = names.slice(slots);
  const slotOf = slotsOf(inTable, slots);
  const tableBytes = BigInt(Math.ceil(((slots + 1) * STRIDE[tagRecipe]) / 4096) * 4096);
  const cpuTables = Array.from({ length: cpus }, (_, cpu) =>
    (cpu === 1 && options.mapping === undefined) || options.mapping === "large" || options.mapping === "huge"
      ? places.large + 0x31000n
      : places.tables + BigInt(cpu) * (tableBytes + 0x10000n),
  );
  const truth = new Map<string, [number, number, number]>();
  const count = (list: readonly TagCounts[]): void => {
    for (const { tag, nonpaged, paged } of list) {
      for (const [pool, figures] of [
        ["nonpaged", nonpaged],
        ["paged", paged],
      ] as const) {
        const before = truth.get(`${tag} ${pool}`) ?? [0, 0, 0];
        truth.set(`${tag} ${pool}`, [
          before[0] + Number(figures[0]),
          before[1] + Number(figures[1]),
          before[2] + Number(figures[2]),
        ]);
      }
    }
  };
  cpuTables.forEach((address, cpu) => {
    // Every CPU after the first has not met every tag: those slots are empty in its table.
    const met = cpu === 0 ? inTable : inTable.filter((_, i) => i % 5 !== 4);
    const metPlaces = new Map([...slotOf].filter(([tag]) => met.includes(tag)));
    const counts = countsOf(inTable, cpu).filter(({ tag }) => met.includes(tag));
    count(counts);
    const mapping = cpu === 0 ? options.mapping : cpu === 1 && options.mapping === undefined ? "large" : undefined;
    memory.put(address, tagTableBytes(tagRecipe, slots, metPlaces, counts), mapping);
  });
  const trackTable = cpuTables[0] ?? 0n;

  // The kernel's variables. The debugger data block holds addresses of variables, in 64 bits on every machine.
  const moduleList = data + 0x10n;
  const debuggerData = data + 0x400n;
  const trackVariable = data + 0x1058n;
  const variables = {
    unloaded: data + 0x1800n,
    lab: data + 0x1900n,
    cpuArray: data + 0x1200n,
  };
  memory.put(data, new Uint8Array(0x5000));
  memory.putPointer(trackVariable, trackTable);
  memory.putU32(trackVariable - 0x30n, slots - 1);
  memory.putU32(trackVariable - 0x28n, slots + 1);
  if (options.noCpuArray !== true && cpus > 1) {
    cpuTables.forEach((address, cpu) => memory.putPointer(variables.cpuArray + BigInt(cpu * p), address));
  }
  if (options.debuggerData !== false) {
    const block = new Uint8Array(0x380);
    const view = new DataView(block.buffer);
    const extend = (value: bigint): bigint => (wide ? value : value | 0xffffffff00000000n);
    view.setBigUint64(0, extend(debuggerData), true);
    view.setBigUint64(8, extend(debuggerData), true);
    block.set(text("KDBG"), 0x10);
    view.setUint32(0x14, 0x380, true);
    view.setBigUint64(0x18, extend(places.kernel), true);
    view.setBigUint64(0x48, extend(moduleList), true);
    view.setBigUint64(0x1b8, extend(trackVariable), true);
    view.setBigUint64(0x208, extend(variables.lab), true);
    view.setBigUint64(0x220, extend(variables.unloaded), true);
    memory.put(debuggerData, block);
  }
  memory.put(variables.lab, text("19041.1.amd64fre.vb_release.191206-1406"));

  if (beyond.length > 0) {
    const expansion = places.tables + 0x900000n;
    const list = countsOf(beyond, 0);
    const rows = new Map(beyond.map((tag, i) => [tag, i]));
    count(list);
    // A plain array of the same rows; the bytes of a table without its hash.
    memory.put(expansion, tagTableBytes(tagRecipe, 64, rows, list));
    memory.putPointer(trackVariable + 0x20n, expansion);
  }

  // Large allocations: the table has a row for itself.
  const bigRows = 512;
  const bigTable = places.tables + (wide ? 0x4000000n : 0x700000n);
  const bigTableSize = Math.ceil(
    (bigRows *
      {
        xp32: 12,
        "2003-32": 16,
        "vista-32": 16,
        "ten-32": 16,
        "2003-64": 24,
        "vista-64": 24,
        "ten-64": 24,
        "new-64": 32,
      }[bigRecipe]) /
      4096,
  );
  const bigTruth: BigRow[] = [
    { address: bigTable, tag: "Pool", pages: bigTableSize, paged: false },
    ...Array.from({ length: 40 }, (_, i) => ({
      address: (i % 2 === 0 ? places.pool : places.paged) + 0x100000n + BigInt(i) * 0x5000n,
      tag: i % 4 === 0 ? "Leak" : "MmSt",
      pages: 1 + (i % 7),
      paged: i % 2 === 1,
      freed: i % 10 === 9,
    })),
  ];
  memory.put(bigTable, bigTableBytes(bigRecipe, bigRows, bigTruth));
  memory.putPointer(trackVariable - 0x18n, bigTable);
  memory.putPointer(trackVariable - 0x10n, BigInt(bigRows));

  // One page of small blocks: headers of 8 or 16 bytes that name their own size and that of the block before.
  const poolPage = places.pool;
  const page = new Uint8Array(4096);
  const unit = wide ? 16 : 8;
  const sizes = [10, 20, 6, 4096 / unit - 36];
  const tags = ["Leak", "Irp ", "Leak", "Free"];
  const types = [2, 2, 0, 0];
  let at = 0;
  sizes.forEach((size, i) => {
    const before = i === 0 ? 0 : (sizes[i - 1] ?? 0);
    if (wide) page.set([before, 0, size, types[i] ?? 0], at);
    else new DataView(page.buffer).setUint32(at, before | (size << 16) | ((types[i] ?? 0) << 25), true);
    page.set(text(tags[i] ?? ""), at + 4);
    at += size * unit;
  });
  memory.put(poolPage, page);

  const loaded =
    options.driver === undefined
      ? undefined
      : loadDriver(options.driver.file, places.driver, (name) => places.kernel + BigInt(exportRva(exported, name)));

  // Modules: entries in pool, each with its links, base, size and names.
  const modules = [
    { base: places.kernel, size: IMAGE_BYTES, name: "ntoskrnl.exe" },
    { base: places.hal, size: 0x86000, name: "hal.dll" },
    { base: places.driver, size: loaded?.size ?? 0x9000, name: options.driver?.name ?? "leaky.sys" },
  ];
  if (loaded !== undefined) for (const [rva, bytes] of loaded.parts) memory.put(places.driver + BigInt(rva), bytes);
  const entryOf = (i: number): bigint => places.pool + 0x8000n + BigInt(i) * 0x200n;
  modules.forEach((module, i) => {
    const entry = entryOf(i);
    const next = i + 1 < modules.length ? entryOf(i + 1) : moduleList;
    memory.putPointer(entry, next);
    memory.putPointer(entry + BigInt(p), i === 0 ? moduleList : entryOf(i - 1));
    memory.putPointer(entry + (wide ? 0x30n : 0x18n), module.base);
    memory.putU32(entry + (wide ? 0x40n : 0x20n), module.size);
    const path = utf16(`\\SystemRoot\\system32\\drivers\\${module.name}`);
    const pathAt = places.pool + 0x9000n + BigInt(i) * 0x100n;
    memory.put(pathAt, path);
    const string = (where: bigint, length: number, pointer: bigint): void => {
      memory.put(where, new Uint8Array([length, length >>> 8, length, length >>> 8]));
      memory.putPointer(where + BigInt(p), pointer);
    };
    const name = module.name.length * 2;
    string(entry + (wide ? 0x48n : 0x24n), path.length, pathAt);
    string(entry + (wide ? 0x58n : 0x2cn), name, pathAt + BigInt(path.length - name));
  });
  memory.putPointer(moduleList, entryOf(0));
  memory.putPointer(moduleList + BigInt(p), entryOf(modules.length - 1));

  // One unloaded module.
  const unloaded = places.pool + 0xa000n;
  memory.putPointer(variables.unloaded, unloaded);
  memory.put(unloaded + 0x800n, utf16("old.sys"));
  memory.put(unloaded, new Uint8Array([14, 0, 14, 0]));
  memory.putPointer(unloaded + BigInt(p), unloaded + 0x800n);
  memory.putPointer(unloaded + BigInt(2 * p), places.driver + 0x100000n);
  memory.putPointer(unloaded + BigInt(3 * p), places.driver + 0x108000n);

  // Shared data: time 2024-05-06 07:08:09 UTC, one hour after start; build, processors, pages.
  const shared = new Uint8Array(0x400);
  const sharedView = new DataView(shared.buffer);
  sharedView.setBigUint64(0x08, 36_000_000_000n, true);
  sharedView.setBigUint64(0x14, (1_714_979_289_000n + 11_644_473_600_000n) * 10_000n, true);
  shared.set(utf16("C:\\Windows"), 0x30);
  sharedView.setUint32(0x260, build, true);
  sharedView.setUint32(0x2e8, 0x10000, true);
  sharedView.setUint32(0x3c0, cpus, true);
  memory.put(places.shared, shared);

  for (const [key, figures] of truth) if (figures.every((figure) => figure === 0)) truth.delete(key);
  return {
    memory,
    options,
    build,
    cpus,
    kernelBase: places.kernel,
    moduleList,
    debuggerData,
    trackTable,
    trackVariable,
    cpuTables,
    truth,
    bigTruth,
    modules,
    poolPage,
  };
}
