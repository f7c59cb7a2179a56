import { expect, test } from "vitest";
import { stretchesOf } from "../scripts/mutant-sample.ts";

test("nine lines of every 192, from a place that the path alone decides", () => {
  const stretches = stretchesOf("src/detect/a.ts", 2000);
  expect(stretches.length).toBeGreaterThanOrEqual(10);
  expect(stretches.slice(1).map(([from], i) => from - (stretches[i]?.[0] ?? 0))).toContain(192);
  expect(stretches.filter(([from, to]) => to - from === 9).length).toBeGreaterThanOrEqual(9);
  expect(stretchesOf("src/detect/a.ts", 4000).slice(0, 9)).toEqual(stretches.slice(0, 9));
  expect(stretchesOf("src/detect/b.ts", 2000)).not.toEqual(stretches);
});

test("no stretch leaves the file or is shorter than four lines", () => {
  for (let lines = 1; lines < 300; lines++) {
    for (const [from, to] of stretchesOf("src/detect/a.ts", lines)) {
      expect(from).toBeGreaterThanOrEqual(1);
      expect(to).toBeLessThanOrEqual(lines);
      expect(to - from).toBeGreaterThanOrEqual(3);
    }
  }
});
