// A signal prepared for the shared shapes together with columns of its own (steps, a rhythm) that each explanation gets.

import type { Basis } from "../series/basis.ts";
import type { Season } from "../series/season.ts";
import { prepare, type Prepared } from "./fit.ts";

export interface ShapeSet {
  readonly prepared: Prepared;
  /** The signal's own columns; addressed as COLUMNS + i. */
  readonly extras: readonly Float64Array[];
  readonly season: Season | undefined;
}

/** `values` counted from their first, divided by `unit` while fitting. */
export function makeShapeSet(
  basis: Basis,
  values: Float64Array,
  unit: number,
  extras: readonly Float64Array[],
  season: Season | undefined,
): ShapeSet {
  return { prepared: prepare(basis, values, unit, extras), extras, season };
}
