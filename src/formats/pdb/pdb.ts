// The names in a PDB file: public symbols and, where the PDB is private, functions with their sizes, all by RVA. Types and
// line numbers are left alone. Spec: the published microsoft-pdb sources (cvinfo.h, dbi.h) and LLVM's page on the PDB format.

import { FormatError } from "../../model/errors.ts";
import { guidAt } from "../pe/guid.ts";
import { decodeUtf8 } from "../utf8.ts";
import { MsfFile } from "./msf.ts";
import { addressMapOf } from "./pdb-addresses.ts";

/** A name in the image that a PDB belongs to. */
export interface PdbSymbol {
  readonly rva: number;
  /** As the linker knows it: C++ and x86 names of public symbols are decorated. */
  readonly name: string;
  /** Bytes of code; undefined for public symbols, which have no size. */
  readonly size: number | undefined;
  /** Whether it names code; public symbols also name data. */
  readonly isFunction: boolean;
}

export interface Pdb {
  /** Identity as a symbol server spells it: 32 upper-case hexadecimal digits. */
  readonly guid: string;
  /** The age that a driver's debug directory must name together with the GUID. */
  readonly age: number;
  /** By RVA; of several names for one place a function's own name is the only one kept, otherwise the first. */
  readonly symbols: readonly PdbSymbol[];
}

/** Where an address lies: the nearest symbol at or below it, and the bytes from there. */
export interface PdbPlace {
  readonly symbol: PdbSymbol;
  readonly displacement: number;
}

const STREAM = { info: 1, dbi: 3 } as const;
/** Offsets in the header of the DBI stream, and its size. */
const DBI = {
  age: 8,
  symbolStream: 20,
  substreams: [24, 28, 32, 36, 40, 52],
  debugHeader: 48,
  size: 64,
} as const;
/** Offsets in a module's record, and where its name begins. */
const MODULE = { stream: 34, symbolBytes: 36, names: 64 } as const;
const NO_STREAM = 0xffff;
const MAX_SYMBOLS = 4_000_000;
const MAX_NAME = 4096;

/** Symbol records, counted from their length field. */
const PUBLIC = { kind: 0x110e, flags: 4, offset: 8, segment: 12, name: 14 } as const;
const PROCEDURE = { size: 16, offset: 32, segment: 36, name: 39 } as const;
/** S_LPROC32, S_GPROC32, their _ID forms and those of deferred procedure calls. */
const PROCEDURES: ReadonlySet<number> = new Set([0x110f, 0x1110, 0x1146, 0x1147, 0x1155, 0x1156]);
const PUBLIC_CODE = 0b11;

/**
 * Reads the names of a PDB from its bytes.
 * @throws FormatError where it is no PDB of the 7.00 format, or is cut short or damaged in what leads to the names. Records
 * that do not fit end their list: what was read before them stays.
 */
export function parsePdb(data: Uint8Array): Pdb {
  const msf = new MsfFile(data);
  const info = msf.stream(STREAM.info);
  const dbi = msf.stream(STREAM.dbi);
  if (info.length < 28) throw new FormatError("pdb", "no identity in the PDB", { found: `${info.length} bytes` });
  if (dbi.length < DBI.size) throw new FormatError("pdb", "no debug information in the PDB (it holds types alone)");
  const view = viewOf(dbi);
  // Modules, section contributions, section map, sources, type servers, edit-and-continue; then the debug header.
  const sizes = DBI.substreams.map((at) => view.getUint32(at, true));
  const debugHeader = DBI.size + sizes.reduce((sum, size) => sum + size, 0);
  const toRva = addressMapOf(msf, dbi, debugHeader, view.getUint32(DBI.debugHeader, true));
  const found = new Map<number, PdbSymbol>();
  const add = (symbol: PdbSymbol): void => {
    const before = found.get(symbol.rva);
    const isBetter = before === undefined || (before.size === undefined && symbol.size !== undefined);
    if (isBetter && (before !== undefined || found.size < MAX_SYMBOLS)) found.set(symbol.rva, symbol);
  };
  readPublics(msf.stream(view.getUint16(DBI.symbolStream, true)), toRva, add);
  const modules = dbi.subarray(DBI.size, Math.min(dbi.length, DBI.size + (sizes[0] ?? 0)));
  for (const { stream, bytes } of readModules(modules)) readProcedures(msf.stream(stream), bytes, toRva, add);
  const symbols = [...found.values()].sort((a, b) => a.rva - b.rva);
  return { guid: guidAt(info, 12), age: view.getUint32(DBI.age, true), symbols };
}

