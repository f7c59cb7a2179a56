import { afterEach, expect, test } from "vitest";
import { axisLabels, formatFull, knowsZone, setZone, zonedDate } from "./local-time.ts";

const NEW_YEAR = Date.UTC(2026, 0, 1, 1, 30, 7);

afterEach(() => setZone(undefined));

test("one switch turns every time: a name, an offset, UTC", () => {
  setZone("America/New_York");
  expect(formatFull(NEW_YEAR)).toBe("Dec 31, 2025, 20:30");
  setZone("Asia/Kolkata");
  expect(formatFull(NEW_YEAR)).toBe("Jan 1, 2026, 07:00");
  expect(axisLabels([NEW_YEAR], 1000)).toEqual(["07:00:07\nJan 1"]);
  setZone("+01:00");
  expect(formatFull(NEW_YEAR)).toBe("Jan 1, 2026, 02:30");
  setZone("UTC");
  expect(formatFull(NEW_YEAR)).toBe("Jan 1, 2026, 01:30");
});

test("the fields of a zoned date read as the clock of that zone, over the end of a year", () => {
  setZone("America/New_York");
  const date = zonedDate(NEW_YEAR);
  expect([
    date.getFullYear(),
    date.getMonth(),
    date.getDate(),
    date.getHours(),
    date.getMinutes(),
    date.getSeconds(),
  ]).toEqual([2025, 11, 31, 20, 30, 7]);
});

test("a zone that the browser does not know is told", () => {
  expect(knowsZone("Europe/Berlin")).toBe(true);
  expect(knowsZone("Mars/Olympus")).toBe(false);
});
