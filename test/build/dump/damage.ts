// Kinds of damage to a made-up machine and to its dump, each with a name: to rows and pages of the tag table, to the kernel's
// variables, to lists, pool pages and object counts, to the header, the bitmap and the order of pages in the file.

import type { Machine } from "./machine.ts";

/** Whole numbers from 0 up to a limit; the same seed gives the same damage. */
export type Below = (limit: number) => number;

export interface Damage {
  readonly name: string;
  /** To the machine's memory, before its dump is written. */
  readonly memory?: (machine: Machine, below: Below) => void;
  /** To the file, a bitmap dump; `pages`: where the pages of CPU 0's tag table lie in it. */
  readonly file?: (bytes: Uint8Array, below: Below, pages: readonly number[]) => Uint8Array;
}

/** Rows of the form B64: key 0, nonpaged bytes, allocations, frees 8, 10, 18, paged ones 20, 28, 30. */
const STRIDE = 0x38;
const SLOTS = 512;
const PAGE = 4096;
const BYTES = [0x08, 0x20];
const ALLOCS = [0x10, 0x28];
const FREES = [0x18, 0x30];

/** A tag table as one array of bytes. */
class Table {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly #machine: Machine;
  readonly #address: bigint;

  constructor(machine: Machine, address = machine.trackTable) {
    this.#machine = machine;
    this.#address = address;
    const length = Math.ceil(((SLOTS + 1) * STRIDE) / PAGE) * PAGE;
    this.bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += PAGE) this.bytes.set(machine.memory.map(address + BigInt(at)), at);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Offset of a row that is filled, or of one that is empty. */
  row(below: Below, filled = true): number {
    let at = below(SLOTS) * STRIDE;
    while ((this.view.getUint32(at, true) !== 0) !== filled) at = (at + STRIDE) % (SLOTS * STRIDE);
    return at;
  }

  page(below: Below): number {
    return below(Math.ceil((SLOTS * STRIDE) / PAGE)) * PAGE;
  }

  copy(from: number, to: number, length: number): void {
    this.bytes.copyWithin(to, from, from + length);
  }

  swap(one: number, other: number, length: number): void {
    const kept = this.bytes.slice(one, one + length);
    this.copy(other, one, length);
    this.bytes.set(kept, other);
  }

  write(): void {
    this.#machine.memory.put(this.#address, this.bytes);
  }
}

function table(name: string, change: (table: Table, below: Below, machine: Machine) => void): Damage {
  return {
    name,
    memory: (machine, below) => {
      const whole = new Table(machine);
      change(whole, below, machine);
      whole.write();
    },
  };
}

/** One figure of one row, not zero before. */
function figure(name: string, fields: readonly number[], change: (value: bigint, below: Below) => bigint): Damage {
  return table(name, (whole, below) => {
    const field = fields[below(fields.length)] ?? 8;
    let at = whole.row(below);
    while (whole.view.getBigUint64(at + field, true) === 0n) at = whole.row(below);
    const value = whole.view.getBigUint64(at + field, true);
    whole.view.setBigUint64(at + field, BigInt.asUintN(64, change(value, below)), true);
  });
}

function memory(name: string, change: (machine: Machine, below: Below) => void): Damage {
  return { name, memory: change };
}

function file(name: string, change: (bytes: Uint8Array, below: Below, pages: readonly number[]) => Uint8Array): Damage {
  return { name, file: change };
}

const bit = (below: Below, bits: number): bigint => 1n << BigInt(below(bits));
const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const pick = <T>(list: readonly T[], below: Below, otherwise: T): T => list[below(list.length)] ?? otherwise;
/** The fields of the debugger data block that the made-up machine has. */
const field = (machine: Machine, offset: bigint): bigint => machine.debuggerData + offset;

