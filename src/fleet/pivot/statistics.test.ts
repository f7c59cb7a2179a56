import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fisherGreater, holm, shareOf } from "./statistics.ts";

describe("Wilson's interval", () => {
  test("agrees with published values", () => {
    // R: prop.test(3, 10, correct = FALSE), prop.test(0, 10, correct = FALSE)
    expect(shareOf(3, 10)?.low).toBeCloseTo(0.1077913, 5);
    expect(shareOf(3, 10)?.high).toBeCloseTo(0.6032219, 5);
    expect(shareOf(0, 10)?.high).toBeCloseTo(0.2775328, 5);
    expect(shareOf(0, 0)).toBeUndefined();
  });

  test("holds the share, and lies in 0 to 1", () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), (hits, rest) => {
        const share = shareOf(hits, hits + rest);
        if (share === undefined) return hits + rest === 0;
        return (
          share.low >= 0 && share.high <= 1 && share.low <= share.value + 1e-12 && share.high >= share.value - 1e-12
        );
      }),
    );
  });
});

describe("Fisher's test", () => {
  test("agrees with published values", () => {
    // The lady tasting tea: 3 of 4 right, 17/70; all right, 1/70.
    expect(fisherGreater(3, 4, 1, 4)).toBeCloseTo(17 / 70, 12);
    expect(fisherGreater(4, 4, 0, 4)).toBeCloseTo(1 / 70, 12);
    expect(fisherGreater(3, 3, 0, 10)).toBeCloseTo(1 / 286, 12);
  });

  test("is a chance, 1 where nothing leaks, and falls as more leak here", () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), fc.nat(60), fc.nat(60), (a, b, c, d) => {
        const p = fisherGreater(a, a + b, c, c + d);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        if (b > 0) expect(fisherGreater(a + 1, a + b, c, c + d)).toBeLessThanOrEqual(p + 1e-9);
      }),
    );
    expect(fisherGreater(0, 50, 0, 50)).toBeCloseTo(1, 9);
  });

  test("stays exact for a large fleet", () => {
    expect(fisherGreater(379, 500, 25, 9500)).toBeLessThan(1e-300);
    expect(fisherGreater(50_000, 1_000_000, 50_000, 1_000_000)).toBeCloseTo(0.5, 2);
  });
});

test("Holm's correction keeps order and never lowers a p", () => {
  expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
  expect(holm([])).toEqual([]);
});
