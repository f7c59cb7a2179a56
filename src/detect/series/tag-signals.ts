// One tag over a window: its outstanding blocks, bytes and bytes per block as whole columns, with the basis that fits them.

import type { Basis } from "./basis.ts";
import type { History } from "./history.ts";
import { lasts, leasts, means, MIN_POINTS, type Window } from "./window.ts";

export interface TagSignals {
  /** Row key: tag * 2 + kind code. */
  readonly key: number;
  readonly basis: Basis;
  /** Outstanding blocks. */
  readonly counts: Float64Array;
  /** Bytes. */
  readonly held: Float64Array;
  /** Bytes per block. */
  readonly sizes: Float64Array;
  /** Cumulative allocations at the same times; NaN where the source does not know them. */
  readonly allocs: Float64Array;
}

/**
 * `constant` where nothing moved, `too-new` where the tag is listed too briefly to be looked at. `of` makes one value of a group
 * of points.
 */
export function readSignals(
  window: Window,
  history: History,
  key: number,
  of: typeof means | typeof leasts = means,
): TagSignals | "constant" | "too-new" {
  const columns = history.columns(key);
  if (columns === undefined) return "too-new";
  if (isStill(columns, window)) return "constant";
  const count = judgeable(of(columns.outstanding, window.start, window.group));
  const bytes = judgeable(of(columns.bytes, window.start, window.group));
  if (count === undefined || bytes === undefined || count.from !== bytes.from) return "too-new";
  return {
    key,
    basis: window.basis(count.from),
    counts: count.values,
    held: bytes.values,
    sizes: bytes.values.map((b, i) => b / Math.max(1, count.values[i] ?? 1)),
    allocs: lasts(columns.allocs, window.start, window.group).subarray(count.from),
  };
}

/** Whether neither the blocks nor the bytes of a row moved within a window. */
export function isStill(
  columns: { readonly outstanding: Float64Array; readonly bytes: Float64Array },
  window: Window,
): boolean {
  return isConstant(columns.outstanding, window.start) && isConstant(columns.bytes, window.start);
}

function isConstant(values: Float64Array, start: number): boolean {
  const first = values[start];
  for (let i = start + 1; i < values.length; i++) if (values[i] !== first) return false;
  return true;
}

/**
 * The part of a series that can be judged: from its first value on (moved to one of 16 shared starts), with holes filled
 * by the value before. Undefined where it is too short.
 */
export function judgeable(values: Float64Array): { from: number; values: Float64Array } | undefined {
  const n = values.length;
  let from = 0;
  while (from < n && Number.isNaN(values[from])) from += 1;
  const grid = Math.max(1, Math.floor(n / 16));
  from = Math.ceil(from / grid) * grid;
  if (n - from < MIN_POINTS) return undefined;
  const out = values.slice(from);
  for (let i = 1; i < out.length; i++) if (Number.isNaN(out[i])) out[i] = out[i - 1] as number;
  return Number.isNaN(out[0]) ? undefined : { from, values: out };
}