export const DAMAGE: readonly Damage[] = [
  // Rows.
  table("two rows of the table in each other's place", (t, below) => t.swap(t.row(below), t.row(below), STRIDE)),
  table("a row over another row", (t, below) => t.copy(t.row(below), t.row(below), STRIDE)),
  table("a row once more in an empty slot", (t, below) => t.copy(t.row(below), t.row(below, false), STRIDE)),
  table("a row's figures over another row's, keys left", (t, below) =>
    t.copy(t.row(below) + 8, t.row(below) + 8, STRIDE - 8),
  ),
  table("the nonpaged figures of a row over another row's", (t, below) =>
    t.copy(t.row(below) + 8, t.row(below) + 8, 24),
  ),
  table("another tag as key", (t, below) => t.view.setUint32(t.row(below), 0x7a7a0041 + below(26) * 256, true)),
  table("bit 31 of a key", (t, below) => {
    t.bytes[t.row(below) + 3] = (t.bytes[t.row(below) + 3] ?? 0) | 0x80;
  }),
  table("a letter of a key in the other case", (t, below) => {
    const at = t.row(below) + below(4);
    t.bytes[at] = (t.bytes[at] ?? 0) ^ 0x20;
  }),
  table("a key of zeros, figures left", (t, below) => t.view.setUint32(t.row(below), 0, true)),
  table("a key of ones", (t, below) => t.view.setUint32(t.row(below), 0xffffffff, true)),
  table("allocations and frees of a row exchanged", (t, below) => t.swap(t.row(below) + 0x10, t.row(below) + 0x18, 8)),
  table("figures of a row one word further", (t, below) => {
    const at = t.row(below);
    t.copy(at + 8, at + 16, STRIDE - 16);
  }),
  table("a row filled with zeros but its key", (t, below) => {
    const at = t.row(below);
    t.bytes.fill(0, at + 8, at + STRIDE);
  }),
  table("a row filled with ones but its key", (t, below) => {
    const at = t.row(below);
    t.bytes.fill(0xff, at + 8, at + STRIDE);
  }),
  // Figures.
  figure("a bit of an allocation count", ALLOCS, (value, below) => value ^ bit(below, 12)),
  figure("a bit of a count of frees", FREES, (value, below) => value ^ bit(below, 12)),
  figure("a bit of a count of bytes", BYTES, (value, below) => value ^ bit(below, 16)),
  figure("an allocation more", ALLOCS, (value) => value + 1n),
  figure("a free less", FREES, (value) => value - 1n),
  figure("a block's bytes more", BYTES, (value) => value + 32n),
  figure("no frees", FREES, () => 0n),
  figure("no bytes", BYTES, () => 0n),
  figure("twice the bytes", BYTES, (value) => 2n * value),
  figure("half the bytes", BYTES, (value) => value / 2n),
  figure("bytes shifted by a byte", BYTES, (value) => value << 8n),
  figure("the sign of the bytes", BYTES, (value) => value | (1n << 63n)),
  figure("a count with something in its upper half", ALLOCS, (value, below) => value + (bit(below, 20) << 32n)),
  figure("a count with its bytes in the other order", ALLOCS, (value) =>
    BigInt(`0x${(value.toString(16).padStart(16, "0").match(/../g) ?? []).toReversed().join("")}`),
  ),
  // Pieces and pages of the table.
  table("a sector of zeros", (t, below) => {
    const at = t.page(below) + 512 * below(7);
    t.bytes.fill(0, at, at + 512);
  }),
  table("a sector over another", (t, below) => t.copy(512 * below(48), 512 * below(48), 512)),
  table("a line of noise", (t, below) => {
    const at = 64 * below(440);
    for (let i = 0; i < 64; i++) t.bytes[at + i] = below(256);
  }),
  table("two pages in each other's place", (t, below) => t.swap(t.page(below), t.page(below), PAGE)),
  table("a page one row further", (t, below) => {
    const at = t.page(below);
    t.copy(at, at + STRIDE, PAGE - STRIDE);
  }),
  table("a page of the other CPU's table", (t, below, machine) => {
    const at = t.page(below);
    const other = new Table(machine, machine.cpuTables[1]);
    t.bytes.set(other.bytes.subarray(at, at + PAGE), at);
  }),
  table("the overflow row filled", (t, below) => {
    for (let i = 8; i < STRIDE; i += 8) t.view.setBigUint64(SLOTS * STRIDE + i, BigInt(1 + below(9999)) * 16n, true);
  }),
  memory("the other CPU's table of zeros", (machine) =>
    machine.memory.put(machine.cpuTables[1] ?? 0n, new Uint8Array((SLOTS + 1) * STRIDE)),
  ),
  memory("the other CPU's table a copy of the first", (machine) =>
    machine.memory.put(machine.cpuTables[1] ?? 0n, new Table(machine).bytes),
  ),
  memory("the other CPU's table with a figure changed", (machine, below) => {
    const other = new Table(machine, machine.cpuTables[1]);
    other.view.setBigUint64(other.row(below) + 0x10, BigInt(below(5000)), true);
    other.write();
  }),
  // The kernel's variables.
  memory("size and mask of half the table", (machine) => {
    machine.memory.putU32(machine.trackVariable - 0x30n, SLOTS / 2 - 1);
    machine.memory.putU32(machine.trackVariable - 0x28n, SLOTS / 2 + 1);
  }),
  memory("size and mask of twice the table", (machine) => {
    machine.memory.putU32(machine.trackVariable - 0x30n, 2 * SLOTS - 1);
    machine.memory.putU32(machine.trackVariable - 0x28n, 2 * SLOTS + 1);
  }),
  memory("the variable names the other CPU's table", (machine) =>
    machine.memory.putPointer(machine.trackVariable, machine.cpuTables[1] ?? 0n),
  ),
  memory("the variable names the table's second page", (machine) =>
    machine.memory.putPointer(machine.trackVariable, machine.trackTable + 4096n),
  ),
  memory("the variable names nothing", (machine) => machine.memory.putPointer(machine.trackVariable, 0n)),
  memory("the list of tables ends after the first", (machine) =>
    machine.memory.putPointer(machine.moduleList + 0x11f8n, 0n),
  ),
  memory("the list of tables names the first twice", (machine) =>
    machine.memory.putPointer(machine.moduleList + 0x11f8n, machine.trackTable),
  ),
  memory("the list of tables names another array", (machine) =>
    machine.memory.putPointer(machine.moduleList + 0x11f8n, machine.bigTruth[0]?.address ?? 0n),
  ),
  memory("the debugger data block without its sign", (machine) =>
    machine.memory.put(field(machine, 0x10n), new Uint8Array(4)),
  ),
  memory("the debugger data block names another variable", (machine) =>
    machine.memory.putPointer(field(machine, 0x1b8n), machine.trackVariable + 8n * 8n),
  ),
  memory("the root directory elsewhere", (machine) =>
    machine.memory.putPointer(field(machine, 0x98n), machine.trackVariable),
  ),
  // Lists, pool, large allocations.
  memory("the list of modules ends in itself", (machine) =>
    machine.memory.putPointer(machine.poolPage + 0x8200n, machine.poolPage + 0x8200n),
  ),
  memory("a page of the pool of zeros", (machine, below) =>
    machine.memory.put(0xffffa40c30000000n + BigInt(below(80)) * 4096n, new Uint8Array(PAGE)),
  ),
  memory("a page of the pool over another", (machine, below) =>
    machine.memory.put(
      0xffffa40c30000000n + BigInt(below(80)) * 4096n,
      machine.memory.map(0xffffa40c30000000n + BigInt(below(80)) * 4096n).slice(),
    ),
  ),
  memory("the list of large allocations of zeros", (machine) =>
    machine.memory.put(machine.bigTruth[0]?.address ?? 0n, new Uint8Array(3 * PAGE)),
  ),
  // The file: header of 2000 bytes, bitmap at 2038, the first page where 2020 says.
  file("a page of the table that is another page of the file", (bytes, below, pages) => {
    const first = firstPage(bytes);
    const from = first + PAGE * below(Math.floor((bytes.length - first) / PAGE));
    return bytes.copyWithin(pick(pages, below, first), from, from + PAGE);
  }),
  file("two pages of the table in each other's place", (bytes, below, pages) => {
    const [one, other] = [pick(pages, below, 0), pick(pages, below, 0)];
    const kept = bytes.slice(one, one + PAGE);
    bytes.copyWithin(one, other, other + PAGE).set(kept, other);
    return bytes;
  }),
  file("a page of the table left out, all others one place nearer", (bytes, below, pages) => {
    const at = pick(pages, below, 0);
    return bytes.copyWithin(at, at + PAGE);
  }),
  file("a page of the table twice, all others one place further", (bytes, below, pages) => {
    const at = pick(pages, below, 0);
    return bytes.copyWithin(at + PAGE, at, bytes.length - PAGE);
  }),
  file("cut off within the table", (bytes, below, pages) => bytes.slice(0, pick(pages, below, 0x4000) + below(PAGE))),
  file("a bit of the bitmap cleared", (bytes, below) => flipped(bytes, below, true)),
  file("a bit of the bitmap set", (bytes, below) => flipped(bytes, below, false)),
  file("the first page one page further", (bytes) => {
    view(bytes).setUint32(0x2020, firstPage(bytes) + PAGE, true);
    return bytes;
  }),
  file("twice the pages in the bitmap", (bytes) => {
    view(bytes).setUint32(0x2028, 2 * view(bytes).getUint32(0x2028, true), true);
    return bytes;
  }),
  file("low bits of the page tables' address", (bytes, below) => {
    bytes[0x10] = (bytes[0x10] ?? 0) | (1 + below(254));
    return bytes;
  }),
  file("page tables elsewhere", (bytes, below) => {
    view(bytes).setUint32(0x10, view(bytes).getUint32(0x10, true) + PAGE * (1 + below(6)), true);
    return bytes;
  }),
  file("one processor", (bytes) => {
    view(bytes).setUint32(0x34, 1, true);
    return bytes;
  }),
  file("three processors", (bytes) => {
    view(bytes).setUint32(0x34, 3, true);
    return bytes;
  }),
  file("no list of modules named", (bytes) => bytes.fill(0, 0x20, 0x28)),
  file("the list of modules elsewhere", (bytes, below) => {
    view(bytes).setUint32(0x20, view(bytes).getUint32(0x20, true) + 8 * (1 + below(64)), true);
    return bytes;
  }),
  file("another version of Windows", (bytes, below) => {
    view(bytes).setUint32(0x0c, pick([2600, 7601, 15063, 22621], below, 1), true);
    return bytes;
  }),
  file("a header filled with the text PAGE behind the sign", (bytes) => {
    for (let at = 0x80; at < 0xf98; at += 4) bytes.set([0x50, 0x41, 0x47, 0x45], at);
    return bytes;
  }),
];

function firstPage(bytes: Uint8Array): number {
  return view(bytes).getUint32(0x2020, true);
}

/** Turns round one bit of the bitmap that is set, or that is clear, below the last one that is set. */
function flipped(bytes: Uint8Array, below: Below, isSet: boolean): Uint8Array {
  let end = firstPage(bytes) - 1;
  while (end > 0x2038 && bytes[end] === 0) end -= 1;
  const bits = (end - 0x2038) * 8;
  let at = below(bits);
  for (let tries = 0; tries < bits; tries++, at = (at + 1) % bits) {
    const byte = 0x2038 + (at >>> 3);
    if ((((bytes[byte] ?? 0) >>> (at & 7)) & 1) !== (isSet ? 1 : 0)) continue;
    bytes[byte] = (bytes[byte] ?? 0) ^ (1 << (at & 7));
    break;
  }
  return bytes;
}
