import fc from "fast-check";
import { expect, test } from "vitest";
import { timeOfReading } from "./date-text.ts";
import { MarkerLines } from "./marker-lines.ts";

function timesOf(...lines: string[]): (string | undefined)[] {
  const marker = new MarkerLines();
  return lines.map((line) => {
    const read = marker.read(line);
    if (read === undefined || read === "half") return read;
    return new Date(timeOfReading(read, "mdy") ?? 0).toISOString().slice(0, 16);
  });
}

test("a date and a clock on lines of their own are one time, whichever comes first", () => {
  expect(timesOf("04.03.2025", "09:15").at(-1)).toBe("2025-03-04T09:15");
  expect(timesOf("Tue 03/04/2025 ", "03:15 PM").at(-1)).toBe("2025-03-04T15:15");
  expect(timesOf("09:15", "04.03.2025")).toEqual(["half", "2025-03-04T09:15"]);
  expect(timesOf("The current date is: Tue 03/04/2025", "The current time is: 09:15:22.45").at(-1)).toBe(
    "2025-03-04T09:15",
  );
});

test("a whole marker is itself, and what follows is of another table", () => {
  expect(timesOf("=== 2025-03-04 09:15:22 ===")).toEqual(["2025-03-04T09:15"]);
  const marker = new MarkerLines();
  marker.read("04.03.2025");
  marker.clear();
  expect(marker.read("10:15")).toBe("half");
  expect(timesOf("Bytes 12:34 seen", "no time")).toEqual([undefined, undefined]);
});

test("any lines give readings, halves or nothing", () => {
  const line = fc.oneof(fc.constantFrom("04.03.2025", "09:15", "9:15 PM", "=== 2025-03-04", "x: 12:00"), fc.string());
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      expect(timesOf(...lines)).toHaveLength(lines.length);
    }),
  );
});
