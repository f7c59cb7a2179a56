// Series to JSON: NaN becomes null, columns become shapes of a few characters or differences that pack well.

import { SHAPE_LEVELS, type Deltas, type Points } from "../contract.ts";

/** Plain values; NaN as null. */
export function toPoints(column: Float64Array): Points {
  return Array.from(column, (value) => (Number.isNaN(value) ? null : value));
}

/** At most `count` indices over `length`, evenly, the first and the last among them. */
export function evenIndices(length: number, count: number): number[] {
  if (length <= count) return Array.from({ length }, (_, i) => i);
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - 1)) / (count - 1)));
}

/** Integers at the indices as differences; a row of one and the same value as that value alone. */
export function toDeltas(column: Float64Array, indices: readonly number[]): Deltas {
  const deltas: (number | null)[] = [];
  let before = 0;
  let constant = true;
  for (const index of indices) {
    const value = Math.round(column[index] ?? Number.NaN);
    if (Number.isNaN(value)) {
      deltas.push(null);
      constant = false;
      continue;
    }
    if (deltas.length > 0 && value !== before) constant = false;
    deltas.push(value - before);
    before = value;
  }
  return constant ? deltas.slice(0, 1) : deltas;
}

/** The inverse of {@link toDeltas} for `length` points. */
export function fromDeltas(deltas: Deltas, length: number): (number | null)[] {
  const [only] = deltas;
  if (deltas.length === 1 && length !== 1) return Array.from({ length }, () => only ?? null);
  let sum = 0;
  return deltas.map((delta) => {
    if (delta === null) return null;
    sum += delta;
    return sum;
  });
}

/** The shape of a column in `count` characters, scaled from 0 to its maximum. */
export function toShape(column: Float64Array, count = 32): string {
  let max = 0;
  for (const value of column) if (value > max) max = value;
  const top = SHAPE_LEVELS.length - 1;
  let shape = "";
  for (const index of evenIndices(column.length, count)) {
    const value = column[index] ?? Number.NaN;
    shape += Number.isNaN(value) ? " " : (SHAPE_LEVELS[max === 0 ? 0 : Math.round((value / max) * top)] ?? "0");
  }
  return shape;
}
