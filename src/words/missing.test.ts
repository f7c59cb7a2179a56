import { expect, test } from "vitest";
import { silentMark, silentWords } from "./missing.ts";

const HOUR = 3_600_000;

test("sleep is said only where it was told, and how much of the span it was", () => {
  const span = { from: 0, to: 6 * HOUR };
  expect(silentWords(span)).toBe("No snapshot for 6 h; whether the machine slept is not in the record");
  expect(silentWords({ ...span, slept: 0 })).toBe("No snapshot for 6 h; the machine did not sleep");
  expect(silentWords({ ...span, slept: 5.4 * HOUR })).toBe("No snapshot for 6 h: the machine slept");
  expect(silentWords({ ...span, slept: 5.3 * HOUR })).toBe(
    "No snapshot for 6 h, of which the machine slept 5 h 18 min",
  );
  expect([silentMark(span), silentMark({ ...span, slept: 0 }), silentMark({ ...span, slept: HOUR })]).toEqual([
    "no snapshots",
    "no snapshots",
    "asleep 1 h",
  ]);
});
