import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellWidth } from "../reports/cells.ts";
import { bar, chart, resample, sparkline } from "./graph.ts";

const UNICODE = { color: false, unicode: true };
const ASCII = { color: false, unicode: false };

describe("pictures out of characters", () => {
  test("a sparkline spans its lowest to its highest value and ends at the right", () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8, UNICODE)).toBe("▁▂▃▄▅▆▇█");
    expect(sparkline([5, 9], 4, UNICODE)).toBe("  ▁█");
    expect(sparkline([1, Number.NaN, 3], 3, ASCII)).toBe("_ #");
    expect(sparkline([4, 4, 4], 3, UNICODE)).toBe("   ");
  });

  test("a thinned series keeps its peaks", () => {
    expect(resample([0, 9, 0, 0, 0, 0], 2)).toEqual([9, 0]);
  });

  test("a bar fills in eighths", () => {
    expect(bar(0.5, 4, UNICODE)).toBe("██░░");
    expect(bar(0.53125, 4, UNICODE)).toBe("██▏░");
    expect(bar(2, 4, UNICODE)).toBe("████");
    expect(bar(0.5, 6, ASCII)).toBe("[##--]");
  });

  test("a chart is true to time, not to the number of samples", () => {
    // Nine tenths of the time at 1, then up: as many samples in the last tenth as in all the rest.
    const times = [0, 90, 91, 93, 95, 97, 100];
    const values = [1, 1, 4, 4, 4, 4, 4];
    expect(chart(times, values, 10, 4, ASCII).rows).toEqual(["         #", "         #", "         #", "##########"]);
  });

  test("charts have the size asked for, whatever the values", () => {
    const value = fc.oneof(fc.double({ min: 0, max: 1e15, noNaN: true }), fc.constant(Number.NaN));
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 10 }),
        fc.boolean(),
        (values, width, height, unicode) => {
          const drawn = chart(
            values.map((_, index) => index),
            values,
            width,
            height,
            { color: false, unicode },
          );
          expect(drawn.rows).toHaveLength(height);
          for (const row of drawn.rows) expect(cellWidth(row)).toBe(width);
          expect(drawn.high).toBeGreaterThanOrEqual(drawn.low);
        },
      ),
    );
  });
});
