// The rows of a few snapshots of one boot as what triage looks at: level, since-boot counters, gain.

import {
  counterGrowth,
  indexRows,
  kindCodeOfKey,
  kindOf,
  tagOfKey,
  useAt,
  type Snapshot,
  type TagUse,
} from "../../model/snapshot.ts";
import type { CounterState, TriageGain } from "../../model/triage.ts";
import type { TagRef } from "../../model/verdict.ts";

/** One (tag, kind) of the last snapshot. */
export interface TriageRow extends TagRef {
  readonly key: number;
  readonly blocks: number;
  readonly bytes: number;
  readonly counters: CounterState;
  readonly allocs: number | undefined;
  readonly frees: number | undefined;
  /** Absent where there is one snapshot only. */
  readonly gain: TriageGain | undefined;
}

const HOUR = 3_600_000;

/**
 * Rows of the last snapshot, with what they gained since the first. Snapshots are of one boot and in time order. That the top
 * of a listing (`partial`) does not show a row does not say that there was none: then its gain is unknown.
 */
export function triageRows(snapshots: readonly Snapshot[], timed: boolean, partial: boolean): readonly TriageRow[] {
  const last = snapshots[snapshots.length - 1];
  if (last === undefined) return [];
  const indexes = snapshots.map((snapshot) => indexRows(snapshot.columns));
  const rows: TriageRow[] = [];
  for (const [key, row] of indexes[indexes.length - 1] ?? []) {
    const use = useAt(last.columns, row);
    const uses = snapshots.map((snapshot, i) => {
      const at = indexes[i]?.get(key);
      return at === undefined ? undefined : useAt(snapshot.columns, at);
    });
    rows.push({
      key,
      tag: tagOfKey(key),
      kind: kindOf(kindCodeOfKey(key)),
      blocks: use.outstanding,
      bytes: use.bytes,
      counters: counterStateOf(use, last.counterBits),
      allocs: use.allocs,
      frees: use.frees,
      gain: snapshots.length < 2 || (partial && uses.includes(undefined)) ? undefined : gainOf(uses, snapshots, timed),
    });
  }
  return rows;
}

/** Counters are usable where frees and what is outstanding fit into the allocations; else a 32-bit one went round. */
export function counterStateOf(use: TagUse, bits: 32 | 64): CounterState {
  const { allocs, frees, outstanding } = use;
  if (allocs === undefined || frees === undefined) return "unknown";
  if (frees <= allocs && outstanding <= allocs) return "known";
  return bits === 32 ? "wrapped" : "unknown";
}

function gainOf(uses: readonly (TagUse | undefined)[], snapshots: readonly Snapshot[], timed: boolean): TriageGain {
  const first = uses[0];
  const last = uses[uses.length - 1];
  const steps: { blocks: number; bytes: number; hours: number }[] = [];
  for (let i = 1; i < uses.length; i++) {
    steps.push({
      blocks: (uses[i]?.outstanding ?? 0) - (uses[i - 1]?.outstanding ?? 0),
      bytes: (uses[i]?.bytes ?? 0) - (uses[i - 1]?.bytes ?? 0),
      hours: ((snapshots[i]?.time ?? 0) - (snapshots[i - 1]?.time ?? 0)) / HOUR,
    });
  }
  const blocks = sumOf(steps.map((step) => step.blocks));
  const bytes = sumOf(steps.map((step) => step.bytes));
  const hours = sumOf(steps.map((step) => step.hours));
  const rates = steps.filter((step) => step.hours > 0).map((step) => step.bytes / step.hours);
  const bits = snapshots.some((snapshot) => snapshot.counterBits === 32) ? 32 : 64;
  const allocs = grownOf(first, last, "allocs", bits);
  const frees = grownOf(first, last, "frees", bits);
  const counted = allocs !== undefined && frees !== undefined;
  return {
    blocks,
    bytes,
    steps: steps.length,
    stepsUp: steps.filter((step) => step.blocks > 0).length,
    ...(counted ? { allocs, frees } : {}),
    ...(counted && allocs > 0 ? { keptShare: Math.min(1, Math.max(0, blocks / allocs)) } : {}),
    ...(timed && hours > 0 && rates.length > 0
      ? { bytesPerHour: { value: bytes / hours, low: Math.min(...rates), high: Math.max(...rates) } }
      : {}),
  };
}

/** A tag that the first snapshot does not list had made nothing by then. */
function grownOf(
  first: TagUse | undefined,
  last: TagUse | undefined,
  field: "allocs" | "frees",
  bits: 32 | 64,
): number | undefined {
  const from = first === undefined ? 0 : first[field];
  const to = last?.[field];
  if (from === undefined || to === undefined) return undefined;
  const grown = counterGrowth(from, to, bits);
  return grown < 0 ? undefined : grown;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
