import { expect, test } from "vitest";
import { driverChangeWhen, driverMarkWords } from "./beside.ts";
import { gainWords } from "./gains.ts";

const change = { time: 9 * 60_000, after: 8 * 60_000, now: { file: "a.sys", version: "2" } };

test("a mark says what happened to one driver, and how many it happened to", () => {
  expect(driverMarkWords([change])).toBe("a.sys loaded");
  expect(driverMarkWords([{ ...change, before: { file: "a.sys", version: "1" } }])).toBe("a.sys exchanged");
  expect(driverMarkWords([{ time: 1, after: 0, before: { file: "a.sys" } }])).toBe("a.sys unloaded");
  expect(driverMarkWords([change, change, change])).toBe("3 drivers changed");
});

test("lists far apart do not tell when, only between what", () => {
  const say = (time: number): string => `minute ${time / 60_000}`;
  expect(driverChangeWhen(change, say)).toBe("minute 9");
  expect(driverChangeWhen({ ...change, after: 60_000 }, say)).toBe("between minute 1 and minute 9");
});

test("a gain has its sign, and none is said of what stayed", () => {
  expect([gainWords(1234), gainWords(-5), gainWords(0), gainWords(undefined)]).toEqual(["+1,234", "-5", "", ""]);
});
