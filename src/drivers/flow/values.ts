// What the data flow knows of a register or a memory slot: a small set of possible meanings, and whether there are others.
// Meanings (atoms) are interned, so equal ones are identical objects.

export const ATOM = {
  /** Constant; a = low, b = high dword. */
  constant: 0,
  /** Address inside the image; a = RVA. */
  address: 1,
  /** Address inside the frame; a = offset from the stack pointer at entry. */
  stack: 2,
  /** What the function was called with; a = place (see abi.ts), b = bytes added. */
  parameter: 3,
  /** What static memory holds at run time; a = RVA. */
  load: 4,
  /** What a parameter points to; a = place, b = offset. */
  field: 5,
  /** Address of an unknown row of a static table; a = RVA of the first row, b = bytes per row. */
  table: 6,
  /** What stands in an unknown row of a static table; a = RVA in the first row, b = bytes per row. */
  row: 7,
  /** Imported function; a = RVA of its slot. */
  import: 8,
  /** The table of the KMDF functions. */
  wdf: 9,
  /** A function of KMDF; a = index. */
  wdfFunction: 10,
  /** A kernel function resolved by name at run time; a = index into the names. */
  routine: 11,
  /** A vector register loaded from static data; a = RVA. */
  data: 12,
  /** An unknown number that is a multiple of a; an index times the bytes of a row. */
  multiple: 13,
  /** A number of which some bits are known; a = their values, b = which. */
  bits: 14,
  /** Address inside the frame at an unknown distance from a; a = the lowest offset it can have. */
  frame: 15,
} as const;

export interface Atom {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  /** The value that is this atom and nothing else. */
  readonly only: Value;
}

export interface Value {
  readonly atoms: readonly Atom[];
  /** Whether it may also be something unknown. */
  readonly open: boolean;
}

export const UNKNOWN: Value = { atoms: [], open: true };

/** More alternatives than this are not followed. */
const MAX_ATOMS = 16;

/** The interned atoms of one driver. */
export class Atoms {
  // One map per kind, keyed by a 32-bit integer: wider numbers make slow keys.
  readonly #simple: readonly Map<number, Atom>[] = Object.values(ATOM).map(() => new Map<number, Atom>());
  readonly #pairs = new Map<string, Atom>();

  get(kind: number, a: number, b = 0): Value {
    const atoms = this.#simple[kind];
    if (b === 0 && atoms !== undefined) {
      const key = a | 0;
      const known = atoms.get(key);
      if (known !== undefined && known.a === a) return known.only;
      const made = makeAtom(kind, a, b);
      if (known === undefined) atoms.set(key, made);
      return made.only;
    }
    const key = `${kind}:${a}:${b}`;
    const known = this.#pairs.get(key);
    if (known !== undefined) return known.only;
    const made = makeAtom(kind, a, b);
    this.#pairs.set(key, made);
    return made.only;
  }

  constant(low: number, high = 0): Value {
    return this.get(ATOM.constant, low >>> 0, high >>> 0);
  }

  /** Applies a function to every alternative and joins what it gives. */
  map(value: Value, fn: (atom: Atom) => Value): Value {
    const [first] = value.atoms;
    if (first === undefined) return UNKNOWN;
    if (value.atoms.length === 1 && !value.open) return fn(first);
    let result: Value | undefined;
    for (const atom of value.atoms) {
      const each = fn(atom);
      result = result === undefined ? each : join(result, each);
    }
    return result === undefined ? UNKNOWN : value.open ? join(result, UNKNOWN) : result;
  }
}

function makeAtom(kind: number, a: number, b: number): Atom {
  const atoms: Atom[] = [];
  const only: Value = { atoms, open: false };
  const atom: Atom = { kind, a, b, only };
  atoms.push(atom);
  return atom;
}

/** What either value may be. Gives back `x` itself where `y` adds nothing. */
export function join(x: Value, y: Value): Value {
  if (x === y) return x;
  let added: Atom[] | undefined;
  let hasBits = false;
  for (const atom of y.atoms) {
    if (x.atoms.includes(atom)) continue;
    hasBits ||= atom.kind === ATOM.bits;
    (added ??= []).push(atom);
  }
  const open = x.open || y.open;
  if (added === undefined) {
    if (open === x.open) return x;
    return x.atoms.length === 0 ? UNKNOWN : { atoms: x.atoms, open };
  }
  const atoms = [...x.atoms, ...added];
  if (hasBits || x.atoms.some(({ kind }) => kind === ATOM.bits)) return joinBits(x, atoms, open);
  return atoms.length > MAX_ATOMS ? { atoms: atoms.slice(0, MAX_ATOMS), open: true } : { atoms, open };
}

/**
 * A number known in part takes up those that it allows: they are cases of it, and not known for themselves. Where nothing
 * is known of the whole, a few known zeroes are not worth a word.
 */
function joinBits(x: Value, atoms: readonly Atom[], open: boolean): Value {
  const kept = atoms.filter(
    (atom) => !(open && isLowInformation(atom)) && !atoms.some((other) => other !== atom && allows(other, atom)),
  );
  if (kept.length === x.atoms.length && open === x.open && kept.every((atom, i) => atom === x.atoms[i])) return x;
  if (kept.length > MAX_ATOMS) return { atoms: kept.slice(0, MAX_ATOMS), open: true };
  return kept.length === 0 ? UNKNOWN : { atoms: kept, open };
}

/** Zeroes alone: a byte or word that was loaded, a number that was shifted. */
function isLowInformation(atom: Atom): boolean {
  return atom.kind === ATOM.bits && atom.a === 0;
}

/** Whether a number known in part may be another one. */
function allows(bits: Atom, other: Atom): boolean {
  if (bits.kind !== ATOM.bits) return false;
  if (other.kind === ATOM.constant) return other.b === 0 && ((other.a & bits.b) ^ bits.a) === 0;
  return other.kind === ATOM.bits && (bits.b & ~other.b) === 0 && ((other.a & bits.b) ^ bits.a) === 0;
}

/** The only meaning of a value, or undefined where it has several or may be unknown. */
export function soleAtom(value: Value): Atom | undefined {
  return value.atoms.length === 1 && !value.open ? value.atoms[0] : undefined;
}

/** The low dword of a constant, or undefined where the value is not exactly one constant. */
export function constantOf(value: Value): number | undefined {
  const atom = soleAtom(value);
  return atom?.kind === ATOM.constant ? atom.a : undefined;
}
