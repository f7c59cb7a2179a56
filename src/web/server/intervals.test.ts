import { expect, test } from "vitest";
import { Intervals } from "./intervals.ts";

function intervalsOf(times: readonly number[]): Intervals {
  const intervals = new Intervals();
  for (let i = 1; i < times.length; i++) intervals.push(times[i - 1] ?? 0, times[i] ?? 0);
  return intervals;
}

const every = (step: number, count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, i) => from + i * step);

test("a night off is missing, a late snapshot is not", () => {
  const intervals = intervalsOf([...every(10, 20), 220, ...every(10, 20, 5000)]);
  expect(intervals.usual).toBe(10);
  expect(intervals.missing).toEqual([{ from: 220, to: 5000 }]);
});

test("sleep is kept with its span, also where that is not long, and a nap is not a mark", () => {
  const intervals = new Intervals();
  for (let i = 0; i < 20; i++) intervals.push(i * 600_000, (i + 1) * 600_000, i === 7 ? 300_000 : i === 9 ? 59_000 : 0);
  expect(intervals.missing).toEqual([{ from: 7 * 600_000, to: 8 * 600_000, slept: 300_000 }]);
});

test("a short first interval does not make all others gaps", () => {
  expect(intervalsOf([0, 1, 2, ...every(10, 50, 12)]).missing).toEqual([]);
});

test("too few snapshots tell nothing", () => {
  expect(intervalsOf([0, 1, 1000]).missing).toEqual([]);
});

test("a record of any length finds its early gap", () => {
  const intervals = intervalsOf([...every(10, 50), ...every(10, 200_000, 9000)]);
  expect(intervals.missing).toEqual([{ from: 490, to: 9000 }]);
});
