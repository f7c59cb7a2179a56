// Numbers of table cells: whole counts, with separators where the row proves them, and bytes in units with decimals.

/** NaN for an empty cell, -Infinity for one that cannot be read. */
export type CellNumber = number;

const GROUPED = /^\d{1,3}(?:([.,' \u00a0\u202f])\d{3})(?:\1\d{3})*$/;

/** Separators that a row proves: a number with two or more groups of exactly three. */
export function provenSeparators(cells: readonly string[]): ReadonlySet<string> {
  const proven = new Set<string>();
  for (const cell of cells) {
    const match = GROUPED.exec(cell.trim());
    if (match !== null && cell.trim().split(match[1] ?? "").length > 2) proven.add(match[1] ?? "");
  }
  return proven;
}

/** A whole number; commas and blanks between groups are taken as they are, other separators where `proven` has them. */
export function wholeCell(cell: string | undefined, proven: ReadonlySet<string>): CellNumber {
  const text = cell?.trim() ?? "";
  if (text === "" || text === "-" || text === "null") return Number.NaN;
  if (/^-?\d{1,16}$/.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : Number.NEGATIVE_INFINITY;
  const separator = GROUPED.exec(text)?.[1];
  if (separator === undefined) return Number.NEGATIVE_INFINITY;
  const isPlain = separator !== "." || proven.has(".");
  return isPlain ? Number(text.replace(/\D/g, "")) : Number.NEGATIVE_INFINITY;
}

const SIZE = /^([\d.,' \u00a0\u202f]{1,24}?)\s?(B|bytes|[KMGT]i?B)$/i;
const POWERS = ["B", "K", "M", "G", "T"];

export interface ByteCell {
  readonly bytes: CellNumber;
  /** What the value is known to, in bytes; 1 where it is exact. */
  readonly known: number;
}

/** Bytes of a cell: a whole number, one of the column's unit with decimals, or one with its own unit (`81.5 kB`). */
export function byteCell(cell: string | undefined, factor: number, proven: ReadonlySet<string>): ByteCell {
  const text = cell?.trim() ?? "";
  const own = SIZE.exec(text);
  const unit = own === null ? factor : 1024 ** Math.max(0, POWERS.indexOf((own[2] ?? "B").charAt(0).toUpperCase()));
  const digits = own?.[1]?.trim() ?? text;
  if (unit === 1) return { bytes: wholeCell(digits, proven), known: 1 };
  const whole = wholeCell(digits, proven);
  if (Number.isFinite(whole)) return { bytes: whole * unit, known: unit };
  const decimal = /^(\d{1,12})[.,](\d{1,6})$/.exec(digits);
  if (decimal === null) return { bytes: whole, known: unit };
  const value = Number(`${decimal[1]}.${decimal[2]}`);
  return { bytes: Math.round(value * unit), known: unit / 10 ** (decimal[2] ?? "").length };
}
