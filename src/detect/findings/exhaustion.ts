// When memory runs out: for each leak and each pool, against the nearest of the pool's limit, RAM and the commit limit,
// counting everything that takes from the same store.

import type { PoolLimits } from "../../model/limits.ts";
import type { Milliseconds, PoolKind, SystemTotals } from "../../model/snapshot.ts";
import type { Exhaustion, LimitBasis } from "../../model/verdict.ts";

/** Growth of one tag that goes on: bytes per hour at the end of the record, and its standard error. */
export interface Taker {
  readonly kind: PoolKind;
  readonly rate: number;
  readonly error: number;
}

/** Something that runs out. */
export interface Store {
  readonly against: Exhaustion["against"];
  readonly limitBytes: number;
  readonly limitBasis: LimitBasis;
  readonly leftBytes: number;
  /** Whether memory of a kind comes out of it. */
  readonly feeds: (kind: PoolKind) => boolean;
}

/** What both pools take from; only what the record or the machine tells. */
export function storesOf(
  totals: SystemTotals,
  held: Readonly<Record<PoolKind, number>>,
  limits: PoolLimits,
): readonly Store[] {
  const stores: Store[] = [];
  const pools = held.nonpaged + held.paged;
  for (const kind of ["nonpaged", "paged"] as const) {
    const limit = limits[kind];
    if (limit === undefined) continue;
    stores.push({
      against: `${kind}-limit`,
      limitBytes: limit.bytes,
      limitBasis: { kind: "stated", text: limit.basis },
      leftBytes: limit.bytes - held[kind],
      feeds: (k) => k === kind,
    });
  }
  const { physicalBytes, availableBytes, commitLimitBytes, commitBytes } = totals;
  if (physicalBytes !== undefined) {
    stores.push({
      against: "ram",
      limitBytes: physicalBytes,
      limitBasis: availableBytes === undefined ? { kind: "less-pools" } : { kind: "available", bytes: availableBytes },
      leftBytes: availableBytes ?? physicalBytes - pools,
      // Only nonpaged pool must stay in RAM; paged pool can go to the page file and counts against commit.
      feeds: (k) => k === "nonpaged",
    });
  }
  if (commitLimitBytes !== undefined) {
    stores.push({
      against: "commit",
      limitBytes: commitLimitBytes,
      limitBasis: commitBytes === undefined ? { kind: "less-pools" } : { kind: "in-use", bytes: commitBytes },
      leftBytes: commitLimitBytes - (commitBytes ?? pools),
      feeds: () => true,
    });
  }
  return stores.filter((store) => store.limitBytes > 0);
}

const HOUR = 3_600_000;
/** A leak that makes up less than this share of what drains a store is timed alone: it is not what ends it. */
const OWN_SHARE = 0.1;

/** The store that runs out first under some takers; undefined where nothing is known or nothing grows. */
export function firstToRunOut(
  stores: readonly Store[],
  takers: readonly Taker[],
  end: Milliseconds,
): Exhaustion | undefined {
  let first: Exhaustion | undefined;
  for (const store of stores) {
    const mine = takers.filter((taker) => store.feeds(taker.kind));
    const rate = mine.reduce((sum, taker) => sum + taker.rate, 0);
    if (!(rate > 0)) continue;
    const error = Math.hypot(...mine.map((taker) => taker.error));
    const left = Math.max(0, store.leftBytes);
    const hours = left / rate;
    if (first !== undefined && first.hours.value <= hours) continue;
    const slow = rate - 2 * error;
    first = {
      hours: { value: hours, low: left / (rate + 2 * error), high: slow > 0 ? left / slow : Infinity },
      at: end + hours * HOUR,
      against: store.against,
      limitBytes: store.limitBytes,
      limitBasis: store.limitBasis,
    };
  }
  return first;
}

/** When one leak ends the machine: together with the others where it is a fair part of them, else by itself. */
export function exhaustionOf(
  own: Taker,
  all: readonly Taker[],
  stores: readonly Store[],
  end: Milliseconds,
): Exhaustion | undefined {
  const shared = stores.filter((store) => store.feeds(own.kind));
  const total = all.filter((t) => shared.some((s) => s.feeds(t.kind))).reduce((sum, t) => sum + t.rate, 0);
  return firstToRunOut(shared, own.rate >= OWN_SHARE * total ? all : [own], end);
}
