import { describe, expect, test } from "vitest";
import { compareRates, CURED } from "./cure.ts";
import { BATCHES, intervalOf, meanRate } from "./mean-rate.ts";

const HOUR = 3_600_000;
const REF = { tag: 1, kind: "nonpaged" } as const;

/** One point every quarter of an hour for twelve hours, with a ripple that is not growth. */
function series(perHour: number, ripple = 0) {
  const times = Array.from({ length: 49 }, (_, i) => (i * HOUR) / 4);
  return { times, bytes: times.map((time, i) => 1e6 + (perHour * time) / HOUR + ripple * Math.sin(i * 2.4)) };
}

describe("meanRate", () => {
  test("of a line is its slope without error", () => {
    const { times, bytes } = series(1000);
    const rate = meanRate(times, bytes);
    expect(rate?.value).toBeCloseTo(1000, 6);
    expect(rate?.error).toBeCloseTo(0, 6);
    expect(rate?.freedom).toBe(BATCHES - 1);
  });

  test("needs four points and a span", () => {
    expect(meanRate([0, 1, 2], [0, 1, 2])).toBeUndefined();
    expect(meanRate([5, 5, 5, 5], [0, 1, 2, 3])).toBeUndefined();
    expect(meanRate([0, HOUR, 2 * HOUR, 3 * HOUR], [0, 1, 2, 3])?.value).toBe(1);
  });

  test("its interval is Student's: rates 1, 2, 3 have mean 2 +- 4.303 * 0.577", () => {
    const rate = meanRate([0, HOUR, 2 * HOUR, 3 * HOUR], [0, 1, 3, 6]);
    const { low, high } = intervalOf(rate ?? { value: 0, error: 0, freedom: 0 });
    expect(low).toBeCloseTo(2 - 4.303 / Math.sqrt(3), 3);
    expect(high).toBeCloseTo(2 + 4.303 / Math.sqrt(3), 3);
  });

  test("covers the truth in about 95 of 100 walks without growth", () => {
    let seed = 7;
    const random = (): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31 - 0.5;
    };
    let covered = 0;
    for (let run = 0; run < 400; run++) {
      let level = 0;
      const { times } = series(0);
      const walk = times.map(() => (level += random()));
      const { low, high } = intervalOf(meanRate(times, walk) ?? { value: 9, error: 0, freedom: 1 });
      if (low <= 0 && high >= 0) covered += 1;
    }
    expect(covered / 400).toBeGreaterThan(0.91);
    expect(covered / 400).toBeLessThan(0.985);
  });
});

describe("compareRates", () => {
  const outcome = (before: number, after: number, ripple = 20, comparable = true) =>
    compareRates(REF, series(before, ripple), series(after, ripple), comparable)?.outcome;

  test("cured, slower, as before, worse, undecided", () => {
    expect(outcome(1000, 0)).toBe("cured");
    expect(outcome(1000, 500)).toBe("less");
    expect(outcome(1000, 1000)).toBe("same");
    expect(outcome(1000, 2000)).toBe("worse");
    expect(outcome(0, 1000)).toBe("worse");
    expect(outcome(0, 0)).toBe("undecided");
    expect(outcome(1000, 0, 20_000)).toBe("undecided");
  });

  test("a tenth of the growth that is left is a cure, more is not", () => {
    expect(outcome(1000, 1000 * CURED, 0)).toBe("cured");
    expect(outcome(1000, 1000 * CURED + 1, 0)).toBe("less");
  });

  test("a tenth faster or slower is the same", () => {
    expect([outcome(1000, 1099, 0), outcome(1000, 1101, 0)]).toEqual(["same", "worse"]);
    expect([outcome(1000, 901, 0), outcome(1000, 899, 0)]).toEqual(["same", "less"]);
  });

  test("under less work nothing is cured", () => {
    expect(outcome(1000, 0, 20, false)).toBe("undecided");
    expect(outcome(1000, 2000, 20, false)).toBe("worse");
  });

  test("a tag that is gone has no rate; a record that is too short has no answer", () => {
    expect(compareRates(REF, series(1000), undefined, true)?.outcome).toBe("cured");
    expect(compareRates(REF, series(1000), { times: [0, 1], bytes: [0, 1] }, true)).toBeUndefined();
  });
});
