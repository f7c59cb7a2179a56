import { describe, expect, it } from "vitest";
import { wanes, wanesByAny, type Pace } from "./slowing.ts";

/** Times of `count` events whose number up to a share of the time is `upTo`. */
const events = (count: number, upTo: (share: number) => number): number[] => {
  const out: number[] = [];
  for (let i = 0; i < 10_000; i++) if (Math.floor(count * upTo((i + 1) / 10_000)) > out.length) out.push(i / 10_000);
  return out;
};

describe("wanes", () => {
  it("is for a cache whose misses fall, and against events that go on", () => {
    expect(wanes(events(60, (s) => (1 - Math.exp(-s / 0.4)) / (1 - Math.exp(-2.5))))).toBeGreaterThan(5);
    expect(wanes(events(60, (s) => s))).toBeLessThan(-2);
  });

  it("takes a start-up that is followed by a constant rate for what goes on", () => {
    expect(wanes(events(120, (s) => 0.2 * Math.min(1, s / 0.05) + 0.8 * s))).toBeLessThan(0);
  });

  it("tells from keys asked for by rank that misses fall", () => {
    expect(wanes(events(600, (s) => s * (1 - 0.45 * Math.log(s + 0.01))))).toBeGreaterThan(3);
  });

  it("says the less the less an event is worth", () => {
    const times = events(60, (s) => Math.sqrt(s));
    const all = wanes(times);
    expect(wanes(times, undefined, 0.1)).toBeLessThan(all / 3);
    const twice = times.filter((_, i) => i % 2 === 0);
    expect(wanes(twice, Array(twice.length).fill(2))).toBeGreaterThan(wanes(twice));
  });
});

describe("wanesByAny", () => {
  const BINS = 16;
  /** Stretches of which each is so long by a pace as `part` says. */
  const paceOf = (part: (i: number) => number): Pace => {
    const parts = Array.from({ length: BINS }, (_, i) => part(i));
    const total = parts.reduce((sum, p) => sum + p, 0);
    const widths = parts.map((p) => p / total);
    let before = 0;
    return { widths, middles: widths.map((width) => (before += width) - width / 2) };
  };
  const clock = paceOf(() => 1);
  /** Work done per hour rises three times over. */
  const work = paceOf((i) => 1 + (2 * i) / BINS);

  it("takes what is constant by the clock for lasting, though it falls by the work done", () => {
    const even = Array.from({ length: BINS }, () => 50);
    expect(wanesByAny([work], even, 1)).toBeGreaterThan(1);
    expect(wanesByAny([clock, work], even, 1)).toBeLessThan(-1);
  });

  it("and what is constant by the work done, though it rises by the clock", () => {
    expect(
      wanesByAny(
        [clock, work],
        work.widths.map((w) => 800 * w),
        1,
      ),
    ).toBeLessThan(-5);
  });

  it("takes what falls by both for waning", () => {
    const falling = Array.from({ length: BINS }, (_, i) => 100 * Math.exp(-i / 6));
    expect(wanesByAny([clock, work], falling, 1)).toBeGreaterThan(10);
  });
});
