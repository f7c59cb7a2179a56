// Byte recipes of dump files around a made-up machine. Independent on purpose: literal offsets from
// docs/sources/crash-dump.md, nothing of the reader in src/ is used here.

import type { Machine } from "./machine.ts";

const PAGE = 4096;
const text = (value: string): Uint8Array => Uint8Array.from(value, (char) => char.charCodeAt(0));

class Writer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.view = new DataView(this.bytes.buffer);
  }
  ascii(at: number, value: string): void {
    this.bytes.set(text(value), at);
  }
  u32(at: number, value: number): void {
    this.view.setUint32(at, value >>> 0, true);
  }
  u64(at: number, value: bigint | number): void {
    this.view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), true);
  }
}

function sortedPages({ memory }: Machine): [number, Uint8Array][] {
  return [...memory.pages].sort(([a], [b]) => a - b);
}

function runsOf(pages: readonly [number, Uint8Array][]): [number, number][] {
  const runs: [number, number][] = [];
  for (const [number] of pages) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] === number) last[1] += 1;
    else runs.push([number, 1]);
  }
  return runs;
}

function body(pages: readonly [number, Uint8Array][]): Uint8Array {
  const bytes = new Uint8Array(pages.length * PAGE);
  pages.forEach(([, page], i) => bytes.set(page, i * PAGE));
  return bytes;
}

