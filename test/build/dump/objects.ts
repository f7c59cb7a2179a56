// Processes, handle tables, objects and object types put into a made-up machine. Independent on purpose: literal offsets of
// single builds from docs/sources/crash-dump.md, nothing of the reader in src/ is used here.

import type { Machine } from "./machine.ts";

export interface MadeProcess {
  readonly pid: number;
  readonly name: string;
  /** `tag` -> handles; each to an object of its own. */
  readonly holds?: Readonly<Record<string, number>>;
  readonly ended?: boolean;
  /** Names of ended processes that it holds open, by place in the list. */
  readonly holdsProcesses?: readonly number[];
}

export interface ObjectsOptions {
  readonly build: "2003" | "7" | "19041";
  readonly processes: readonly MadeProcess[];
  /** Type name, tag, objects, handles. */
  readonly types: readonly (readonly [string, string, number, number])[];
  /** Pages of nonpaged pool for each page that the tags hold. */
  readonly poolSlack?: number;
  /** Handles to one tag lead round to this many objects. */
  readonly shareObjects?: number;
}

/** Offsets of one build: process, handle table, type. */
const BUILDS = {
  "64 19041": {
    links: 0x448,
    pid: 0x440,
    name: 0x5a8,
    table: 0x570,
    create: 0x468,
    exit: 0x840,
    code: 8,
    owner: 0x28,
    count: 0x58,
    size: 0xa40,
  },
  "64 7": {
    links: 0x188,
    pid: 0x180,
    name: 0x2e0,
    table: 0x200,
    create: 0x168,
    exit: 0x170,
    code: 0,
    owner: 0x10,
    count: 0x58,
    size: 0x4d0,
  },
  "64 2003": {
    links: 0xe0,
    pid: 0xd8,
    name: 0x268,
    table: 0x158,
    create: 0xc0,
    exit: 0xc8,
    code: 0,
    owner: 0x10,
    count: 0x68,
    size: 0x3e0,
  },
  "32 19041": {
    links: 0xe8,
    pid: 0xe4,
    name: 0x1ac,
    table: 0x190,
    create: 0xd8,
    exit: 0x2c8,
    code: 8,
    owner: 0x18,
    count: 0x30,
    size: 0x480,
  },
  "32 7": {
    links: 0xb8,
    pid: 0xb4,
    name: 0x16c,
    table: 0xf4,
    create: 0xa0,
    exit: 0xa8,
    code: 0,
    owner: 8,
    count: 0x30,
    size: 0x2c0,
  },
  "32 2003": {
    links: 0x98,
    pid: 0x94,
    name: 0x164,
    table: 0xd4,
    create: 0x80,
    exit: 0x88,
    code: 0,
    owner: 8,
    count: 0x3c,
    size: 0x278,
  },
} as const;

const text = (value: string): Uint8Array => Uint8Array.from(value, (char) => char.charCodeAt(0));
const SECOND = 10_000_000n;
const DUMP_TIME = (1_714_979_289_000n + 11_644_473_600_000n) * 10_000n;

