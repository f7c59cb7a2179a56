import { expect, test } from "vitest";
import { zoomedAround } from "./chart-controls.ts";

const whole = { from: 0, to: 100 };

test("zooming in keeps the time under the cursor in its place", () => {
  expect(zoomedAround(25, whole, whole, 0.5)).toEqual({ from: 12.5, to: 62.5 });
});

test("zooming out ends at the whole record", () => {
  expect(zoomedAround(50, { from: 40, to: 60 }, whole, 2)).toEqual({ from: 30, to: 70 });
  expect(zoomedAround(50, { from: 10, to: 90 }, whole, 2)).toBeUndefined();
});

test("a cursor outside counts as at the edge, and nothing gets narrower than a millisecond", () => {
  expect(zoomedAround(-50, { from: 20, to: 60 }, whole, 0.5)).toEqual({ from: 20, to: 40 });
  expect(zoomedAround(5, { from: 5, to: 6 }, whole, 0.5)).toEqual({ from: 5, to: 6 });
});
