import { describe, expect, test } from "vitest";
import { lagged, loadCurve, type LoadCurve } from "./load.ts";

const times = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => i * 60_000);

/** Cumulative allocations of a tag that makes `usual` times the load in each interval. */
function made(usual: number, load: readonly number[]): Float64Array {
  let sum = 1000;
  return Float64Array.from([sum, ...load.map((level) => (sum += usual * level))]);
}

const WAVE = [1, 2, 1, 0.5, 1, 3, 1, 1, 1];
const tags = (count: number, load: readonly number[] = WAVE, usual = 100): Float64Array[] =>
  Array.from({ length: count }, (_, i) => made(usual + i, load));
const isFlat = ({ level, tags: used, varies }: LoadCurve): boolean =>
  used === 0 && !varies && level.every((value) => value === 1);

describe("the load of the host", () => {
  test("is what all tags allocate in step, 1 where it is usual; the first point is like the first interval", () => {
    const { level, tags: used, varies } = loadCurve(times(10), tags(9));
    [1, ...WAVE].forEach((value, i) => expect(level[i]).toBeCloseTo(value, 9));
    expect([used, varies]).toEqual([9, true]);
    const late = loadCurve(times(5), tags(8, [2, 1, 1, 1]));
    expect(late.level[0]).toBe(2);
  });

  test("is the median over tags: a few that go their own way do not show", () => {
    const { level } = loadCurve(times(10), [...tags(9), ...tags(4, [1, 1, 1, 1, 9, 9, 9, 1, 1])]);
    [1, ...WAVE].forEach((value, i) => expect(level[i]).toBeCloseTo(value, 9));
  });

  test("counts rates, not allocations: a longer interval makes more", () => {
    const uneven = Float64Array.of(0, 1, 2, 4, 5).map((t) => t * 60_000);
    const { level } = loadCurve(uneven, tags(8, [1, 1, 2, 1]));
    level.forEach((value) => expect(value).toBeCloseTo(1, 9));
  });

  test("needs eight busy tags and four points", () => {
    expect(loadCurve(times(10), tags(8)).tags).toBe(8);
    expect(isFlat(loadCurve(times(10), tags(7)))).toBe(true);
    expect(loadCurve(times(4), tags(8, [1, 2, 1])).tags).toBe(8);
    expect(isFlat(loadCurve(times(3), tags(8, [1, 2])))).toBe(true);
  });

  test("a tag is busy from twenty-five allocations in its usual interval on", () => {
    const even = WAVE.map(() => 1);
    const with8 = (extra: Float64Array): number => loadCurve(times(10), [...tags(8), extra]).tags;
    expect(with8(made(25, even))).toBe(9);
    expect(with8(made(24, even))).toBe(8);
    // Many at once: more than 25 on average, and nothing usually.
    expect(with8(made(1000, [1, 0, 0, 0, 0, 0, 0, 0, 0]))).toBe(8);
  });

  test("a tag whose counters fall or are unknown somewhere is left out", () => {
    const fallen = made(100, [1, 1, 1, -0.5, 1, 1, 1, 1, 1]);
    const holed = made(100, WAVE);
    holed[4] = Number.NaN;
    const unlisted = made(100, WAVE);
    unlisted[0] = Number.NaN;
    expect(loadCurve(times(10), [...tags(8), fallen, holed, unlisted]).tags).toBe(8);
  });

  test("is learned from the 160 busiest", () => {
    const busy = tags(160, WAVE, 1000);
    const { level, tags: used } = loadCurve(times(10), [...tags(170, WAVE.toReversed(), 30), ...busy]);
    expect(used).toBe(160);
    [1, ...WAVE].forEach((value, i) => expect(level[i]).toBeCloseTo(value, 9));
  });

  test("varies where it moves by more than a fiftieth", () => {
    const moved = (by: number): boolean =>
      loadCurve(
        times(10),
        tags(
          9,
          WAVE.map((_, i) => (i === 4 ? by : 1)),
        ),
      ).varies;
    expect([1.021, 1.019, 0.981, 0.979].map(moved)).toEqual([true, false, false, true]);
  });
});

describe("load with a lag", () => {
  const level = Float64Array.of(2, 4, 9, 1);
  const seconds = Float64Array.of(0, 1, 2, 4);

  test("of nothing is the load itself", () => {
    expect([...lagged(seconds, level, 0)]).toEqual([2, 4, 9, 1]);
  });

  test("is an exponential mean over real time; its first stretch stands for what was before", () => {
    const out = lagged(seconds, level, 1);
    const one = Math.exp(-1);
    const two = Math.exp(-2);
    const first = one * 3 + (1 - one) * 4;
    const second = one * first + (1 - one) * 9;
    [3, first, second, two * second + (1 - two) * 1].forEach((value, i) => expect(out[i]).toBeCloseTo(value, 12));
  });

  test("of a load that never changes is that load", () => {
    expect([...lagged(seconds, Float64Array.of(5, 5, 5, 5), 3)]).toEqual([5, 5, 5, 5]);
    expect([...lagged(Float64Array.of(), Float64Array.of(), 3)]).toEqual([]);
  });
});
