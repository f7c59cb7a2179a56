// Which snapshots of a recording to read: a span of time, and at most so many of them.

import type { DatabaseSync } from "node:sqlite";
import type { Milliseconds } from "../model/snapshot.ts";
import { isDamage } from "./database.ts";
import { numberIn } from "./dictionary.ts";
import { blocksOf, WHOLE, type Block } from "./walk.ts";

export interface ReadRange {
  /** Only snapshots at or after this time. */
  readonly from?: Milliseconds | undefined;
  /** Only snapshots at or before this time. */
  readonly to?: Milliseconds | undefined;
  /**
   * At most about this many, evenly spaced in time, always with the first and last of every boot. Keyframes are taken
   * where they are near enough, which makes a coarse read of a long recording quick.
   */
  readonly maxSnapshots?: number | undefined;
}

/** One snapshot without its rows. */
export interface Listed {
  readonly id: number;
  readonly time: Milliseconds;
  readonly boot: number;
}

/** Every snapshot in the order of writing, from the index alone. */
export function listSnapshots(db: DatabaseSync): Listed[] {
  const statement = db.prepare("SELECT id, time, boot FROM snapshot INDEXED BY snapshot_boot");
  return statement
    .all()
    .map((row) => ({ id: numberIn(row, "id"), time: numberIn(row, "time"), boot: numberIn(row, "boot") }))
    .sort((a, b) => a.id - b.id);
}

export interface Choice {
  readonly blocks: (Block & { readonly until?: number })[];
  /** The ids to take; undefined takes all that lie in the range. */
  readonly ids: ReadonlySet<number> | undefined;
}

/** The blocks to walk for a range, and the snapshots to take from them. `sound` says whether the indexes can be trusted. */
export function choose(db: DatabaseSync, range: ReadRange, sound: boolean): Choice {
  const { from, to, maxSnapshots } = range;
  if (!sound) return { blocks: [WHOLE], ids: undefined };
  const blocks = blocksOf(db);
  if (from === undefined && to === undefined && maxSnapshots === undefined) return { blocks, ids: undefined };
  let listed: Listed[];
  try {
    listed = listSnapshots(db);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { blocks, ids: undefined };
  }
  const inRange = listed.filter(({ time }) => time >= (from ?? -Infinity) && time <= (to ?? Infinity));
  const keyframes = new Set(blocks.map(({ first }) => first));
  const taken =
    maxSnapshots === undefined || inRange.length <= maxSnapshots ? inRange : thinned(inRange, maxSnapshots, keyframes);
  return { blocks: needed(blocks, taken), ids: new Set(taken.map(({ id }) => id)) };
}

/** Only the blocks that hold something wanted, each up to the last snapshot wanted of it. */
function needed(blocks: readonly Block[], wanted: readonly Listed[]): (Block & { until: number })[] {
  const out: (Block & { until: number })[] = [];
  let at = 0;
  for (const block of blocks) {
    let until: number | undefined;
    for (let id = wanted[at]?.id; id !== undefined && id <= block.last; id = wanted[at]?.id) {
      until = id;
      at += 1;
    }
    if (until !== undefined) out.push({ ...block, until });
  }
  return out;
}

function thinned(listed: readonly Listed[], max: number, keyframes: ReadonlySet<number>): Listed[] {
  const taken = new Map<number, Listed>();
  for (const [i, one] of listed.entries()) {
    if (one.boot !== listed[i - 1]?.boot || one.boot !== listed[i + 1]?.boot) taken.set(one.id, one);
  }
  const slots = Math.max(1, max - taken.size);
  const first = listed[0]?.time ?? 0;
  const spacing = ((listed.at(-1)?.time ?? 0) - first) / slots || 1;
  // The best of each slot of time: a keyframe where there is one, else the first.
  const best = new Map<number, Listed>();
  for (const one of listed) {
    const slot = Math.floor((one.time - first) / spacing);
    const before = best.get(slot);
    if (before === undefined || (!keyframes.has(before.id) && keyframes.has(one.id))) best.set(slot, one);
  }
  for (const one of best.values()) taken.set(one.id, one);
  return [...taken.values()].sort((a, b) => a.id - b.id);
}