/** Puts everything in. The debugger data block gets the list of processes and the root directory. */
export function addObjects(machine: Machine, options: ObjectsOptions): void {
  const { memory } = machine;
  const { wide } = memory;
  const p = wide ? 8 : 4;
  const at = BUILDS[`${wide ? 64 : 32} ${options.build}`];
  const packed = wide && options.build === "19041";
  let next = wide ? 0xffffa40c50000000n : 0x8d000000n;
  let nextPage = wide ? 0xffffa40c80000000n : 0x95000000n;
  const page = (): bigint => (nextPage += 0x1000n);
  const u64 = (value: bigint): Uint8Array =>
    Uint8Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
  const unit = wide ? 16 : 8;
  const headerBytes = wide ? 0x30 : 0x18;

  /** A block in the pool with a name info in front of the header; blocks of more than a page begin on one. Returns the header. */
  const object = (tag: string, body: number): bigint => {
    const info = wide ? 0x20 : 0x10;
    const bytes = Math.ceil((unit + info + headerBytes + body) / unit) * unit;
    const left = 0x1000n - (next % 0x1000n);
    if (left < BigInt(bytes)) next += left;
    const block = next;
    next += BigInt(bytes);
    const units = Math.min(bytes / unit, wide ? 0xff : 0x1ff);
    const pool = wide ? [0, 0, units, 2] : [0, 0, units & 0xff, (units >>> 8) | (2 << 1)];
    memory.put(block, new Uint8Array([...pool, ...text(tag)]));
    const header = block + BigInt(unit + info);
    // Until Vista the distance of the name info, later a bit of a mask.
    if (options.build === "2003") memory.put(header + (wide ? 0x18n : 0xcn), new Uint8Array([info, 0, 0, 0]));
    else memory.put(header + (wide ? 0x1an : 0xen), new Uint8Array([2]));
    return header;
  };

  const processes = options.processes.map((made) => ({ made, header: object("Proc", at.size) }));
  const body = (header: bigint): bigint => header + BigInt(headerBytes);
  const shared = new Map<string, bigint[]>();
  const objectFor = (tag: string, index: number): bigint => {
    const limit = options.shareObjects;
    if (limit === undefined) return object(tag, 0x20);
    const list = shared.get(tag) ?? [];
    shared.set(tag, list);
    if (list.length < limit) list.push(object(tag, 0x20));
    return list[index % list.length] ?? 0n;
  };

  // The list's head stands in the kernel's data, as the dump header names it.
  const head = machine.moduleList + 0x40n;
  const linksOf = (i: number): bigint => {
    const process = processes[i];
    return process === undefined ? head : body(process.header) + BigInt(at.links);
  };
  memory.putPointer(head, linksOf(0));
  memory.putPointer(head + BigInt(p), linksOf(processes.length - 1));
  let handleIndex = 0;
  processes.forEach(({ made, header }, i) => {
    const start = body(header);
    memory.putPointer(linksOf(i), linksOf(i + 1));
    memory.putPointer(linksOf(i) + BigInt(p), i === 0 ? head : linksOf(i - 1));
    memory.putPointer(start + BigInt(at.pid), BigInt(made.pid));
    memory.put(start + BigInt(at.name), text(made.name.slice(0, 15)));
    memory.put(start + BigInt(at.create), u64(DUMP_TIME - 3000n * SECOND + BigInt(i) * SECOND));
    if (made.ended === true) memory.put(start + BigInt(at.exit), u64(DUMP_TIME - 60n * SECOND));
    if (made.ended === true) return;
    const headers = [
      ...Object.entries(made.holds ?? {}).flatMap(([tag, count]) =>
        Array.from({ length: count }, () => objectFor(tag, handleIndex++)),
      ),
      ...(made.holdsProcesses ?? []).map((place) => processes[place]?.header ?? 0n),
    ];
    const table = object("Obtb", 0x80) + BigInt(headerBytes);
    memory.putPointer(start + BigInt(at.table), table);
    if (at.owner === 0x10) memory.put(table + 0x10n, u64(BigInt(made.pid)));
    else memory.putU32(table + BigInt(at.owner), made.pid);
    memory.putU32(table + BigInt(at.count), headers.length);
    memory.putPointer(table + BigInt(at.code), handleTable(headers));
  });

  function handleTable(headers: readonly bigint[]): bigint {
    const stride = wide ? 16 : 8;
    const perLeaf = 4096 / stride - 1;
    const leaves: bigint[] = [];
    for (let from = 0; from === 0 || from < headers.length; from += perLeaf) {
      const leaf = new Uint8Array(4096);
      const view = new DataView(leaf.buffer);
      headers.slice(from, from + perLeaf).forEach((header, i) => {
        const place = (i + 1) * stride;
        // Packed: unlocked, 5 references left, inherit; address bits 4 to 47 from bit 20 on. Plain: the address, bit 0 a lock.
        if (packed)
          view.setBigUint64(place, 1n | (5n << 1n) | (2n << 17n) | (((header >> 4n) & 0xfffffffffffn) << 20n), true);
        else if (wide) view.setBigUint64(place, BigInt.asUintN(64, header | 1n), true);
        else view.setUint32(place, Number(header) | 1, true);
        view.setUint32(place + (wide ? 8 : 4), 0x1f0003, true);
      });
      const address = page();
      memory.put(address, leaf);
      leaves.push(address);
    }
    if (leaves.length === 1) return leaves[0] ?? 0n;
    const middles: bigint[] = [];
    for (let from = 0; from < leaves.length; from += 4096 / p) {
      const middle = page();
      leaves.slice(from, from + 4096 / p).forEach((leaf, i) => memory.putPointer(middle + BigInt(i * p), leaf));
      middles.push(middle);
    }
    if (middles.length === 1) return (middles[0] ?? 0n) | 1n;
    const top = page();
    middles.forEach((middle, i) => memory.putPointer(top + BigInt(i * p), middle));
    return top | 2n;
  }

  // Root directory -> ObjectTypes -> types, one bucket each, two in the first.
  const nameAt = (value: string): bigint => {
    const where = page();
    memory.put(
      where,
      Uint8Array.from(value, (char) => char.charCodeAt(0)).reduce<Uint8Array>(
        (bytes, byte, i) => {
          bytes[2 * i] = byte;
          return bytes;
        },
        new Uint8Array(2 * value.length),
      ),
    );
    return where;
  };
  const nameOffset = options.build === "2003" ? (wide ? 0x78n : 0x40n) : wide ? 0x10n : 8n;
  const counts = options.build === "2003" ? (wide ? 0x94n : 0x50n) : wide ? 0x2cn : 0x18n;
  const keys = options.build === "2003" ? (wide ? 0x118n : 0xacn) : wide ? 0xc0n : 0x7cn;
  const types = options.types.map(([name, tag, objects, handles]) => {
    const type = page();
    memory.put(type + nameOffset, new Uint8Array([2 * name.length, 0, 2 * name.length + 2, 0]));
    memory.putPointer(type + nameOffset + BigInt(p), nameAt(name));
    [objects, handles, objects + 5, handles + 5].forEach((value, i) =>
      memory.putU32(type + counts + BigInt(4 * i), value),
    );
    memory.put(type + keys, text(tag));
    return type;
  });
  const directory = (children: readonly bigint[]): bigint => {
    const where = page();
    memory.put(where, new Uint8Array(37 * p));
    children.forEach((child, i) => {
      const entry = page();
      const bucket = where + BigInt(p * (i % 36));
      const before = memory.map(bucket).slice(Number(bucket % 4096n), Number(bucket % 4096n) + p);
      memory.put(entry, before);
      memory.putPointer(entry + BigInt(p), child);
      memory.putPointer(bucket, entry);
    });
    return where;
  };
  const root = directory([directory([]), directory(types), page()]);
  const rootVariable = machine.moduleList + 0x80n;
  memory.putPointer(rootVariable, root);
  if (machine.options.debuggerData !== false) {
    const extend = (value: bigint): bigint => (wide ? value : value | 0xffffffff00000000n);
    memory.put(machine.debuggerData + 0x50n, u64(extend(head)));
    memory.put(machine.debuggerData + 0x98n, u64(extend(rootVariable)));
    // Nonpaged pool in pages, a tenth more than the tags hold.
    const pagesVariable = machine.moduleList + 0x90n;
    const bytes = [...machine.truth].reduce((sum, [tag, row]) => sum + (tag.endsWith("nonpaged") ? row[2] : 0), 0);
    memory.putPointer(pagesVariable, BigInt(Math.ceil((bytes * (options.poolSlack ?? 1.1)) / 4096)));
    memory.put(machine.debuggerData + 0x250n, u64(extend(pagesVariable)));
  }
}
