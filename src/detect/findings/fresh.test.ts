import { expect, test } from "vitest";
import { isCalmBefore } from "./fresh.ts";

const quiet = (n: number): number[] => Array.from({ length: n }, (_, i) => 100 + (i % 3));
const climb = (n: number, by: number): number[] => Array.from({ length: n }, (_, i) => 100 + by * (i + 1));

test("a climb after a calm past is fresh", () => {
  expect(isCalmBefore(Float64Array.from([...quiet(75), ...climb(25, 5)]), 0.25)).toBe(true);
});

test("a climb like those before is not, nor one that stays below an earlier level, nor a fall", () => {
  expect(isCalmBefore(Float64Array.from([...quiet(20), ...climb(25, 5), ...quiet(30), ...climb(25, 5)]), 0.25)).toBe(
    false,
  );
  expect(isCalmBefore(Float64Array.from([400, 400, ...quiet(73), ...climb(25, 5)]), 0.25)).toBe(false);
  expect(isCalmBefore(Float64Array.from([...quiet(75), ...climb(25, -3)]), 0.25)).toBe(false);
});

test("it must exceed every earlier swing by two and a half", () => {
  const past = (swing: number): number[] => Array.from({ length: 75 }, (_, i) => (i === 30 ? 100 + swing : 100));
  expect(isCalmBefore(Float64Array.from([...past(49), ...climb(25, 5)]), 0.25)).toBe(false);
  expect(isCalmBefore(Float64Array.from([...past(45), ...climb(25, 5)]), 0.25)).toBe(true);
});