export function join(...parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const TIME = (1_714_979_289_000n + 11_644_473_600_000n) * 10_000n;
const MACHINE = { x64: 0x8664, arm64: 0xaa64, x86: 0x14c, "x86-pae": 0x14c } as const;

/** The header: 'PAGE' wherever nothing is written, as real writers leave it. */
export function header(machine: Machine, type: number): Uint8Array {
  const wide = machine.memory.wide;
  const w = new Writer(wide ? 0x2000 : 0x1000);
  for (let at = 0; at < w.bytes.length; at += 4) w.ascii(at, "PAGE");
  const pages = sortedPages(machine);
  const runs = runsOf(pages);
  if (wide) {
    w.ascii(0, "PAGEDU64");
    w.u32(8, 15);
    w.u32(0xc, machine.build);
    // The low bits hold a process-context number.
    w.u64(0x10, machine.memory.root + 2);
    w.u64(0x18, 0xfffffa8000000000n);
    w.u64(0x20, machine.moduleList);
    w.u64(0x28, machine.moduleList + 0x40n);
    w.u32(0x30, MACHINE[machine.memory.kind]);
    w.u32(0x34, machine.cpus);
    w.u32(0x38, 0x161);
    for (const at of [0x40, 0x48, 0x50, 0x58]) w.u64(at, at);
    w.u64(0x80, machine.options.debuggerData === false ? 0x4547415045474150n : machine.debuggerData);
    if (runs.length <= 43) {
      w.u32(0x88, runs.length);
      w.u64(0x90, pages.length);
      runs.forEach(([first, count], i) => {
        w.u64(0x98 + 16 * i, first);
        w.u64(0xa0 + 16 * i, count);
      });
    }
    w.u32(0xf98, type);
    w.u64(0xfa8, TIME);
    w.u64(0x1030, 36_000_000_000n);
    return w.bytes;
  }
  w.ascii(0, "PAGEDUMP");
  w.u32(8, 15);
  w.u32(0xc, machine.build);
  w.u32(0x10, machine.memory.root);
  w.u32(0x18, Number(machine.moduleList));
  w.u32(0x20, MACHINE[machine.memory.kind]);
  w.u32(0x24, machine.cpus);
  w.u32(0x28, 0xd1);
  for (const at of [0x2c, 0x30, 0x34, 0x38]) w.u32(at, at);
  w.bytes[0x5c] = machine.memory.kind === "x86-pae" ? 1 : 0;
  w.u32(0x60, machine.options.debuggerData === false ? 0x45474150 : Number(machine.debuggerData));
  if (runs.length <= 86) {
    w.u32(0x64, runs.length);
    w.u32(0x68, pages.length);
    runs.forEach(([first, count], i) => {
      w.u32(0x6c + 8 * i, first);
      w.u32(0x70 + 8 * i, count);
    });
  }
  w.u32(0xf88, type);
  w.u64(0xfb8, 36_000_000_000n);
  w.u64(0xfc0, TIME);
  return w.bytes;
}

export function fullDump(machine: Machine): Uint8Array {
  return join(header(machine, 1), body(sortedPages(machine)));
}

function bitmapOf(pages: readonly [number, Uint8Array][]): { bits: number; bytes: Uint8Array } {
  // An odd number of bits: the last byte is only part used.
  const bits = (pages.at(-1)?.[0] ?? 0) + 3;
  const bytes = new Uint8Array(Math.ceil(bits / 8));
  for (const [number] of pages) bytes[number >>> 3] = (bytes[number >>> 3] ?? 0) | (1 << (number & 7));
  return { bits, bytes };
}

/** Types 5 and 6. */
export function bitmapDump(machine: Machine, type: 5 | 6 = 6): Uint8Array {
  const pages = sortedPages(machine);
  const { bits, bytes } = bitmapOf(pages);
  const head = header(machine, type);
  const first = Math.ceil((head.length + 0x38 + bytes.length) / PAGE) * PAGE;
  const w = new Writer(first - head.length);
  w.ascii(0, type === 5 ? "FDMP" : "SDMP");
  w.ascii(4, "DUMP");
  w.u64(0x20, first);
  w.u64(0x28, pages.length);
  w.u64(0x30, bits);
  w.bytes.set(bytes, 0x38);
  return join(head, w.bytes, body(pages));
}

/** Type 2, the summary dump of XP to 7. */
export function summaryDump(machine: Machine): Uint8Array {
  const pages = sortedPages(machine);
  const { bits, bytes } = bitmapOf(pages);
  const head = header(machine, 2);
  const start = machine.memory.wide ? 0x28 : 0x20;
  const first = Math.ceil((head.length + start + bytes.length) / PAGE) * PAGE;
  const w = new Writer(first - head.length);
  w.ascii(0, "SDMP");
  w.ascii(4, "DUMP");
  w.u32(0xc, first);
  w.u32(0x10, bits);
  w.u32(0x14, pages.length);
  w.u32(0x18, bits);
  w.bytes.set(bytes, start);
  return join(head, w.bytes, body(pages));
}

/** Types 8, 9 and A. */
export function rangesDump(machine: Machine, type: 8 | 9 | 10): Uint8Array {
  const pages = sortedPages(machine);
  const runs = runsOf(pages);
  const first = Math.ceil((0x2040 + 16 * (runs.length + 1)) / PAGE) * PAGE;
  const w = new Writer(first - 0x2000);
  w.u32(0, 0x40);
  w.ascii(4, "RDMP");
  w.ascii(8, "DUMP");
  w.u64(0x10, first - 0x2020);
  w.u64(0x18, first);
  if (type === 10) {
    w.u32(0x20, runs.length);
    w.u64(0x28, pages.length);
  }
  runs.forEach(([start, count], i) => {
    w.u64(0x30 + 16 * i, start);
    w.u64(0x38 + 16 * i, count);
  });
  return join(header(machine, type), w.bytes, body(pages));
}

/** Type 4: modules, no memory. */
export function triageDump(machine: Machine): Uint8Array {
  const w = new Writer(0x2000);
  const names = machine.modules.map(({ name }) => `\\SystemRoot\\system32\\${name}`);
  const base = 0x2000;
  w.u32(4, 0x4000);
  w.u32(8, 0x4000 - 4);
  w.u32(0x18, base + 0x1800);
  w.u32(0x30, base + 0x100);
  w.u32(0x34, machine.modules.length);
  w.u32(0x70, base + 0x1000);
  w.u32(0x74, 0x380);
  w.u32(0x78, base + 0x1a00);
  w.u32(0x7c, 1);
  let at = 0x800;
  machine.modules.forEach(({ base: image, size }, i) => {
    const entry = 0x100 + 0x90 * i;
    const name = names[i] ?? "";
    w.u32(entry, base + at);
    w.u64(entry + 0x38, image);
    w.u32(entry + 0x48, size);
    w.u32(entry + 0x80, 0xabcd);
    w.u32(entry + 0x88, 0x5f3e2a10);
    w.u32(at, name.length);
    for (let c = 0; c < name.length; c++) w.view.setUint16(at + 4 + 2 * c, name.charCodeAt(c), true);
    at += 4 + 2 * name.length + 2;
  });
  w.ascii(0x1010, "KDBG");
  w.u32(0x1014, 0x380);
  w.u64(0x1018, machine.kernelBase);
  w.u64(0x1208, machine.kernelBase + 0x80n);
  w.ascii(0x1b80, "19041.1.amd64fre.vb_release.191206-1406");
  w.u64(0x1800, 1);
  w.ascii(0x1818, "o\0l\0d\0.\0s\0y\0s\0");
  w.u64(0x1830, machine.kernelBase + 0x10000000n);
  w.u64(0x1838, machine.kernelBase + 0x10008000n);
  w.u64(0x1a00, machine.kernelBase);
  w.u32(0x1a08, base + 0x1b00);
  w.u32(0x1a0c, 0x100);
  w.ascii(0x1ffc, "TRGD");
  return join(header(machine, 4), w.bytes);
}

/** The machine's memory from 0, zeros where there is none. */
export function rawImage(machine: Machine): Uint8Array {
  const pages = sortedPages(machine);
  const bytes = new Uint8Array(((pages.at(-1)?.[0] ?? 0) + 1) * PAGE);
  for (const [number, page] of pages) bytes.set(page, number * PAGE);
  return bytes;
}

/** An ELF core as emulators write it: one loadable segment a run. */
export function elfCore(machine: Machine): Uint8Array {
  const pages = sortedPages(machine);
  const runs = runsOf(pages);
  const w = new Writer(64 + 56 * (runs.length + 1));
  w.ascii(0, "\x7fELF");
  w.bytes.set([2, 1, 1], 4);
  w.view.setUint16(16, 4, true);
  w.view.setUint16(18, { x64: 0x3e, arm64: 0xb7, x86: 3, "x86-pae": 3 }[machine.memory.kind], true);
  w.u64(32, 64);
  w.view.setUint16(54, 56, true);
  w.view.setUint16(56, runs.length + 1, true);
  // The first entry is a note.
  w.u32(64, 4);
  let offset = w.bytes.length;
  runs.forEach(([first, count], i) => {
    const at = 64 + 56 * (i + 1);
    w.u32(at, 1);
    w.u64(at + 8, offset);
    w.u64(at + 24, first * PAGE);
    w.u64(at + 32, count * PAGE);
    w.u64(at + 40, count * PAGE);
    offset += count * PAGE;
  });
  return join(w.bytes, body(pages));
}

/** A LiME capture: a header of 32 bytes before each run. */
export function limeImage(machine: Machine): Uint8Array {
  const { pages } = machine.memory;
  const parts: Uint8Array[] = [];
  for (const [first, count] of runsOf(sortedPages(machine))) {
    const w = new Writer(32);
    w.ascii(0, "EMiL");
    w.u32(4, 1);
    w.u64(8, first * PAGE);
    w.u64(16, (first + count) * PAGE - 1);
    parts.push(w.bytes);
    for (let i = 0; i < count; i++) parts.push(pages.get(first + i) ?? new Uint8Array(PAGE));
  }
  return join(...parts);
}
