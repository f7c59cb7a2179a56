import { expect, test } from "vitest";
import { makeVerdict } from "../../model/verdict.test-support.ts";
import { HOUR, recordOf } from "./beside.test-support.ts";
import { blocksGained, courseOfType, windowOf } from "./window.ts";

const record = recordOf(
  [0, 1, 2, 3, 4].map((hour) => ({
    hour,
    objects: [
      { type: "Event", objects: 10 * hour, handles: 100 + hour },
      ...(hour === 2 ? [] : [{ type: "Key", handles: 7 * hour }]),
    ],
    programs: [{ pid: 1, name: "a.exe" }],
  })),
);
const hours = (points: readonly { readonly time: number }[]): number[] => points.map(({ time }) => time / HOUR);

test("a window reaches from the onset to the end, both included", () => {
  const window = windowOf(makeVerdict({ since: HOUR, until: 3 * HOUR }), record);
  expect(hours(window.objects)).toEqual([1, 2, 3]);
  expect(hours(window.programs)).toEqual([1, 2, 3]);
  expect([window.from, window.to]).toEqual([HOUR, 3 * HOUR]);
});

test("without onset and end it is the whole record", () => {
  const window = windowOf(makeVerdict(), record);
  expect(hours(window.objects)).toEqual([0, 1, 2, 3, 4]);
  expect(hours(windowOf(makeVerdict({ since: 3 * HOUR }), record).objects)).toEqual([3, 4]);
  expect(hours(windowOf(makeVerdict({ until: HOUR }), record).objects)).toEqual([0, 1]);
});

test("the course of a type leaves out lists that do not count it", () => {
  const window = windowOf(makeVerdict(), record);
  expect(courseOfType(window, "Event", "objects")).toEqual({
    times: [0, 1, 2, 3, 4].map((hour) => hour * HOUR),
    values: [0, 10, 20, 30, 40],
  });
  expect(courseOfType(window, "Key", "handles").values).toEqual([0, 7, 21, 28]);
  expect(courseOfType(window, "Key", "objects")).toEqual({ times: [], values: [] });
  expect(courseOfType(window, "Nothing", "handles").values).toEqual([]);
});

test("blocks gained are the rate times the hours between the first and the last count", () => {
  const verdict = makeVerdict({ since: HOUR, blocksPerHour: 50 });
  expect(blocksGained(windowOf(verdict, record), 1)).toBe(150);
  expect(blocksGained(windowOf(verdict, record), 0.2)).toBeCloseTo(30, 9);
  expect(blocksGained(windowOf({ ...verdict, since: 9 * HOUR }, record), 1)).toBe(0);
});