/**
 * The symbol that an address belongs to, or undefined where none stands below it, or the function there ends before it.
 * Without sizes (public symbols) the nearest name below may be another function's: its distance says how far to trust it.
 */
export function symbolAt(pdb: Pdb, rva: number): PdbPlace | undefined {
  let low = 0;
  let high = pdb.symbols.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((pdb.symbols[middle]?.rva ?? 0) <= rva) low = middle + 1;
    else high = middle - 1;
  }
  const symbol = pdb.symbols[high];
  if (symbol === undefined) return undefined;
  const displacement = rva - symbol.rva;
  return symbol.size !== undefined && displacement >= symbol.size ? undefined : { symbol, displacement };
}

/** Whether a PDB is the one that an image names in its debug directory. */
export function isPdbOf(pdb: Pdb, reference: { readonly guid: string; readonly age: number }): boolean {
  return pdb.guid === reference.guid.toUpperCase() && pdb.age === reference.age;
}

type ToRva = (segment: number, offset: number) => number | undefined;

function readPublics(records: Uint8Array, toRva: ToRva, add: (symbol: PdbSymbol) => void): void {
  const view = viewOf(records);
  eachRecord(view, 0, records.length, PUBLIC.name, (kind, at, end) => {
    if (kind !== PUBLIC.kind) return;
    const rva = toRva(view.getUint16(at + PUBLIC.segment, true), view.getUint32(at + PUBLIC.offset, true));
    if (rva === undefined) return;
    const isFunction = (view.getUint32(at + PUBLIC.flags, true) & PUBLIC_CODE) !== 0;
    add({ rva, name: nameIn(records, at + PUBLIC.name, end), size: undefined, isFunction });
  });
}

function readProcedures(stream: Uint8Array, bytes: number, toRva: ToRva, add: (symbol: PdbSymbol) => void): void {
  const view = viewOf(stream);
  // The stream opens with its signature; records count from there.
  eachRecord(view, 4, Math.min(stream.length, bytes), PROCEDURE.name, (kind, at, end) => {
    if (!PROCEDURES.has(kind)) return;
    const rva = toRva(view.getUint16(at + PROCEDURE.segment, true), view.getUint32(at + PROCEDURE.offset, true));
    if (rva === undefined) return;
    const size = view.getUint32(at + PROCEDURE.size, true);
    add({ rva, name: nameIn(stream, at + PROCEDURE.name, end), size, isFunction: true });
  });
}

/** Walks symbol records: a length that leaves itself out, a kind, then what the kind needs (`least` bytes in all). */
function eachRecord(
  view: DataView,
  start: number,
  end: number,
  least: number,
  visit: (kind: number, at: number, end: number) => void,
): void {
  let at = start;
  while (at + 4 <= end) {
    const next = at + 2 + view.getUint16(at, true);
    if (next < at + 4 || next > end) return;
    if (next - at > least) visit(view.getUint16(at + 2, true), at, next);
    at = next;
  }
}

function readModules(modules: Uint8Array): { readonly stream: number; readonly bytes: number }[] {
  const view = viewOf(modules);
  const found: { stream: number; bytes: number }[] = [];
  let at = 0;
  while (at + MODULE.names < modules.length) {
    const stream = view.getUint16(at + MODULE.stream, true);
    if (stream !== NO_STREAM) found.push({ stream, bytes: view.getUint32(at + MODULE.symbolBytes, true) });
    // The names of the module and of its object file, then the next record at a multiple of four.
    const object = modules.indexOf(0, at + MODULE.names) + 1;
    const end = object === 0 ? 0 : modules.indexOf(0, object) + 1;
    if (end === 0) break;
    at = (end + 3) & ~3;
  }
  return found;
}

function nameIn(bytes: Uint8Array, start: number, end: number): string {
  const limit = Math.min(end, start + MAX_NAME);
  const zero = bytes.subarray(start, limit).indexOf(0);
  return decodeUtf8(bytes.subarray(start, zero < 0 ? limit : start + zero));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
