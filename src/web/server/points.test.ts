import fc from "fast-check";
import { expect, test } from "vitest";
import { evenIndices, fromDeltas, toDeltas, toShape } from "./points.ts";

test("differences give back what was put in", () => {
  const value = fc.oneof(fc.constant(Number.NaN), fc.integer({ min: 0, max: 2 ** 40 }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 50 }), (values) => {
      const column = Float64Array.from(values);
      const deltas = toDeltas(column, evenIndices(column.length, column.length));
      expect(fromDeltas(deltas, column.length)).toEqual(values.map((each) => (Number.isNaN(each) ? null : each)));
    }),
  );
});

test("a row that never changed is one number", () => {
  expect(toDeltas(Float64Array.of(7, 7, 7, 7), [0, 1, 2, 3])).toEqual([7]);
});

test("even indices keep both ends", () => {
  expect(evenIndices(5, 10)).toEqual([0, 1, 2, 3, 4]);
  expect(evenIndices(1000, 4)).toEqual([0, 333, 666, 999]);
});

test("a shape runs from 0 to its maximum, with a blank where nothing was measured", () => {
  expect(toShape(Float64Array.of(0, 50, Number.NaN, 100))).toBe("0W %");
  expect(toShape(Float64Array.of(0, 0))).toBe("00");
});
