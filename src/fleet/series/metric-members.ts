// Which tags are exported, and their counters carried on beyond 32 bits. Members stay for a day after they left the top,
// so that a tag at the edge does not come and go; watched and leaking tags always belong.

import { carryCounterOn, rowKey, type Milliseconds, type Snapshot } from "../../model/snapshot.ts";
import type { Tag } from "../../model/tag.ts";

const STAY_MS = 24 * 3_600_000;

export interface MemberOptions {
  /** Largest tags by bytes and by blocks, per pool. */
  readonly top: number;
  readonly isWatched: (tag: Tag) => boolean;
  /** Whether a snapshot begins a new boot. */
  readonly isNewBoot: (before: Snapshot, after: Snapshot) => boolean;
}

/** One exported (tag, kind). Counters are undefined where the source does not know them. */
export interface Member {
  bytes: number;
  blocks: number;
  allocs: number | undefined;
  frees: number | undefined;
  /** Last time it was in the top, watched or leaking. */
  wantedAt: Milliseconds;
}

export class MetricMembers {
  readonly #options: MemberOptions;
  readonly #members = new Map<number, Member>();
  #last: Snapshot | undefined;
  #raw = new Map<number, { readonly allocs: number; readonly frees: number }>();

  constructor(options: MemberOptions) {
    this.#options = options;
  }

  /** Members by row key (tag * 2 + kind code). */
  get all(): ReadonlyMap<number, Member> {
    return this.#members;
  }

  /** Takes a snapshot; `leaking` are row keys that must be members whatever their size. */
  push(snapshot: Snapshot, leaking: ReadonlySet<number>): void {
    const { columns, time, counterBits } = snapshot;
    // The same snapshot again adds nothing, unless a tag was found leaking since.
    if (this.#last?.time === time && [...leaking].every((key) => this.#members.has(key))) return;
    const newBoot = this.#last !== undefined && this.#options.isNewBoot(this.#last, snapshot);
    const wanted = this.#wanted(snapshot, leaking);
    const seen = new Set<number>();
    const raw = new Map<number, { allocs: number; frees: number }>();
    for (let row = 0; row < columns.length; row++) {
      const key = rowKey(columns.tag[row] ?? 0, columns.kind[row] ?? 0);
      const isWanted = wanted.has(key);
      let member = this.#members.get(key);
      if (member === undefined && !isWanted) continue;
      const now = { allocs: columns.allocs[row] ?? Number.NaN, frees: columns.frees[row] ?? Number.NaN };
      const before = newBoot ? undefined : this.#raw.get(key);
      if (member === undefined) {
        member = { bytes: 0, blocks: 0, allocs: undefined, frees: undefined, wantedAt: time };
        this.#members.set(key, member);
      }
      member.allocs = carriedOn(
        before === undefined ? undefined : member.allocs,
        before?.allocs,
        now.allocs,
        counterBits,
      );
      member.frees = carriedOn(before === undefined ? undefined : member.frees, before?.frees, now.frees, counterBits);
      member.bytes = columns.bytes[row] ?? 0;
      member.blocks = columns.outstanding[row] ?? 0;
      if (isWanted) member.wantedAt = time;
      raw.set(key, now);
      seen.add(key);
    }
    for (const [key, member] of this.#members) {
      if (!seen.has(key) || time - member.wantedAt > STAY_MS) this.#members.delete(key);
    }
    this.#raw = raw;
    this.#last = snapshot;
  }

  #wanted({ columns }: Snapshot, leaking: ReadonlySet<number>): ReadonlySet<number> {
    const wanted = new Set(leaking);
    for (const kind of [0, 1]) {
      const rows: number[] = [];
      for (let row = 0; row < columns.length; row++) if (columns.kind[row] === kind) rows.push(row);
      for (const by of [columns.bytes, columns.outstanding]) {
        rows.sort((a, b) => (by[b] ?? 0) - (by[a] ?? 0));
        for (const row of rows.slice(0, this.#options.top)) wanted.add(rowKey(columns.tag[row] ?? 0, kind));
      }
    }
    for (let row = 0; row < columns.length; row++) {
      const tag = columns.tag[row] ?? 0;
      if (this.#options.isWatched(tag)) wanted.add(rowKey(tag, columns.kind[row] ?? 0));
    }
    return wanted;
  }
}

function carriedOn(
  total: number | undefined,
  before: number | undefined,
  now: number,
  bits: 32 | 64,
): number | undefined {
  if (Number.isNaN(now)) return undefined;
  return carryCounterOn(total ?? Number.NaN, before ?? Number.NaN, now, bits);
}
