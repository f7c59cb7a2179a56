import { describe, expect, test } from "vitest";
import type { PoolKind } from "../../model/snapshot.ts";
import { exhaustionOf, firstToRunOut, storesOf, type Store, type Taker } from "./exhaustion.ts";

const HOUR = 3_600_000;
const held = { nonpaged: 300, paged: 200 };

describe("what can run out", () => {
  test("nothing where nothing is known", () => {
    expect(storesOf({}, held, {})).toEqual([]);
  });

  test("a pool's own limit, less what that pool holds; other kinds do not take from it", () => {
    const [nonpaged, paged, ...more] = storesOf({}, held, {
      nonpaged: { bytes: 1000, basis: "of RAM" },
      paged: { bytes: 900, basis: "of the machine" },
    });
    expect(more).toEqual([]);
    expect(nonpaged).toMatchObject({
      against: "nonpaged-limit",
      limitBytes: 1000,
      limitBasis: { kind: "stated", text: "of RAM" },
      leftBytes: 700,
    });
    expect(paged).toMatchObject({ against: "paged-limit", leftBytes: 700, limitBasis: { text: "of the machine" } });
    expect(feeds(nonpaged)).toEqual([true, false]);
    expect(feeds(paged)).toEqual([false, true]);
  });

  test("RAM, for nonpaged pool only: what is available, else what the pools leave of it", () => {
    const [known] = storesOf({ physicalBytes: 5000, availableBytes: 900 }, held, {});
    expect(known).toMatchObject({
      against: "ram",
      limitBytes: 5000,
      limitBasis: { kind: "available", bytes: 900 },
      leftBytes: 900,
    });
    expect(feeds(known)).toEqual([true, false]);
    const [unknown] = storesOf({ physicalBytes: 5000 }, held, {});
    expect(unknown).toMatchObject({ limitBasis: { kind: "less-pools" }, leftBytes: 4500 });
    expect(storesOf({ availableBytes: 900 }, held, {})).toEqual([]);
  });

  test("commit, for both pools: what is not in use, else what the pools leave of it", () => {
    const [known] = storesOf({ commitLimitBytes: 8000, commitBytes: 6000 }, held, {});
    expect(known).toMatchObject({
      against: "commit",
      limitBytes: 8000,
      limitBasis: { kind: "in-use", bytes: 6000 },
      leftBytes: 2000,
    });
    expect(feeds(known)).toEqual([true, true]);
    const [unknown] = storesOf({ commitLimitBytes: 8000 }, held, {});
    expect(unknown).toMatchObject({ limitBasis: { kind: "less-pools" }, leftBytes: 7500 });
    expect(storesOf({ commitBytes: 6000 }, held, {})).toEqual([]);
  });

  test("a limit of nothing is none", () => {
    expect(storesOf({ physicalBytes: 0, commitLimitBytes: 0 }, held, { paged: { bytes: 0, basis: "" } })).toEqual([]);
    expect(storesOf({ physicalBytes: 1, availableBytes: 0 }, held, {})).toHaveLength(1);
  });
});

function feeds(store: Store | undefined): boolean[] {
  return (["nonpaged", "paged"] as const).map((kind) => store?.feeds(kind) === true);
}

const store = (against: Store["against"], leftBytes: number, ...kinds: PoolKind[]): Store => ({
  against,
  limitBytes: 10_000,
  limitBasis: { kind: "less-pools" },
  leftBytes,
  feeds: (kind) => kinds.includes(kind),
});
const ram = (left: number): Store => store("ram", left, "nonpaged");
const commit = (left: number): Store => store("commit", left, "nonpaged", "paged");
const taker = (rate: number, error = 0, kind: PoolKind = "nonpaged"): Taker => ({ kind, rate, error });

describe("what runs out first", () => {
  test("what is left over the rate, with the interval of two standard errors", () => {
    expect(firstToRunOut([ram(1000)], [taker(100, 10)], 5 * HOUR)).toEqual({
      hours: { value: 10, low: 1000 / 120, high: 1000 / 80 },
      at: 15 * HOUR,
      against: "ram",
      limitBytes: 10_000,
      limitBasis: { kind: "less-pools" },
    });
  });

  test("rates of several add up, their errors as squares", () => {
    const found = firstToRunOut([ram(1000)], [taker(60, 3), taker(40, 4), taker(1000, 9, "paged")], 0);
    expect(found?.hours).toEqual({ value: 10, low: 1000 / 110, high: 1000 / 90 });
  });

  test("a rate that may be nothing has no latest end", () => {
    expect(firstToRunOut([ram(1000)], [taker(100, 50)], 0)?.hours).toEqual({ value: 10, low: 5, high: Infinity });
    expect(firstToRunOut([ram(1000)], [taker(100, 49)], 0)?.hours.high).toBeCloseTo(500, 9);
  });

  test("the sooner of two, the first of two alike", () => {
    const both = (a: number, b: number) => firstToRunOut([ram(a), commit(b)], [taker(100)], 0)?.against;
    expect([both(500, 900), both(900, 500), both(500, 500)]).toEqual(["ram", "commit", "ram"]);
  });

  test("what is over already ends now", () => {
    expect(firstToRunOut([ram(-5)], [taker(100)], HOUR)).toMatchObject({
      at: HOUR,
      hours: { value: 0, low: 0, high: 0 },
    });
  });

  test("nothing where nothing grows or nothing is fed", () => {
    expect(firstToRunOut([ram(1000)], [taker(0)], 0)).toBeUndefined();
    expect(firstToRunOut([ram(1000)], [taker(100, 0, "paged")], 0)).toBeUndefined();
    expect(firstToRunOut([], [taker(100)], 0)).toBeUndefined();
    expect(firstToRunOut([ram(1000)], [taker(-5)], 0)).toBeUndefined();
  });
});

describe("the end of one leak", () => {
  test("comes with the others' help where it takes a tenth of all, by itself where it takes less", () => {
    const end = (own: number): number | undefined =>
      exhaustionOf(taker(own), [taker(own), taker(90)], [ram(1000)], 0)?.hours.value;
    expect(end(10)).toBe(10);
    expect(end(9)).toBeCloseTo(1000 / 9, 9);
  });

  test("is in a store that it takes from", () => {
    const leak = taker(100, 0, "paged");
    expect(exhaustionOf(leak, [leak], [ram(10), commit(1000)], 0)).toMatchObject({
      against: "commit",
      hours: { value: 10 },
    });
    expect(exhaustionOf(leak, [leak], [ram(10)], 0)).toBeUndefined();
  });

  test("is not changed by what takes from other stores only", () => {
    const leak = taker(5, 0, "paged");
    const paged = store("paged-limit", 1000, "paged");
    expect(exhaustionOf(leak, [leak, taker(1e6)], [paged, ram(10)], 0)?.hours.value).toBe(200);
  });
});
