import { afterEach, expect, test } from "vitest";
import { formatIso, formatTime, showTimesIn } from "./time.ts";

const TIME = Date.UTC(2026, 10, 26, 17, 5, 9, 120);

afterEach(() => {
  showTimesIn(undefined);
});

test("UTC unless a zone was chosen", () => {
  expect(formatTime(TIME)).toBe("2026-11-26 17:05:09Z");
  expect(formatTime(TIME, true)).toBe("2026-11-26 17:05:09.120Z");
});

test.each([
  [60, "2026-11-26 18:05:09+01:00"],
  [330, "2026-11-26 22:35:09+05:30"],
  [-570, "2026-11-26 07:35:09-09:30"],
  [0, "2026-11-26 17:05:09Z"],
])("%d minutes east of UTC", (minutes, text) => {
  showTimesIn(() => minutes);
  expect(formatTime(TIME)).toBe(text);
  // What programs read stays in UTC.
  expect(formatIso(TIME)).toBe("2026-11-26T17:05:09.120Z");
});

test("the offset is that of the time itself, as summer time wants", () => {
  showTimesIn((time) => (time < TIME ? 120 : 60));
  expect(formatTime(TIME - 3_600_000)).toBe("2026-11-26 18:05:09+02:00");
  expect(formatTime(TIME)).toBe("2026-11-26 18:05:09+01:00");
});

test("what is no time is told as such in every zone", () => {
  showTimesIn(() => 60);
  expect(formatTime(Number.NaN)).toBe("unknown time");
  expect(formatTime(8.64e15)).toBe("unknown time");
});
