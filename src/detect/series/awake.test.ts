import { describe, expect, it } from "vitest";
import { awakeAxis } from "./awake.ts";

const MINUTE = 60_000;

/** A minute between snapshots, and two holes of an hour; `asleep` is the part of a hole in which nothing happens. */
function record(asleep: number): { times: Float64Array; work: Float64Array } {
  const times = new Float64Array(60);
  const work = new Float64Array(60);
  for (let i = 1; i < 60; i++) {
    const hole = i === 20 || i === 40;
    times[i] = (times[i - 1] ?? 0) + (hole ? 60 : 1) * MINUTE;
    work[i] = (work[i - 1] ?? 0) + (hole ? 60 * (1 - asleep) + asleep : 1);
  }
  return { times, work };
}

const unknown = new Float64Array(60).fill(Number.NaN);
const counters = (work: Float64Array) =>
  [1, 2, 3].map((k) => ({ allocs: work.map((w) => Math.round(100 * k * w)), outstanding: unknown }));

describe("awakeAxis", () => {
  it("cuts holes in which counters stood still to the time that was worked", () => {
    const { times, work } = record(1);
    const axis = awakeAxis(times, 0, () => counters(work));
    expect((axis[59] ?? 0) / MINUTE).toBeCloseTo(59, 0);
    expect((axis[20] ?? 0) - (axis[19] ?? 0)).toBeCloseTo(MINUTE, -3);
  });

  it("leaves holes in which the machine worked on, and those of which nothing tells", () => {
    const { times, work } = record(0);
    expect(awakeAxis(times, 0, () => counters(work))).toBe(times);
    expect(awakeAxis(times, 0, () => counters(record(0.4).work))).toBe(times);
    expect(awakeAxis(times, 0, () => [{ allocs: unknown, outstanding: new Float64Array(60).fill(7) }])).toBe(times);
    expect(awakeAxis(times, 0, () => counters(record(1).work).slice(0, 2))).toBe(times);
  });

  it("asks levels that grow where there are no counters", () => {
    const { times, work } = record(1);
    const axis = awakeAxis(times, 0, () => [{ allocs: unknown, outstanding: work.map((w) => 50 + 3 * w) }]);
    expect((axis[59] ?? 0) / MINUTE).toBeCloseTo(59, 0);
  });

  it("returns the times of a record without holes", () => {
    const times = Float64Array.from({ length: 60 }, (_, i) => i * MINUTE);
    expect(awakeAxis(times, 0, () => [])).toBe(times);
  });
});
